"""Distinct changes: each replacement once with its count, and the captions it is in, with ticks."""

from __future__ import annotations

from pathlib import PurePosixPath

from PySide6.QtCore import QModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from bespoke_gui.core.change_index import Change
from bespoke_gui.core.diff_excerpt import excerpt, shortened
from bespoke_gui.qtmodels.caption_changes import ChangeSet
from bespoke_gui.qtmodels.caption_desk import CaptionDesk
from bespoke_gui.qtmodels.change_table import CHANGE, COUNT, LOST, ChangeRole, ChangeTable
from bespoke_gui.qtmodels.diff_rows import DiffRow, DiffRows, ImagePaths
from bespoke_gui.qtmodels.rows import Index
from bespoke_gui.views import theme
from bespoke_gui.views.shortcuts import add_shortcut
from bespoke_gui.views.widgets.diff_painter import paint_diff
from bespoke_gui.views.widgets.diff_rows_view import DiffRowsView
from bespoke_gui.views.widgets.parts import button, card, column, elided, muted, row, splitter
from bespoke_gui.views.widgets.search_edit import SearchEdit

PAD = 8
ONLY_NOW = "Only the captions of now can be changed: choose “Now” as the later state"


class DistinctView(QWidget):
    """The table of distinct changes at the left, the captions of the chosen one at the right."""

    def __init__(self, desk: CaptionDesk, changes: ChangeSet) -> None:
        super().__init__()
        self._desk, self._changes = desk, changes
        self._change: Change | None = None
        self.table = ChangeTable(changes.is_accepted, self)
        self.view = ChangeTableView(self.table)
        self.search = SearchEdit("Search changes")
        self.search.setAccessibleName("Search changes")
        self.only_lossy = QCheckBox("Lost words")
        self.only_lossy.setToolTip("Only changes that took a word out of a caption")
        self.with_accepted = QCheckBox("Accepted")
        self.with_accepted.setToolTip("Also show changes that were accepted")
        session = desk.session
        self.rows = DiffRows(self._row, True, session.thumbnails, ImagePaths(session), self)
        self.list = DiffRowsView(self.rows, "Captions with this change")
        self.title = elided("", 1.1, bold=True)
        self.ticks = button("", "Tick all of these captions, or none", "link")
        self.accept = button(
            "Accept", "Hide this change: it was looked at (Ctrl+Return)", "", "check"
        )
        self.some = button("Revert in ticked", "", "", "revert")
        self.all = button("Revert in all", "", "", "revert")
        self._none = muted()
        self._lay_out()
        self._connect()

    def current(self) -> Change | None:
        """Return the change that is chosen in the table."""
        return self._change

    def toggle_accepted(self) -> None:
        """Accept the chosen change and go to the next; an accepted one is open again."""
        if self._change is None:
            return
        row_before = self.view.currentIndex().row()
        self._changes.accept([self._change], not self._changes.is_accepted(self._change))
        self.view.select_row(row_before)

    def _lay_out(self) -> None:
        top = row(self.search, self.only_lossy, self.with_accepted)
        top.setStretch(0, 1)
        left = column(top, self.view, self._none)
        left.setStretch(1, 1)
        head = row(self.title, self.ticks)
        head.setStretch(0, 1)
        right = column(
            head,
            self.list,
            row(self.accept, None, self.some, self.all),
        )
        right.setStretch(1, 1)
        parts = splitter(Qt.Orientation.Horizontal, (card(left, 10), card(right, 10)), (1, 1))
        parts.setSizes([560, 520])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(parts)

    def _connect(self) -> None:
        self.search.textChanged.connect(lambda words: self._filter(words=words))
        self.search.left_down.connect(self.view.setFocus)
        self.only_lossy.toggled.connect(lambda on: self._filter(only_lossy=on))
        self.with_accepted.toggled.connect(lambda on: self._filter(with_accepted=on))
        self.view.selectionModel().currentRowChanged.connect(self._on_row)
        self.table.modelReset.connect(self._on_reset)
        self.rows.ticked.connect(self._tell_ticks)
        self.list.opened.connect(lambda name: open_caption(self._desk, name))
        self.ticks.clicked.connect(self._tick_all)
        self.accept.clicked.connect(self.toggle_accepted)
        self.some.clicked.connect(lambda: self._revert(self.rows.checked()))
        self.all.clicked.connect(lambda: self._revert(None))
        self._changes.updated.connect(self._fill)
        self._changes.edited.connect(self._fill)
        add_shortcut(self, "Ctrl+Return", "Accept this change", self.toggle_accepted)
        self._fill()

    def _fill(self, _names: object = None) -> None:
        self.table.set_changes(self._changes.changes())
        if self._change is not None:
            self.rows.refresh(self._change.names)

    def _filter(self, **wanted: str | bool) -> None:
        self.table.filter(**wanted)  # pyright: ignore[reportArgumentType]

    def _on_reset(self) -> None:
        row_now = self.table.row_of(self._change.key) if self._change is not None else -1
        self.view.select_row(max(row_now, 0))
        if not self.table.rowCount():
            self._show(None)
        self._none.setText(self._summary())

    def _on_row(self, current: QModelIndex, _previous: QModelIndex) -> None:
        self._show(self.table.change(current.row()))

    def _show(self, change: Change | None) -> None:
        same = self._change is not None and change is not None and change.key == self._change.key
        self._change = change
        names = change.names if change is not None else []
        if not same or self.rows.keys() != names:
            # What lost words comes first: that is what has to be looked at.
            lossy = set(change.lossy) if change is not None else set()
            ordered = [n for n in names if n in lossy] + [n for n in names if n not in lossy]
            self.rows.set_keys(ordered, keep_ticks=same)
        count = len(names)
        self.title.setText(f"In {count} caption{'' if count == 1 else 's'}" if count else "")
        self._tell_ticks()

    def _summary(self) -> str:
        shown, hidden = self.table.rowCount(), self.table.hidden()
        accepted = self.table.accepted()
        parts = [f"{shown} change{'' if shown == 1 else 's'}"]
        parts += [f"{hidden} hidden"] if hidden else []
        parts += [f"{accepted} accepted"] if accepted else []
        before, after = self._changes.before.label, self._changes.after.label
        if not shown and not hidden:
            return f"Nothing changed between “{before}” and “{after}”."
        return ", ".join(parts)

    def _tell_ticks(self) -> None:
        total, ticked = self.rows.rowCount(), len(self.rows.checked())
        change, can = self._change, self._changes.can_revert
        self.ticks.setText("Tick none" if ticked == total else "Tick all")
        self.ticks.setVisible(total > 1)
        self.some.setText(f"Revert in {ticked} ticked")
        self.all.setText(f"Revert in all {total}")
        self.some.setEnabled(can and ticked > 0)
        self.some.setVisible(total > 1)
        self.all.setEnabled(can and total > 0)
        tip = "Put the earlier words back; one step that Undo brings back" if can else ONLY_NOW
        self.some.setToolTip(tip)
        self.all.setToolTip(tip)
        accepted = change is not None and self._changes.is_accepted(change)
        self.accept.setText("Open again" if accepted else "Accept")
        self.accept.setEnabled(change is not None)

    def _tick_all(self) -> None:
        self.rows.check_all(len(self.rows.checked()) < self.rows.rowCount())

    def _revert(self, names: list[str] | None) -> None:
        if self._change is not None:
            self._changes.revert_change(self._change, names)

    def _row(self, name: str) -> DiffRow:
        diff, change = self._changes.diff(name), self._change
        if diff is None or change is None:
            return DiffRow(stem(name))
        ids = {
            number
            for hunk in diff.hunks
            if (hunk.op, hunk.before, hunk.after) == change.key
            for number in hunk.ids
        }
        warning = f"lost {', '.join(diff.lost)}" if name in change.lossy else ""
        return DiffRow(stem(name), "", warning, shortened(excerpt(diff.pieces, ids, 36)))


class ChangeTableView(QTableView):
    """The table of distinct changes."""

    def __init__(self, model: ChangeTable) -> None:
        super().__init__()
        self.setModel(model)
        self.setItemDelegate(ChangeDelegate(self))
        self.setAccessibleName("Distinct changes")
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setMouseTracking(True)
        self.verticalHeader().hide()
        height = 2 * (self.fontMetrics().height() + 2) + 2 * PAD
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(height)
        header = self.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(CHANGE, QHeaderView.ResizeMode.Stretch)
        self.setColumnWidth(COUNT, 88)
        self.setColumnWidth(LOST, 132)
        self.setSortingEnabled(True)
        self.sortByColumn(COUNT, Qt.SortOrder.DescendingOrder)

    def select_row(self, number: int) -> None:
        """Make a row (or the last one) current."""
        last = self.model().rowCount() - 1
        if last >= 0:
            index = self.model().index(min(max(number, 0), last), CHANGE)
            self.setCurrentIndex(index)
            self.scrollTo(index)


class ChangeDelegate(QStyledItemDelegate):
    """Paints a change with its red and green words, its count, and the words lost."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(80, 2 * (option.fontMetrics.height() + 2) + 2 * PAD)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painter.save()
        colours = theme.tokens()
        rect = QRectF(option.rect)
        if option.state & QStyle.StateFlag.State_Selected and index.column() == CHANGE:
            painter.fillRect(QRectF(rect.left(), rect.top(), 3, rect.height()), colours.accent)
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, colours.raised)
        painter.setPen(QPen(colours.line, 1))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        box = rect.adjusted(PAD + 4 if index.column() == CHANGE else PAD, PAD, -PAD, -PAD + 2)
        if index.data(ChangeRole.ACCEPTED):
            painter.setOpacity(0.55)
        if index.column() == CHANGE:
            paint_diff(painter, box, index.data(ChangeRole.PIECES), theme.font(), centred=True)
        else:
            self._paint_words(painter, box, index)
        painter.restore()

    def _paint_words(self, painter: QPainter, box: QRectF, index: Index) -> None:
        colours = theme.tokens()
        is_count = index.column() == COUNT
        painter.setFont(theme.font(1.0, bold=is_count, tabular=True))
        painter.setPen(colours.text if is_count else colours.danger)
        words = str(index.data())
        change = index.data(ChangeRole.CHANGE)
        if not is_count and change.lossy and len(change.lossy) < change.count:
            words = f"in {len(change.lossy)}: {words}"
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap
        metrics = painter.fontMetrics()
        if (
            not is_count
            and metrics.boundingRect(box.toRect(), flags, words).height() > box.height()
        ):
            words = metrics.elidedText(words, Qt.TextElideMode.ElideRight, int(1.7 * box.width()))
        painter.drawText(box, flags, words)


def stem(name: str) -> str:
    """Return a caption's name without its suffix."""
    return str(PurePosixPath(name).with_suffix(""))


def open_caption(desk: CaptionDesk, name: str) -> None:
    """Open a caption on the edit page."""
    desk.show_page("edit")
    desk.show(name)
