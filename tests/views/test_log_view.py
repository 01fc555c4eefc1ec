"""Log view: search with places, levels, a flood in pieces, nothing done while hidden."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from bespoke_gui.qtmodels.run_story import LogRow, RunStory
from bespoke_gui.views.widgets import event_log
from bespoke_gui.views.widgets.log_view import LogView


@pytest.fixture
def view(qtbot):
    view = LogView()
    qtbot.addWidget(view)
    view.resize(600, 240)
    view.show()
    return view


def story_of(*rows):
    story = RunStory()
    story.log = [LogRow(0.0, level, text) for level, text in rows]
    return story


MIXED = (("stage", "training"), ("info", "saved one"), ("metric", "device = L4"),
         ("warning", "slow"), ("error", "it broke"), ("info", "Saved two"))  # fmt: skip


def lines(view):
    return [line.strip() for line in view.events.text.toPlainText().splitlines()]


def test_levels_leave_lines_out_and_bring_them_back(view):
    view.show_story(story_of(*MIXED))
    assert len(lines(view)) == 6
    view.levels.setCurrentIndex(1)
    assert "device = L4" not in lines(view)
    view.levels.setCurrentIndex(2)
    assert lines(view) == ["warning: slow", "error: it broke"]
    view.levels.setCurrentIndex(3)
    assert lines(view) == ["error: it broke"]
    view.levels.setCurrentIndex(0)
    assert len(lines(view)) == 6


def test_search_goes_round_both_ways_and_says_where_it_is(view):
    view.show_story(story_of(*MIXED))
    view.search.setText("saved")
    assert view.found.text() == "1 of 2"
    assert len(view.events.text.extraSelections()) == 2
    QTest.keyClick(view.search, Qt.Key.Key_Return)
    assert view.found.text() == "2 of 2"
    QTest.keyClick(view.search, Qt.Key.Key_Return)
    assert view.found.text() == "1 of 2"
    QTest.keyClick(view.search, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert view.found.text() == "2 of 2"
    QTest.keyClick(view.search, Qt.Key.Key_Escape)
    assert view.search.text() == ""
    assert not view.events.text.extraSelections()


def test_places_are_right_beyond_signs_of_two_units(view):
    view.show_story(story_of(("info", "\U0001f3a8 \U0001f3a8 word"), ("info", "word")))
    view.search.setText("word")
    assert view.found.text() == "1 of 2"
    view.find_next()
    assert view.found.text() == "2 of 2"


def test_lines_that_come_later_are_found_as_well(view, qtbot):
    story = story_of(("info", "a saved one"))
    view.show_story(story)
    view.search.setText("saved")
    assert view.found.text() == "1 of 1"
    story.log.append(LogRow(0.0, "info", "saved again"))
    view.show_story(story)
    qtbot.waitUntil(lambda: view.found.text() == "1 of 2")


def test_a_flood_comes_in_pieces_and_whole(view, qtbot):
    count = event_log.AT_ONCE * 3 + 7
    view.show_story(story_of(*(("info", f"line {n}") for n in range(count))))
    assert len(lines(view)) == event_log.AT_ONCE
    qtbot.waitUntil(lambda: len(lines(view)) == count)
    assert lines(view)[-1] == f"line {count - 1}"


def test_nothing_is_done_while_it_is_hidden(view):
    view.hide()
    view.show_story(story_of(*MIXED))
    assert not view.events.text.toPlainText()
    view.show()
    assert len(lines(view)) == 6


def test_html_and_codes_in_a_line_are_only_text(view):
    view.show_story(story_of(("info", "<b>bold</b> \x1b[31mred")))
    assert "<b>bold</b>" in view.events.text.toPlainText()


def test_another_story_begins_anew(view):
    view.show_story(story_of(*MIXED))
    view.show_story(story_of(("info", "other")))
    assert lines(view) == ["other"]
