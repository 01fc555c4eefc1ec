"""History pane: every past text of the current caption, what changed since, and the way back."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from bespoke_gui.core.diff_excerpt import cut, excerpt, shortened
from bespoke_gui.core.diff_pieces import Piece
from bespoke_gui.core.history import Version
from bespoke_gui.core.worddiff import read_through
from bespoke_gui.qtmodels.caption_desk import CaptionDesk
from bespoke_gui.qtmodels.caption_past import CaptionPast
from bespoke_gui.qtmodels.diff_rows import DiffRow, DiffRows
from bespoke_gui.views.widgets.diff_rows_view import DiffRowsView
from bespoke_gui.views.widgets.diff_view import DiffView
from bespoke_gui.views.widgets.parts import button, elided, muted, row, splitter
from bespoke_gui.views.widgets.side_picker import when

SOURCES = {
    "edit": "typed",
    "before": "as it was before editing",
    "undo": "undone",
    "now": "now",
}


class HistoryPane(QWidget):
    """Lists the past texts of the desk's current caption, the newest first."""

    title_changed = Signal(str)

    def __init__(self, desk: CaptionDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.past = CaptionPast(desk, self)
        self.rows = DiffRows(self._row, parent=self)
        self.list = DiffRowsView(self.rows, "Past texts of this caption", 1, with_image=False)
        self.view = DiffView()
        self.view.setMinimumHeight(48)
        self.list.setMinimumHeight(52)
        self.back = button("Put this text back", "Undo takes it back (Return)", "", "revert")
        self._what = elided("", 0.95, kind="muted")
        self._none = muted("No earlier text yet. Every text that is saved is kept here.")
        below = QWidget()
        inner = QVBoxLayout(below)
        inner.setContentsMargins(0, 4, 0, 0)
        inner.setSpacing(4)
        inner.addWidget(self.view, 1)
        bottom = row(self._what, self.back)
        bottom.setStretch(0, 1)
        inner.addLayout(bottom)
        self._parts = splitter(Qt.Orientation.Vertical, (self.list, below), (3, 2))
        self._parts.setSizes([150, 100])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 0)
        layout.addWidget(self._none)
        layout.addWidget(self._parts, 1)
        layout.addStretch(0)
        self.past.changed.connect(self._fill)
        self.list.chosen.connect(self._show)
        self.list.opened.connect(lambda key: self.past.put_back(int(key)))
        self.back.clicked.connect(lambda: self.past.put_back(int(self.list.current() or -1)))
        self.view.piece_clicked.connect(lambda _number: self.list.setFocus())
        self._fill()

    def _fill(self) -> None:
        current, count = self.list.current(), len(self.past.versions)
        self.rows.set_keys(map(str, range(count)))
        self._none.setVisible(not count)
        self._parts.setVisible(count > 0)
        self.title_changed.emit(f"History {count}" if count else "History")
        if count and not self.list.select(current):
            self.list.select("0")
        self._show(self.list.current())

    def _show(self, key: str) -> None:
        if not key:
            self.view.show_diff(None)
            self.back.setEnabled(False)
            return
        diff = self.past.against_now(int(key))
        same = diff.status == "equal"
        self.view.show_diff(diff)
        self.view.setVisible(not same)
        self.back.setEnabled(not same)
        self._what.setText("This is the text of now" if same else "From this text to now")

    def _row(self, key: str) -> DiffRow:
        version, diff = self.past.versions[int(key)], self.past.made(int(key))
        if diff is None:
            first = cut(version.text, 200)
            return DiffRow(
                when(version.created), _source(version), "", [Piece("equal", first, first)]
            )
        pieces = shortened(excerpt(read_through(diff.pieces), around=20))
        warning = f"lost {', '.join(diff.lost)}" if diff.lost else ""
        return DiffRow(when(version.created), _source(version), warning, pieces)


def _source(version: Version) -> str:
    kind, colon, name = version.source.partition(": ")
    if colon and kind == "snapshot":
        return f"in snapshot {name}"
    return SOURCES.get(version.source, version.source)
