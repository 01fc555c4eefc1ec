"""The rules page with real parts: live preview, ticks, lost words in red, apply and undo."""

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt
from PySide6.QtGui import QDesktopServices
from PySide6.QtTest import QTest

from bespoke_gui.core.history import History
from bespoke_gui.core.worddiff import Op
from bespoke_gui.qtmodels.caption_desk import CaptionDesk
from bespoke_gui.qtmodels.rules_list_model import MIME
from bespoke_gui.qtmodels.rules_rows import Role
from bespoke_gui.views.caption_pages import PAGES
from bespoke_gui.views.widgets.rules_table import pieces

RULES = """\
name = "Mine"

# Runs over commas.
[[rules]]
name = "greedy"
action = "replace"
match = "regex"
scope = "caption"
find = 'hair.*hat'
with = 'hair'

[[rules]]
name = "end"
action = "append"
text = "sharp"
"""


@pytest.fixture
def desk(session):
    made = CaptionDesk(session)
    made.take_current("lad_001.png")
    yield made
    made.deleteLater()


@pytest.fixture
def page(qtbot, session, desk):
    folder = session.project.folder / "rules"
    folder.mkdir()
    (folder / "mine.toml").write_text(RULES, "utf-8")
    widget = PAGES["rules"].build(desk)
    qtbot.addWidget(widget)
    widget.resize(1100, 760)
    widget.show()
    widget.editor.open(folder / "mine.toml")
    settle(qtbot, widget)
    return widget


def settle(qtbot, page):
    """Wait until the preview and the look at a second run are there."""
    with qtbot.waitSignal(page.preview.warned, timeout=10_000):
        page.look()


def names(page):
    return page.rows.names()


def test_the_worst_comes_first_and_is_not_ticked(page):
    assert names(page)[0] == "lad_001.png"
    assert len(names(page)) == 4
    first = page.rows.index(0)
    assert first.data(Qt.ItemDataRole.CheckStateRole) == Qt.CheckState.Unchecked
    assert page.rows.index(1).data(Qt.ItemDataRole.CheckStateRole) == Qt.CheckState.Checked
    assert "lost words: wearing, gray, hat" in first.data(Qt.ItemDataRole.ToolTipRole)
    assert "a match reaches over a separator" in first.data(Qt.ItemDataRole.ToolTipRole)
    assert page.bar.apply.text() == "Apply to 3 captions"
    assert page.summary.lost.text().startswith("1 caption would lose words: wearing, gray, hat")
    assert page.summary.gone.isVisible()


def test_what_would_be_gone_is_shown_whole_and_what_stays_is_shortened(page):
    first = page.rows.index(0)
    shown = pieces(first.data(Role.OPS), first.data(Role.RESULT).lost)
    assert [piece.text for piece in shown if piece.kind == "gone"] == [", wearing a gray hat"]
    whole = [Op("equal", "a long beginning " * 9, "a long beginning " * 9)]
    assert pieces(whole, [])[0].text == "…"
    ends = [Op("insert", "", "x"), Op("equal", "word " * 40, "word " * 40), Op("insert", "", "y")]
    assert pieces(ends, [])[1].text == "word word word word word…word word word word word "
    synonym = [Op("replace", "shades", "sunglasses")]
    assert [piece.kind for piece in pieces(synonym, [])] == ["went", "equal", "come"]
    assert [piece.kind for piece in pieces(synonym, ["shades"])] == ["gone", "equal", "come"]


def test_filters_count_and_narrow(page):
    assert page.summary.filters["lossy"].text() == "Lost words 1"
    page.summary.filters["lossy"].click()
    assert names(page) == ["lad_001.png"]
    page.summary.filters["unticked"].click()
    assert names(page) == ["lad_001.png"]
    page.summary.filters["changed"].click()
    page.set_pane.list.choose(0)
    page.set_pane.only.click()
    assert names(page) == ["lad_001.png"]
    page.set_pane.only.click()
    assert len(names(page)) == 4


def test_typing_previews_and_an_error_stays_at_its_rule(qtbot, page):
    page.set_pane.list.choose(0)
    field = page.set_pane.form.fields["find"]
    field.setPlainText("hair.*(hat")
    settle(qtbot, page)
    assert "no valid regex" in page.set_pane.form.error.text()
    assert page.preview.shown.totals.lossy == 0
    assert page.preview.shown.totals.changed == 4  # the other rule goes on
    field.setPlainText("gray hat")
    settle(qtbot, page)
    assert page.set_pane.form.error.isHidden()
    assert "gray" in page.set_pane.form.loses.text()
    assert not page.summary.filters["crossing"].isVisible()
    page.editor.undo()
    assert page.set_pane.form.fields["find"].toPlainText() == "hair.*hat"


def test_a_tick_by_hand_holds_until_the_outcome_changes(qtbot, page):
    box = page.table.visualRect(page.rows.index(0))
    QTest.mouseClick(
        page.table.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(14, box.center().y())
    )
    assert page.preview.is_ticked("lad_001.png")
    assert page.bar.told.text() == "1 loses words"
    settle(qtbot, page)
    assert page.preview.is_ticked("lad_001.png")
    page.editor.set(0, "with", "hairs")
    settle(qtbot, page)
    assert not page.preview.is_ticked("lad_001.png")
    page.bar.everything.trigger()
    assert len(page.preview.chosen()) == 4
    assert page.preview.ticked_counts() == (4, 1)
    assert page.summary.filters["unticked"].isHidden()
    page.bar.safe.trigger()
    assert len(page.preview.chosen()) == 3
    page.bar.nothing.trigger()
    assert page.preview.ticked_counts() == (0, 0)
    assert not page.bar.apply.isEnabled()
    assert page.summary.filters["unticked"].text() == "Unticked 4"


def test_space_ticks_the_selected_rows(page):
    page.table.selectAll()
    page.table.setFocus()
    page.table.setCurrentIndex(page.rows.index(1))
    page.table.selectAll()
    QTest.keyClick(page.table, Qt.Key.Key_Space)
    assert page.preview.chosen() == {}


def test_apply_is_one_step_with_snapshot_and_log(qtbot, session, page, monkeypatch):
    before = dict(session.captions.texts())
    page.bar.apply.click()
    settle(qtbot, page)
    assert session.captions.text("lad_002.png").endswith(", sharp")
    assert session.captions.text("lad_001.png") == before["lad_001.png"]
    assert session.captions.undo_stack.count() == 1
    assert page.applied.isVisible()
    with History(session.project.folder) as history:
        newest = history.snapshots()[0]
        assert newest.automatic
        assert newest.name in page.applied.text.text()
        assert history.load(newest.name)["lad_002.png"] == before["lad_002.png"]
    opened = []
    monkeypatch.setattr(QDesktopServices, "openUrl", opened.append)
    page.applied.log.click()
    log = Path(opened[0].toLocalFile()).read_text("utf-8")
    assert "# Caption rules: Mine" in log
    assert "### lad_002.png" in log
    assert "lad_001.png" not in log
    page.applied.undo.click()
    assert session.captions.texts() == before
    assert page.applied.isHidden()


def test_undo_is_offered_only_for_the_rules_themselves(qtbot, session, page):
    page.bar.apply.click()
    settle(qtbot, page)
    session.captions.edit("lad_001.png", "something else")
    assert not page.applied.undo.isEnabled()
    session.captions.undo_stack.undo()
    assert page.applied.undo.isEnabled()


def test_captions_edited_after_the_preview_are_left_alone(qtbot, session, page, threaded_tasks):
    results = page.preview.chosen()
    assert len(results) == 3
    page.bar.apply.click()
    session.captions.edit("lad_002.png", "edited meanwhile")
    qtbot.waitUntil(page.applied.isVisible, timeout=10_000)
    assert session.captions.text("lad_002.png") == "edited meanwhile"
    assert "1 edited meanwhile" in page.applied.text.text()
    qtbot.waitUntil(lambda: not page.preview._is_running, timeout=10_000)


def test_the_newest_keystroke_wins(qtbot, session, page, threaded_tasks):
    for text in ("a", "ab", "gray hat"):
        page.editor.set(0, "find", text)
    qtbot.waitUntil(lambda: bool(page.preview.shown.totals.words_lost == 2), timeout=10_000)
    qtbot.waitUntil(lambda: not page.preview._is_running, timeout=10_000)
    assert page.preview.result("lad_001.png").lost == ["gray", "hat"]


def test_only_the_chosen_captions(qtbot, desk, page):
    desk.take_list(lambda: ["lad_002.png"], lambda: ["lad_001.png", "lady_001.png"])
    page.bar.scope.setCurrentIndex(page.bar.scope.findData("shown"))
    settle(qtbot, page)
    assert sorted(names(page)) == ["lad_001.png", "lady_001.png"]
    page.bar.scope.setCurrentIndex(page.bar.scope.findData("selected"))
    settle(qtbot, page)
    assert names(page) == ["lad_002.png"]


def test_rules_are_tried_on_any_text(qtbot, page):
    assert page.trying.text.text().startswith("portrait of bespoke punk lad, brown hair")
    assert page.trying.verdict.text() == "3 words lost"
    page.trying.text.setText("a bow")
    assert page.trying.view.toPlainText() == "a bow, sharp"
    assert page.trying.verdict.text() == "Nothing lost"
    page.table.setCurrentIndex(page.rows.index(1))
    assert page.trying.text.text() == page.preview.result(names(page)[1]).before


def test_rules_are_switched_moved_copied_and_deleted(qtbot, page):
    pane, model = page.set_pane, page.rules
    pane.list.choose(0)
    pane.list.setFocus()
    QTest.keyClick(pane.list, Qt.Key.Key_Space)
    assert not page.editor.checked[0].on
    pane.down.click()
    assert [rule.name for rule in page.editor.checked] == ["end", "greedy"]
    assert pane.list.currentIndex().row() == 1
    data = QMimeData()
    data.setData(MIME, b"1")
    model.dropMimeData(data, Qt.DropAction.MoveAction, 0, 0, model.index(-1, -1))
    assert [rule.name for rule in page.editor.checked] == ["greedy", "end"]
    assert pane.list.currentIndex().row() == 0
    pane.duplicate.click()
    assert [rule.name for rule in page.editor.checked] == ["greedy", "greedy 2", "end"]
    QTest.keyClick(pane.list, Qt.Key.Key_Delete)
    assert [rule.name for rule in page.editor.checked] == ["greedy", "end"]
    assert "# Runs over commas." in page.editor.document.text
    pane.add.menu().actions()[0].trigger()
    assert page.editor.checked[pane.list.currentIndex().row()].action == "append"


def test_every_action_has_its_fields(page):
    pane = page.set_pane
    pane.list.choose(0)
    for index in range(pane.form.fields["action"].count()):
        pane.form.fields["action"].setCurrentIndex(index)
        rule = page.editor.checked[pane.form.row()]
        options = {"name", "note", "action"}
        assert options <= set(pane.form.fields)
        assert pane.form.fields["action"].currentData() == rule.action
    pane.form.fields["action"].setCurrentIndex(pane.form.fields["action"].findData("order"))
    pane.form.fields["first"].setPlainText("pixel art\nportrait*")
    assert page.editor.checked[0].table["first"] == ["pixel art", "portrait*"]


def test_synonyms_are_declared_in_the_form(qtbot, page):
    pane = page.set_pane
    pane.list.choose(0)
    pane.form.fields["synonyms"].setPlainText("hat = \nwearing =\ngray = \nunfinished")
    settle(qtbot, page)
    assert page.preview.shown.totals.lossy == 0
    pane.form.fields["synonyms"].setPlainText("")
    pane.whole.click()
    pane.form.fields["synonyms"].setPlainText("wearing = hair\nhat=\ngray=")
    settle(qtbot, page)
    assert page.editor.document.top("synonyms", {}) == {"wearing": "hair", "hat": "", "gray": ""}


def test_unsaved_rules_are_asked_about(session, ask, page):
    page.editor.set(0, "find", "bow")
    ask.answers = ["stay"]
    page.set_pane.choose.setCurrentIndex(page.set_pane.choose.count() - 2)
    page.set_pane._on_chosen(page.set_pane.choose.currentIndex())
    assert page.editor.path.name == "mine.toml"
    ask.answers = ["save"]
    page.set_pane._on_chosen(page.set_pane.choose.findText("strip_hex (Bespoke)"))
    assert page.editor.path.name == "strip_hex.toml"
    assert "find = 'bow'" in (session.project.folder / "rules" / "mine.toml").read_text(
        "utf-8"
    ) or ('find = "bow"' in (session.project.folder / "rules" / "mine.toml").read_text("utf-8"))


def test_a_file_written_by_another_program_is_not_written_over_unasked(session, ask, page):
    path = page.editor.path
    page.editor.set(0, "find", "bow")
    path.write_text("# other\n" + RULES, "utf-8")
    ask.answers = [""]
    assert not page.set_pane.save()
    assert path.read_text("utf-8").startswith("# other")
    ask.answers = ["copy", path.with_name("copy")]
    assert page.set_pane.save()
    assert page.editor.path.name == "copy.toml"
    assert path.read_text("utf-8").startswith("# other")
