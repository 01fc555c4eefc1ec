"""Completion, quick phrases, phrases tab, find bar and shortcut sheet in the Captions room."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from bespoke_gui.core import quick_phrases
from bespoke_gui.core.history import History
from bespoke_gui.views.main_window import MainWindow
from bespoke_gui.views.rooms.captions import CaptionsPanel

NAME = "lad_001.png"


@pytest.fixture
def room(session, qtbot):
    made = CaptionsPanel(session)
    qtbot.addWidget(made)
    made.resize(1340, 820)
    made.show()
    made.activateWindow()
    made.desk.show(NAME)
    return made


@pytest.fixture
def page(room):
    page = room.page("edit")
    page.editing.editor.setFocus()
    return page


def select_all(room):
    room.desk.take_list(room.images.names_shown, room.images.names_shown)


def test_typing_offers_own_phrases_and_tab_takes_one(room, page, session):
    QTest.keyClicks(page.editing.editor, ", blonde")
    assert page.completion.isVisible()
    assert page.completion.list.item(0).text() == "blonde hair"
    QTest.keyClick(page.editing.editor, Qt.Key.Key_Tab)
    assert session.captions.text(NAME).endswith(", blonde hair")
    assert not page.completion.isVisible()
    session.captions.undo_stack.undo()
    assert not session.captions.text(NAME).endswith("blonde hair")


def test_escape_closes_the_offers_and_keeps_the_text(room, page, session):
    QTest.keyClicks(page.editing.editor, ", blo")
    QTest.keyClick(page.editing.editor, Qt.Key.Key_Escape)
    assert not page.completion.isVisible()
    assert session.captions.text(NAME).endswith(", blo")


def test_arrows_choose_among_the_offers(room, page, session):
    QTest.keyClicks(page.editing.editor, ", por")
    assert page.completion.list.count() >= 2
    QTest.keyClick(page.editing.editor, Qt.Key.Key_Down)
    wanted = page.completion.list.item(1).text()
    QTest.keyClick(page.editing.editor, Qt.Key.Key_Return)
    assert session.captions.text(NAME).endswith(f", {wanted}")


def test_a_tag_list_is_copied_and_offered(room, page, session, tmp_path):
    (tmp_path / "my.csv").write_text("zebra_mask,0,5,\n")
    room.desk.phrases.import_tags(tmp_path / "my.csv")
    assert (session.project.folder / "tags.csv").read_text() == "zebra_mask,0,5,\n"
    QTest.keyClicks(page.editing.editor, ", zeb")
    assert page.completion.list.item(0).text() == "zebra mask"


def test_a_quick_phrase_is_added_and_taken_out(room, page, session):
    room.desk.phrases.set_quick(["smiling"])
    assert quick_phrases.read(session.project.folder) == ["smiling"]
    before = session.captions.text(NAME)
    page.quick.press(0)
    assert session.captions.text(NAME) == f"{before}, smiling"
    assert page.quick._chips[0].isChecked()
    page.quick.press(0)
    assert session.captions.text(NAME) == before
    assert not page.quick._chips[0].isChecked()


def test_a_quick_phrase_for_all_selected_is_one_step_with_a_snapshot(room, page, session):
    room.desk.phrases.set_quick(["smiling"])
    before = session.captions.texts()
    select_all(room)
    page.quick.press(0)
    assert all(text.endswith("smiling") for text in session.captions.texts().values())
    with History(session.project.folder) as history:
        newest = history.snapshots()[0]
        assert newest.automatic
        assert history.load(newest.name, before) == before
    session.captions.undo_stack.undo()
    assert session.captions.texts() == before


def test_phrases_are_counted_searched_and_follow_edits(room, page, session):
    pane = page.tabs.tab("phrases")
    assert pane.model.phrase(0) == "portrait of bespoke punk lad"
    session.captions.edit(NAME, "portrait of bespoke punk lady")
    room.desk.phrases._refresh()
    assert pane.model.phrase(0) == "portrait of bespoke punk lady"
    pane.search.setText("earr")
    assert [pane.model.phrase(row) for row in range(pane.model.rowCount())] == [
        "wearing golden earrings"
    ]


def choose(pane, words):
    pane.search.setText(words)
    pane.list.setCurrentIndex(pane.model.index(0))


def test_a_phrase_is_renamed_in_all_captions(room, page, session, ask):
    pane = page.tabs.tab("phrases")
    choose(pane, "portrait of bespoke punk lady")
    ask.answers = ["portrait of a lady"]
    pane.rename_all()
    assert ask.asked[-1][1].startswith("In 2 captions")
    assert session.captions.text("lady_001.png").startswith("portrait of a lady, ")
    assert session.captions.text(NAME).startswith("portrait of bespoke punk lad,")


def test_a_phrase_is_taken_out_of_all_only_when_agreed(room, page, session, ask):
    pane = page.tabs.tab("phrases")
    before = session.captions.texts()
    choose(pane, "brown hair")
    ask.answers = [""]
    pane.remove_all()
    assert session.captions.texts() == before
    ask.answers = ["remove"]
    pane.remove_all()
    assert "brown hair" not in session.captions.text(NAME)
    session.captions.undo_stack.undo()
    assert session.captions.texts() == before


def test_the_menu_names_how_many_are_meant(room, page):
    pane = page.tabs.tab("phrases")
    choose(pane, "brown hair")
    assert pane.menu().actions()[0].text() == "Add to the caption"
    select_all(room)
    assert pane.menu().actions()[0].text() == "Add to 4 captions"


def test_find_marks_every_place_and_steps_round(room, page):
    bar = page.editing.find_bar
    bar.open_bar()
    bar.words.setText("a")
    total = page.editing.editor.text().lower().count("a")
    assert bar._count.text() == f"1 of {total}"
    assert len(page.editing.editor.extraSelections()) >= total
    bar.step(-1)
    assert bar._count.text() == f"{total} of {total}"
    bar.words.setText("nowhere")
    assert bar._count.text() == "not found"
    QTest.keyClick(bar.words, Qt.Key.Key_Escape)
    assert not bar.isVisible()


def test_the_sheet_lists_keys_of_this_place_and_of_the_menus(session, qtbot):
    window = MainWindow(session)
    qtbot.addWidget(window)
    window.show()
    window.show_panel("captions")
    window.show_shortcuts()
    from bespoke_gui.views.widgets.shortcut_sheet import ShortcutSheet

    sheet = window.findChild(ShortcutSheet)
    rows = {words: keys for keys, words in sheet.rows}
    assert "Ctrl+S" in rows["Save this caption"]
    assert "Ctrl+Down" in rows["Next image"]
    assert "PgDown" in rows["Next image"]
    assert rows["Keyboard shortcuts"] == "F1"
    sheet.close()
