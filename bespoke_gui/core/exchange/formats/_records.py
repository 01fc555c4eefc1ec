"""Tables of records with further columns: what is not ours is kept as it stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bespoke_gui.core import atomic, textcodec
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.exchange.base import Entry, Export, Row, Table, with_text
from bespoke_gui.core.exchange.form_words import COLUMN, describe, parse
from bespoke_gui.core.exchange.formats._folders import write_folder
from bespoke_gui.core.exchange.match import match
from bespoke_gui.core.textcodec import Form

FILE_KEYS = ("file_name", "filename", "file", "image", "path")
TEXT_KEYS = ("text", "caption", "prompt")


@dataclass
class Record:
    """One record as it stands in the file; `values` is None for one that cannot be read."""

    raw: str
    values: dict[str, Any] | None
    row: int

    @property
    def where(self) -> str:
        """The record's place, for people."""
        return f"row {self.row}"


def to_row(record: Record, keys: tuple[str, str], table: Table) -> Row | None:
    """Return what a record says about a caption; None, with a problem where it says it wrongly."""
    values = record.values or {}
    file, text = values.get(keys[0]), values.get(keys[1])
    if not isinstance(file, str) or not file.strip():
        table.bad(f"has no {keys[0]}", record.where)
    elif text is None:
        return None
    elif not isinstance(text, str):
        table.bad(f"{keys[1]} is no text but {str(text)[:40]!r}", record.where)
    elif _broken(text):
        table.bad("holds zero bytes or half letters", record.where, "write the caption anew")
    else:
        return _row(file, text.replace("\r\n", "\n").replace("\r", "\n"), values, record, table)
    return None


def _row(file: str, text: str, values: Mapping[str, Any], record: Record, table: Table) -> Row:
    words = values.get(COLUMN)
    if isinstance(words, str) and words:
        form = parse(words, text)
        if form is not None:
            return Row(file, text, form, record.where)
        table.bad(f"{COLUMN} says {words[:40]!r}, which means nothing", record.where, "", "warning")
    # A line end at the end is no part of the caption, as in a caption file.
    return Row(file, text.removesuffix("\n"), None, record.where)


def _broken(text: str) -> bool:
    return "\0" in text or any(0xD800 <= ord(letter) <= 0xDFFF for letter in text)


def choose_key(names: Mapping[str, Any] | list[str], wanted: tuple[str, ...]) -> str | None:
    """Return the first of the wanted columns that is there, whatever its case."""
    known = {str(name).strip().casefold(): str(name) for name in names}
    return next((known[key] for key in wanted if key in known), None)


def values_of(entry: Entry, keys: tuple[str, str]) -> dict[str, Any]:
    """Return the columns that tell a caption; its form only where that is not the plain one."""
    text = entry.text
    words = describe(text, entry.caption.form) if text is not None else ""
    found: dict[str, Any] = {keys[0]: entry.name, keys[1]: text}
    return {**found, COLUMN: words} if words else found


def updated(
    records: list[Record], entries: list[Entry], keys: tuple[str, str], table: Table
) -> list[Record]:
    """Return the records with today's captions; what is unchanged keeps its very text.

    Records of other files, broken ones and further columns stay; new images come at the end.
    """
    table.rows = [row for r in records if (row := to_row(r, keys, Table(table.path))) is not None]
    by_name = {entry.name: entry for entry in entries}
    matched = {row.where: by_name[name] for name, row in match(table, by_name).items()}
    told = {row.where: row for row in table.rows}
    now = [
        _now(record, matched.get(record.where), told.get(record.where), keys) for record in records
    ]
    known = {entry.name for entry in matched.values()}
    new = [Record("", values_of(entry, keys), 0) for entry in entries if entry.name not in known]
    return now + new


def _now(record: Record, entry: Entry | None, row: Row | None, keys: tuple[str, str]) -> Record:
    if entry is None or row is None or record.values is None:
        return record
    values = values_of(entry, keys)
    form = parse(str(values.get(COLUMN, "")), entry.text or "")
    if row.text == entry.text and (row.form or Form()) == (form or Form()):
        return record
    kept = {key: value for key, value in record.values.items() if key != COLUMN}
    return Record("", {**kept, **values, keys[0]: record.values[keys[0]]}, record.row)


def write_table(
    export: Export, name: str, render: Callable[[Export], tuple[str, Form, str]]
) -> None:
    """Write the table: alone, or into a new folder with the images. Raises AppError."""
    text, form, old = render(export)
    try:
        data = textcodec.encode(text, form, old)
    except UnicodeEncodeError:
        data = textcodec.encode(text, Form(newline=form.newline, final_newline=True), "")
    if export.images:
        images = {e.name: e.image for e in export.entries if e.image is not None}
        write_folder(export.out, images, {name: data})
        return
    if export.out.is_dir():
        hint = f"name a file such as {name}"
        raise AppError("is a folder", file=export.out, hint=hint, kind="usage")
    if export.out.exists() and export.out != export.keep:
        hint = "name another file, or add --update to keep its further columns"
        raise AppError("is there already", file=export.out, hint=hint, kind="conflict")
    _make_parent(export.out)
    atomic.write_bytes(export.out, data)


def written(export: Export) -> list[Entry]:
    """Return what belongs into the table: with images also those without a caption."""
    return export.entries if export.images else with_text(export.entries)


def _make_parent(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise atomic.write_error(path, error) from error
