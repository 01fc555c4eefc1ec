"""Mark art: marked cells carry their stamp, others are untouched, each shows its own colour."""

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from bespoke_gui.core.picture_marks import PictureMarks
from bespoke_gui.views.widgets import mark_art
from bespoke_gui.views.widgets.mark_art import CORNER, DOT, OFF_PALETTE, STRAYS, MarkArt

BOTH = frozenset({OFF_PALETTE, STRAYS})


def marks():
    off, strays = np.zeros((5, 7), bool), np.zeros((5, 7), bool)
    off[1, 2] = off[4, 6] = strays[0, 0] = strays[1, 2] = True
    return PictureMarks(off, strays)


def draw(marks, kinds, zoom):
    return MarkArt().image(marks, kinds, zoom)


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
    last = zoom - 1
    assert image.pixelColor(0, 0) == image.pixelColor(last, last) == CORNER
    other = CORNER if zoom > 8 else mark_art.RIM
    assert image.pixelColor(last, 0) == image.pixelColor(0, last) == other


def test_a_cell_with_both_marks_shows_both(qapp):
    image = draw(marks(), BOTH, 8)
    assert image.pixelColor(20, 12) == DOT
    assert image.pixelColor(16, 8) == CORNER
    assert not touched(draw(marks(), frozenset(), 8), 8)


@pytest.mark.parametrize("zoom", [3, 4, 5, 6, 8, 12, 15, 16, 24])
def test_between_its_marks_a_cell_shows_its_own_colour_and_nothing_mixed(qapp, zoom):
    everywhere = np.ones((4, 4), bool)
    native = QImage(4, 4, QImage.Format.Format_RGB32)
    native.fill(QColor(10, 200, 30))
    shown = QImage(4 * zoom, 4 * zoom, QImage.Format.Format_RGB32)
    painter = QPainter(shown)
    painter.drawImage(shown.rect(), native)
    MarkArt().paint(painter, QRectF(shown.rect()), PictureMarks(everywhere, everywhere), BOTH)
    painter.end()
    cell = [shown.pixelColor(zoom + x, zoom + y) for x in range(zoom) for y in range(zoom)]
    assert cell.count(QColor(10, 200, 30)) >= 0.4 * zoom * zoom
    allowed = (DOT, CORNER, mark_art.RIM, QColor(10, 200, 30))
    assert all(colour in allowed for colour in cell)


def test_what_was_not_looked_at_for_longest_is_forgotten_first(qapp, monkeypatch):
    one = 7 * 5 * 4 * 4 * 4
    monkeypatch.setattr(mark_art, "KEPT_BYTES", 2 * one)
    art = MarkArt()
    first, second, third = marks(), marks(), marks()
    pictures = {name: art.image(name, BOTH, 4) for name in (first, second)}
    assert art.image(first, BOTH, 4) is pictures[first]
    art.image(third, BOTH, 4)
    assert art.image(first, BOTH, 4) is pictures[first]
    assert art.image(second, BOTH, 4) is not pictures[second]
