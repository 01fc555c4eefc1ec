"""Ledger expected: what was expected of a run beside what was found, and of the next run."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QLayout, QLineEdit, QVBoxLayout, QWidget

from bespoke_gui.core.ledger.entries import Entry, GalleryEntry
from bespoke_gui.core.ledger.expected import Expectation, Outcome
from bespoke_gui.core.runs import title_of
from bespoke_gui.qtmodels.ledger_model import LedgerModel
from bespoke_gui.qtmodels.ledger_rows import outcome_words
from bespoke_gui.views import theme
from bespoke_gui.views.widgets.parts import (
    badge,
    button,
    card,
    column,
    elided,
    heading,
    line,
    muted,
    plain_label,
    row,
    scrolling,
    tool,
)

EXAMPLE = "pixel defects 60% -> 30%, confidence 90%"
MET = {None: ("open", "badge"), True: ("met", "badge-good"), False: ("not met", "badge-danger")}
MOST_ROWS, ROW_PX = 3, 34
LATE = "written after the run had begun"
NO_RUN = "Write below what the next run should bring: it will stand here beside what was found."
NOTHING_EXPECTED = "Nothing was written down before this run."
NO_GALLERY = "No gallery yet, so nothing was found."


class LedgerExpected(QFrame):
    """The chosen run above, the next run below."""

    def __init__(self, model: LedgerModel) -> None:
        super().__init__()
        self._model = model
        self._build()
        model.waiting_changed.connect(self.refresh_next)
        self.show_run(None)
        self.refresh_next()

    def show_run(self, entry: Entry | None) -> None:
        """Show what was expected of a run, what was found, and what its galleries say."""
        _empty(self._found)
        self.title.setText(f"Expected of {title_of(entry.run)}" if entry else "Expected of a run")
        if entry is None:
            self._found.addWidget(muted(NO_RUN))
            self._found.addStretch(1)
            return
        for one in entry.expected:
            self._found.addWidget(_outcome(one))
        if not entry.expected:
            self._found.addWidget(muted(NOTHING_EXPECTED))
        for gallery in entry.galleries:
            self._found.addWidget(_gallery(gallery))
        if not entry.galleries:
            self._found.addWidget(muted(NO_GALLERY))
        self._found.addStretch(1)

    def refresh_next(self) -> None:
        """Show what is expected of the next run."""
        _empty(self._next)
        for one in self._model.waiting:
            self._next.addWidget(self._waiting(one))
        rows = min(len(self._model.waiting), MOST_ROWS)
        self.waiting_area.setVisible(bool(rows))
        self.waiting_area.setFixedHeight(rows * ROW_PX)
        self.undo.setEnabled(bool(self._model.removed))

    def write_down(self) -> None:
        """Keep what stands in the line, or say why it cannot be read."""
        problem = self._model.expect(self.line.text())
        self.problem.setText(problem)
        self.problem.setVisible(bool(problem))
        if not problem:
            self.line.clear()

    def _waiting(self, one: Expectation) -> QWidget:
        away = tool("trash", f"Take back: {one.text}")
        away.clicked.connect(partial(self._model.remove, one))
        holder = QWidget()
        words = elided(one.text)
        words.setToolTip(f"{one.text}\nWritten {one.written.replace('T', ' ')}")
        inner = row(words, away)
        inner.setStretch(0, 1)
        holder.setLayout(inner)
        holder.setFixedHeight(ROW_PX)
        return holder

    def _build(self) -> None:
        self.title = elided(bold=True)
        self.line = QLineEdit(placeholderText=EXAMPLE)
        self.line.setAccessibleName("Expected of the next run")
        self.line.returnPressed.connect(self.write_down)
        write = button("Write down", "Keep it for the next run (Return)", icon="add")
        write.clicked.connect(self.write_down)
        self.undo = tool("undo", "Bring back what was taken back")
        self.undo.clicked.connect(self._model.undo)
        self.problem = muted()
        theme.set_kind(self.problem, "danger")
        self.problem.hide()
        found, following = QWidget(), QWidget()
        self._found, self._next = QVBoxLayout(found), QVBoxLayout(following)
        for inner in (self._found, self._next):
            inner.setContentsMargins(0, 0, 0, 0)
            inner.setSpacing(4)
        self._next.setSpacing(0)
        self.waiting_area = scrolling(following)
        entering = row(self.line, write, self.undo)
        entering.setStretch(0, 1)
        whole = column(
            self.title, scrolling(found), line(), heading("Expected of the next run", 1.0),
            self.waiting_area, entering, self.problem,
        )  # fmt: skip
        whole.setStretch(1, 1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(card(whole, 12))


def _outcome(one: Outcome) -> QWidget:
    holder = QWidget()
    words, kind = MET[one.met]
    sign = badge(words, kind)
    sign.setMinimumWidth(64)
    sign.setAlignment(Qt.AlignmentFlag.AlignCenter)
    expected = plain_label(one.expected.text)
    expected.setTextFormat(Qt.TextFormat.PlainText)
    under = [f"found: {outcome_words(one)}", *([LATE] if one.expected.late else [])]
    inner = row(sign, spacing=10)
    inner.addLayout(column(expected, muted("  ·  ".join(under)), spacing=0), 1)
    inner.setAlignment(sign, Qt.AlignmentFlag.AlignTop)
    inner.setContentsMargins(0, 2, 0, 4)
    holder.setLayout(inner)
    return holder


def _gallery(entry: GalleryEntry) -> QWidget:
    """What was decided on a gallery, with the lines of its verdict."""
    said = "nothing decided yet"
    if entry.decided is not None:
        said = f"epoch {entry.decided} chosen" + (f": {entry.reason}" if entry.reason else "")
    holder = QWidget()
    lines = [elided(f"Gallery {entry.name}", bold=True), plain_label(said)]
    holder.setLayout(column(*lines, *map(muted, entry.lines), spacing=2))
    for label in holder.findChildren(QLabel):
        label.setTextFormat(Qt.TextFormat.PlainText)
    return holder


def _empty(layout: QLayout) -> None:
    while (item := layout.takeAt(0)) is not None:
        widget = item.widget()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
