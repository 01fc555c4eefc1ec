"""Image strip: the set in one row of native thumbnails, to choose one from."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QWidget

from bespoke_gui.qtmodels.image_list_model import ImageListModel
from bespoke_gui.views.widgets.image_cells import MARGIN, NAME_HEIGHT
from bespoke_gui.views.widgets.image_list import ImageList

CELL = 96


class ImageStrip(ImageList):
    """An ImageList of one row that scrolls sideways."""

    hint = QAbstractItemView.ScrollHint.PositionAtCenter

    def __init__(self, model: ImageListModel, parent: QWidget | None = None) -> None:
        super().__init__(model, CELL, sideways=True, parent=parent)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFixedHeight(CELL + 2 * MARGIN + NAME_HEIGHT + 16)
