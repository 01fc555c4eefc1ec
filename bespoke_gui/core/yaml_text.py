"""YAML text of plain data: what an export needs, and nothing that a reader could take otherwise.

Every text is written in double quotes as JSON does, which is a part of YAML 1.2; so no word is
read as a number, a date or a truth value; plain text of several lines stands as a block, to be
read by people. Kept here so that the app needs no YAML package.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
UNPRINTABLE = re.compile(r"[^\x20-\x7e]")
# Lines of plain signs, none empty or with spaces at an end, the last one ended too.
BLOCK = re.compile(r"(?:[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?\n){2,}")
# Words that older readers take for truth values.
TAKEN = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})


def to_yaml(data: dict[str, Any]) -> str:
    """Return YAML of dicts, lists, texts, numbers, bools and None; raises TypeError for others."""
    return "\n".join(_block(data, 0)) + "\n"


def _block(value: Any, depth: int) -> Iterator[str]:
    pad = "  " * depth
    if isinstance(value, dict) and value:
        for key, entry in value.items():
            yield from _entry(f"{pad}{_key(key)}:", entry, depth)
    elif isinstance(value, list) and value:
        for entry in value:
            yield from _item(pad, entry, depth)
    else:
        yield pad + _scalar(value)


def _entry(head: str, value: Any, depth: int) -> Iterator[str]:
    if isinstance(value, (dict, list)) and value:
        yield head
        yield from _block(value, depth + 1)
    elif isinstance(value, str) and BLOCK.fullmatch(value):
        yield f"{head} |"
        yield from ("  " * (depth + 1) + line for line in value.splitlines())
    else:
        yield f"{head} {_scalar(value)}"


def _item(pad: str, value: Any, depth: int) -> Iterator[str]:
    """Write an entry of a list; its first line stands behind the dash."""
    first, *rest = _block(value, depth + 1)
    yield f"{pad}- {first.lstrip()}"
    yield from rest


def _key(key: Any) -> str:
    text = str(key)
    return text if PLAIN_KEY.fullmatch(text) and text.lower() not in TAKEN else _scalar(text)


def _scalar(value: Any) -> str:
    if isinstance(value, (dict, list)):
        return "{}" if isinstance(value, dict) else "[]"
    if isinstance(value, float):
        return _number(value)
    if value is None or isinstance(value, (bool, int, str)):
        return UNPRINTABLE.sub(_escape, json.dumps(value, ensure_ascii=False))
    raise TypeError(f"{type(value).__name__} cannot be written as YAML")


def _escape(match: re.Match[str]) -> str:
    """Escape line ends and characters that YAML does not allow; its escapes are not JSON's."""
    char = match.group()
    code = ord(char)
    return char if char.isprintable() else f"\\U{code:08X}" if code > 0xFFFF else f"\\u{code:04X}"


def _number(value: float) -> str:
    """Write a float with a point: older readers take 1e-4 for a text."""
    text = repr(value)
    if text in ("inf", "-inf", "nan"):
        return {"inf": ".inf", "-inf": "-.inf", "nan": ".nan"}[text]
    mantissa, e, exponent = text.partition("e")
    if not e:
        return text
    mantissa = mantissa if "." in mantissa else f"{mantissa}.0"
    return f"{mantissa}e{exponent if exponent[0] in '+-' else f'+{exponent}'}"
