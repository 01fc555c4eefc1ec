"""From the window to another machine and back: a real sshd, a real courier, the fake engine."""

import pytest

from bespoke_gui.core.machines import save_machine
from bespoke_gui.core.resources import resource
from bespoke_gui.core.rundir import RunDir
from bespoke_gui.qtmodels import tasks
from bespoke_gui.qtmodels.run_keeper import RunKeeper
from bespoke_gui.views.rooms.train import TrainPanel
from bespoke_gui.views.widgets.checkpoint_table import WHERE_COLUMN
from tests.launch.remote_kit import QUICK_WAITS, courier_of, shorten_waits
from tests.launch.sshd import Sshd, needs_sshd

TIMEOUT = 240_000


@pytest.fixture
def sshd(tmp_path, monkeypatch):
    from dataclasses import replace

    shorten_waits(monkeypatch, replace(QUICK_WAITS, connect=120, give_up=120))
    with Sshd(tmp_path) as running:
        yield running


@pytest.fixture
def make_panel(qtbot, session, sshd, threaded_tasks):
    text = resource("demo/training_config.toml").read_text(encoding="utf-8")
    (session.project.configs_dir / "demo.toml").write_text(text, encoding="utf-8")
    save_machine(sshd.machine())
    panels = []

    def make():
        panel = TrainPanel(session)
        qtbot.addWidget(panel)
        panel.resize(1360, 820)
        panel.show()
        panel.starting.engine = "fake"
        panels.append(panel)
        qtbot.waitUntil(lambda: "box" in panel.places.machines, timeout=TIMEOUT)
        return panel

    yield make
    for panel in panels:
        panel.view.detach()
    for folder in session.project.runs_dir.glob("*"):
        courier = courier_of(RunDir(folder))
        if courier is not None:
            courier.kill()
    tasks.shutdown()


@needs_sshd
def test_a_run_on_another_machine_survives_the_window_and_comes_home(
    make_panel, qtbot, ask, session
):
    first = make_panel()
    first.starting.options = {"seconds_per_step": 0.4, "epochs": 3, "steps_per_epoch": 6}
    first.places.choose("ssh:box")
    first.places.look(first.places.machine)
    qtbot.waitUntil(lambda: first.places.problems() == [] or bool(first.places.looks),
                    timeout=TIMEOUT)  # fmt: skip
    qtbot.waitUntil(lambda: first.preflight.result is not None, timeout=TIMEOUT)
    qtbot.waitUntil(first.setup.start.isEnabled, timeout=TIMEOUT)
    if first.preflight.first_error():
        ask.answers.append("start")
    first.setup.start.click()
    qtbot.waitUntil(lambda: first.view.story.step > 1, timeout=TIMEOUT)
    assert first.view.head.place.text().startswith("box")
    run_dir = first.view.run_dir
    # The window goes, and its courier with it; another window finds the run by itself.
    first.view.detach()
    first.hide()
    courier = courier_of(run_dir)
    assert courier is not None
    courier.kill()
    courier.wait(30)
    keeper = RunKeeper(session)
    ends = []
    keeper.ended.connect(ends.append)
    second = make_panel()
    qtbot.waitUntil(lambda: second.view.run_dir is not None, timeout=TIMEOUT)
    assert second.view.run_dir.folder == run_dir.folder
    qtbot.waitUntil(lambda: courier_of(run_dir) is not None or bool(ends), timeout=TIMEOUT)
    qtbot.waitUntil(lambda: second.view.state == "finished", timeout=TIMEOUT)
    qtbot.waitUntil(lambda: len(ends) == 1, timeout=TIMEOUT)
    assert ends[0].state == "finished"
    assert list(second.view.story.curve.steps) == list(range(1, 19)), "each step exactly once"
    model = second.view.files.model
    assert [row.epoch for row in model.rows if row.whole] == [1, 2, 3]
    states = {model.index(row, WHERE_COLUMN).data() for row in range(len(model.rows))}
    assert states == {"here, verified"}
    assert all((run_dir.folder / row.path).is_file() for row in model.rows)
    keeper.deleteLater()
