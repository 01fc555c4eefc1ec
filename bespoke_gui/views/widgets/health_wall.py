"""Wall of the Images page: the images something is true of, with words for it above them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from bespoke_gui.qtmodels.health_model import HealthModel
from bespoke_gui.qtmodels.image_list_model import ImageListModel
from bespoke_gui.qtmodels.prepare_desk import PrepareDesk
from bespoke_gui.views.shortcuts import add_shortcut
from bespoke_gui.views.widgets.image_list import ImageList
from bespoke_gui.views.widgets.parts import button, elided, row

CELL = 72


class HealthWall(QWidget):
    """Click makes an image the current one, Enter or a double click opens its caption."""

    all_wanted = Signal()

    def __init__(self, model: HealthModel, desk: PrepareDesk, cell: int = CELL) -> None:
        super().__init__()
        self._model = model
        self._desk = desk
        self._title = elided(bold=True)
        self.show_all = button("Show all", "Show all images again", "link-line")
        self.show_all.clicked.connect(self.all_wanted)
        kept = self.show_all.sizePolicy()
        kept.setRetainSizeWhenHidden(True)  # the list must not jump when it comes and goes
        self.show_all.setSizePolicy(kept)
        self.list = ImageList(ImageListModel(desk.session.thumbnails, parent=self), cell)
        self.list.chosen.connect(desk.show)
        self.list.doubleClicked.connect(self._open)
        add_shortcut(self.list, "Return", "Open the caption", lambda: self._open())
        add_shortcut(self.list, "Del", "Exclude the image", self._exclude)
        self.list.setToolTip("Double click: open the caption. Del: exclude the image.")
        head = row(self._title, self.show_all)
        head.setStretch(0, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(head)
        layout.addWidget(self.list, 1)

    def show_names(self, words: str, names: Sequence[str], is_part: bool = False) -> None:
        """Show these images; `is_part`: offer to show all again."""
        self._title.setText(words)
        self._title.setToolTip(words)
        self.show_all.setVisible(is_part)
        images = self.list.model()
        if isinstance(images, ImageListModel):
            images.set_items(self._model.items(names))

    def names(self) -> list[str]:
        """Return the names that are shown."""
        images = self.list.model()
        return images.names() if isinstance(images, ImageListModel) else []

    def _open(self, index: QModelIndex | None = None) -> None:
        name = self.list.current_name()
        if name:
            self._desk.session.show_caption(name)

    def _exclude(self) -> None:
        name = self.list.current_name()
        if name:
            self._model.exclude(name)
