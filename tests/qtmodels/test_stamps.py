"""Stamps: each place shows its tile pixel by pixel, whatever the shape of the plan."""

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage

from bespoke_gui.qtmodels.stamps import FORMAT, Stamps


def tiles(side, count):
    rng = np.random.default_rng(side)
    made = []
    for _ in range(count):
        tile = QImage(side, side, FORMAT)
        for x in range(side):
            for y in range(side):
                tile.setPixelColor(x, y, QColor(*(int(one) for one in rng.integers(0, 256, 3))))
        made.append(tile)
    return made


@pytest.mark.parametrize(
    ("side", "rows", "columns"), [(1, 3, 4), (3, 5, 7), (4, 24, 24), (7, 1, 1)]
)
def test_each_place_shows_its_tile(qapp, side, rows, columns):
    made = tiles(side, 4)
    codes = np.random.default_rng(5).integers(0, 4, (rows, columns))
    image = Stamps(made).laid(codes)
    assert (image.width(), image.height()) == (columns * side, rows * side)
    for row in range(rows):
        for column in range(columns):
            place = image.copy(column * side, row * side, side, side)
            assert place == made[codes[row, column]]


def test_a_laid_picture_outlives_its_stamps(qapp):
    made = tiles(2, 1)
    image = Stamps(made).laid(np.zeros((2, 2), np.uint8))
    expected = made.pop().copy()
    assert image.copy(2, 2, 2, 2) == expected
