"""The queue in a window: edits one after the other, undo, what is started and how it ended."""

from dataclasses import replace

import pytest

from bespoke_gui.core.queue.entry import Entry
from bespoke_gui.core.queue.progress import progress_words
from bespoke_gui.core.queue.store import QueueFile
from bespoke_gui.core.rundir import RunDir
from bespoke_gui.core.runs import list_runs
from bespoke_gui.launch.base import BACKENDS
from bespoke_gui.launch.queue_runner import QueueRunner
from bespoke_gui.qtmodels.queue_desk import queue_of
from bespoke_gui.qtmodels.queue_rows import MIME, QueueRows, summary, when
from tests.launch.contract import wait_state
from tests.queue_kit import CONFIG, QUICK, kill_engine


def entry(name, **more):
    return Entry(0, name, text=CONFIG, engine="fake", base="embedded", options=QUICK, **more)


@pytest.fixture
def desk(session):
    return queue_of(session)


@pytest.fixture
def still(desk):
    """A desk whose line does not start."""
    desk.pause_all(True)
    desk._undo.clear()
    return desk


def titles(desk):
    return [one.title for one in desk.entries]


def test_there_is_one_desk_a_window(session, desk):
    assert queue_of(session) is desk


def test_what_is_added_runs_and_is_told(desk, session, qtbot):
    told, runs = [], []
    session.notice.connect(lambda level, text, _: told.append((level, text)))
    session.runs_changed.connect(lambda: runs.append(1))
    desk.add([entry("one")])
    (started,) = desk.entries
    assert (started.state, runs) == ("running", [1])
    wait_state(BACKENDS["local"], RunDir(session.project.runs_dir / started.run), "finished")
    desk.look()
    assert [one.state for one in desk.entries] == ["done"]
    assert told == [("good", "one is finished")]
    assert len(list_runs(session.project)) == 1


def test_how_far_a_run_is(desk, session, qtbot):
    slow = {"seconds_per_step": 0.05, "epochs": 400, "steps_per_epoch": 2}
    desk.add([replace(entry("one"), options=slow)])
    (started,) = desk.entries
    run_dir = RunDir(session.project.runs_dir / started.run)
    rows = QueueRows()
    try:
        qtbot.waitUntil(lambda: "epoch 2 of 400" in _looked(desk), timeout=30_000)
        rows.show(desk.entries)
        rows.show_progress(desk.progress)
        assert rows.index(0, 5).data() == desk.progress[1]
        assert desk.progress[1].endswith("left")
    finally:
        kill_engine(run_dir)


def _looked(desk):
    desk.look()
    return desk.progress.get(1, "")


def test_the_end_of_a_long_story_is_enough(tmp_path):
    run_dir = RunDir(tmp_path)
    assert progress_words(run_dir) == ""
    run_dir.emit("stage", name="uploading")
    assert progress_words(run_dir) == "uploading"
    for number in range(2000):
        run_dir.emit("log", level="info", text=f"{number} " + "x" * 50)
    run_dir.emit("progress", step=3, total=9)
    assert progress_words(run_dir) == "step 3 of 9"
    run_dir.emit("progress", step=4, total=9, epoch=2, epochs=8, eta_s=720.0)
    with run_dir.events_path.open("a") as file:
        file.write('{"event": "prog')
    assert progress_words(run_dir) == "epoch 2 of 8, 12 min left"


def test_every_step_can_be_taken_back(still):
    still.add([entry("a"), entry("b")])
    still.add([entry("c")])
    still.move(3, -1)
    assert titles(still) == ["a", "c", "b"]
    still.move_to(2, 1)
    assert titles(still) == ["b", "a", "c"]
    still.pause([1, 3])
    still.remove([2, 3])
    assert titles(still) == ["a"]
    for wanted in (["b", "a", "c"], ["b", "a", "c"], ["a", "c", "b"], ["a", "b", "c"]):
        still.undo()
        assert titles(still) == wanted
    assert {one.state for one in still.entries} == {"waiting"}
    still.undo()
    still.undo()
    assert (titles(still), still.can_undo) == ([], False)


def test_undo_touches_nothing_that_runs_by_now(still, session):
    still.add([entry("a")])
    still.pause([1])
    with QueueFile(session.project).edit() as queue:
        queue.change(1, state="running", run="r", launcher=QueueRunner(session.project).me())
    still.undo()
    still.undo()
    (found,) = QueueFile(session.project).read().entries
    assert (found.state, found.run) == ("running", "r")


def test_edits_of_another_program_are_seen_and_kept(still, session):
    still.add([entry("a")])
    QueueFile(session.project).add(entry("b"))
    still.look()
    assert titles(still) == ["a", "b"]
    still.move(2, -1)
    assert titles(still) == ["b", "a"]


def test_many_edits_at_once_are_all_made_in_order(still, threaded_tasks, qtbot):
    for name in "abcdef":
        still.add([entry(name)])
    for _ in range(5):
        still.move(6, -1)
    qtbot.waitUntil(lambda: titles(still) == list("fabcde"))


def test_a_broken_queue_is_told_once(desk, session):
    told = []
    session.notice.connect(lambda level, text, _: told.append(level))
    path = session.project.bespoke_dir / "queue.json"
    path.write_text("{")
    for _ in range(3):
        desk.look()
    assert told == ["error"]
    path.unlink()
    desk.look()
    path.write_text("{")
    desk.look()
    assert told == ["error", "error"]


def test_another_project_has_another_queue(still, session, make_project):
    still.add([entry("a")])
    before = session.project.folder
    session.open_project(make_project("other"))
    assert titles(still) == []
    session.open_project(before)
    still.look()
    assert titles(still) == ["a"]


# -- the table ----------------------------------------------------------------------------------


@pytest.fixture
def rows():
    rows = QueueRows()
    states = ("done", "running", "waiting", "paused", "waiting")
    rows.show([Entry(n, f"e{n}", state=state) for n, state in enumerate(states, 1)])
    return rows


def test_places_count_those_that_wait(rows):
    assert [rows.index(place, 0).data() for place in range(5)] == ["", "", "1", "2", "3"]
    assert summary(rows.rows, False) == "1 running  ·  2 waiting  ·  1 paused  ·  1 finished"
    assert summary(rows.rows, True).endswith("nothing new starts")


@pytest.mark.parametrize(("row", "place"), [(2, 1), (3, 2), (4, 2), (5, 3), (0, 1), (-1, 3)])
def test_a_drop_names_the_place_in_the_line(rows, row, place):
    from PySide6.QtCore import QModelIndex, Qt

    found = []
    rows.dropped.connect(lambda number, at: found.append((number, at)))
    data = rows.mimeData([rows.index(3, 0)])
    assert data.hasFormat(MIME)
    rows.dropMimeData(data, Qt.DropAction.MoveAction, row, 0, QModelIndex())
    assert found == [(4, place)]


def test_only_what_waits_is_dragged(rows):
    from PySide6.QtCore import Qt

    dragged = [
        bool(rows.flags(rows.index(place, 0)) & Qt.ItemFlag.ItemIsDragEnabled) for place in range(5)
    ]
    assert dragged == [False, False, True, True, True]


def test_times_in_words():
    assert when(Entry(1, "a", started=10.0, ended=75.0)) == "took 1:05 min"
    assert when(Entry(1, "a")) == ""
