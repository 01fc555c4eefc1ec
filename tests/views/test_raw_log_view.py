"""The trainer's own text: any size, followed while it grows, searched beside the events."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from bespoke_gui.core import raw_log
from bespoke_gui.qtmodels import raw_log_desk
from bespoke_gui.qtmodels.run_story import LogRow, RunStory
from bespoke_gui.views.widgets.log_view import LogView

TIMEOUT = 10_000


@pytest.fixture(autouse=True)
def soon(monkeypatch):
    monkeypatch.setattr(raw_log_desk, "LOOK_MS", 20)
    monkeypatch.setattr(raw_log_desk, "SETTLE_MS", 0)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "log.txt"


@pytest.fixture
def view(qtbot, path):
    view = LogView()
    qtbot.addWidget(view)
    view.resize(760, 240)
    view.show()
    view.show_file(path)
    return view


@pytest.fixture
def long(path, monkeypatch):
    """A log of many windows: every 1000th line is special."""
    monkeypatch.setattr(raw_log, "WINDOW", 4000)
    monkeypatch.setattr(raw_log.read_window, "__defaults__", (None, 4000))
    rows = [f"line {n:05}" + " special" * (n % 1000 == 0) for n in range(5000)]
    path.write_text("\n".join(rows) + "\n")


def rows(view):
    return view.raw.text.toPlainText().splitlines()


def seen(view):
    """The rows that are in view."""
    text = view.raw.text
    first = text.cursorForPosition(text.viewport().rect().topLeft()).blockNumber()
    last = text.cursorForPosition(text.viewport().rect().bottomLeft()).blockNumber()
    return rows(view)[first : last + 1]


def test_its_end_is_shown_and_followed(view, path, qtbot):
    path.write_text("one\n")
    assert rows(view) == []
    view.raw_chip.click()
    qtbot.waitUntil(lambda: rows(view) == ["one"], timeout=TIMEOUT)
    assert not view.levels.isVisible()
    with path.open("a") as file:
        file.write("two\nthree")
    qtbot.waitUntil(lambda: rows(view) == ["one", "two", "three"], timeout=TIMEOUT)


def test_what_a_trainer_prints_is_only_text(view, path, qtbot):
    path.write_text("<b>bold</b><img src=file:///x>\x1b[31m red\x1b[0m\x1b]0;owned\x07\u202e\n")
    view.raw_chip.click()
    qtbot.waitUntil(lambda: rows(view) == ["<b>bold</b><img src=file:///x> red"], timeout=TIMEOUT)


def test_scrolling_brings_what_stands_before_and_after(view, long, qtbot):
    view.raw_chip.click()
    qtbot.waitUntil(lambda: rows(view)[-1:] == ["line 04999"], timeout=TIMEOUT)
    top = rows(view)[0]
    bar = view.raw.text.verticalScrollBar()
    bar.setValue(bar.minimum())
    qtbot.waitUntil(lambda: rows(view)[0] < top, timeout=TIMEOUT)
    assert top in seen(view)[0:2], "what was at the top is at the top"
    assert not view.raw.desk.follows
    bottom = rows(view)[-1]
    bar.setValue(bar.maximum())
    qtbot.waitUntil(lambda: rows(view)[-1] > bottom, timeout=TIMEOUT)
    assert bottom in seen(view)
    view.raw.first.click()
    qtbot.waitUntil(lambda: seen(view)[:1] == ["line 00000 special"], timeout=TIMEOUT)
    assert not view.raw.first.isEnabled()
    view.raw.last.click()
    qtbot.waitUntil(lambda: "line 04999" in seen(view), timeout=TIMEOUT)
    assert view.raw.desk.follows


def test_hits_far_apart_are_gone_to_and_counted(view, long, qtbot):
    view.raw_chip.click()
    view.search.setText("SPECIAL")
    qtbot.waitUntil(lambda: view.found.text() == "1 of 5, line 1", timeout=TIMEOUT)
    view.find_next()
    qtbot.waitUntil(lambda: "line 01000 special" in seen(view), timeout=TIMEOUT)
    assert view.found.text() == "2 of 5, line 1,001"
    assert view.raw.text.textCursor().selectedText() == "special"
    assert view.raw.text.extraSelections()
    QTest.keyClick(view.search, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    view.find_next(backward=True)
    qtbot.waitUntil(lambda: "line 04000 special" in seen(view), timeout=TIMEOUT)
    assert view.found.text() == "5 of 5, line 4,001"


def test_one_search_covers_both_logs(view, path, qtbot):
    path.write_text("CUDA out of memory\nTraceback\n")
    story = RunStory()
    story.log = [LogRow(0.0, "error", "too little memory"), LogRow(0.0, "info", "memory")]
    view.show_story(story)
    view.search.setText("memory")
    assert view.found.text() == "1 of 2"
    qtbot.waitUntil(lambda: view.raw_chip.text() == "Trainer's text: 1 line", timeout=TIMEOUT)
    view.raw_chip.click()
    qtbot.waitUntil(lambda: view.found.text() == "1 of 1, line 1", timeout=TIMEOUT)
    assert view.events_chip.text() == "Events: 1 of 2"
    view.search.clear()
    assert (view.found.text(), view.raw_chip.text()) == ("", "Trainer's text")
    view.search.setText("no such words")
    qtbot.waitUntil(lambda: view.found.text() == "not found", timeout=TIMEOUT)


def test_what_is_written_while_one_searches_is_found(view, path, qtbot):
    path.write_text("a word\n")
    view.raw_chip.click()
    view.search.setText("word")
    qtbot.waitUntil(lambda: view.found.text() == "1 of 1, line 1", timeout=TIMEOUT)
    with path.open("a") as file:
        file.write("another word\n")
    qtbot.waitUntil(lambda: view.found.text() == "1 of 2, line 1", timeout=TIMEOUT)


def test_other_words_end_the_search_that_goes_on(view, path, qtbot, monkeypatch):
    path.write_text("word\n")
    asked = []
    real = raw_log_desk.find_in_log

    def slowly(path, words, known, told):
        asked.append(words)
        told(0, 1)
        if words == "wor":
            view.search.setText("word")
        told(1, 1)
        return real(path, words, known, told)

    monkeypatch.setattr(raw_log_desk, "find_in_log", slowly)
    view.raw_chip.click()
    view.search.setText("wor")
    qtbot.waitUntil(lambda: view.found.text() == "1 of 1, line 1", timeout=TIMEOUT)
    assert asked == ["wor", "word"]
    assert view.raw.desk.hits.words == "word"


def test_another_run_has_another_log(view, path, tmp_path, qtbot):
    path.write_text("old word\n")
    view.raw_chip.click()
    view.search.setText("word")
    qtbot.waitUntil(lambda: view.found.text() == "1 of 1, line 1", timeout=TIMEOUT)
    other = tmp_path / "other.txt"
    other.write_text("\n\nnew word\nword\n")
    view.show_file(other)
    qtbot.waitUntil(lambda: view.found.text() == "1 of 2, line 3", timeout=TIMEOUT)
    assert "new word" in rows(view)
    view.show_file(None)
    assert rows(view) == []
