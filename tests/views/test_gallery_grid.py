"""Gallery grid: crisp at every display scale, keyboard, headers that stay, visible cells only."""

import os
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from bespoke_gui.core.gallery import open_gallery
from bespoke_gui.qtmodels.gallery_facts import native_reader
from bespoke_gui.qtmodels.gallery_model import GalleryModel
from bespoke_gui.views import theme
from bespoke_gui.views.widgets.gallery_grid import HEAD_HEIGHT, HEAD_WIDTH, GalleryGrid

SCALES = """
import sys
from pathlib import Path
from PySide6.QtWidgets import QApplication
app = QApplication([])
from PySide6.QtGui import QColor, QImage
import numpy as np
from bespoke_gui.core.gallery import open_gallery
from bespoke_gui.qtmodels import tasks
from bespoke_gui.qtmodels.gallery_facts import native_reader
from bespoke_gui.qtmodels.gallery_model import GalleryModel
from bespoke_gui.views.widgets.gallery_grid import GalleryGrid
tasks.use(tasks.SynchronousPool())
model, grid = GalleryModel(), GalleryGrid()
grid.set_model(model)
model.show(open_gallery(Path(sys.argv[1])), native_reader(24, "median"))
grid.resize(700, 500)
grid.show()
ratio = grid.devicePixelRatioF()
for _ in range(3):
    image = grid.viewport().grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
bits = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
pixels = bits[:, : image.width() * 3].reshape(image.height(), image.width(), 3)
side = int(96 * ratio / 24)
wrong = 0
for row, column in ((0, 0), (0, 1), (1, 0)):
    frame = grid.cell_rect(row, column)
    x, y = round(frame.left() * ratio), round(frame.top() * ratio)
    source = model.native(row, column).image
    for v in range(24):
        for u in range(24):
            want = source.pixelColor(u, v).getRgb()[:3]
            block = pixels[y + v * side : y + (v + 1) * side, x + u * side : x + (u + 1) * side]
            wrong += int((block != want).any(axis=-1).sum())
print(ratio, side, wrong)
"""


def write_grid(folder, epochs, prompts, size=24):
    rng = np.random.default_rng(5)
    for epoch in range(1, epochs + 1):
        path = folder / f"epoch_{epoch:03d}"
        path.mkdir(parents=True)
        for prompt in range(prompts):
            cells = rng.integers(0, 256, (24, 24, 3), np.uint8)
            image = Image.fromarray(cells).resize((size, size), Image.Resampling.NEAREST)
            image.save(path / f"prompt_{chr(97 + prompt)}.png")
    return folder


@pytest.fixture
def grid(qtbot, tmp_path):
    model = GalleryModel()
    grid = GalleryGrid()
    qtbot.addWidget(grid)
    grid.set_model(model)
    model.show(open_gallery(write_grid(tmp_path / "g", 30, 12)), native_reader(24, "median"))
    grid.resize(HEAD_WIDTH + 4 * 108 + 14, HEAD_HEIGHT + 3 * 130)
    grid.show()
    grid.model = model
    return grid


@pytest.mark.parametrize("scale", ["1", "1.25", "1.5", "2"])
def test_every_pixel_is_a_whole_block_at_every_display_scale(tmp_path, root, scale):
    folder = write_grid(tmp_path / "g", 2, 2)
    environment = os.environ | {
        "QT_QPA_PLATFORM": "offscreen", "QT_SCALE_FACTOR": scale, "PYTHONPATH": str(root),
    }  # fmt: skip
    answer = subprocess.run(
        [sys.executable, "-c", SCALES, str(folder)], env=environment, capture_output=True,
        text=True, timeout=120, check=False,
    )  # fmt: skip
    assert answer.stdout.split() == [str(float(scale)), str(int(4 * float(scale))), "0"], (
        answer.stderr
    )


def test_keys_go_to_prompts_and_epochs(grid):
    places = []
    grid.current_changed.connect(lambda row, column: places.append((row, column)))
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Up):
        QTest.keyClick(grid, key)
    assert places == [(0, 1), (1, 1), (1, 0), (0, 0)]
    QTest.keyClick(grid, Qt.Key.Key_Up)
    QTest.keyClick(grid, Qt.Key.Key_Left)
    assert len(places) == 4
    QTest.keyClick(grid, Qt.Key.Key_End, Qt.KeyboardModifier.ControlModifier)
    assert places[-1] == (29, 11)
    assert grid.cell_rect(29, 11).right() < grid.viewport().width()
    assert grid.cell_rect(29, 11).bottom() < grid.viewport().height()
    QTest.keyClick(grid, Qt.Key.Key_Home, Qt.KeyboardModifier.ControlModifier)
    assert grid.horizontalScrollBar().value() == grid.verticalScrollBar().value() == 0


def test_only_what_is_on_screen_is_loaded(grid):
    grid.viewport().grab()
    loaded = len(grid.model.loader._ready)
    assert 12 <= loaded <= 25
    grid.verticalScrollBar().setValue(grid.verticalScrollBar().maximum())
    grid.viewport().grab()
    assert loaded < len(grid.model.loader._ready) <= 2 * loaded + 10


def test_headers_stay_while_cells_scroll(grid):
    def corner():
        image = grid.viewport().grab().toImage()
        return [image.pixelColor(x, 2).name() for x in range(HEAD_WIDTH, image.width(), 7)] + [
            image.pixelColor(4, y).name() for y in range(HEAD_HEIGHT, image.height(), 7)
        ]

    surface = theme.tokens().surface.name()
    for value in (0, 37, 300):
        grid.horizontalScrollBar().setValue(value)
        grid.verticalScrollBar().setValue(value)
        assert set(corner()) == {surface}


def test_the_outline_never_covers_the_picture(grid):
    grid.setFocus()
    grid.set_current(1, 1)
    grid.viewport().grab()
    image = grid.viewport().grab().toImage()
    frame, source = grid.cell_rect(1, 1), grid.model.native(1, 1).image
    for u in range(24):
        assert image.pixelColor(frame.left() + 4 * u, frame.top()) == source.pixelColor(u, 0)
        at = (frame.left() + 4 * u + 3, frame.bottom())
        assert image.pixelColor(*at) == source.pixelColor(u, 23)
    accent = theme.tokens().accent
    assert image.pixelColor(frame.left() - 3, frame.center().y()) == accent


def test_zoom_by_keys_keeps_whole_multiples_and_the_place(grid):
    grid.set_current(20, 7)
    QTest.keyClick(grid, Qt.Key.Key_Plus)
    assert grid.zoom == 192
    assert grid.viewport().rect().intersects(grid.cell_rect(20, 7))
    QTest.keyClick(grid, Qt.Key.Key_Minus)
    QTest.keyClick(grid, Qt.Key.Key_Minus)
    assert grid.zoom == 96


def test_a_click_chooses_a_cell_and_the_header_does_not(grid):
    QTest.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=grid.cell_rect(2, 3).center())
    assert (grid.row, grid.column) == (2, 3)
    assert "epoch 3" in grid.accessibleDescription()
    QTest.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(10, 10))
    assert (grid.row, grid.column) == (2, 3)


def test_an_empty_gallery_paints_nothing_and_takes_keys(qtbot):
    grid, model = GalleryGrid(), GalleryModel()
    qtbot.addWidget(grid)
    grid.set_model(model)
    model.show(None, native_reader(24, "median"))
    grid.show()
    QTest.keyClick(grid, Qt.Key.Key_Down)
    QTest.keyClick(grid, Qt.Key.Key_End)
    grid.grab()
    assert grid.row == -1
