"""The query over an open project: fields, orders, background, mistakes."""

import os

import pytest

from bespoke_gui.core.history import History
from bespoke_gui.qtmodels import caption_query_model
from bespoke_gui.qtmodels.caption_desk import CaptionDesk
from bespoke_gui.qtmodels.caption_query_model import SORTS, Sort, in_order

A, B, C, D = "lad_001.png", "lad_002.png", "lady_001.png", "lady_002.png"


@pytest.fixture
def desk(session):
    return CaptionDesk(session, session)


@pytest.fixture
def ask_for(desk, session):
    answers = []
    desk.query.found.connect(lambda names: answers.append(list(names)))
    desk.query.set_names(session.captions.names())

    def ask_for(text, sort=None):
        assert desk.query.set_text(text)
        if sort is not None:
            desk.query.set_sort(sort)
        return answers[-1]

    return ask_for


def test_fields_ask_the_project(desk, session, ask_for):
    assert ask_for("earrings") == [C]
    assert ask_for("lossy:yes") == [A]
    assert ask_for("lost:moustache") == [A]
    assert ask_for("gained:*") == []
    session.captions.edit(B, "a lad, red red hair")
    desk.lints.run()
    assert ask_for("status:unsaved") == [B]
    assert ask_for("lint:doubled_word") == [B]
    assert ask_for("changed:yes -lossy:yes gained:red") == []
    assert ask_for("changed:yes gained:red") == [B]
    desk.reviews.set([C], "needs_work", "which earrings?")
    assert ask_for("status:needs_work OR note:xyz") == [C]
    assert ask_for("note:earrings") == [C]
    session.captions.edit(D, "")
    assert ask_for("status:missing") == [D]
    assert ask_for("tokens:>9") == [A, C]


def test_excluded_images_are_found(session, ask_for, desk):
    (session.dataset.folder / "excluded.txt").write_text("lad_002.png\n")
    session.open_project(session.project.folder)
    assert ask_for("status:excluded") == [B]


def test_orders(desk, session, ask_for):
    session.captions.edit(B, "one, two, three, four, five, six, seven, eight, nine, ten, eleven")
    assert ask_for("", Sort("phrases", True))[0] == B
    assert ask_for("", Sort("tokens"))[-1] == B
    assert ask_for("", Sort("edited", True))[0] == B
    assert ask_for("", Sort("name", True)) == [D, C, B, A]
    assert ask_for("", Sort("path", True)) == [D, C, B, A]
    desk.reviews.set([C], "needs_work")
    desk.reviews.set([A], "accepted")
    assert ask_for("", Sort("review")) == [C, B, D, A]
    session.captions.edit(D, "red red red, hair hair")
    desk.lints.run()
    assert ask_for("", Sort("lint", True))[0] == D
    assert ask_for("lad", Sort("name")) == [A, B, C] or ask_for("lad", Sort("name")) == [A, B, C, D]
    for key in SORTS:
        assert sorted(ask_for("", Sort(key))) == [A, B, C, D]


def test_files_touched_last_come_first(desk, session, ask_for):
    for age, name in enumerate((C, A, D, B)):
        os.utime(session.captions.on_disk(name).path, (1e9 - age, 1e9 - age))
    assert ask_for("", Sort("edited", True)) == [C, A, D, B]


def test_a_mistake_leaves_the_last_query_in_force(desk, ask_for):
    failed = []
    desk.query.failed.connect(failed.append)
    ask_for("earrings")
    assert not desk.query.set_text("earrings AND (")
    assert (failed[0].start, failed[0].length) == (13, 1)
    assert desk.query.query.text == "earrings"


def test_a_large_set_is_searched_in_the_background(
    desk, ask_for, monkeypatch, threaded_tasks, qtbot
):
    monkeypatch.setattr(caption_query_model, "AT_ONCE", 2)
    with qtbot.waitSignal(desk.query.found) as caught:
        desk.query.set_text("hair")
        desk.query.set_text("earrings")
    assert caught.args == [[C]]


def test_a_runaway_regex_is_told(desk, session, ask_for):
    told = []
    desk.query.too_long.connect(told.append)
    session.captions.edit(A, "x" * 5000)
    desk.query.set_text("re:(x+x+)+y")
    assert "takes too long" in told[0]


def test_history_without_reviews_is_not_touched_by_asking(session, ask_for):
    ask_for("status:todo")
    with History(session.project.folder) as history:
        assert history.reviews() == {}


@pytest.mark.parametrize("descending", [False, True])
def test_runs_are_sorted_as_one_stable_sort_would(monkeypatch, descending):
    monkeypatch.setattr(caption_query_model, "PIECE", 7)
    keys = {f"{n}": n * 7919 % 13 for n in range(100)}
    wanted = sorted(keys, key=keys.__getitem__, reverse=descending)
    assert in_order(list(keys), keys, descending) == wanted
    assert in_order([], {}, descending) == []
