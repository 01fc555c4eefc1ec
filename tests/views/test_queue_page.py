"""Queue page: the line with the mouse and with keys, sweeps with a preview, and the run behind."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from bespoke_gui.core.config.trainer_config import TrainingConfig
from bespoke_gui.core.queue.store import QueueFile
from bespoke_gui.core.rundir import RunDir
from bespoke_gui.launch.base import BACKENDS
from bespoke_gui.views.rooms.train import TrainPanel
from bespoke_gui.views.widgets.sweep_dialog import SweepDialog
from tests.launch.contract import wait_state
from tests.queue_kit import CONFIG, QUICK

TIMEOUT = 30_000


@pytest.fixture
def panel(qtbot, session):
    (session.project.configs_dir / "punk.toml").write_text(f"{CONFIG}unet_lr = 1e-3\n")
    panel = TrainPanel(session)
    qtbot.addWidget(panel)
    panel.starting.engine, panel.starting.options = "fake", QUICK
    panel.resize(1024, 640)
    panel.show()
    qtbot.waitUntil(lambda: panel.preflight.result is not None, timeout=TIMEOUT)
    panel.starting.queue.pause_all(True)
    panel.starting.queue._undo.clear()
    panel.starting.queue.agreed = lambda: True
    yield panel
    panel.view.detach()


@pytest.fixture
def page(panel):
    panel.show_page("queue")
    return panel.page("queue")


def press(page, key, modifier=Qt.KeyboardModifier.NoModifier):
    page.table.setFocus()
    QTest.keyClick(page.table, key, modifier)


def rows(page):
    model = page.table.model()
    return [(model.index(n, 1).data(), model.index(n, 2).data()) for n in range(model.rowCount())]


def ids(page):
    return [entry.id for entry in page.rows.rows]


def test_the_training_that_is_set_up_goes_in_line_and_runs(panel, page, qtbot, ask, session):
    panel.show_page("run")
    if panel.preflight.result.errors:
        ask.answers.append("start")
    panel.setup.queue.click()
    assert panel._switch.stack.currentWidget() is page
    assert rows(page) == [("punk", "waiting")]
    page.whole.click()
    (entry,) = QueueFile(session.project).read().entries
    assert rows(page) == [("punk", "running")]
    wait_state(BACKENDS["local"], RunDir(session.project.runs_dir / entry.run), "finished")
    panel.starting.queue.look()
    assert rows(page) == [("punk", "finished")]
    page._select([1])
    page.run.click()
    assert panel.view.run_dir.run == entry.run
    assert panel._switch.stack.currentWidget() is panel.pages


def test_the_line_with_keys(panel, page):
    for _ in range(3):
        page.plus.click()
    assert ids(page) == [1, 2, 3]
    page._select([3])
    press(page, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    press(page, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert ids(page) == [3, 1, 2]
    assert [entry.id for entry in page.chosen()] == [3]
    press(page, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert ids(page) == [1, 3, 2]
    press(page, Qt.Key.Key_Space)
    assert rows(page)[1] == ("punk", "paused")
    assert (page.pause.isVisible(), page.resume.isVisible()) == (False, True)
    press(page, Qt.Key.Key_Space)
    assert rows(page)[1] == ("punk", "waiting")
    press(page, Qt.Key.Key_Delete)
    assert ids(page) == [1, 2]
    press(page, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert ids(page) == [1, 3, 2]


def test_several_at_once_keep_their_order(panel, page):
    for _ in range(4):
        page.plus.click()
    page._select([3, 4])
    page.up.click()
    assert ids(page) == [1, 3, 4, 2]
    page.up.click()
    page.up.click()
    assert ids(page) == [3, 4, 1, 2]
    page.down.click()
    assert ids(page) == [1, 3, 4, 2]
    for _ in range(3):
        page.down.click()
    assert ids(page) == [1, 2, 3, 4]
    page._select([1, 3])
    page.up.click()
    assert ids(page) == [1, 3, 2, 4]


def test_a_drop_moves_an_entry(panel, page):
    for _ in range(3):
        page.plus.click()
    page.rows.dropped.emit(1, 3)
    assert ids(page) == [2, 3, 1]


def test_what_the_start_would_ask_is_asked_here_too(panel, page):
    page.plus.click()
    panel.starting.queue.agreed = lambda: False
    page.plus.click()
    assert ids(page) == [1]


def test_sd_scripts_and_the_embedded_base_are_said(panel, page, session):
    told = []
    session.notice.connect(lambda level, text, _: told.append(text))
    panel.starting.engine = "kohya"
    panel.setup.set_base("embedded")
    page.plus.click()
    assert told == ["sd-scripts cannot train the embedded base"]
    assert ids(page) == []


def test_nothing_to_train_is_said(panel, page, session):
    told = []
    session.notice.connect(lambda level, text, _: told.append(text))
    panel.configs.open(None)
    page.plus.click()
    page.many.click()
    assert told == ["There is nothing to train yet"] * 2
    assert not page.findChildren(SweepDialog)


@pytest.fixture
def sweep(page, qtbot):
    page.many.click()
    (dialog,) = page.findChildren(SweepDialog)
    yield dialog
    for left in page.findChildren(SweepDialog):
        left.close()


def cells(dialog):
    model = dialog.table.model()
    return [tuple(model.index(n, c).data() for c in (0, 1, 2)) for n in range(model.rowCount())]


def planned(dialog, qtbot, key, text):
    axis = dialog.axes[0]
    axis.key.setCurrentText(key)
    with qtbot.waitSignal(dialog.model.planned, timeout=TIMEOUT):
        axis.values.setText(text)


def test_a_sweep_is_shown_before_anything_is_written(panel, page, sweep, qtbot, session):
    assert not sweep.go_on.isEnabled()
    planned(sweep, qtbot, "unet_lr", "1e-3, 5e-4")
    error = panel.preflight.first_error()
    assert error is not None
    assert sweep.problem.text() == f"Every run would meet this: {error.message}"
    assert sweep.go_on.isEnabled()
    assert cells(sweep) == [
        ("punk-unet0.001", "unet_lr 0.001", "4"), ("punk-unet5e-4", "unet_lr 5e-4", "4"),
    ]  # fmt: skip
    assert "2 runs, 8 steps" in sweep.words.text()
    seed = sweep.add_axis("seed")
    with qtbot.waitSignal(sweep.model.planned, timeout=TIMEOUT):
        seed.values.setText("1,2")
    assert len(cells(sweep)) == 4
    with qtbot.waitSignal(sweep.model.planned, timeout=TIMEOUT):
        sweep.paired.click()
    assert len(cells(sweep)) == 2
    assert sweep.go_on.text() == "Add 2 runs to queue"
    assert [path.name for path in session.project.configs_dir.iterdir()] == ["punk.toml"]
    sweep.go_on.click()
    assert [name for name, _ in rows(page)] == ["punk-unet0.001-seed1", "punk-unet5e-4-seed2"]
    written = TrainingConfig.load(session.project.configs_dir / "punk-unet5e-4-seed2.toml")
    assert (written.get("unet_lr"), written.get("seed")) == (5e-4, 2)


@pytest.mark.parametrize(
    ("key", "text", "word"),
    [("seed", "1,x", "whole number"), ("seed", "1,1", "twice"),
     ("lr_scheduler_num_cycles", "1,3", "would train the same")],
)  # fmt: skip
def test_what_makes_no_sweep_is_said(panel, sweep, qtbot, key, text, word):
    planned(sweep, qtbot, key, text)
    assert word in sweep.problem.text()
    assert not sweep.go_on.isEnabled()


def test_nothing_is_clipped_in_a_small_window(panel, page, qtbot):
    panel.resize(944, 600)
    page.plus.click()
    qtbot.wait(10)
    for part in (page.whole, page.many, page.plus, page.run, page.clear):
        assert part.width() >= part.sizeHint().width()
        assert page.rect().contains(part.geometry())
