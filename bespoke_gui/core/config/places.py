"""Places in a config's text: the lines where each option is written, also in a broken text."""

from __future__ import annotations

import re

from bespoke_gui.core.errors import AppError

_KEY = re.compile(r"""\s*(?:"([^"]+)"|'([^']+)'|([A-Za-z0-9_-]+))\s*=""")
_QUOTES = ('"' * 3, "'" * 3)
_LINE = re.compile(r"\(line (\d+)")


def key_lines(text: str) -> dict[str, list[int]]:
    """Return the lines (from 1) on which each option is given a value, in their order.

    The trainer takes the last. Lines inside texts and lists of several lines do not count.
    """
    found: dict[str, list[int]] = {}
    open_quote, depth = "", 0
    for number, line in enumerate(text.split("\n"), 1):
        match = _KEY.match(line)
        if match and not open_quote and depth <= 0:
            found.setdefault(next(name for name in match.groups() if name), []).append(number)
            depth = 0
        open_quote, depth = _state(line, open_quote, depth)
    return found


def line_of(text: str, key: str) -> int | None:
    """Return the line from which the trainer takes an option, None where it is not written."""
    lines = key_lines(text).get(key)
    return lines[-1] if lines else None


def error_line(error: AppError) -> int | None:
    """Return the line that an unreadable text is broken at, where the reader could tell."""
    found = _LINE.search(error.message)
    return int(found.group(1)) if found else None


def rename_key(text: str, old: str, new: str) -> str:
    """Return the text with an option called otherwise wherever it is given a value."""
    lines = text.split("\n")
    for number in key_lines(text).get(old, []):
        match = _KEY.match(lines[number - 1])
        if match:
            start, end = match.span(match.lastindex or 0)
            lines[number - 1] = lines[number - 1][:start] + new + lines[number - 1][end:]
    return "\n".join(lines)


def _state(line: str, open_quote: str, depth: int) -> tuple[str, int]:
    """Follow quotes and brackets over one line; a text of one line ends with the line."""
    at, inside = 0, open_quote
    while at < len(line):
        three, sign = line[at : at + 3], line[at]
        if inside:
            if line.startswith(inside, at):
                at, inside = at + len(inside), ""
                continue
            at += 2 if sign == "\\" and inside[0] == '"' else 1
        elif sign == "#":
            break
        elif three in _QUOTES or sign in "\"'":
            inside = three if three in _QUOTES else sign
            at += len(inside)
        else:
            depth += (sign == "[") - (sign == "]")
            at += 1
    starts_table = (
        not open_quote and line.lstrip().startswith("[") and depth > 0 and "=" not in line
    )
    return inside if len(inside) == 3 else "", 0 if starts_table else depth
