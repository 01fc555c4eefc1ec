"""Page "Before and after": distinct changes, captions, snapshots, and the way back from each."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtTest import QTest

from bespoke_gui.core import captions as caption_files
from bespoke_gui.core.change_index import Change
from bespoke_gui.core.diff_pieces import Piece
from bespoke_gui.core.history import History
from bespoke_gui.core.rules.apply import apply_rules
from bespoke_gui.core.rules.ruleset import load_rules
from bespoke_gui.qtmodels.caption_desk import CaptionDesk
from bespoke_gui.qtmodels.caption_sides import Side, now_side, snapshot_side
from bespoke_gui.qtmodels.change_table import COUNT, LOST, ChangeRole, ChangeTable
from bespoke_gui.qtmodels.diff_rows import DiffRole, DiffRow, DiffRows
from bespoke_gui.views import theme
from bespoke_gui.views.caption_pages import PAGES
from bespoke_gui.views.widgets.changes_page import ChangesPage
from bespoke_gui.views.widgets.diff_painter import paint_diff
from bespoke_gui.views.widgets.diff_rows_view import DiffRowsView

NAMES = ["lad_001.png", "lad_002.png", "lady_001.png", "lady_002.png"]


@pytest.fixture
def desk(session):
    made = CaptionDesk(session)
    made.take_current("lad_001.png")
    return made


@pytest.fixture
def page(desk, session, qtbot):
    texts = session.captions.texts()
    session.captions.edit_many({name: f"{texts[name]}, sharp" for name in NAMES}, "rules: end")
    made = ChangesPage(desk)
    qtbot.addWidget(made)
    made.resize(1100, 700)
    made.show()
    return made


def rows(page):
    table = page.distinct.table
    return [
        (table.change(row).before, table.change(row).after, table.change(row).count)
        for row in range(table.rowCount())
    ]


def test_it_is_a_wide_page_of_the_room(desk, qtbot):
    page = PAGES["changes"].build(desk)
    qtbot.addWidget(page)
    assert isinstance(page, ChangesPage)
    assert PAGES["changes"].wide


def test_it_begins_with_the_newest_snapshot_and_now(page):
    assert page.before.currentText() == "before"
    assert page.after.currentText() == "Now, as edited here"
    assert rows(page) == [("", ", sharp", 3), ("smiling with moustache", "sharp", 1)]
    assert page._badges["changed"].text() == "4 changed"
    assert page._badges["lossy"].text() == "1 lost words"
    assert page._badges["moved"].isHidden()


def test_the_chosen_change_shows_its_captions(page):
    assert page.distinct.rows.keys() == NAMES[1:]
    row = page.distinct.rows.index(0).data(DiffRole.ROW)
    assert row.title == "lad_002"
    assert [(p.before, p.after) for p in row.pieces if p.id] == [("", ", sharp")]
    page.distinct.view.select_row(1)
    assert page.distinct.rows.keys() == NAMES[:1]
    assert page.distinct.rows.index(0).data(DiffRole.ROW).warning == "lost smiling, moustache"


def test_revert_in_ticked_and_in_all(page, session, qtbot):
    page.distinct.rows.setData(
        page.distinct.rows.index(0), Qt.CheckState.Unchecked, Qt.ItemDataRole.CheckStateRole
    )
    assert page.distinct.some.text() == "Revert in 2 ticked"
    with qtbot.waitSignal(page.changes.edited):
        page.distinct.some.click()
    assert session.captions.text("lad_002.png").endswith("sharp")
    assert not session.captions.text("lady_001.png").endswith("sharp")
    assert rows(page)[0][2] == 1
    with qtbot.waitSignal(page.changes.edited):
        session.captions.undo_stack.undo()
    assert page.distinct.all.text() == "Revert in all 3"
    with qtbot.waitSignal(page.changes.edited):
        page.distinct.all.click()
    assert rows(page) == [("smiling with moustache", "sharp", 1)]


def test_an_accepted_change_is_hidden_and_can_come_back(page, desk, qtbot):
    page.distinct.accept.click()
    assert rows(page) == [("smiling with moustache", "sharp", 1)]
    assert "1 accepted" in page.distinct._none.text()
    again = ChangesPage(desk)
    qtbot.addWidget(again)
    again.show()
    assert rows(again) == rows(page)
    page.distinct.with_accepted.setChecked(True)
    assert len(rows(page)) == 2
    page.distinct.view.select_row(0)
    assert page.distinct.accept.text() == "Open again"
    page.distinct.accept.click()
    page.distinct.with_accepted.setChecked(False)
    assert len(rows(page)) == 2


def test_search_and_lost_words_filter_the_table(page):
    page.distinct.only_lossy.setChecked(True)
    assert rows(page) == [("smiling with moustache", "sharp", 1)]
    page.distinct.search.setText("no such")
    assert rows(page) == []
    assert page.distinct.current() is None
    assert not page.distinct.all.isEnabled()
    page.distinct.only_lossy.setChecked(False)
    page.distinct.search.setText("SHARP")
    assert len(rows(page)) == 2


def test_only_now_can_be_changed(page):
    page.swap.click()
    assert (page.changes.before, page.changes.after) == (now_side(), snapshot_side("before"))
    assert not page.distinct.all.isEnabled()
    assert "Now" in page.distinct.all.toolTip()
    page.show_view("captions")
    assert not page.captions.revert.isEnabled()


def test_any_state_can_be_chosen(page, ask, tmp_path):
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "lad_002.txt").write_text("old words")
    ask.answers = [tmp_path / "old"]
    page.before._on_activated(page.before.count() - 1)
    assert page.before.currentText() == "Folder old/"
    ask.answers = [None]
    page.after._on_activated(page.after.count() - 1)
    assert page.after.currentText() == "Now, as edited here"
    page.before._on_activated(1)
    assert page.changes.before == Side()
    assert rows(page) == [("", ", sharp", 4)]
    page.after._on_activated(1)
    assert "Nothing changed" in page.distinct._none.text()


def test_captions_are_put_back_by_piece_phrase_and_whole(page, session, qtbot):
    page.show_view("captions")
    view = page.captions
    assert view.rows.keys() == NAMES
    view.only_lossy.setChecked(True)
    assert view.rows.keys() == ["lad_001.png"]
    assert view.verdict.text() == "2 words lost"
    with qtbot.waitSignal(page.changes.edited):
        view.pieces.put_back.emit(1)
    assert session.captions.text("lad_001.png").endswith("smiling with moustache")
    view.only_lossy.setChecked(False)
    view.list.select("lad_002.png")
    with qtbot.waitSignal(page.changes.edited):
        view.view.phrase_clicked.emit(len(session.captions.text("lad_002.png")) - 1)
    assert not session.captions.text("lad_002.png").endswith("sharp")
    assert view.rows.index(0).data(DiffRole.ROW).detail == "put back"
    view.list.select("lady_002.png")
    with qtbot.waitSignal(page.changes.edited):
        view.revert.click()
    assert not session.captions.text("lady_002.png").endswith("sharp")
    view.search.setText("earrings")
    assert view.rows.keys() == ["lady_001.png"]


def test_the_whole_set_asks_first_and_is_one_step(page, session, ask, qtbot):
    ask.answers = [""]
    page.revert_everything()
    assert session.captions.text("lady_001.png").endswith("sharp")
    ask.answers = ["revert"]
    with qtbot.waitSignal(page.changes.edited):
        page.revert_everything()
    assert page.changes.totals().changed == 0
    session.captions.undo_stack.undo()
    assert session.captions.text("lady_001.png").endswith("sharp")


def test_what_a_rule_did_is_taken_back(page, session, tmp_path, qtbot):
    session.captions.undo_stack.undo()
    path = tmp_path / "end.toml"
    path.write_text('name="End"\n[[rules]]\nname="end"\naction="append"\ntext="crisp"\n')
    dataset = session.project.dataset_dirs[0][0]
    with History(session.project.folder) as history:
        apply_rules(load_rules(path), caption_files.read_folder(dataset), history)
    session.captions.take_changes_from_disk()
    assert session.captions.text("lady_001.png").endswith("crisp")
    page.rules.read()
    (menu,) = [action.menu() for action in page._rules_menu.actions()]
    assert menu.title().startswith("End, ")
    actions = {action.text(): action for action in menu.actions()}
    actions["end (4)"].trigger()
    assert not session.captions.text("lady_001.png").endswith("crisp")
    assert "taken back in 4 captions" in session.told[-1][1]
    session.captions.undo_stack.undo()
    assert session.captions.text("lady_001.png").endswith("crisp")


def test_opening_a_caption_goes_to_the_edit_page(page, desk, qtbot):
    wanted = []
    desk.page_wanted.connect(wanted.append)
    with qtbot.waitSignal(desk.show_wanted) as told:
        page.distinct.list.opened.emit("lady_001.png")
    assert (told.args, wanted) == (["lady_001.png"], ["edit"])


def test_edits_elsewhere_wait_until_somebody_looks(page, session):
    page.hide()
    session.captions.undo_stack.undo()
    assert len(rows(page)) == 2
    page.show()
    assert rows(page) == [(", smiling with moustache", "", 1)]


def test_snapshot_manager(page, session, ask, qtbot):
    manager = page.open_snapshots()
    assert manager.table.rowCount() == 1
    ask.answers = ["mine"]
    manager.make.click()
    assert manager.table.item(0, 0).text() == "mine"
    manager.table.selectRow(0)
    ask.answers = ["ours", "as it came"]
    manager.rename.click()
    manager.table.selectRow(0)
    manager.note.click()
    assert [manager.table.item(0, column).text() for column in (0, 3)] == ["ours", "as it came"]
    ask.answers = ["keep", "delete"]
    manager.delete.click()
    assert manager.table.rowCount() == 2
    manager.delete.click()
    assert manager.table.rowCount() == 1
    manager.restore.click()
    assert not session.captions.text("lady_001.png").endswith("sharp")
    assert "(automatic)" in manager.table.item(0, 0).text()
    manager.automatic.setChecked(False)
    assert manager.table.rowCount() == 1
    with qtbot.waitSignal(manager.compare_wanted):
        manager.compare.click()
    assert page.changes.before == snapshot_side("before")


def test_progress_is_shown_and_can_be_stopped(desk, session, threaded_tasks, qtbot):
    page = ChangesPage(desk)
    qtbot.addWidget(page)
    page.show()
    assert not page._busy.isHidden()
    page.stop.click()
    assert page._busy.isHidden()
    page.compare(snapshot_side("before"), now_side())
    qtbot.waitUntil(lambda: page._busy.isHidden())
    assert rows(page) == [(", smiling with moustache", "", 1)]


def test_the_table_sorts_by_each_column():
    table = ChangeTable()
    table.set_changes(
        [
            Change("replace", "b", "x", 3, ["1", "2", "3"]),
            Change("delete", "a word", "", 1, ["1"], ["word"], ["1"]),
            Change("moved", "c", "c", 2, ["1", "2"]),
        ]
    )
    assert [table.change(row).count for row in range(3)] == [3, 2, 1]
    table.sort(0, Qt.SortOrder.AscendingOrder)
    assert [table.change(row).before for row in range(3)] == ["a word", "b", "c"]
    table.sort(LOST, Qt.SortOrder.DescendingOrder)
    assert table.index(0, LOST).data() == "word"
    assert "Lost in 1 of 1: word" in table.index(0, 0).data(Qt.ItemDataRole.ToolTipRole)
    table.sort(COUNT, Qt.SortOrder.AscendingOrder)
    moved = table.index(1, 0)
    assert [piece.kind for piece in moved.data(ChangeRole.PIECES)] == ["moved"]


def test_a_tick_is_turned_by_mouse_and_by_space(qtbot):
    model = DiffRows(lambda key: DiffRow(key, pieces=[Piece("insert", "", "new", 1)]), True)
    model.set_keys(["a", "b"])
    view = DiffRowsView(model, "Rows")
    qtbot.addWidget(view)
    view.resize(400, 300)
    view.show()
    rect = view.visualRect(model.index(0))
    at = QPoint(rect.left() + 20, rect.center().y())
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert model.checked() == ["b"]
    view.select("b")
    QTest.keyClick(view, Qt.Key.Key_Space)
    assert model.checked() == []
    model.check_all(True)
    assert model.checked() == ["a", "b"]


def test_a_long_diff_ends_in_dots():
    image = QImage(200, 60, QImage.Format.Format_RGB32)
    image.fill(QColor("white"))
    painter = QPainter(image)
    piece = Piece("delete", "many words " * 40, "", 1)
    paint_diff(painter, image.rect().toRectF(), [piece], theme.font())
    painter.end()
    assert any(
        image.pixelColor(x, y) == theme.tokens().diff_removed_back
        for x in range(0, 200, 2)
        for y in range(60)
    )
