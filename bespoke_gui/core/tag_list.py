"""Tag list: a csv of tags that other tools offer too, for completion while typing.

Read as the field writes it: `tag,category,count,"alias,alias"`, without a heading (Danbooru's
lists, as used by BooruDatasetTagManager and the autocomplete extensions), or any csv whose first
column holds the tag. `_` stands for a space.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bespoke_gui.core import textcodec
from bespoke_gui.core.errors import AppError

FILE_NAME = "tags.csv"
BIGGEST = 64_000_000
_HEADINGS = frozenset({"tag", "name", "tags", "phrase", "text"})


@dataclass(frozen=True)
class Tag:
    """One tag with how often it is used elsewhere (0: not told) and other words for it."""

    text: str
    count: int = 0
    aliases: tuple[str, ...] = ()


def read_tags(path: Path) -> list[Tag]:
    """Read a tag list. Raises AppError where it is no text, too large, or holds no tag."""
    try:
        if path.stat().st_size > BIGGEST:
            raise AppError("is too large for a tag list", file=path)
        text, _ = textcodec.decode(path.read_bytes())
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise AppError(f"cannot be read: {reason}", file=path, hint="check the path") from error
    if "\0" in text:
        raise AppError("is no text", file=path, hint="give a csv file of tags")
    tags = list(_tags(text.split("\n"), path))
    if not tags:
        raise AppError("holds no tags", file=path, hint="the first column must hold the tags")
    return tags


def _tags(lines: Iterable[str], path: Path) -> Iterable[Tag]:
    try:
        for number, row in enumerate(csv.reader(lines)):
            name = _shown(row[0]) if row else ""
            if name and not (number == 0 and name.casefold() in _HEADINGS):
                yield Tag(name, _count(row), _aliases(row))
    except csv.Error as error:
        hint = "give a csv file of tags"
        raise AppError(f"is no readable csv: {error}", file=path, hint=hint) from error


def _shown(tag: str) -> str:
    return tag.strip().replace("_", " ")


def _count(row: Sequence[str]) -> int:
    """Return the last whole number behind the tag: lists have a category before the count."""
    numbers = [int(cell) for cell in row[1:3] if cell.strip().isascii() and cell.strip().isdigit()]
    return numbers[-1] if numbers else 0


def _aliases(row: Sequence[str]) -> tuple[str, ...]:
    cells = row[3].split(",") if len(row) > 3 else ()
    return tuple(name for name in map(_shown, cells) if name)
