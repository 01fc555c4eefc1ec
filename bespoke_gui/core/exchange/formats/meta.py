"""The metadata.json of sd-scripts' fine-tuning: an object of images with caption and tags."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bespoke_gui.core.errors import AppError
from bespoke_gui.core.exchange.base import FORMATS, Export, Format, Table, read_text
from bespoke_gui.core.exchange.form_words import COLUMN
from bespoke_gui.core.exchange.formats._records import (
    Record,
    to_row,
    values_of,
    write_table,
    written,
)
from bespoke_gui.core.exchange.match import match
from bespoke_gui.core.textcodec import Form

FILE = "metadata.json"
KEYS = ("file", "caption")


def _read(path: Path) -> Table:
    path = path / FILE if path.is_dir() else path
    table = Table(path)
    for record in _records(_object(path, table)):
        row = to_row(record, KEYS, table)
        table.rows += [row] if row is not None else []
    return table


def _object(path: Path, table: Table) -> dict[str, Any]:
    text, _ = read_text(path, table)
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        where = f"line {error.lineno}" if isinstance(error, json.JSONDecodeError) else "it"
        message = f"is no JSON: {where} cannot be read"
        raise AppError(message, file=path, hint="correct it") from error
    if not isinstance(data, dict):
        raise AppError("is no object of images in braces", file=path)
    return data


def _records(data: dict[str, Any]) -> list[Record]:
    """Return one record an image; tags come after the caption, as the trainer joins them."""
    found = []
    for number, (name, entry) in enumerate(data.items(), 1):
        values: dict[str, Any] = entry if isinstance(entry, dict) else {"caption": entry}
        parts = [values.get("caption"), values.get("tags")]
        texts = [part for part in parts if isinstance(part, str)]
        wrong = next((p for p in parts if p is not None and not isinstance(p, str)), None)
        text = wrong if wrong is not None else ", ".join(filter(None, texts)) if texts else None
        told = {"file": name, "caption": text, COLUMN: values.get(COLUMN)}
        found.append(Record("", told, number))
    return found


def _render(export: Export) -> tuple[str, Form, str]:
    """Write captions into the object; entries and further keys of an old one stay."""
    data: dict[str, Any] = {}
    old = ""
    entries = {entry.name: entry for entry in written(export) if entry.text is not None}
    if export.keep is not None:
        table = Table(export.keep)
        old, _ = read_text(export.keep, table)
        data = _object(export.keep, table)
        rows = [to_row(record, KEYS, Table(export.keep)) for record in _records(data)]
        table.rows = [row for row in rows if row is not None]
        for name, row in match(table, entries).items():
            entry = entries.pop(name)
            if row.text != entry.text:
                kept = data[row.file] if isinstance(data[row.file], dict) else {}
                kept = {k: v for k, v in kept.items() if k not in ("tags", COLUMN)}
                data[row.file] = {**kept, **_values(entry)}
    same = old and not entries
    data |= {name: _values(entry) for name, entry in entries.items()}
    text = json.dumps(data, indent=1, ensure_ascii=False)
    if same and json.loads(old) == data:
        text = old
    return text, Form(final_newline=True), ""


def _values(entry: Any) -> dict[str, Any]:
    values = values_of(entry, KEYS)
    del values["file"]
    return values


def _write(export: Export) -> None:
    write_table(export, FILE, _render)


FORMATS.add("meta", Format("meta", "metadata.json (sd-scripts)", FILE, _read, _write))
