"""Bytes to text and back without losing a byte: encoding, byte order mark, line ends."""

from __future__ import annotations

import codecs
import difflib
import functools
import re
from dataclasses import dataclass

UTF8_MARK = codecs.BOM_UTF8
UTF16_MARKS = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
WINDOWS = "windows-1252"
LINE_END = re.compile(r"\r\n|\n|\r")


@dataclass(frozen=True)
class Form:
    """How a text lies on disk: everything of the bytes that is not in the text itself.

    `endings` holds the line end after each line of the text, and one more when the file ends
    with a line end; `newline` is the commonest of them.
    """

    encoding: str = "utf-8"
    bom: bool = False
    newline: str = "\n"
    endings: tuple[str, ...] = ()
    final_newline: bool = False


def decode(data: bytes) -> tuple[str, Form]:
    r"""Return the text, with "\n" between lines and one final line end left out, and its form.

    UTF-8, UTF-8 or UTF-16 with a byte order mark, else Windows-1252 as browsers read it (the
    WHATWG table, where each of the 256 bytes is a character), so that any bytes can be read.
    """
    raw, encoding, bom = _decode(data)
    if "\n" not in raw and "\r" not in raw:
        return raw, _one_line(encoding, bom)
    lines = LINE_END.split(raw)
    endings = tuple(LINE_END.findall(raw))
    final = bool(endings) and lines[-1] == ""
    text = "\n".join(lines[:-1] if final else lines)
    return text, Form(encoding, bom, _commonest(endings), endings, final)


@functools.cache
def _one_line(encoding: str, bom: bool) -> Form:
    """Return the form of a text of one line: the same object for all of them."""
    return Form(encoding, bom)


def encode(text: str, form: Form, old_text: str = "") -> bytes:
    """Return the bytes of `text` in `form`; lines also found in `old_text` keep their line end.

    Raises UnicodeEncodeError when a character does not fit the encoding.
    """
    lines = LINE_END.split(text)
    endings = _endings_for(lines, form, old_text)
    raw = "".join(line + end for line, end in zip(lines, endings, strict=True))
    mark = raw if not form.bom else "\ufeff" + raw
    if form.encoding == WINDOWS:
        return codecs.charmap_encode(mark, "strict", _ENCODING_TABLE)[0]
    return mark.encode(form.encoding)


def _decode(data: bytes) -> tuple[str, str, bool]:
    if data.startswith(UTF8_MARK):
        candidates = [(data[len(UTF8_MARK) :], "utf-8", True)]
    elif data[:2] in UTF16_MARKS:
        candidates = [(data[2:], UTF16_MARKS[data[:2]], True)]
    else:
        candidates = [(data, "utf-8", False)]
    for body, encoding, bom in candidates:
        try:
            return body.decode(encoding), encoding, bom
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1").translate(_WINDOWS), WINDOWS, False


def _endings_for(lines: list[str], form: Form, old_text: str) -> list[str]:
    """Return what follows each line; the last one gets a line end only if the file had one."""
    last = form.newline if form.final_newline else ""
    if len(set(form.endings)) <= 1:
        return [form.newline] * (len(lines) - 1) + [last]
    if not old_text and len(form.endings) == len(lines) - 1 + form.final_newline:
        # A new file with the form of another one: all line ends are known.
        return list(form.endings) if form.final_newline else [*form.endings, ""]
    old = old_text.split("\n")
    endings = [form.newline] * len(lines)
    for block in difflib.SequenceMatcher(None, old, lines, False).get_matching_blocks():
        for step in range(block.size):
            if block.a + step < len(form.endings):
                endings[block.b + step] = form.endings[block.a + step]
    endings[-1] = form.endings[-1] if form.final_newline else ""
    return endings


def _commonest(endings: tuple[str, ...]) -> str:
    return max(endings, key=endings.count) if endings else "\n"


def _windows_table() -> dict[int, str]:
    """Windows-1252 with its five unassigned bytes mapped to themselves (WHATWG encoding)."""
    decoded = (bytes([value]).decode("cp1252", "ignore") for value in range(256))
    return {value: char or chr(value) for value, char in enumerate(decoded)}


_WINDOWS = _windows_table()
_ENCODING_TABLE = codecs.charmap_build("".join(_WINDOWS.values()))
