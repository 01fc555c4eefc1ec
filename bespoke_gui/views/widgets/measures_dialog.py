"""Measures dialog: the whole vector of measures, epoch beside epoch, with the person's weights."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import (
    QButtonGroup,
    QDialog,
    QDoubleSpinBox,
    QHeaderView,
    QPushButton,
    QStackedWidget,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from bespoke_gui.qtmodels.measure_table import MOST, Cells, Figure, MeasureTable, Place
from bespoke_gui.views import theme
from bespoke_gui.views.shortcuts import add_shortcut
from bespoke_gui.views.widgets.parts import button, column, heading, muted, row
from bespoke_gui.views.widgets.radar_pane import RadarPane

ABOUT = (
    "A mean of each measure over prompts and seeds, with its 95% interval by bootstrap below. "
    '"Tie": the difference to the best may be chance. One column is no rank: no measure sees eyes, '
    "hats or likeness, which is why people look."
)
LINE, COLUMN, WEIGHT, NAMES = 42, 104, 92, 224


class FigureDelegate(QStyledItemDelegate):
    """A mean with its interval below; the best in the accent, ties named."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Place) -> QSize:
        return QSize(COLUMN, LINE)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Place) -> None:
        figure: Figure | None = index.data(Cells.FIGURE)
        if figure is None:
            super().paint(painter, option, index)
            return
        colours = theme.tokens()
        box = QRectF(option.rect).adjusted(7, 3, -7, -3)  # pyright: ignore[reportAttributeAccessIssue]
        if figure.standing == "best":
            painter.fillRect(option.rect, colours.accent_soft)  # pyright: ignore[reportAttributeAccessIssue]
        top = QRectF(box.left(), box.top(), box.width(), box.height() / 2)
        low = QRectF(box.left(), top.bottom(), box.width(), box.height() / 2)
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.setFont(theme.font(1.0, bold=bool(figure.standing), tabular=True))
        painter.setPen(colours.accent_text if figure.standing == "best" else colours.text)
        painter.drawText(top, left, figure.text)
        painter.setFont(theme.font(0.8, tabular=True))
        painter.setPen(colours.muted)
        painter.drawText(top, right, figure.standing)
        painter.drawText(low, left, figure.interval)


class MeasuresDialog(QDialog):
    """Stays open beside the verdict, which follows the weights at once."""

    def __init__(self, table: MeasureTable, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Measures")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.model = table
        self.boxes: dict[str, QDoubleSpinBox] = {}
        self.view = self._view()
        self.reset = button("Count all alike", "Give every measure the weight 1", "link")
        self.reset.clicked.connect(self._count_alike)
        close = button("Close", "The weights are kept already (Esc)", "primary")
        close.clicked.connect(self.accept)
        kept = muted("Weights are kept in the project's criteria.toml.", wrap=False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(10)
        self.pages, self.ways = QStackedWidget(), QButtonGroup(self)
        layout.addLayout(row(heading("Measures of every epoch", 1.25), None, *self._switch()))
        layout.addWidget(self.pages, 1)
        layout.addLayout(row(kept, self.reset, None, close))
        table.modelReset.connect(self._fill)
        table.dataChanged.connect(lambda *_: self._show_weights())
        self._fill()
        self._take_room()

    def _switch(self) -> list[QPushButton]:
        """Return the buttons for the two ways to look; the table says all the radar shows."""
        self.radar = RadarPane(self.model)
        table = QWidget()
        whole = column(muted(ABOUT), self.view, spacing=10)
        whole.setStretch(1, 1)
        table.setLayout(whole)
        found = []
        for number, (name, tip, key, page) in enumerate((
            ("Table", "Every figure, and the weights", "Ctrl+1", table),
            ("Radar", "Up to four epochs over each other", "Ctrl+2", self.radar),
        )):  # fmt: skip
            made = button(name, f"{tip} ({key})", "ghost")
            made.setCheckable(True)
            made.setChecked(number == 0)
            self.pages.addWidget(page)
            self.ways.addButton(made, number)
            add_shortcut(self, key, tip, made.click)
            found.append(made)
        self.ways.idClicked.connect(self.pages.setCurrentIndex)
        return found

    def _take_room(self) -> None:
        """As large as the table is, no larger than the window behind it."""
        columns = self.model.columnCount() - 1
        wide = NAMES + WEIGHT + columns * COLUMN + 60
        high = LINE * self.model.rowCount() + 190
        parent = self.parentWidget()
        behind = parent.window().size() if parent is not None else QSize(wide, high)
        self.resize(min(wide, behind.width() - 40), min(high, behind.height() - 60))

    def _view(self) -> QTableView:
        view = QTableView()
        view.setAccessibleName("Measures down, epochs across")
        view.setModel(self.model)
        view.setItemDelegate(FigureDelegate(view))
        view.setEditTriggers(QTableView.EditTrigger.NoEditTriggers)
        view.setSelectionMode(QTableView.SelectionMode.NoSelection)
        view.setShowGrid(False)
        view.setHorizontalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        view.setVerticalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        across, down = view.horizontalHeader(), view.verticalHeader()
        across.setDefaultSectionSize(COLUMN)
        across.resizeSection(0, WEIGHT)
        down.setDefaultSectionSize(LINE)
        down.setFixedWidth(NAMES)
        down.setStyleSheet("QHeaderView::section { border: none; padding: 0 7px; }")
        for header in (across, down):
            header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
            header.setHighlightSections(False)
        return view

    def _fill(self) -> None:
        """Put a box for the weight beside every measure that is ranked."""
        self.boxes.clear()
        for place, measure in enumerate(self.model.measures, 1):
            if not measure.ranked:
                continue
            box = QDoubleSpinBox(minimum=0, maximum=MOST, singleStep=0.5, decimals=1)
            box.setAccessibleName(f"Weight of {measure.title}")
            box.setToolTip("How much it counts in the weighted index; 0 leaves it out")
            box.setValue(self.model.weight(measure.name))
            index = self.model.index(place, 0)
            box.valueChanged.connect(lambda value, at=index: self.model.setData(at, value))
            holder, inner = QWidget(), row(box)
            inner.setContentsMargins(0, 5, 12, 5)
            holder.setLayout(inner)
            self.view.setIndexWidget(index, holder)
            self.boxes[measure.name] = box

    def _show_weights(self) -> None:
        for name, box in self.boxes.items():
            if not box.hasFocus() and box.value() != self.model.weight(name):
                box.blockSignals(True)
                box.setValue(self.model.weight(name))
                box.blockSignals(False)

    def _count_alike(self) -> None:
        for box in self.boxes.values():
            box.setValue(1.0)
