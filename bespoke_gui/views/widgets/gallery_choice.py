"""Gallery choice: which images of the grid are chosen for export, and how many."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from bespoke_gui.core.gallery import GalleryImage
from bespoke_gui.qtmodels.gallery_desk import GalleryDesk
from bespoke_gui.qtmodels.gallery_model import GalleryModel
from bespoke_gui.views.shortcuts import add_shortcut
from bespoke_gui.views.widgets.gallery_grid import GalleryGrid
from bespoke_gui.views.widgets.parts import button, figure, row


class GalleryChoice(QWidget):
    """Shown while something is chosen: how many, export them, choose none."""

    def __init__(self, desk: GalleryDesk, grid: GalleryGrid, model: GalleryModel) -> None:
        super().__init__()
        self._desk, self._grid, self._model = desk, grid, model
        self.count = figure()
        self.export = button("Export…", "Write the chosen images as pixel art", "link")
        self.clear = button("Clear", "Choose none (Esc)", "link")
        self.setLayout(row(self.count, self.export, self.clear, spacing=6))
        self.export.clicked.connect(desk.export_wanted)
        self.clear.clicked.connect(desk.chosen.clear)
        grid.toggled.connect(lambda row_, column: self._toggle([(row_, column)]))
        grid.row_toggled.connect(self.toggle_epoch)
        grid.ranged.connect(self._add_range)
        desk.chosen.changed.connect(self._show)
        model.modelReset.connect(self._show)
        self._keys()
        self._show()

    def toggle_epoch(self, row_: int) -> None:
        """Choose every image of an epoch, all its seeds too, or none of them."""
        if self._model.gallery is not None and row_ >= 0:
            epoch = self._model.epoch(row_)
            images = self._model.gallery.images()
            self._desk.chosen.toggle(image for image in images if image.epoch == epoch)

    def _toggle(self, cells: list[tuple[int, int]]) -> None:
        self._desk.chosen.toggle(self._images(cells))

    def _add_range(self, top: int, left: int, bottom: int, right: int) -> None:
        cells = [(r, c) for r in range(top, bottom + 1) for c in range(left, right + 1)]
        self._desk.chosen.add(self._images(cells))

    def _choose_all(self) -> None:
        rows, columns = self._model.rowCount(), self._model.columnCount()
        if rows and columns:
            self._add_range(0, 0, rows - 1, columns - 1)

    def _images(self, cells: list[tuple[int, int]]) -> list[GalleryImage]:
        return [image for cell in cells if (image := self._model.image(*cell)) is not None]

    def _show(self) -> None:
        chosen, count = self._desk.chosen, len(self._desk.chosen)
        self.setVisible(count > 0)
        self.count.setText(f"{count} chosen")
        rows, columns = self._model.rowCount(), self._model.columnCount()
        cells = ((r, c) for r in range(rows) for c in range(columns)) if count else ()
        self._grid.set_chosen(frozenset(
            cell for cell in cells if (image := self._model.image(*cell)) and image in chosen
        ))  # fmt: skip

    def _keys(self) -> None:
        add_shortcut(self._grid, "Ctrl+A", "Choose every image shown, for export", self._choose_all)
        add_shortcut(self._grid, "Shift+Space", "Choose the whole epoch, for export",
                     lambda: self.toggle_epoch(self._grid.row))  # fmt: skip
        add_shortcut(self._grid, "Space", "Choose the image for export, or no longer",
                     lambda: self._toggle([(self._grid.row, self._grid.column)]))  # fmt: skip
        add_shortcut(self._grid, "Esc", "Choose no image", self._desk.chosen.clear)
