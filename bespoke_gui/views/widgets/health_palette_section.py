"""Palette section: every colour of the set, who uses it, and the palette as a file."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QVBoxLayout, QWidget

from bespoke_gui.qtmodels import wording
from bespoke_gui.qtmodels.health_model import HealthModel
from bespoke_gui.qtmodels.prepare_desk import PrepareDesk
from bespoke_gui.views.widgets.health_wall import HealthWall
from bespoke_gui.views.widgets.parts import (
    button,
    card,
    column,
    elided,
    heading,
    muted,
    row,
    scrolling,
    splitter,
)
from bespoke_gui.views.widgets.swatches import Swatches

FORMATS = "GIMP palette (*.gpl);;List of hex codes (*.hex);;PNG strip (*.png)"
MERGED, APART = 0.02, 0.0


class HealthPaletteSection(QWidget):
    """Swatches by hue and lightness; the one chosen tells where it is used."""

    def __init__(self, model: HealthModel, desk: PrepareDesk) -> None:
        super().__init__()
        self._model = model
        self._desk = desk
        self._count = elided(bold=True)
        self.merge = QCheckBox("Near colours as one")
        self.merge.setToolTip("Colours nearer than 0.02 in OKLab, which the eye hardly tells apart")
        self.merge.setChecked(True)
        self.merge.toggled.connect(lambda on: model.show_palette(MERGED if on else APART))
        self.export = button("Export…", "Write the palette as .gpl, .hex or .png", icon="download")
        self.export.clicked.connect(self._export)
        self.swatches = Swatches("Colours of the set")
        self.swatches.chosen.connect(self._on_chosen)
        self._chip = Swatches("The colour chosen", step=50)
        self._chip.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._chip.setMinimumWidth(50)
        self._code, self._uses = heading("", 1.25), muted()
        self._code.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._near_title = muted()
        self.near = Swatches("Colours it stands for", step=18)
        self.wall = HealthWall(model, desk)
        self._lay_out()
        model.users_found.connect(self._on_users)
        model.palette_changed.connect(lambda _: self._show())

    def _lay_out(self) -> None:
        head = row(self._count, self.merge, self.export, spacing=12)
        head.setStretch(0, 1)
        page = QWidget()
        page.setLayout(column(self.swatches, None))
        left = card(column(head, scrolling(page)), 12)
        words = QWidget()
        words.setLayout(column(self._code, self._uses, spacing=2))
        first = row(self._chip, words, spacing=12)
        first.setStretch(1, 1)
        self._chip.setFixedSize(50, 50)
        near = QWidget()
        near.setLayout(column(self._near_title, self.near, spacing=4))
        self._near = near
        right = card(column(first, near, self.wall), 12)
        right.setMinimumWidth(300)
        whole = splitter(Qt.Orientation.Horizontal, (left, right), (3, 2))
        whole.setSizes([800, 480])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(whole)

    def refresh(self) -> None:
        """Show the palette that was found."""
        if not self.merge.isChecked() and self._model.health is not None:
            self._model.show_palette(APART)
        else:
            self._show()

    def _show(self) -> None:
        palette = self._model.palette
        if palette is None:
            return
        codes = [colour.code for colour in palette.colours]
        self.swatches.show_colours(codes, [_words(colour) for colour in palette.colours])
        text = wording.count(len(codes), "colour")
        if palette.tau:
            text += f", {palette.unique:,} with near ones apart"
        self._count.setText(text)
        self._count.setToolTip(f"{text}, in {wording.count(palette.images, 'image')}")
        self.export.setEnabled(bool(codes))
        self._on_chosen(-1)
        most = max(range(len(codes)), key=lambda place: palette.colours[place].images, default=-1)
        self.swatches.choose(most)

    def _on_chosen(self, place: int) -> None:
        palette = self._model.palette
        if palette is None or place < 0:
            self._code.setText("")
            self._uses.setText("")
            self._near.hide()
            self.wall.show_names("", [])
            return
        colour = palette.colours[place]
        self._chip.show_colours([colour.code], [_words(colour)])
        self._code.setText(f"#{colour.code:06x}")
        cells = wording.count(colour.cells, "cell")
        self._uses.setText(f"{cells} in {wording.count(colour.images, 'image')}")
        others = [code for code in colour.members if code != colour.code]
        self._near.setVisible(bool(others))
        self._near_title.setText(f"Stands for {wording.count(len(others), 'near colour')} as well:")
        self.near.show_colours(others, [f"#{code:06x}" for code in others])
        self._model.find_users(colour)

    def _on_users(self, code: int, names: list[str]) -> None:
        if self._code.text() == f"#{code:06x}":
            self.wall.show_names("Images that use it", names)

    def _export(self) -> None:
        session = self._desk.session
        folder = session.project.folder if session.project else Path.home()
        start = str(folder / "palette.gpl")
        path = session.ask.save_file("Export the palette", FORMATS, start)
        if path is not None:
            self._model.export_palette(path if path.suffix else path.with_suffix(".gpl"))


def _words(colour) -> str:
    images = wording.count(colour.images, "image")
    return f"#{colour.code:06x}: {wording.count(colour.cells, 'cell')} in {images}"
