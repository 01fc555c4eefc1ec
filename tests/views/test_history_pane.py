"""Tab "history": past texts of the current caption with their source, put back with undo."""

import pytest

from bespoke_gui.core.history import History
from bespoke_gui.qtmodels.caption_desk import CaptionDesk
from bespoke_gui.qtmodels.diff_rows import DiffRole
from bespoke_gui.views.caption_tabs import TABS
from bespoke_gui.views.widgets.history_pane import HistoryPane

NAME = "lad_001.png"


@pytest.fixture
def pane(session, qtbot):
    desk = CaptionDesk(session)
    desk.take_current(NAME)
    made = TABS["history"].build(desk)
    assert isinstance(made, HistoryPane)
    qtbot.addWidget(made)
    made.resize(360, 400)
    made.show()
    made.desk = desk
    return made


def rows(pane):
    found = [pane.rows.index(n).data(DiffRole.ROW) for n in range(pane.rows.rowCount())]
    return [
        (row.detail, row.warning, [(p.before, p.after) for p in row.pieces if p.id])
        for row in found
    ]


def save(session, text, label="edit caption"):
    session.captions.edit(NAME, text, label)
    session.captions.save([NAME], lambda report: None)


def test_every_saved_text_is_listed_with_what_it_changed(pane, session):
    before = session.captions.text(NAME)
    titles = []
    pane.title_changed.connect(titles.append)
    save(session, f"{before}, tie")
    save(session, before.replace("gray", "red"), "rules: hats")
    assert rows(pane) == [
        ("rules: hats", "lost gray, tie", [("gray", "red"), (", tie", "")]),
        ("typed", "", [("", ", tie")]),
        ("as it was before editing", "lost smiling, moustache", [(", smiling with moustache", "")]),
        ("in snapshot before", "", []),
    ]
    assert titles[-1] == "History 4"


def test_a_text_is_put_back_and_undo_takes_it_away(pane, session):
    before = session.captions.text(NAME)
    save(session, "one")
    pane.list.select("1")
    assert pane.rows.index(1).data(DiffRole.ROW).detail == "as it was before editing"
    assert "one" in pane.view.plain_text()
    pane.back.click()
    assert session.captions.text(NAME) == before
    assert not pane.back.isEnabled()
    session.captions.undo_stack.undo()
    assert session.captions.text(NAME) == "one"
    assert pane.back.isEnabled()


def test_another_caption_has_its_own_past(pane, session):
    save(session, "one")
    with History(session.project.folder) as history:
        history.delete("before")
    session.snapshots_changed.emit()
    pane.desk.take_current("lady_002.png")
    assert rows(pane) == []
    assert not pane._none.isHidden()
    pane.desk.take_current(NAME)
    assert len(rows(pane)) == 2


def test_it_survives_a_restart(pane, session):
    save(session, "one")
    session.open_project(session.project.folder)
    pane.desk.take_current(NAME)
    assert rows(pane)[0][0] == "typed"
    assert len(rows(pane)) == 3
