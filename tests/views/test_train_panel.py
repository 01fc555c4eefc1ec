"""Train panel: the loop from the window with the fake engine, started as a real process."""

import json
import os
import signal

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from bespoke_gui.core.errors import Problem
from bespoke_gui.core.lorafile import write_tensors
from bespoke_gui.core.models.store import add_model
from bespoke_gui.core.resources import resource
from bespoke_gui.core.rundir import RunDir
from bespoke_gui.launch import engine_env
from bespoke_gui.qtmodels import train_work as work
from bespoke_gui.views.rooms.train import TrainPanel
from bespoke_gui.views.widgets.findings import Findings, grouped, summary

TIMEOUT = 30_000


@pytest.fixture
def project(session):
    text = resource("demo/training_config.toml").read_text(encoding="utf-8")
    (session.project.configs_dir / "demo.toml").write_text(text, encoding="utf-8")
    return session.project


@pytest.fixture
def make_panel(qtbot, session, project):
    panels = []

    def make(**options):
        panel = TrainPanel(session)
        qtbot.addWidget(panel)
        panel.setMinimumSize(900, 600)
        panel.resize(1360, 820)
        panel.starting.engine = panel.starting.sampler = "fake"
        quick = {"seconds_per_step": 0.002, "epochs": 3, "steps_per_epoch": 5}
        panel.starting.options = {**quick, **options}
        panel.show()
        qtbot.waitUntil(lambda: panel.preflight.result is not None, timeout=TIMEOUT)
        panels.append(panel)
        return panel

    yield make
    for panel in panels:
        panel.view.detach()
    for run in project.runs_dir.glob("*"):
        end(RunDir(run))


def end(run_dir):
    job = run_dir.read_job()
    if job and run_dir.read_exit() is None:
        try:
            os.killpg(job["pid"], signal.SIGKILL)
        except OSError:
            os.kill(job["pid"], signal.SIGKILL) if work.run_state(run_dir) == "running" else None


def start(panel, qtbot, ask):
    if panel.preflight.result.errors:
        ask.answers.append("start")
    panel.setup.start.click()
    qtbot.waitUntil(lambda: panel.view.run_dir is not None, timeout=TIMEOUT)
    return panel.view.run_dir


def test_a_run_from_start_to_finish(make_panel, qtbot, ask, session, project):
    panel = make_panel()
    run_dir = start(panel, qtbot, ask)
    qtbot.waitUntil(lambda: panel.view.state == "finished", timeout=TIMEOUT)
    assert run_dir.folder.parent == project.runs_dir
    assert panel.view.story.step == panel.view.story.total == 15
    assert list(panel.view.story.curve.steps) == list(range(1, 16))
    rows = panel.view.files.model.rows
    assert [row.epoch for row in rows] == [1, 2, 3]
    assert all((run_dir.folder / row.path).stat().st_size == row.size for row in rows)
    assert panel.view.files.model.index(2, 4).data() == "demo_style.safetensors"
    assert panel.view.tiles_box.values["step"].text() == "15 / 15"
    assert [(info.run, info.state) for info in panel.runs.rows] == [(run_dir.run, "finished")]
    assert (run_dir.folder / "config.toml").read_text() == panel.configs.document.text
    spec = json.loads(run_dir.spec_path.read_text())
    assert spec["data"][0]["folder"] == str(project.folder / "dataset")
    panel.grab()


def test_stop_asks_then_saves_and_ends(make_panel, qtbot, ask):
    panel = make_panel(seconds_per_step=0.05, steps_per_epoch=200)
    run_dir = start(panel, qtbot, ask)
    qtbot.waitUntil(lambda: panel.view.story.step > 3, timeout=TIMEOUT)
    ask.answers.append("")
    panel.view.head.controls.stop.click()
    assert not run_dir.requested("stop"), "cancelled questions change nothing"
    ask.answers.append("stop")
    panel.view.head.controls.stop.click()
    assert "Stopping" in panel.view.head.stage.text()
    qtbot.waitUntil(lambda: panel.view.state == "cancelled", timeout=TIMEOUT)
    assert panel.view.story.checkpoints
    assert panel.view.head.controls.resume.isVisible()


def test_pause_save_now_and_stop_after_epoch(make_panel, qtbot, ask):
    panel = make_panel(seconds_per_step=0.02, steps_per_epoch=40)
    run_dir = start(panel, qtbot, ask)
    qtbot.waitUntil(lambda: panel.view.story.step > 2, timeout=TIMEOUT)
    panel.view.head.controls.pause.click()
    assert panel.view.head.controls.pause.text() == "Resume"
    assert panel.view.head.badge.text() == "paused"
    qtbot.waitUntil(lambda: panel.view.story.stage == "paused", timeout=TIMEOUT)
    panel.view.head.controls.pause.click()
    assert not run_dir.requested("pause")
    panel.view.head.controls.save.click()
    rows = panel.view.files.model
    qtbot.waitUntil(lambda: any(not row.whole for row in rows.rows), timeout=TIMEOUT)
    panel.view.head.controls.after_epoch.click()
    qtbot.waitUntil(lambda: panel.view.state == "cancelled", timeout=TIMEOUT)
    assert panel.view.story.step % 40 == 0


def test_a_stopped_run_goes_on_where_it_was(make_panel, qtbot, ask):
    panel = make_panel(seconds_per_step=0.01, steps_per_epoch=30)
    run_dir = start(panel, qtbot, ask)
    qtbot.waitUntil(lambda: panel.view.story.step > 2, timeout=TIMEOUT)
    ask.answers.append("epoch")
    panel.view.head.controls.stop.click()
    qtbot.waitUntil(lambda: panel.view.state == "cancelled", timeout=TIMEOUT)
    stopped_at = panel.view.story.step
    panel.view.head.controls.resume.click()
    qtbot.waitUntil(lambda: panel.view.state == "finished", timeout=TIMEOUT)
    assert panel.view.run_dir.folder == run_dir.folder
    assert stopped_at < panel.view.story.step == 90
    assert list(panel.view.story.curve.steps) == list(range(1, 91))


def test_a_failure_is_told_in_words_with_its_hint(make_panel, qtbot, ask):
    panel = make_panel(fail="oom", fail_at=4)
    start(panel, qtbot, ask)
    qtbot.waitUntil(lambda: panel.view.state == "failed", timeout=TIMEOUT)
    assert panel.view.head.failure.isVisible()
    assert "memory" in panel.view.head.failure_words.text()


def test_a_killed_engine_is_lost_not_done(make_panel, qtbot, ask):
    panel = make_panel(seconds_per_step=0.05, steps_per_epoch=200)
    run_dir = start(panel, qtbot, ask)
    qtbot.waitUntil(lambda: panel.view.story.step > 1, timeout=TIMEOUT)
    os.kill(run_dir.read_job()["pid"], signal.SIGKILL)
    qtbot.waitUntil(lambda: panel.view.state == "lost", timeout=TIMEOUT)
    assert "ended without a word" in panel.view.head.failure_words.text()
    assert not panel.view.head.controls.pause.isVisible()


def test_a_new_panel_finds_the_running_run(make_panel, qtbot, ask):
    first = make_panel(seconds_per_step=0.03, steps_per_epoch=200)
    run_dir = start(first, qtbot, ask)
    qtbot.waitUntil(lambda: first.view.story.step > 2, timeout=TIMEOUT)
    first.view.detach()
    first.hide()
    second = make_panel()
    qtbot.waitUntil(lambda: second.view.state == "running", timeout=TIMEOUT)
    assert second.view.run_dir.folder == run_dir.folder
    seen = first.view.story.step
    qtbot.waitUntil(lambda: second.view.story.step > seen, timeout=TIMEOUT)
    assert second.view.story.curve.steps[0] == 1, "the past is there as well"


def test_a_gallery_is_generated_and_opened(make_panel, qtbot, ask, session, project):
    panel = make_panel()
    start(panel, qtbot, ask)
    qtbot.waitUntil(lambda: panel.view.state == "finished", timeout=TIMEOUT)
    wanted = []
    session.go_to.connect(wanted.append)
    panel.view.head.controls.gallery.click()
    qtbot.waitUntil(lambda: wanted == ["gallery"], timeout=TIMEOUT)
    from bespoke_gui.core.gallery import open_gallery

    gallery = open_gallery(project.galleries_dir / "demo")
    assert gallery.epochs == [0, 1, 2, 3]
    assert len(gallery.cells) == 4 * 7
    assert gallery.info.run == panel.runs.rows[0].run
    assert gallery.learning_rate(1) == panel.runs.rows[0].checkpoints[0].learning_rate
    assert gallery.generation_id == gallery.info.generation_id != ""


def test_a_generation_can_be_cancelled(make_panel, qtbot, ask, session):
    panel = make_panel()
    start(panel, qtbot, ask)
    qtbot.waitUntil(lambda: panel.view.state == "finished", timeout=TIMEOUT)
    panel.starting.options = {**panel.starting.options, "seconds_per_step": 0.3}
    panel.view.head.controls.gallery.click()
    qtbot.waitUntil(lambda: bool(panel.view.story.samples), timeout=TIMEOUT)
    ask.answers.append("stop")
    panel.view.head.controls.stop.click()
    qtbot.waitUntil(lambda: panel.view.state == "cancelled", timeout=TIMEOUT)
    assert 0 < len(panel.view.story.samples) < 28


class TestPreflight:
    def test_the_plan_is_computed_from_config_and_set(self, make_panel, qtbot):
        panel = make_panel()
        assert "4 images an epoch · 1 step an epoch · 8 epochs · 8 steps" in (
            panel.setup.briefing.forecast.words.text()
        )
        panel.configs.document.set_value("max_train_epochs", 5)
        words = panel.setup.briefing.forecast.words
        qtbot.waitUntil(lambda: "5 epochs" in words.text(), timeout=TIMEOUT)
        assert panel.setup.start.text() == "Start training: 5 epochs"

    def test_a_finding_leads_to_its_field(self, make_panel, qtbot):
        panel = make_panel()
        panel.setup.briefing.findings.chosen.emit("resolution")
        row = panel.page("config").form.row("resolution")
        assert row.editor.widget.hasFocus()
        qtbot.waitUntil(lambda: not row.editor.widget.visibleRegion().isEmpty(), timeout=TIMEOUT)

    def test_errors_are_asked_about_before_a_start(self, make_panel, qtbot, ask):
        panel = make_panel()
        problem = Problem("x", "error", "nothing fits", hint="mend it")
        panel.preflight.result.problems.insert(0, problem)
        ask.answers = ["back"]
        panel.starting.start()
        assert panel.view.run_dir is None
        assert "nothing fits" in ask.asked[-1][1]

    def test_many_findings_of_a_kind_are_one_line(self):
        many = [Problem("caption_hair", "warning", f"says {n}", f"{n}.png") for n in range(99)]
        option = Problem("resized", "warning", "blurs", "a.toml", where="resolution")
        rows = grouped([*many, option])
        assert [(problem.code, count) for problem, count in rows] == [
            ("resized", 1), ("caption_hair", 99),
        ]  # fmt: skip
        assert summary([*many, option]) == "100 warnings"

    def test_the_rest_opens_on_demand(self, qtbot):
        view = Findings()
        qtbot.addWidget(view)
        view.show_problems([Problem(f"c{n}", "info", f"m{n}", where=f"w{n}") for n in range(9)])
        assert view.accessibleDescription() == "9 notes"


def test_a_missing_engine_is_installed_after_one_question(make_panel, qtbot, ask, monkeypatch):
    panel = make_panel()
    panel.starting.engine = "lora"
    monkeypatch.setattr(engine_env, "engine_python", lambda: None)
    told = []
    monkeypatch.setattr(engine_env, "install", lambda progress, cancelled: told.append(cancelled()))
    launched = []
    monkeypatch.setattr(panel.starting.starter, "launch", lambda *given: launched.append(given))
    if panel.preflight.result.errors:
        ask.answers.append("start")
    ask.answers.append("")
    panel.starting.start()
    assert "1.3 GB" in ask.asked[-1][1]
    assert not told
    if panel.preflight.result.errors:
        ask.answers.append("start")
    ask.answers.append("install")
    panel.starting.start()
    assert told == [False]
    assert len(launched) == 1


def test_ctrl_return_starts(make_panel, qtbot, ask):
    panel = make_panel()
    if panel.preflight.result.errors:
        ask.answers.append("start")
    panel.activateWindow()
    panel.setFocus()
    QTest.keyClick(panel, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: panel.view.run_dir is not None, timeout=TIMEOUT)
    qtbot.waitUntil(lambda: panel.view.state == "finished", timeout=TIMEOUT)


def test_a_broken_config_is_told_and_the_rest_goes_on(make_panel, project, qtbot):
    panel = make_panel()
    (project.configs_dir / "broken.toml").write_text("[training\nx = ")
    panel.refresh()
    index = panel.setup.configs.findText("broken")
    panel.setup.configs.setCurrentIndex(index)
    panel.setup.configs.activated.emit(index)
    qtbot.waitUntil(lambda: panel.setup.briefing.state.text() == "1 error", timeout=TIMEOUT)
    problem = panel.setup.briefing.findings.problems[0]
    assert problem.message.startswith("Line 1 is no TOML: ")
    assert not panel.setup.start.isEnabled()


def test_a_file_that_is_no_text_is_told(make_panel, project, session, qtbot):
    panel = make_panel()
    (project.configs_dir / "latin.toml").write_bytes(b"x = '\xe4'")
    panel.refresh()
    panel.setup.config_chosen.emit(project.configs_dir / "latin.toml")
    assert "latin.toml" in session.told[-1][1]
    assert "is not UTF-8" in session.told[-1][1]
    assert not panel.setup.start.isEnabled()


def test_the_log_is_searched(make_panel, qtbot, ask):
    panel = make_panel()
    start(panel, qtbot, ask)
    qtbot.waitUntil(lambda: panel.view.state == "finished", timeout=TIMEOUT)
    log = panel.view.log
    log.search.setText("TRAINING")
    assert log.found.text() == "1 of 1"
    assert log.events.text.textCursor().selectedText().lower() == "training"
    log.search.setText("no such word")
    assert log.found.text() == "not found"


def test_the_briefing_fills_the_room_until_there_is_a_run(make_panel, qtbot, ask):
    panel = make_panel()
    briefing = panel.setup.briefing
    assert briefing.isVisible()
    assert not panel.setup.isAncestorOf(briefing)
    start(panel, qtbot, ask)
    assert panel.setup.isAncestorOf(briefing)
    assert briefing.isVisible()
    qtbot.waitUntil(lambda: panel.view.state == "finished", timeout=TIMEOUT)


def test_findings_of_one_kind_count_once_in_the_badge(make_panel):
    panel = make_panel()
    briefing = panel.setup.briefing
    many = [Problem("caption_hair", "warning", f"says {n}", f"{n}.png") for n in range(369)]
    panel.preflight.result.problems[:] = many
    briefing.show_preflight(panel.preflight.result)
    assert briefing.state.text() == "1 warning"


def test_a_named_checkout_trains_and_is_remembered(
    make_panel, qtbot, ask, session, project, tmp_path, monkeypatch, root
):
    import shutil

    from tests.engines import standin_sd_scripts

    monkeypatch.setenv("PYTHONPATH", str(root))
    folder = tmp_path / "sd-scripts"
    folder.mkdir()
    panel = make_panel(launcher="python")
    panel.starting.engine = ""
    ask.answers = [folder]
    panel.setup.checkout_wanted.emit()
    assert session.told[-1][0] == "error", "an empty folder is no checkout"
    assert panel.setup.engine() == "lora"
    shutil.copyfile(standin_sd_scripts.__file__, folder / "train_network.py")
    ask.answers = [folder]
    panel.setup.checkout_wanted.emit()
    assert panel.setup.engine() == "kohya"
    assert session.settings.sd_scripts == str(folder)
    panel.setup.set_base("embedded")
    panel.starting.start()
    assert "cannot train the embedded base" in session.told[-1][1]
    panel.setup.set_base("some/base")
    run_dir = start(panel, qtbot, ask)
    qtbot.waitUntil(lambda: panel.view.state == "finished", timeout=TIMEOUT)
    assert json.loads(run_dir.spec_path.read_text())["engine"] == "kohya"
    assert panel.view.files.model.rows[-1].path.endswith(".safetensors")


def test_base_models_of_this_computer_are_offered_by_name(make_panel, qtbot, tmp_path):
    base = tmp_path / "mine.safetensors"
    write_tensors(base, {"cond_stage_model.transformer.x": ("F16", (2,), bytes(4))}, {})
    add_model(str(base), "my base")
    panel = make_panel()
    bases = panel.setup.bases
    qtbot.waitUntil(lambda: bases.findData("my base") >= 0, timeout=TIMEOUT)
    bases.setCurrentIndex(bases.findData("my base"))
    assert panel.setup.base() == "my base"
    assert panel.starting.queue_entry().base == "my base"
    config, chosen = panel.configs.config, panel.setup.training_set()
    spec = work.training_spec(config, chosen, engine="fake", base=panel.setup.base())
    assert spec.base == str(base)
