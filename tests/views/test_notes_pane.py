"""Notes tab: why, where and what to do; fixes are edits that can be undone."""

import pytest

from bespoke_gui.core.history import History
from bespoke_gui.qtmodels import caption_lints
from bespoke_gui.qtmodels.caption_desk import CaptionDesk
from bespoke_gui.views.widgets.left_alone_dialog import LeftAloneDialog
from bespoke_gui.views.widgets.note_actions import fill_menu
from bespoke_gui.views.widgets.notes_pane import NotesPane

NAME = "lad_001.png"


@pytest.fixture
def desk(session, monkeypatch):
    monkeypatch.setattr(caption_lints, "SET_DELAY_MS", 60)
    monkeypatch.setattr(caption_lints, "DELAY_MS", 20)
    desk = CaptionDesk(session)
    desk.take_current(NAME)
    return desk


@pytest.fixture
def pane(desk, qtbot):
    pane = NotesPane(desk)
    qtbot.addWidget(pane)
    pane.resize(320, 300)
    pane.show()
    return pane


def write(desk, text, qtbot):
    desk.session.captions.edit(NAME, text)
    qtbot.waitUntil(lambda: not desk.lints.is_busy, timeout=20_000)


def choose(pane, code):
    row = next(i for i, p in enumerate(pane._problems) if p.code == code)
    pane.list.setCurrentRow(row)


def menu_of(pane, qtbot):
    return {a.text(): a for a in pane.doing.more.menu().actions() if a.text()}


def text_of(desk):
    return desk.session.captions.text(NAME)


def test_a_fix_is_one_step_that_undo_takes_back(desk, pane, qtbot):
    write(desk, "a red red hat, tie", qtbot)
    choose(pane, "doubled_word")
    assert pane.doing.hint.text() == "Say it once."
    pane.doing.why.click()
    assert "trace of a rule" in pane.doing.hint.text()
    assert pane.doing.first.text() == "Replace with “red”"
    pane.doing.first.click()
    assert text_of(desk) == "a red hat, tie"
    assert "doubled_word" not in [p.code for p in pane._problems]
    desk.session.captions.undo_stack.undo()
    assert text_of(desk) == "a red red hat, tie"


def test_a_key_makes_the_first_fix(desk, pane, qtbot):
    write(desk, "a medium/dark hat", qtbot)
    choose(pane, "slash_alternatives")
    assert list(menu_of(pane, qtbot))[:3] == [
        "Replace with “medium”",
        "Replace with “dark”",
        "Replace with “medium to dark”",
    ]
    pane._fix_chosen()
    assert text_of(desk) == "a medium hat"


def test_a_word_goes_into_the_dictionary(desk, pane, qtbot):
    write(desk, "a krypta hat", qtbot)
    choose(pane, "spelling")
    assert pane.doing.second.text() == "Add to dictionary"
    pane.doing.second.click()
    folder = desk.session.project.folder
    assert "krypta" in (folder / "dictionary.txt").read_text(encoding="utf-8")
    assert "spelling" not in [p.code for p in desk.lints.problems(NAME)]


def test_notes_are_ignored_here_everywhere_or_as_a_kind(desk, pane, qtbot):
    write(desk, "long long hat, hispanic man", qtbot)
    choose(pane, "doubled_word")
    menu_of(pane, qtbot)["Ignore here"].trigger()
    assert "doubled_word" not in desk.lints.codes(NAME)
    choose(pane, "sensitive_words")
    menu_of(pane, qtbot)["Switch off: Words about people"].trigger()
    assert "sensitive_words" not in desk.lints.codes(NAME)
    text = (desk.session.project.folder / "lint.toml").read_text(encoding="utf-8")
    assert 'words = "long long"' in text
    assert 'caption = "lad_001"' in text
    assert "sensitive_words" in text


def test_fix_all_tells_the_counts_and_is_one_step(desk, pane, qtbot, ask):
    desk.session.captions.edit("lad_002.png", "tie tie, green green hat")
    write(desk, "a red red hat", qtbot)
    choose(pane, "doubled_word")
    before = desk.session.captions.texts()
    ask.answers = [""]
    menu_of(pane, qtbot)["Fix all: Doubled word…"].trigger()
    assert desk.session.captions.texts() == before
    assert ask.asked[-1][1] == "3 places in 2 captions can be fixed safely, as one step."
    ask.answers = ["fix"]
    menu_of(pane, qtbot)["Fix all: Doubled word…"].trigger()
    assert text_of(desk) == "a red hat"
    assert desk.session.captions.text("lad_002.png") == "tie, green hat"
    with History(desk.session.project.folder) as history:
        assert any(s.automatic for s in history.snapshots())
    desk.session.captions.undo_stack.undo()
    assert desk.session.captions.texts() == before


def test_a_stale_note_changes_nothing(desk, pane, qtbot):
    write(desk, "a red red hat", qtbot)
    problem = next(p for p in pane._problems if p.code == "doubled_word")
    write(desk, "something else", qtbot)
    pane._fixes.apply(problem, problem.fix)
    assert text_of(desk) == "something else"


def test_what_concerns_the_set_is_told_apart(desk, pane, qtbot, monkeypatch):
    monkeypatch.setattr("bespoke_gui.core.lints.phrase_everywhere.FEWEST", 2)
    texts = {name: f"sharp, {name}" for name in desk.session.captions.names()}
    desk.session.captions.edit_many(texts, "same")
    qtbot.waitUntil(lambda: not desk.lints.is_busy, timeout=20_000)
    last = pane.list.item(pane.list.count() - 1)
    assert last.text() == "All captions: 'sharp' is in 4 of 4 captions"
    pane.list.setCurrentItem(last)
    assert not pane.doing.second.isVisible()
    assert list(menu_of(pane, qtbot)) == ["Switch off: Phrase in nearly all captions"]


def test_the_menu_holds_everything(desk, pane, qtbot):
    from PySide6.QtWidgets import QMenu

    write(desk, "a krypta hat", qtbot)
    menu = QMenu()
    qtbot.addWidget(menu)
    fill_menu(menu, pane._problems[0], desk.lints, pane._fixes)
    words = [action.text() for action in menu.actions() if action.text()]
    assert words[-4:] == [
        "Add to dictionary",
        "Ignore here",
        "Ignore in all captions",
        "Switch off: Spelling",
    ]


def test_what_was_ignored_can_be_heeded_again(desk, pane, qtbot):
    assert not pane.left_alone.isVisible()
    write(desk, "a krypta hat, a red red tie", qtbot)
    choose(pane, "spelling")
    menu_of(pane, qtbot)["Add to dictionary"].trigger()
    qtbot.waitUntil(lambda: not desk.lints.is_busy, timeout=20_000)
    choose(pane, "doubled_word")
    menu_of(pane, qtbot)["Ignore here"].trigger()
    qtbot.waitUntil(lambda: not desk.lints.is_busy, timeout=20_000)
    assert not {"spelling", "doubled_word"} & set(desk.lints.codes(NAME))
    assert pane.left_alone.text() == "Left alone: 2"
    pane.left_alone.click()
    dialog = pane.findChild(LeftAloneDialog)
    words = [dialog.list.item(place).text() for place in range(dialog.list.count())]
    assert words == ["Doubled word: “red red” in lad_001", "“krypta” is in the dictionary"]
    assert not dialog.heed.isEnabled()
    dialog.list.selectAll()
    dialog.heed.click()
    qtbot.waitUntil(lambda: not desk.lints.is_busy, timeout=20_000)
    assert {"spelling", "doubled_word"} <= set(desk.lints.codes(NAME))
    assert dialog.list.count() == 0
    dialog.undo.click()
    qtbot.waitUntil(lambda: not desk.lints.is_busy, timeout=20_000)
    assert not {"spelling", "doubled_word"} & set(desk.lints.codes(NAME))
    assert dialog.list.count() == 2
    assert not dialog.undo.isEnabled()
