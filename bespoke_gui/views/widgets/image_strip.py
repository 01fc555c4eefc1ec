"""Image strip: the set in one row of native thumbnails, to choose one from."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QListView, QWidget

from bespoke_gui.qtmodels.image_list_model import ImageFilter, ImageListModel
from bespoke_gui.views.widgets.image_list import MARGIN, NAME_HEIGHT, ImageList

CELL = 96


class ImageStrip(ImageList):
    """An ImageList of one row that scrolls sideways."""

    hint = QListView.ScrollHint.PositionAtCenter

    def __init__(
        self, model: ImageListModel, shown: ImageFilter, parent: QWidget | None = None
    ) -> None:
        super().__init__(model, shown, CELL, parent)
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setFixedHeight(CELL + 2 * MARGIN + NAME_HEIGHT + 16)

    def resizeEvent(self, event: QResizeEvent) -> None:
        QListView.resizeEvent(self, event)
        self.setGridSize(QSize(CELL + 2 * MARGIN, CELL + 2 * MARGIN + NAME_HEIGHT))
