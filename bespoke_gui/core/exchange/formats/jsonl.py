"""metadata.jsonl, as Hugging Face's imagefolder reads it: file_name, text and further columns."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bespoke_gui.core.exchange.base import FORMATS, Export, Format, Table, read_text
from bespoke_gui.core.exchange.formats._records import (
    FILE_KEYS,
    TEXT_KEYS,
    Record,
    choose_key,
    to_row,
    updated,
    values_of,
    write_table,
    written,
)
from bespoke_gui.core.textcodec import Form

FILE = "metadata.jsonl"


def _read(path: Path) -> Table:
    path = path / FILE if path.is_dir() else path
    table = Table(path)
    text, _ = read_text(path, table)
    for record in _records(text, table):
        if record.values is not None:
            row = to_row(record, _keys(record.values), table)
            table.rows += [row] if row is not None else []
    return table


def _records(text: str, table: Table) -> list[Record]:
    """Return one record a line; a line that is no object becomes a problem and has no values."""
    found = []
    for number, line in enumerate(text.split("\n"), 1):
        record = Record(line, None, number)
        if line.strip():
            try:
                values: Any = json.loads(line)
            except (ValueError, RecursionError) as error:
                table.bad(f"is no JSON: {_short(error)}", record.where, "correct that line")
            else:
                record.values = values if isinstance(values, dict) else None
                if record.values is None:
                    table.bad("is no object in braces", record.where)
        found.append(record)
    return found


def _short(error: Exception) -> str:
    return getattr(error, "msg", "") or "it is nested too deeply or holds too large a number"


def _keys(values: dict[str, Any]) -> tuple[str, str]:
    return choose_key(values, FILE_KEYS) or FILE_KEYS[0], choose_key(values, TEXT_KEYS) or "text"


def _render(export: Export) -> tuple[str, Form, str]:
    entries = written(export)
    if export.keep is None:
        lines = [_line(values_of(entry, ("file_name", "text"))) for entry in entries]
        return "\n".join(lines), Form(final_newline=True), ""
    table = Table(export.keep)
    text, form = read_text(export.keep, table)
    records = _records(text, table) if text.strip() else []
    keys = next((_keys(r.values) for r in records if r.values), ("file_name", "text"))
    plain = text.isascii() and "\\u" in text
    now = updated(records, entries, keys, table)
    lines = [r.raw if r.raw or r.values is None else _line(r.values, plain) for r in now]
    return "\n".join(lines), form, text


def _line(values: dict[str, Any], plain: bool = False) -> str:
    return json.dumps(values, ensure_ascii=plain)


def _write(export: Export) -> None:
    write_table(export, FILE, _render)


FORMATS.add("jsonl", Format("jsonl", "metadata.jsonl (Hugging Face)", FILE, _read, _write))
