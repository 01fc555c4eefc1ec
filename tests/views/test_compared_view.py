"""Compared views: a cell stands at the same place in both images, at any zoom and display scale."""

import os
import subprocess
import sys

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QHBoxLayout, QWidget

from bespoke_gui.views.widgets.compared_view import ComparedView, SharedScale
from tests.qt_fixtures import draw_portrait

CELLS = QSize(24, 24)


@pytest.fixture
def pair(qtbot):
    """Source at 512, result at 384, side by side, as the Prepare room shows them."""
    window = QWidget()
    qtbot.addWidget(window)
    scale = SharedScale(window)
    views = [ComparedView(scale), ComparedView(scale)]
    layout = QHBoxLayout(window)
    for view, size in zip(views, (512, 384), strict=True):
        layout.addWidget(view)
        view.set_image(np.asarray(draw_portrait(3, size)))
    scale.show_sizes(QSize(512, 512), CELLS)
    window.resize(700, 340)
    window.show()
    yield scale, *views
    window.close()


def shot(view):
    image = view.grab().toImage().convertToFormat(view.image().format())
    return np.array(
        [[image.pixelColor(x, y).getRgb()[:3] for x in range(image.width())]
         for y in range(image.height())], np.uint8,
    )  # fmt: skip


def test_both_are_shown_wholly_at_whole_cells(pair):
    _, before, after = pair
    box = before.target_pixels()
    assert box.size() == after.target_pixels().size()
    assert box.width() % 24 == 0
    assert before.rect().contains(box)
    assert box.width() + 24 > min(before.width(), before.height())


def test_every_cell_has_one_colour_at_the_same_place(pair):
    _, before, after = pair
    native = np.asarray(draw_portrait(3))
    for view in (before, after):
        pixels = shot(view)
        for y in range(24):
            for x in range(24):
                box = view.cell_box(x, y, 24, 24)
                assert box == before.cell_box(x, y, 24, 24)
                seen = pixels[box.top() : box.bottom() + 1, box.left() : box.right() + 1]
                assert (seen == native[y, x]).all(), (x, y)


def test_zoomed_in_source_pixels_are_whole_and_out_of_it_all_fits_again(pair):
    _, before, after = pair
    fitted = before.extent()
    QTest.keyClick(before, Qt.Key.Key_Plus)
    assert before.extent() == after.extent() == QSize(512, 512)
    QTest.keyClick(after, Qt.Key.Key_Plus)
    assert before.extent() == after.extent() == QSize(1024, 1024)
    for _ in range(3):
        QTest.keyClick(before, Qt.Key.Key_Minus)
    assert before.extent() == after.extent() == fitted


def test_fitting_again_centres_both(pair):
    _, before, after = pair
    before.moved.connect(after.move_to)
    after.moved.connect(before.move_to)
    before.step_zoom(2)
    before.move_to(QPointF(40, 9))
    QTest.mouseDClick(before, Qt.MouseButton.LeftButton, pos=QPoint(20, 20))
    assert before.target_pixels() == after.target_pixels()
    assert before.rect().contains(after.target_pixels())


def test_a_small_source_keeps_whole_pixels_when_fitted(pair):
    scale, before, _ = pair
    before.set_image(np.asarray(draw_portrait(3, 96)))
    scale.show_sizes(QSize(96, 96), CELLS)
    assert before.extent().width() % 96 == 0


def test_without_a_grid_the_pixels_are_whole(pair):
    scale, before, _ = pair
    scale.show_sizes(QSize(100, 50), QSize(0, 0))
    assert before.extent().width() % 100 == 0
    assert before.extent().width() == 2 * before.extent().height()


CRISP = """
import sys
import numpy as np
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QApplication, QWidget
sys.path.insert(0, {root!r})
from bespoke_gui.views.widgets.compared_view import ComparedView, SharedScale
from tests.qt_fixtures import draw_portrait
app = QApplication([])
window = QWidget()
window.resize(701, 333)
scale = SharedScale(window)
native = np.asarray(draw_portrait(3))
views = []
for left, size in ((11, 512), (353, 384)):
    view = ComparedView(scale)
    view.setParent(window)
    view.setGeometry(left, 17, 301, 277)
    view.set_image(np.asarray(draw_portrait(3, size)))
    views.append(view)
scale.show_sizes(QSize(512, 512), QSize(24, 24))
window.show()
for view in views:
    image = view.grab().toImage()
    for y in range(24):
        for x in range(24):
            box = view.cell_box(x, y, 24, 24)
            assert box.width() == box.height() == views[0].cell_box(0, 0, 24, 24).width()
            for px in range(box.left(), box.right() + 1):
                for py in range(box.top(), box.bottom() + 1):
                    seen = image.pixelColor(px, py).getRgb()[:3]
                    assert seen == tuple(native[y, x]), (x, y, px, py, seen)
print("crisp", view.devicePixelRatioF())
"""


@pytest.mark.parametrize("scale", ["1.25", "1.5", "2"])
def test_cells_are_exact_at_every_display_scale(scale, root):
    environ = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "QT_SCALE_FACTOR": scale}
    code = CRISP.format(root=str(root))
    done = subprocess.run(
        [sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=False
    )
    assert done.stdout.split() == ["crisp", str(float(scale))], done.stderr
