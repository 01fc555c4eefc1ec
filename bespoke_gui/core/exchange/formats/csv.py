"""csv with the columns file_name and text, quoted as spreadsheets do, further columns kept."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bespoke_gui.core.errors import AppError
from bespoke_gui.core.exchange.base import BIGGEST, FORMATS, Export, Format, Table, read_text
from bespoke_gui.core.exchange.form_words import COLUMN
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

FILE = "metadata.csv"
DELIMITERS = (",", ";", "\t")
PLAIN = ["file_name", "text"]


class _File:
    """A csv file taken apart: its header, how cells are divided, and its records."""

    def __init__(self, text: str, table: Table) -> None:
        self.delimiter = _delimiter(text)
        rows = list(_rows(text, self.delimiter, table))
        self.header: list[str] = (rows[0][1] if rows else None) or []
        self.head_raw = rows[0][0] if rows else ""
        self.keys = (choose_key(self.header, FILE_KEYS), choose_key(self.header, TEXT_KEYS))
        if not all(self.keys):
            found = ", ".join(self.header)[:80] or "none"
            hint = "the first line names the columns: file_name,text"
            message = f"has no columns for file name and text (it has: {found})"
            raise AppError(message, file=table.path, hint=hint)
        if len(set(self.header)) < len(self.header):
            raise AppError("has two columns of one name", file=table.path, hint="rename one")
        self.records = [self._record(raw, cells, row, table) for raw, cells, row in rows[1:]]

    def _record(self, raw: str, cells: list[str] | None, row: int, table: Table) -> Record:
        record = Record(raw, None, row)
        if cells:
            if len(cells) != len(self.header):
                what = f"{len(cells)} cells instead of {len(self.header)}"
                table.bad(f"has {what}", record.where, "quote texts that hold a comma")
            else:
                record.values = dict(zip(self.header, cells, strict=True))
        return record


def _read(path: Path) -> Table:
    path = path / FILE if path.is_dir() else path
    table = Table(path)
    file = _File(read_text(path, table)[0], table)
    for record in file.records:
        if record.values is not None:
            row = to_row(record, _strings(file.keys), table)
            missing = record.values.get(COLUMN) == "missing"
            table.rows += [row] if row is not None and not missing else []
    return table


def _strings(keys: tuple[str | None, str | None]) -> tuple[str, str]:
    return keys[0] or PLAIN[0], keys[1] or PLAIN[1]


def _delimiter(text: str) -> str:
    """Return what divides the cells of the first line into the columns we need, else a comma."""
    for delimiter in DELIMITERS:
        names = next(csv.reader([text.partition("\n")[0]], delimiter=delimiter), [])
        if choose_key(names, FILE_KEYS) and choose_key(names, TEXT_KEYS):
            return delimiter
    return ","


def _rows(text: str, delimiter: str, table: Table) -> Iterator[tuple[str, list[str] | None, int]]:
    """Yield raw text, cells and first line of each record; a broken one has no cells."""
    lines = text.split("\n")
    before = csv.field_size_limit(BIGGEST)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        while True:
            first = reader.line_num
            cells: list[str] | None = None
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                table.bad(f"is no row: {error}", f"row {first + 1}", "check its quotes")
            yield "\n".join(lines[first : reader.line_num]), cells, first + 1
    finally:
        csv.field_size_limit(before)


def _render(export: Export) -> tuple[str, Form, str]:
    entries = written(export)
    if export.keep is None:
        values = [_full(values_of(entry, ("file_name", "text"))) for entry in entries]
        header = [*PLAIN, COLUMN] if any(COLUMN in one for one in values) else PLAIN
        lines = [_line(header, ","), *(_line(_cells(one, header), ",") for one in values)]
        return "\n".join(lines), Form(final_newline=True), ""
    table = Table(export.keep)
    text, form = read_text(export.keep, table)
    file = _File(text, table)
    return _updated(file, updated(file.records, entries, _strings(file.keys), table)), form, text


def _updated(file: _File, records: list[Record]) -> str:
    header = file.header
    same_header = COLUMN in header or not any(COLUMN in (r.values or {}) for r in records)
    header = header if same_header else [*header, COLUMN]
    lines = [file.head_raw if same_header else _line(header, file.delimiter)]
    for record in records:
        keep = record.values is None or (record.raw and same_header)
        values = _full(record.values or {})
        lines.append(record.raw if keep else _line(_cells(values, header), file.delimiter))
    return "\n".join(lines)


def _full(values: dict[str, Any]) -> dict[str, Any]:
    """A cell cannot be nothing: an image without a caption says so."""
    return {**values, COLUMN: "missing"} if None in values.values() else values


def _cells(values: dict[str, Any], header: list[str]) -> list[str]:
    found = (values.get(name) for name in header)
    return ["" if value is None else str(value) for value in found]


def _line(cells: list[str], delimiter: str) -> str:
    out = io.StringIO(newline="")
    # The writer quotes the letters of its line end, so that both must be in it.
    csv.writer(out, delimiter=delimiter, lineterminator="\r\n").writerow(cells)
    return out.getvalue().removesuffix("\r\n")


def _write(export: Export) -> None:
    write_table(export, FILE, _render)


FORMATS.add("csv", Format("csv", "csv (file_name, text)", FILE, _read, _write))
