"""Pairs menu and its dialogs: by button, right click, keys and drop, with nothing lost."""

import json

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDropEvent

from bespoke_gui.core.pairs.exclude import exclude
from bespoke_gui.core.pairs.target import open_pairs
from bespoke_gui.views.rooms.captions import CaptionsPanel
from bespoke_gui.views.widgets.export_dialog import ExportDialog
from bespoke_gui.views.widgets.folders_dialog import FoldersDialog
from bespoke_gui.views.widgets.import_dialog import ImportDialog
from tests.core._packages import write_pairs


@pytest.fixture
def panel(session, qtbot, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "nowhere"))
    result = CaptionsPanel(session)
    qtbot.addWidget(result)
    result.resize(1100, 700)
    result.show()
    return result


def dialog(panel, kind):
    (found,) = [w for w in panel.window().findChildren(kind) if w.isVisible()]
    return found


def names(session) -> list[str]:
    return [item.name for item in session.dataset.items]


def test_keys_in_the_list(panel, session, qtbot, ask):
    assert panel.images.kinds.currentIndex() == 0
    panel.desk.show("lad_002.png")
    view = panel.images.list
    view.setFocus()
    qtbot.keyClick(view, Qt.Key.Key_Delete)
    assert session.item("lad_002.png").excluded
    qtbot.keyClick(view, Qt.Key.Key_Delete)
    assert not session.item("lad_002.png").excluded
    ask.answers = ["hero"]
    qtbot.keyClick(view, Qt.Key.Key_F2)
    assert ask.asked[-1][2] == "lad_002"
    assert "hero.png" in names(session)
    assert panel.desk.current() == "hero.png"
    ask.answers = ["remove"]
    qtbot.keyClick(view, Qt.Key.Key_Delete, Qt.KeyboardModifier.ShiftModifier)
    assert ask.asked[-1][0] == "Move hero.png to the bin?"
    assert ask.asked[-1][2][0] == "exclude"
    assert "hero.png" not in names(session)
    session.captions.undo_stack.undo()
    assert "hero.png" in names(session)


def test_the_menu_says_what_it_would_do(panel, session):
    menu = panel.pairs
    panel.desk.show("lad_001.png")
    menu._tell()
    assert menu.actions_by_name["exclude"].text() == "Exclude\tDel"
    menu.actions_by_name["exclude"].trigger()
    menu._tell()
    assert menu.actions_by_name["exclude"].text() == "Include\tDel"
    session.close_project()
    assert not menu.isEnabled()


def test_files_dropped_on_the_list_are_added(panel, session, tmp_path):
    new = write_pairs(tmp_path / "new", ("x", "y"), (24, 24))
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(new))])
    event = QDropEvent(
        QPoint(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    # Qt itself would give a drop only to a widget that a real drag entered.
    assert panel.pairs.eventFilter(panel.images.list.viewport(), event)
    assert {"x.png", "y.png"} < set(names(session))
    assert panel.desk.current() == "x.png"


def test_add_images_asks_for_files(panel, session, ask, tmp_path):
    new = write_pairs(tmp_path / "new", ("x",), (24, 24))
    ask.answers = [[new / "x.png"]]
    panel.pairs.actions_by_name["add"].trigger()
    assert "x.png" in names(session)


def test_an_import_is_shown_before_anything_changes(panel, session, ask, tmp_path, qtbot):
    store = session.captions
    before = {name: store.text(name) for name in store.names()}
    rows = [
        {"file_name": "lad_001.png", "text": before["lad_001.png"] + ", smiling"},
        {"file_name": "lad_002.png", "text": "portrait"},
        {"file_name": "../out.png", "text": "x"},
    ]
    path = tmp_path / "m.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)) + "\nbroken")
    ask.answers = [path]
    panel.pairs.actions_by_name["import"].trigger()
    shown = dialog(panel, ImportDialog)
    assert {name: store.text(name) for name in store.names()} == before
    assert shown.rows.rowCount() == 2
    assert shown.rows.data(shown.rows.index(0)) == "lad_002.png"
    assert shown.rows.ticked() == ["lad_001.png"]
    assert shown.take.text() == "Import 1 caption"
    qtbot.keyClick(shown.table, Qt.Key.Key_Space)
    assert shown.take.text() == "Import 2 captions"
    shown.safe.click()
    assert shown.rows.ticked() == ["lad_001.png"]
    shown.none.click()
    assert not shown.take.isEnabled()
    shown.all.click()
    shown.take.click()
    assert store.text("lad_002.png") == "portrait"
    assert store.text("lad_001.png").endswith(", smiling")
    assert store.undo_stack.undoText() == "import m.jsonl"
    store.undo_stack.undo()
    assert {name: store.text(name) for name in store.names()} == before


def test_an_import_with_nothing_new_says_so(panel, ask, tmp_path):
    path = tmp_path / "m.csv"
    path.write_text("file_name,text\nnobody.png,x\n")
    ask.answers = [path]
    panel.pairs.actions_by_name["import"].trigger()
    shown = dialog(panel, ImportDialog)
    assert not shown.take.isEnabled()
    assert not shown.table.isVisible()
    shown.cancel.click()


def test_export_writes_the_texts_of_the_window(panel, session, ask, tmp_path):
    session.captions.edit("lad_001.png", "typed just now")
    ask.answers = [tmp_path / "m.jsonl"]
    panel.pairs.actions_by_name["export"].trigger()
    shown = dialog(panel, ExportDialog)
    shown.go_on.click()
    first = json.loads((tmp_path / "m.jsonl").read_text().splitlines()[0])
    assert first == {"file_name": "lad_001.png", "text": "typed just now"}
    exclude(open_pairs(session.project.folder), ["lad_002.png"])
    ask.answers = [tmp_path]
    panel.pairs.actions_by_name["export"].trigger()
    shown = dialog(panel, ExportDialog)
    shown.formats.setCurrentIndex(shown.formats.findData("kohya"))
    shown.images.setChecked(True)
    shown.go_on.click()
    made = [p.name for p in (tmp_path / "punks kohya" / "1_punks").iterdir()]
    assert "lad_001.png" in made
    assert "lad_002.png" not in made


def test_dataset_folders_are_changed_and_undone(panel, session, ask, tmp_path):
    more = write_pairs(tmp_path / "more", ("x",), (24, 24))
    panel.pairs.actions_by_name["folders"].trigger()
    shown = dialog(panel, FoldersDialog)
    (own,) = shown.repeats
    assert not shown.removes[own].isEnabled()
    ask.answers = [more]
    shown.add.click()
    assert str(more) in shown.repeats
    assert shown._total.text() == "5 images an epoch"
    shown.repeats[str(more)].setValue(3)
    shown.repeats[str(more)].editingFinished.emit()
    assert shown._total.text() == "7 images an epoch"
    shown.purposes[str(more)].activated.emit(1)
    assert session.project.reg_dirs == [(more, 3)]
    assert shown._total.text() == "8 images an epoch"
    session.captions.undo_stack.undo()
    session.captions.undo_stack.undo()
    assert shown._total.text() == "5 images an epoch"
    shown.removes[str(more)].click()
    assert names(session) == ["lad_001.png", "lad_002.png", "lady_001.png", "lady_002.png"]
    shown.close_it.click()
