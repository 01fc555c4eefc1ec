"""Import written: a snapshot first, then each caption in the form of its file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from bespoke_gui.core import atomic, bulk, captions, textcodec
from bespoke_gui.core.bulk import BulkReport
from bespoke_gui.core.captions import Caption
from bespoke_gui.core.errors import AppError, problem_from
from bespoke_gui.core.exchange.entries import WorkingSet
from bespoke_gui.core.exchange.preview import Preview
from bespoke_gui.core.history import History


def write_import(
    found: WorkingSet, preview: Preview, history: History, names: Iterable[str] | None = None
) -> BulkReport:
    """Give captions the texts of an import (all, or those named); a snapshot is kept first.

    A caption that exists keeps its encoding and line ends; a new one gets the bytes it was
    exported from, where the source tells them. Raises AppError when no snapshot can be kept; a
    file that fails is a problem and the others go on.
    """
    wanted = preview.changes if names is None else {n: preview.changes[n] for n in names}
    keys = found.keys
    known = {keys[name]: entry.caption for name, entry in found.entries.items()}
    for name, change in wanted.items():
        if known[keys[name]].missing and change.form is not None:
            known[keys[name]] = replace(known[keys[name]], form=change.form)
    texts = {keys[name]: change.after for name, change in wanted.items()}
    report = bulk.write_all(known, texts, history, f"import: {preview.source.name}")
    _create_empty(known, report)
    names_of = {keys[name]: name for name in wanted}
    report.written = {names_of[key]: caption for key, caption in report.written.items()}
    report.unchanged = [names_of[key] for key in report.unchanged]
    report.problems = [replace(p, file=names_of.get(p.file, p.file)) for p in report.problems]
    return report


def _create_empty(known: dict[str, Caption], report: BulkReport) -> None:
    """Make the files of captions that are there and empty, which no text tells from missing."""
    for key in [key for key in report.unchanged if known[key].missing]:
        caption = known[key]
        try:
            if not captions.changed_on_disk(caption):
                atomic.write_bytes(caption.path, textcodec.encode("", caption.form))
                report.written[key] = captions.read(caption.path)
                report.unchanged.remove(key)
        except AppError as error:
            report.problems.append(problem_from(error, "not_written", key))
