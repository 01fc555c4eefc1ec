"""Changes by caption: the captions that changed, and one of them with every piece of its diff."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QVBoxLayout, QWidget

from bespoke_gui.core.diff_excerpt import excerpt, shortened
from bespoke_gui.core.worddiff import read_through
from bespoke_gui.qtmodels.caption_changes import ChangeSet
from bespoke_gui.qtmodels.caption_desk import CaptionDesk
from bespoke_gui.qtmodels.diff_rows import DiffRow, DiffRows, ImagePaths
from bespoke_gui.views import theme
from bespoke_gui.views.shortcuts import add_shortcut
from bespoke_gui.views.widgets.changes_distinct import ONLY_NOW, open_caption, stem
from bespoke_gui.views.widgets.diff_rows_view import DiffRowsView
from bespoke_gui.views.widgets.diff_verdict import judge
from bespoke_gui.views.widgets.diff_view import INLINE, SIDES, DiffView
from bespoke_gui.views.widgets.parts import (
    badge,
    button,
    card,
    column,
    elided,
    muted,
    row,
    splitter,
    tool,
)
from bespoke_gui.views.widgets.piece_list import PieceList
from bespoke_gui.views.widgets.search_edit import SearchEdit


class CaptionsView(QWidget):
    """The changed captions at the left, the diff of the chosen one at the right."""

    def __init__(self, desk: CaptionDesk, changes: ChangeSet) -> None:
        super().__init__()
        self._desk, self._changes = desk, changes
        self.search = SearchEdit("Search names and captions")
        self.search.setAccessibleName("Search names and captions")
        self.only_lossy = QCheckBox("Lost words")
        self.only_lossy.setToolTip("Only captions that lost a word")
        session = desk.session
        self.rows = DiffRows(self._row, False, session.thumbnails, ImagePaths(session), self)
        self.list = DiffRowsView(self.rows, "Captions that changed")
        self.title = elided("", 1.1, bold=True)
        self.verdict = badge()
        self.sides = tool("compare", "Before and after side by side")
        self.sides.setCheckable(True)
        self.view = DiffView()
        self.pieces = PieceList()
        self.open = button("Edit", "Open this caption on the edit page (Return)", "", "captions")
        self.revert = button("Revert caption", "", "", "revert")
        self._none = muted()
        self._lay_out()
        self._connect()
        self._fill()

    def _lay_out(self) -> None:
        top = row(self.search, self.only_lossy)
        top.setStretch(0, 1)
        left = column(top, self.list, self._none)
        left.setStretch(1, 1)
        head = row(self.title, self.verdict, self.sides)
        head.setStretch(0, 1)
        right = column(head, self.view, self.pieces, row(self.open, None, self.revert))
        right.setStretch(1, 3)
        right.setStretch(2, 2)
        parts = splitter(Qt.Orientation.Horizontal, (card(left, 10), card(right, 10)), (1, 1))
        parts.setSizes([480, 600])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(parts)

    def _connect(self) -> None:
        self.search.textChanged.connect(self._fill)
        self.search.left_down.connect(self.list.setFocus)
        self.only_lossy.toggled.connect(self._fill)
        self.list.chosen.connect(self._show)
        self.list.opened.connect(lambda name: open_caption(self._desk, name))
        self.sides.toggled.connect(lambda on: self.view.set_mode(SIDES if on else INLINE))
        self.view.piece_clicked.connect(self._revert_piece)
        self.view.phrase_clicked.connect(self._revert_phrase)
        self.pieces.put_back.connect(self._revert_piece)
        self.open.clicked.connect(lambda: open_caption(self._desk, self.list.current()))
        self.revert.clicked.connect(lambda: self._changes.revert_captions([self.list.current()]))
        self._changes.updated.connect(self._fill)
        self._changes.edited.connect(self._on_edited)
        add_shortcut(self, "Ctrl+Backspace", "Revert this caption", self.revert.click)

    def _fill(self, _any: object = None) -> None:
        current, at = self.list.current(), self.list.currentIndex().row()
        words = self.search.text().casefold().strip()
        names = [
            name
            for name in self._changes.changed_names(self.only_lossy.isChecked())
            if not words or words in self._haystack(name)
        ]
        self.rows.set_keys(names)
        if not self.list.select(current) and names:
            self.list.select(names[min(max(at, 0), len(names) - 1)])
        self._none.setText(self._summary(len(names)))
        self._show(self.list.current())

    def _on_edited(self, names: list[str]) -> None:
        """A caption that is equal now stays in its place until the list is made anew."""
        shown = set(self.rows.keys())
        diffs = {name: self._changes.diff(name) for name in names}
        new = [n for n, d in diffs.items() if d is not None and d.status != "equal"]
        if shown.issuperset(new):
            self.rows.refresh(names)
            if self.list.current() in names:
                self._show(self.list.current())
        else:
            self._fill()

    def _summary(self, count: int) -> str:
        before, after = self._changes.before.label, self._changes.after.label
        if not count:
            return f"No caption to show between “{before}” and “{after}”."
        return f"{count} caption{'' if count == 1 else 's'}"

    def _haystack(self, name: str) -> str:
        diff = self._changes.diff(name)
        texts = (diff.before, diff.after) if diff is not None else ()
        return "\n".join((name, *texts)).casefold()

    def _show(self, name: str) -> None:
        diff, can = self._changes.diff(name), self._changes.can_revert
        self.title.setText(stem(name) if name else "")
        self.view.set_titles(self._changes.before.label, self._changes.after.label)
        self.view.show_diff(diff)
        self.pieces.show_diff(diff)
        self.pieces.setEnabled(can)
        words, kind = judge(diff)
        self.verdict.setText(words)
        self.verdict.setVisible(bool(name))
        theme.set_kind(self.verdict, kind)
        changed = diff is not None and diff.status in ("changed", "removed")
        self.revert.setEnabled(can and changed)
        self.revert.setToolTip(
            "Put the whole earlier text back (Ctrl+Backspace)" if can else ONLY_NOW
        )
        self.open.setEnabled(bool(name))

    def _revert_piece(self, number: int) -> None:
        self._changes.revert_pieces(self.list.current(), [number])

    def _revert_phrase(self, offset: int) -> None:
        self._changes.revert_phrase(self.list.current(), offset)

    def _row(self, name: str) -> DiffRow:
        diff = self._changes.diff(name)
        if diff is None:
            return DiffRow(stem(name))
        pieces = shortened(excerpt(read_through(diff.pieces), around=24))
        warning = f"lost {', '.join(diff.lost)}" if diff.lost else ""
        detail = "put back" if diff.status == "equal" else ""
        return DiffRow(stem(name), detail, warning, pieces if diff.status != "equal" else [])
