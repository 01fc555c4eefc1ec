"""Prepared sets pane: every set of the project, how it is, and the way back from anything."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QProgressBar, QVBoxLayout, QWidget

from bespoke_gui.qtmodels.prepared_sets import PreparedSets
from bespoke_gui.views import theme
from bespoke_gui.views.local_file import show_in_folder
from bespoke_gui.views.widgets.parts import (
    badge,
    button,
    column,
    elided,
    muted,
    row,
    scrolling,
    tool,
)

if TYPE_CHECKING:
    from bespoke_gui.core.prepared.sets import SetState

LOUD = 1.5  # times as many colours


class PreparedSetsPane(QWidget):
    """One line a set: name, what it was made with, its state; make again, open, to the bin."""

    def __init__(self, model: PreparedSets, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._none = muted("No prepared sets yet.")
        self._page = QWidget()
        self._lines = QVBoxLayout(self._page)
        self._lines.setContentsMargins(0, 0, 0, 0)
        self._lines.setSpacing(4)
        self._undo_words = muted(wrap=False)
        self.undo = button("Undo", "Bring the set back from the bin", "link")
        self.undo.clicked.connect(model.bring_back)
        self._undo_row = QWidget()
        self._undo_row.setLayout(row(self._undo_words, self.undo, None))
        self._undo_row.hide()
        self._progress = QProgressBar()
        self._progress.setAccessibleName("Making a set again")
        self.stop = button("Cancel")
        self.stop.clicked.connect(model.cancel)
        self._busy = QWidget()
        busy = row(self._progress, self.stop)
        busy.setStretch(0, 1)
        self._busy.setLayout(busy)
        self._busy.hide()
        whole = column(self._undo_row, self._busy, self._none, spacing=4)
        whole.addWidget(scrolling(self._page), 1)
        self.setLayout(whole)
        model.listed.connect(self.show_sets)
        model.binned.connect(self._show_undo)
        model.busy_changed.connect(self._busy.setVisible)
        model.progressed.connect(self._show_progress)

    def show_sets(self, states: list[SetState]) -> None:
        """Show the sets, the newest first."""
        while (item := self._lines.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                # Hidden first: Qt shows what a layout took a moment later, by then as a window.
                widget.hide()
                widget.setParent(None)
                widget.deleteLater()
        for state in states:
            self._lines.addWidget(SetLine(state, self._model))
        self._lines.addStretch(1)
        self._none.setVisible(not states)

    def lines(self) -> list[SetLine]:
        """Return the lines that are shown."""
        return [line for line in self._page.findChildren(SetLine) if line.parent() is self._page]

    def _show_undo(self, name: str) -> None:
        self._undo_words.setText(f"{name} is in the project's bin.")
        self._undo_row.setVisible(bool(name))

    def _show_progress(self, done: int, total: int, _name: str) -> None:
        self._progress.setRange(0, total)
        self._progress.setValue(done)


class SetLine(QWidget):
    """One prepared set."""

    def __init__(self, state: SetState, model: PreparedSets) -> None:
        super().__init__()
        self.state = state
        folder = state.folder
        wrong = state.words()
        self.sign = badge()
        self._show_sign(wrong)
        name = elided(folder.name, bold=True)
        facts = elided(describe(state), kind="muted")
        facts.setToolTip(facts.text())
        self.again = tool("refresh", f"Make {folder.name} again as its manifest says")
        self.again.clicked.connect(lambda: model.restore(folder))
        self.again.setEnabled(not state.no_source and not state.problem)
        self.open = tool("folder", f"Open the folder {folder.name}")
        self.open.clicked.connect(lambda: show_in_folder(folder))
        self.bin = tool("trash", f"Move {folder.name} to the project's bin")
        self.bin.clicked.connect(lambda: model.remove(folder))
        line = row(name, facts, self.sign, self.again, self.open, self.bin)
        line.setStretch(0, 2)
        line.setStretch(1, 5)
        self.setLayout(line)
        self.setAccessibleName(f"{folder.name}: {'; '.join(wrong) or 'complete'}")

    def _show_sign(self, wrong: list[str]) -> None:
        before, after = colours(self.state)
        kind, text, tip = "badge-good", "Complete", "Every file is as it was written"
        if wrong:
            kind, text, tip = "badge-warning", wrong[0], "\n".join(wrong)
        elif after > LOUD * before:
            kind, text = "badge-danger", "New colours"
            tip = f"Its method turned {before:,.0f} colours an image into {after:,.0f}"
        self.sign.setText(text)
        self.sign.setToolTip(tip)
        theme.set_kind(self.sign, kind)


def colours(state: SetState) -> tuple[float, float]:
    """Return the mean colours of an image before and after, 0 where the manifest has none."""
    found = (state.summary.get(key) for key in ("colours_before", "colours_after"))
    before, after = (float(f) if isinstance(f, (int, float)) else 0.0 for f in found)
    return before, after


def describe(state: SetState) -> str:
    """Return what a set was made with and when, in one line."""
    settings = state.settings
    if settings is None:
        return state.problem
    made = datetime.datetime.fromtimestamp(state.made)
    parts = [
        f"{settings.method} {settings.size} px",
        f"{state.images} images",
        f"{made:%d %b %H:%M}",
    ]
    before, after = colours(state)
    if before and after:
        parts.insert(2, f"colours {before:,.0f} → {after:,.0f}")
    return " · ".join(parts)
