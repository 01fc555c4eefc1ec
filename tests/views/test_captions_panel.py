import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest

from bespoke_gui.core.history import History
from bespoke_gui.qtmodels.caption_journal import Entry, Journal
from bespoke_gui.qtmodels.image_list_model import RowState
from bespoke_gui.views import theme
from bespoke_gui.views.rooms.captions import CaptionsPanel
from bespoke_gui.views.widgets.image_cells import state_colour
from tests.qt_fixtures import draw_portrait


@pytest.fixture
def panel(session, qtbot):
    made = CaptionsPanel(session)
    qtbot.addWidget(made)
    made.resize(1340, 820)
    made.show()
    return made


def type_text(panel, text):
    QTest.keyClicks(panel.page("edit").editing.editor, text)


def test_first_caption_is_shown_with_its_image(panel):
    assert panel.page("edit").editing.name() == "lad_001.png"
    assert "brown hair" in panel.page("edit").editing.editor.text()
    assert panel.page("edit").picture.view.image().width() == 24
    assert panel.page("edit").picture.state.text() == "Wholly on its grid"
    assert "File 96×96" in panel.page("edit").picture.facts.text()


def test_typing_edits_the_store_and_undo_brings_it_back(panel, session):
    before = session.captions.text("lad_001.png")
    type_text(panel, " hi")
    assert session.captions.text("lad_001.png") == before + " hi"
    assert panel.page("edit").editing.save.isEnabled()
    session.captions.undo_stack.undo()
    assert panel.page("edit").editing.editor.text() == before
    assert not panel.page("edit").editing.save.isEnabled()


def test_save_writes_the_file(panel, session):
    type_text(panel, "X")
    panel.page("edit").editing.save.click()
    path = session.captions.on_disk("lad_001.png").path
    assert path.read_text().endswith("green backgroundX")
    assert session.captions.unsaved() == []


def test_a_clash_is_not_saved_and_asks_nothing_at_once(panel, session, ask):
    path = session.captions.on_disk("lad_001.png").path
    type_text(panel, "X")
    path.write_text("theirs")
    panel.save()
    assert ask.asked == []
    assert path.read_text() == "theirs"
    assert set(session.captions.clashes) == {"lad_001.png"}
    session.captions.settle("lad_001.png", "theirs")
    assert panel.page("edit").editing.editor.text() == "theirs"


@pytest.mark.parametrize("theirs", ["\N{ROCKET} pixel art, {}", "{}, tie", "{}"])
def test_typing_goes_on_where_it_was_when_another_program_adds_words(panel, session, theirs):
    path, before = (
        session.captions.on_disk("lad_001.png").path,
        session.captions.text("lad_001.png"),
    )
    editor = panel.page("edit").editing.editor
    place = before.index("hair")
    editor.select_place(place, place)
    QTest.keyClicks(editor, "long ")
    path.write_text(theirs.format(before), encoding="utf-8")
    session.captions.take_changes_from_disk()
    QTest.keyClicks(editor, "wavy ")
    wanted = theirs.format(before.replace("hair", "long wavy hair"))
    assert session.captions.text("lad_001.png") == wanted


def test_a_read_only_project_cannot_be_typed_into(panel, session):
    before = session.captions.text("lad_001.png")
    session.captions.make_read_only("another window has it.")
    type_text(panel, "X")
    assert panel.page("edit").editing.editor.isReadOnly()
    assert session.captions.text("lad_001.png") == before


def test_next_and_previous_stop_at_the_ends(panel):
    panel.page("edit").editing.moved.emit(1)
    assert panel.page("edit").editing.name() == "lad_002.png"
    panel.page("edit").editing.moved.emit(-1)
    panel.page("edit").editing.moved.emit(-1)
    assert panel.page("edit").editing.name() == "lad_001.png"
    assert panel.page("edit").editing._position.text() == "1 of 4"


def test_page_down_goes_on_even_from_the_editor(panel, qtbot):
    panel.activateWindow()
    panel.page("edit").editing.editor.setFocus()
    QTest.keyClick(panel.page("edit").editing.editor, Qt.Key.Key_PageDown)
    assert panel.page("edit").editing.name() == "lad_002.png"
    QTest.keyClick(
        panel.page("edit").editing.editor, Qt.Key.Key_Up, Qt.KeyboardModifier.ControlModifier
    )
    assert panel.page("edit").editing.name() == "lad_001.png"


def test_undo_in_another_caption_goes_there(panel, session):
    type_text(panel, "X")
    panel.images.select("lady_002.png")
    session.captions.undo_stack.undo()
    assert panel.page("edit").editing.name() == "lad_001.png"


def test_diff_says_what_was_lost(panel):
    assert panel.page("edit").diff._status.text() == "2 words lost"
    assert panel.page("edit").diff._lost.text() == "smiling, moustache"
    assert "1 changed, 1 of them lost words" in panel.page("edit").diff._totals.text()
    panel.images.select("lad_002.png")
    assert panel.page("edit").diff._status.text() == "No change"
    assert not panel.page("edit").diff.revert.isEnabled()


def test_revert_puts_the_snapshot_back(panel, session):
    panel.page("edit").diff.revert.click()
    assert session.captions.text("lad_001.png").endswith("smiling with moustache")
    assert panel.page("edit").diff._status.text() == "No change"
    session.captions.undo_stack.undo()
    assert not session.captions.text("lad_001.png").endswith("moustache")


def test_one_piece_is_put_back(panel, session):
    session.captions.edit(
        "lad_001.png", session.captions.text("lad_001.png").replace("gray", "red")
    )
    pieces = panel.desk.comparison.diff("lad_001.png").pieces
    number = next(piece.id for piece in pieces if piece.after == "red")
    assert panel.page("edit").diff.pieces.rows() == ["gray → red", "smiling with moustache"]
    panel.page("edit").diff.view.piece_clicked.emit(number)
    assert panel.page("edit").diff.pieces.rows() == ["smiling with moustache"]
    text = session.captions.text("lad_001.png")
    assert "gray" in text
    assert "moustache" not in text


def test_baseline_can_be_a_folder(panel, session, ask, tmp_path):
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "lad_001.txt").write_text("entirely other words")
    ask.answers = [tmp_path / "old"]
    panel.page("edit").diff.choose._on_activated(panel.page("edit").diff.choose.count() - 1)
    assert panel.page("edit").diff.choose.currentText() == "Folder old/"
    assert "entirely" in panel.page("edit").diff._lost.text()


def test_cancelled_folder_keeps_the_baseline(panel, ask):
    ask.answers = [None]
    panel.page("edit").diff.choose._on_activated(panel.page("edit").diff.choose.count() - 1)
    assert panel.page("edit").diff.choose.currentText() == "before"


def test_snapshot_of_now(panel, session, ask):
    ask.answers = ["second look"]
    panel.take_snapshot()
    with History(session.project.folder) as history:
        assert history.snapshots()[0].name == "second look"
    assert panel.page("edit").diff.choose.findText("second look") > 0


def test_search_and_filters(panel):
    panel.images.filter("earrings")
    assert panel.images.names_shown() == ["lady_001.png"]
    assert panel.page("edit").editing.name() == "lady_001.png"
    panel.images.filter("lossy:yes")
    assert panel.page("edit").editing.name() == "lad_001.png"
    assert panel.images._counts.text() == "1 of 4"


def test_an_image_asked_for_is_shown_though_the_filter_hides_it(panel, session):
    panel.images.filter("lossy:yes")
    session.caption_wanted.emit("lady_002.png")
    assert panel.page("edit").editing.name() == "lady_002.png"


def test_notes_lead_to_their_place(panel, session):
    session.captions.edit("lad_001.png", "a lad, red red hair")
    panel.desk.lints.run()
    rows = [
        panel.page("edit").tabs.tab("notes").list.item(i).text()
        for i in range(panel.page("edit").tabs.tab("notes").list.count())
    ]
    row = next(i for i, text in enumerate(rows) if "red" in text)
    panel.page("edit").tabs.tab("notes").list.itemActivated.emit(
        panel.page("edit").tabs.tab("notes").list.item(row)
    )
    assert panel.page("edit").editing.editor.textCursor().selectedText() == "red red"


def test_a_missing_caption_can_be_written(panel, session, make_project):
    session.open_project(make_project("half", captions={"lad_001": "one"}))
    panel.show_image("lad_002.png")
    assert panel.page("edit").editing.editor.text() == ""
    assert panel.desk.state_of("lad_002.png").missing
    type_text(panel, "now")
    panel.save()
    assert session.captions.on_disk("lad_002.png").path.read_text() == "now"


def test_an_unreadable_caption_is_not_edited(panel, session, make_project):
    folder = make_project("odd")
    (folder / "dataset" / "lad_001.txt").unlink()
    (folder / "dataset" / "lad_001.txt").mkdir()
    session.open_project(folder)
    panel.show_image("lad_001.png")
    assert panel.desk.state_of("lad_001.png").missing
    assert not session.told or session.told[-1][0] != "error"


def test_an_unreadable_image_has_words(panel, session, make_project):
    folder = make_project("bad")
    (folder / "dataset" / "lad_001.png").write_bytes(b"")
    session.open_project(folder)
    panel.show_image("lad_001.png")
    assert "empty" in panel.page("edit").picture.view._message


def test_left_over_edits_are_offered_and_restored(session, qtbot):
    folder = session.project.folder
    journal = Journal(folder / ".bespoke" / "journal")
    journal.write(journal.note({"lad_002.png": Entry("typed before the crash", None)}))
    session.open_project(folder)
    panel = CaptionsPanel(session)
    qtbot.addWidget(panel)
    panel.show()
    assert panel.left_over.isVisible()
    panel.left_over.restore.click()
    assert not panel.left_over.isVisible()
    assert session.captions.text("lad_002.png") == "typed before the crash"


def test_selected_image_keeps_its_colours(panel, session, qtbot):
    session.thumbnails._start()
    view = panel.images.list
    shot = view.viewport().grab().toImage()
    rect = view.visualRect(view.currentIndex())
    left = rect.left() + (rect.width() - 96) // 2
    wanted = draw_portrait(0)
    for x, y in ((0, 0), (12, 12), (9, 11), (23, 23)):
        seen = shot.pixelColor(QPoint(left + 4 * x + 1, rect.top() + 8 + 4 * y + 1))
        assert seen.getRgb()[:3] == wanted.getpixel((x, y))
    frame = shot.pixelColor(QPoint(left - 3, rect.top() + 40))
    assert frame == theme.tokens().accent


@pytest.mark.parametrize(
    ("state", "token"),
    [
        (RowState(unsaved=True, lossy=True), "accent"),
        (RowState(lossy=True, changed=True), "danger"),
        (RowState(notes=1), "warning"),
        (RowState(changed=True), "good"),
    ],
)
def test_dot_tells_what_matters_most(state, token):
    assert state_colour(state) == getattr(theme.tokens(), token)
    assert state_colour(RowState()) is None


def test_colour_reader_names_the_pixel(panel):
    panel.page("edit").picture.colour.show_colour(3, 4, QColor("#0a141e"))
    assert panel.page("edit").picture.colour._code.text() == "#0a141e"
    assert panel.page("edit").picture.colour._where.text().endswith(" at 3, 4")


def test_native_and_file_views(panel):
    panel.page("edit").picture._file.click()
    assert panel.page("edit").picture.view.image().width() == 96
    panel.page("edit").picture._grid.setChecked(True)
    assert panel.page("edit").picture.view._grid == (24, 24)
    panel.page("edit").picture._native.click()
    assert panel.page("edit").picture.view.image().width() == 24


def test_snapshots_are_reached_from_the_room(panel, session, ask, qtbot):
    manager = panel.open_snapshots()
    ask.answers = ["mine"]
    manager.make.click()
    assert manager.table.item(0, 0).text() == "mine"
    manager.table.selectRow(0)
    manager.compare.click()
    page = panel.page("changes")
    assert page.isVisible()
    assert page.changes.before.name == "mine"
    assert page.changes.totals().changed == 0
