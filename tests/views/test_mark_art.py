"""Mark art: every marked cell carries its stamp, no other cell is touched, at every zoom."""

import numpy as np
import pytest

from bespoke_gui.core.picture_marks import PictureMarks
from bespoke_gui.views.widgets.mark_art import DOT, FRAME, OFF_PALETTE, STRAYS, draw


def marks():
    off, strays = np.zeros((5, 7), bool), np.zeros((5, 7), bool)
    off[1, 2] = off[4, 6] = strays[0, 0] = strays[1, 2] = True
    return PictureMarks(off, strays)


def touched(image, zoom):
    """Cells (row, column) with anything drawn in them."""
    places = ((x, y) for x in range(image.width()) for y in range(image.height()))
    return {(y // zoom, x // zoom) for x, y in places if image.pixelColor(x, y).alpha()}


@pytest.mark.parametrize("zoom", [3, 4, 8, 15])
def test_marked_cells_and_no_others_are_drawn_in(qapp, zoom):
    image = draw(marks(), frozenset({OFF_PALETTE}), zoom)
    assert (image.width(), image.height()) == (7 * zoom, 5 * zoom)
    assert touched(image, zoom) == {(1, 2), (4, 6)}
    assert image.pixelColor(2 * zoom + zoom // 2, zoom + zoom // 2) == DOT
    image = draw(marks(), frozenset({STRAYS}), zoom)
    assert touched(image, zoom) == {(0, 0), (1, 2)}
    assert image.pixelColor(0, 0) == FRAME


def test_a_cell_with_both_marks_shows_both(qapp):
    image = draw(marks(), frozenset({OFF_PALETTE, STRAYS}), 8)
    assert image.pixelColor(20, 12) == DOT
    assert image.pixelColor(16, 8) == FRAME
    assert not touched(draw(marks(), frozenset(), 8), 8)
