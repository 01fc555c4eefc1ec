"""The token bar says how long a caption is for the trainer and finds the phrase that crosses."""

import pytest
from PySide6.QtCore import QPoint, Qt

from bespoke_gui.core import token_borders
from bespoke_gui.views.widgets.caption_edit_pane import CaptionEditPane
from bespoke_gui.views.widgets.token_bar import TokenBar

LONG = "word " * 72 + ", hard color borders, sharp pixel edges"


@pytest.fixture
def bar(qtbot):
    bar = TokenBar()
    qtbot.addWidget(bar)
    bar.resize(500, 60)
    bar.show()
    return bar


def words(bar):
    return [link.words() for link in bar.links if link.isVisible()]


def test_counts_and_room_left(bar):
    assert bar.number.text() == "… tokens"
    bar.show_reading(token_borders.read("pixel art, 24x24"))
    assert bar.number.text() == "8 tokens"
    assert bar._words.text() == "67 left of the first 75"
    assert words(bar) == []


def test_a_border_is_named_and_a_click_selects_its_phrase(bar, qtbot):
    bar.show_reading(token_borders.read(LONG), 75)
    assert words(bar) == ["75 is crossed in 'hard color borders'"]
    start = LONG.index("hard")
    with qtbot.waitSignal(bar.place_wanted) as caught:
        qtbot.mouseClick(bar.links[0], Qt.MouseButton.LeftButton)
    assert caught.args == [start, start + len("hard color borders")]
    mark = QPoint(round(bar.gauge.mark_x(75)), 5)
    with qtbot.waitSignal(bar.place_wanted):
        qtbot.mouseClick(bar.gauge, Qt.MouseButton.LeftButton, pos=mark)


def test_the_same_height_with_and_without_borders(bar):
    bar.show_reading(token_borders.read("a"))
    low = bar.sizeHint().height()
    bar.show_reading(token_borders.read("word, " * 120))
    assert len(words(bar)) == 3
    assert bar.sizeHint().height() == low


def test_the_edit_pane_shows_it_and_selects(session, qtbot):
    pane = CaptionEditPane(session)
    qtbot.addWidget(pane)
    pane.show_caption("lad_001.png", "1 of 4")
    assert pane.tokens.number.text() == "16 tokens"
    session.captions.edit("lad_001.png", LONG, "typing")
    pane.show_caption("lad_001.png", "1 of 4")
    pane.tokens.select(75)
    assert pane.editor.textCursor().selectedText() == "hard color borders"
