"""Ledger rows: the table of every run, and the table of what changed between two of them."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from bespoke_gui.core.config.values import written
from bespoke_gui.core.diff_excerpt import excerpt
from bespoke_gui.core.diff_pieces import pieces
from bespoke_gui.core.ledger.changes import Parts, RunChanges
from bespoke_gui.core.ledger.entries import Entry, lowest_held_out
from bespoke_gui.core.ledger.expected import SHARES, Outcome
from bespoke_gui.core.ledger.inputs import Inputs
from bespoke_gui.core.runs import title_of
from bespoke_gui.qtmodels import wording
from bespoke_gui.qtmodels.rows import Index
from bespoke_gui.qtmodels.rows_model import RowsModel
from bespoke_gui.qtmodels.run_model import STATE_WORDS

NOT_SET = "not set"
AROUND = 14
PRINT = 6
SUMMARY = (("resolution", "{} px"), ("network_dim", "rank {}"), ("max_train_epochs", "{} epochs"))


class LedgerRows(RowsModel):
    """Every run of the project, the newest first; rows are Entry."""

    headings = (
        "Run", "Begun", "State", "Captions", "Images", "Prepared set", "Config", "Package",
        "Epochs", "Time", "Cost", "Held-out loss", "Decided",
    )  # fmt: skip
    right = (8, 9, 10, 11)

    def text(self, row: Entry, column: int) -> str:
        state, prepared = STATE_WORDS.get(row.state, row.state), str(row.prepared.get("name", ""))
        cells = (
            title_of(row.run), begun(row), state, caption_words(row),
            _counted(row.images, row.image_print[:PRINT]), prepared, config_words(row.config),
            row.package[:12], str(row.epochs), wording.duration(row.seconds), cost(row),
            held_out(row), decided(row),
        )  # fmt: skip
        return cells[column] or wording.DASH

    def tip(self, row: Entry) -> str:
        cells = [self.text(row, column) for column in range(len(self.headings))]
        lines = [f"{name}: {cell}" for name, cell in zip(self.headings, cells, strict=True)]
        more = [f"Package SHA-256: {row.package}"] if row.package else []
        return "\n".join([*lines, *more, row.folder])


def begun(entry: Entry) -> str:
    """Return when a run was asked for, as "2026-11-26 14:03"."""
    try:
        return f"{datetime.datetime.fromisoformat(entry.created):%Y-%m-%d %H:%M}"
    except ValueError:
        return entry.created or wording.DASH


def caption_words(entry: Entry) -> str:
    """Return the snapshot that a run began with, or a fingerprint of its captions."""
    return _counted(entry.captions, entry.snapshot or entry.caption_print[:PRINT])


def _counted(count: int | None, name: str) -> str:
    return "not recorded" if count is None else f"{count} · {name}"


def config_words(config: Mapping[str, Any]) -> str:
    """Return the settings people tell configs apart by."""
    parts = []
    for key, form in SUMMARY:
        value = config.get(key)
        if value is not None:
            sides = written(value).replace("\n", ",").split(",")
            same = key == "resolution" and len({one.strip() for one in sides}) == 1
            parts.append(form.format(sides[0].strip() if same else ",".join(sides)))
    return ", ".join(parts) or wording.DASH


def cost(entry: Entry) -> str:
    """Return what a run cost."""
    if entry.usd is None:
        return "unknown"
    return f"${entry.usd:.2f}" if entry.usd or entry.backend != "local" else "free"


def held_out(entry: Entry) -> str:
    """Return the lowest loss on images that were not taught, and its epoch, "" for none."""
    lowest = lowest_held_out(entry)
    return f"{lowest[1]:.4f} at {lowest[0]}" if lowest else ""


def decided(entry: Entry) -> str:
    """Return the epoch that was chosen, or what stands in place of a choice."""
    chosen = [one.decided for one in entry.galleries if one.decided is not None]
    if chosen:
        return f"epoch {chosen[-1]}"
    suggested = [one.suggested for one in entry.galleries if one.suggested is not None]
    if suggested:
        return f"open ({suggested[-1]} suggested)"
    return "open" if entry.galleries else "no gallery"


def shown(name: str, value: float | None) -> str:
    """Return a figure of an expectation: shares in per cent, measures as they are."""
    return f"{value:.0%}" if name in SHARES and value is not None else wording.figure(value)


def outcome_words(one: Outcome) -> str:
    """Return what was found, as "28% (predicted)"."""
    if one.found is None:
        return "not found yet"
    return f"{shown(one.expected.name, one.found)} ({one.basis})"


def kept_promises(entries: list[Entry]) -> str:
    """Return how many expectations came true, and how sure the person was of those judged."""
    judged = [one for entry in entries for one in entry.expected if one.met is not None]
    if not judged:
        return ""
    met = sum(bool(one.met) for one in judged)
    words = f"{met} of {wording.count(len(judged), 'expectation')} met"
    sure = [one.expected.confidence for one in judged if one.expected.confidence is not None]
    return f"{words}, at a mean confidence of {sum(sure) / len(sure):.0%}" if sure else words


@dataclass(frozen=True)
class ChangeRow:
    """One difference: what kind of thing, which one, and how it was on both sides.

    idle: it cannot be a cause.
    """

    kind: str
    name: str
    before: str
    after: str
    idle: bool = False


class ChangeRows(RowsModel):
    """Every difference between two runs, one a row."""

    headings = ("What", "Which", "Before", "After")

    def text(self, row: ChangeRow, column: int) -> str:
        if row.kind == "caption" and column >= 2:
            return _excerpt(row)[column - 2]
        return (row.kind, row.name, row.before, row.after)[column]

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        is_idle = role == Qt.ItemDataRole.ForegroundRole and self.rows[index.row()].idle
        if is_idle:
            return QGuiApplication.palette().placeholderText()
        return super().data(index, role)

    def tip(self, row: ChangeRow) -> str:
        note = "\nCannot be the cause of a difference." if row.idle else ""
        return f"{row.kind} {row.name}\nbefore: {row.before}\nafter: {row.after}{note}"


def _excerpt(row: ChangeRow) -> tuple[str, str]:
    """Return both texts of a caption cut to what changed: long ones begin alike."""
    if wording.DASH in (row.before, row.after):
        return row.before, row.after
    found = excerpt(pieces(row.before, row.after), around=AROUND)
    return "".join(one.before for one in found), "".join(one.after for one in found)


def change_rows(
    found: RunChanges, before: Inputs | None, after: Inputs | None, idle: Mapping[str, Any]
) -> list[ChangeRow]:
    """Return the differences as rows: settings first, then images and captions.

    idle: key -> (before, after) of settings that cannot be a cause.
    """
    rows = [ChangeRow("setting", key, _value(old), _value(new)) for key, old, new in found.config]
    rows += [ChangeRow(name, "", _value(old), _value(new)) for name, old, new in found.other]
    one, two = before or Inputs(), after or Inputs()
    rows += _parts("image", found.images, one.images, two.images)
    rows += _parts("caption", found.captions, one.captions, two.captions)
    for key in found.idle:
        old, new = idle.get(key, (None, None))
        rows.append(ChangeRow("setting", key, _value(old), _value(new), True))
    return rows


def _parts(
    kind: str, parts: Parts | None, before: Mapping[str, str], after: Mapping[str, str]
) -> list[ChangeRow]:
    if parts is None:
        return []
    names = [*parts.changed, *parts.added, *parts.removed]
    return [
        ChangeRow(kind, name, before.get(name, wording.DASH), after.get(name, wording.DASH))
        for name in names
    ]  # fmt: skip


def _value(value: Any) -> str:
    return NOT_SET if value is None else written(value).replace("\n", ", ")


def count_words(name: str, parts: Parts | None) -> str:
    """Return "captions: 12 changed, 1 added", or that they are the same or unknown."""
    if parts is None:
        return f"{name}: not recorded"
    counts = (("changed", parts.changed), ("added", parts.added), ("removed", parts.removed))
    return f"{name}: " + (", ".join(f"{len(n)} {w}" for w, n in counts if n) or "the same")


def change_words(found: RunChanges) -> str:
    """Return how much changed, in one line."""
    settings = len(found.config) + len(found.other)
    parts = [count_words("captions", found.captions), count_words("images", found.images)]
    parts.append(f"settings: {f'{settings} changed' if settings else 'the same'}")
    if found.idle:
        parts.append(f"{len(found.idle)} without effect (grey)")
    return "  ·  ".join(parts)
