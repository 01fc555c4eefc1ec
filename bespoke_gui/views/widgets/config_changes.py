"""Changes of a config: what differs from its file, an earlier version or another config."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from bespoke_gui.core.config.compare import Change
from bespoke_gui.core.config.option_words import described_options
from bespoke_gui.core.config.values import written
from bespoke_gui.qtmodels.config_comparison import SAVED, ConfigComparison
from bespoke_gui.qtmodels.rows import Index
from bespoke_gui.views import theme
from bespoke_gui.views.widgets.choice_box import ChoiceBox
from bespoke_gui.views.widgets.parts import button, heading, muted, row

SIGNS = {"changed": "changed", "added": "added", "removed": "removed"}
COLUMNS = ("Option", "Before", "Now", "What it means")
SHARES = (0.25, 0.18, 0.18)
NOT_SET = "not set"
NOTE = 3


class ConfigChanges(QWidget):
    """A row for each difference. `chosen` names an option to go to."""

    chosen = Signal(str)

    def __init__(self, comparison: ConfigComparison, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._comparison = comparison
        self.sides = ChoiceBox()
        self.sides.setAccessibleName("Compared with")
        self.sides.setToolTip("The saved file, an earlier version, or another config")
        self.sides.setSizeAdjustPolicy(
            ChoiceBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.sides.setMinimumContentsLength(12)
        self.sides.activated.connect(self._on_side)
        self.words = heading("", 1.1)
        self.table = self._table()
        self.note = muted()
        self.back = button(
            "Put back", "Give the chosen options the values of the other side", icon="revert"
        )
        self.back.clicked.connect(self._put_back)
        head = row(muted("Compared with", wrap=False), self.sides)
        head.setStretch(1, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(head)
        layout.addWidget(self.words)
        layout.addWidget(self.table, 1)
        foot = row(self.note, self.back)
        foot.setStretch(0, 1)
        layout.addLayout(foot)
        comparison.updated.connect(self.refresh)
        comparison.sides_changed.connect(self._fill_sides)
        self._fill_sides()
        self.refresh()

    def refresh(self) -> None:
        """Show the differences as they are now."""
        diff, problem = self._comparison.diff, self._comparison.problem
        self.words.setText(problem or _capital(diff.words))
        self.table.clear()
        for change in diff.changes:
            self.table.addTopLevelItem(_item(change))
        self._on_selected()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        for column, share in enumerate(SHARES):
            self.table.header().resizeSection(column, round(share * self.width()))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.refresh()

    def _fill_sides(self) -> None:
        self.sides.clear()
        self.sides.addItem(SAVED, None)
        for side in self._comparison.sides:
            self.sides.addItem(side.title, side)
        chosen = self._comparison.side
        titles = [side.title for side in self._comparison.sides]
        place = titles.index(chosen.title) + 1 if chosen and chosen.title in titles else 0
        self.sides.setCurrentIndex(place)

    def _on_side(self, index: int) -> None:
        self._comparison.compare_with(self.sides.itemData(index))

    def _on_selected(self) -> None:
        chosen = self.table.selectedItems()
        self.back.setEnabled(bool(chosen))
        idle = self._comparison.diff.without_effect
        legend = "Grey: the trainer does the same before and after." if idle else ""
        self.note.setText(chosen[0].text(NOTE) if chosen else legend)

    def _put_back(self) -> None:
        for item in self.table.selectedItems():
            self._comparison.put_back(item.data(0, Qt.ItemDataRole.UserRole))

    def _table(self) -> QTreeWidget:
        table = QTreeWidget()
        table.setColumnCount(len(COLUMNS))
        table.setHeaderLabels(COLUMNS)
        table.setRootIsDecorated(False)
        table.setUniformRowHeights(True)
        table.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        table.setAccessibleName("Changes")
        header = table.header()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setStretchLastSection(True)
        table.setItemDelegateForColumn(NOTE, _Sentences(table))
        table.itemSelectionChanged.connect(self._on_selected)
        table.itemActivated.connect(
            lambda item: self.chosen.emit(item.data(0, Qt.ItemDataRole.UserRole).key)
        )
        return table


class _Sentences(QStyledItemDelegate):
    """Shortens sentences at their end; names and paths are shortened in the middle."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        super().initStyleOption(option, index)
        # Attributes of a C++ struct, which pyright cannot see.
        option.textElideMode = Qt.TextElideMode.ElideRight  # pyright: ignore[reportAttributeAccessIssue]


def _item(change: Change) -> QTreeWidgetItem:
    colours = theme.tokens()
    described = described_options().get(change.key)
    label = described.label if described else ""
    words = [change.key, _shown(change.before), _shown(change.after), _note(change)]
    item = QTreeWidgetItem(words)
    item.setData(0, Qt.ItemDataRole.UserRole, change)
    item.setToolTip(0, f"{label} ({SIGNS[change.kind]})" if label else SIGNS[change.kind])
    for column in (1, 2, 3):
        item.setToolTip(column, words[column])
    if not change.counts:
        for column in range(len(COLUMNS)):
            item.setForeground(column, colours.muted)
    else:
        item.setFont(0, theme.font(1.0, bold=True))
        if change.kind != "added":
            item.setForeground(1, colours.diff_removed)
        if change.kind != "removed":
            item.setForeground(2, colours.diff_added)
    return item


def _note(change: Change) -> str:
    if change.no_effect:
        return f"no effect: {change.no_effect}"
    described = described_options().get(change.key)
    about = f"{described.label}: {described.help.split('. ')[0].rstrip('.')}" if described else ""
    return change.meaning or about.removeprefix(": ")


def _shown(value: Any) -> str:
    return NOT_SET if value is None else written(value).replace("\n", ", ")


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
