"""Bench page: a prompt tried on epochs and strengths from the window, with the fake engine."""

import json
import os
import signal

import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from bespoke_gui.core.errors import AppError
from bespoke_gui.core.gallery import open_gallery
from bespoke_gui.core.kept_trials import read_trial
from bespoke_gui.core.lorafile import write_tensors
from bespoke_gui.core.protocol import builtin_protocol, load_protocol
from bespoke_gui.core.rundir import RunDir
from bespoke_gui.core.runs import JOB, run_state
from bespoke_gui.core.runspec import RunSpec
from bespoke_gui.launch import engine_env
from bespoke_gui.qtmodels import bench_work as work
from bespoke_gui.qtmodels.gallery_model import Role
from bespoke_gui.views.rooms.gallery import GalleryPanel
from bespoke_gui.views.widgets.image_export_dialog import ImageExportDialog
from bespoke_gui.views.widgets.protocol_page import ProtocolPage

TIMEOUT = 30_000
PROMPT = "portrait of a lad, bright green solid background"


def write_lora(path, epoch):
    path.parent.mkdir(parents=True, exist_ok=True)
    tensors = {"lora_unet_a.lora_down.weight": ("F32", (1, 2), bytes(8))}
    write_tensors(path, tensors, {"ss_epoch": str(epoch)})
    return path


@pytest.fixture
def run(session):
    """A finished run of three epochs, as its folder tells it."""
    folder = session.project.runs_dir / "20260101-120000-lads"
    run_dir = RunDir(folder).create()
    RunSpec(run=folder.name, engine="fake", base="embedded").save(run_dir.spec_path)
    for epoch in (1, 2, 3):
        write_lora(folder / "outputs" / f"lads-{epoch:06d}.safetensors", epoch)
    return folder


@pytest.fixture
def make_page(qtbot, session):
    pages = []

    def make(**options):
        panel = GalleryPanel(session)
        qtbot.addWidget(panel)
        panel.setMinimumSize(900, 600)
        panel.resize(1360, 820)
        panel.show()
        panel.show_page("bench")
        page = panel.page("bench")
        page.room = panel
        page.bench.engine = "fake"
        page.bench.options = {"seconds_per_step": 0.002, **options}
        pages.append(page)
        return page

    yield make
    for page in pages:
        page.bench.follower.leave()
    for folder in session.project.tries_dir.glob("*"):
        end(RunDir(folder / JOB))


def end(run_dir):
    job = run_dir.read_job()
    if job and run_dir.read_exit() is None and run_state(run_dir) == "running":
        os.kill(job["pid"], signal.SIGKILL)


def ask(page, strengths="0.5, 1", seeds="7, 8", epochs=(1, 3)):
    form = page.form
    form.text.setPlainText(PROMPT)
    form.negative.setText("blurry")
    form.strengths.setText(strengths)
    form.seeds.setText(seeds)
    for place in range(form.epochs.count()):
        item = form.epochs.item(place)
        on = item.data(Qt.ItemDataRole.UserRole) in epochs
        item.setCheckState(Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)


def wait_done(page, qtbot):
    qtbot.waitUntil(lambda: page.bench.model.trial is not None, timeout=TIMEOUT)
    qtbot.waitUntil(lambda: not page.bench.is_busy, timeout=TIMEOUT)


def try_(page, qtbot, **wish):
    ask(page, **wish)
    page.form.start.click()
    wait_done(page, qtbot)
    return page.bench.model


def test_it_can_be_opened_before_there_is_a_gallery(make_page, run):
    page = make_page()
    room = page.room
    assert room.pages.currentIndex() == 1
    room.show_page("grid")
    assert room.pages.currentIndex() == 0
    room.empty.try_wanted.emit()
    assert room.pages.currentIndex() == 1
    assert page.right.currentIndex() == 0, "nothing tried yet"


def test_a_prompt_on_epochs_and_strengths_with_the_lora_off(make_page, qtbot, run, session):
    page = make_page()
    ask(page)
    assert page.form.count.text() == "10 images, LoRA off among them"
    model = try_(page, qtbot)
    folder = session.project.tries_dir / "portrait_of_a_lad_bright_green_solid"
    assert model.trial.folder == folder
    assert model.epochs == [0, 1, 3]
    assert [column[1:] for column in model.columns] == [(0.5, 7), (0.5, 8), (1, 7), (1, 8)]
    assert model.missing == 0
    heads = [
        model.headerData(n, Qt.Orientation.Horizontal, role)
        for n, role in ((0, Qt.ItemDataRole.DisplayRole), (3, Role.NOTE))
    ]
    assert heads == ["Strength 0.5", "seed 8"]
    page.grid.grab()
    for row in range(3):
        for column in range(4):
            look = model.index(row, column).data(Role.CELL)
            assert (look.image.width(), look.error) == (24, None)
    above = [model.image(0, column).path for column in range(4)]
    assert above[:2] == above[2:], "one LoRA off for a seed, above every strength"
    assert model.image(1, 0).path != model.image(1, 2).path
    spec = json.loads((folder / JOB / "spec.json").read_text())
    assert spec["protocol"]["negative"] == "blurry"
    kept = read_trial(folder)
    assert (kept.epochs, kept.strengths, kept.seeds) == ((1, 3), (0.5, 1), (7, 8))
    assert (kept.negative, kept.sources, len(kept.made())) == ("blurry", (run,), 10)


def test_images_appear_as_they_come_and_cancelling_keeps_them(make_page, qtbot, run):
    page = make_page(seconds_per_step=0.6)
    ask(page)
    page.form.start.click()
    qtbot.waitUntil(lambda: page.bench.story.step >= 2, timeout=TIMEOUT)
    model = page.bench.model
    assert page.going.isVisible()
    assert "of 10 images" in page.stage.text()
    assert "left" in page.stage.text()
    assert not page.form.start.isEnabled()
    qtbot.waitUntil(lambda: model.index(0, 0).data(Role.CELL).image is not None, timeout=TIMEOUT)
    assert model.index(2, 3).data(Role.CELL).error is None, "on its way, not missing"
    page.cancel.click()
    qtbot.waitUntil(lambda: not page.bench.is_busy, timeout=TIMEOUT)
    assert 0 < model.missing < 10
    assert model.index(2, 3).data(Role.CELL).error == "", "said to be missing"
    assert page.failure.text() == "Cancelled: the images so far are kept."
    assert page.missing.text() == f"Make {model.missing} missing images"
    page.bench.options = {"seconds_per_step": 0.002}
    folder = model.trial.folder
    page.missing.click()
    wait_done(page, qtbot)
    assert (model.missing, model.trial.folder) == (0, folder)
    assert not page.missing.isVisible()


def test_a_closed_window_finds_its_trial_again(make_page, qtbot, run):
    first = make_page(seconds_per_step=0.2)
    ask(first)
    first.form.start.click()
    qtbot.waitUntil(lambda: first.bench.story.step >= 1, timeout=TIMEOUT)
    folder = first.bench.running.folder
    first.bench.follower.leave()
    second = make_page()
    assert second.bench.running.folder == folder
    assert second.bench.model.is_running
    qtbot.waitUntil(lambda: not second.bench.is_busy, timeout=TIMEOUT)
    assert second.bench.model.missing == 0


def test_again_with_this_seed_fills_the_form(make_page, qtbot, run):
    page = make_page()
    try_(page, qtbot)
    page.form.text.setPlainText("something else")
    page.form.tick_all(True)
    page.grid.set_current(1, 3)
    assert page.cell.text().startswith("Epoch 1, strength 1, seed 8: ")
    page.again.click()
    wish = page.form.wish()
    assert (wish.texts, wish.negative, wish.seeds) == ((PROMPT,), "blurry", (8,))
    assert (wish.epochs, wish.strengths, wish.source.paths) == ((1, 3), (0.5, 1), (run,))
    QTest.keyClick(page, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: len(page.bench.trials) == 2, timeout=TIMEOUT)
    wait_done(page, qtbot)
    assert page.trials.count() == 2
    assert page.bench.model.trial.seeds == (8,)


def test_a_kept_trial_is_shown_again_from_its_folder(make_page, qtbot, run, session):
    try_(make_page(), qtbot, strengths="0.8", seeds="1")
    first = make_page()
    assert first.bench.model.trial.strengths == (0.8,)
    assert first.bench.model.missing == 0
    assert first.prompt.text() == PROMPT
    try_(first, qtbot, strengths="1", seeds="2")
    first.trials.activated.emit(first.trials.count() - 1)
    assert first.bench.model.trial.strengths == (0.8,)


def test_the_prompt_joins_the_protocol_and_what_is_edited_there_stays(
    make_page, qtbot, run, session
):
    page = make_page()
    editor: ProtocolPage = page.room.page("protocol")
    editor.settings.steps.setValue(11)
    try_(page, qtbot)
    page.keep.click()
    saved = load_protocol(session.project.protocol_path)
    assert saved.prompts[:-1] == builtin_protocol().prompts
    assert (saved.prompts[-1].text, saved.prompts[-1].negative) == (PROMPT, "blurry")
    assert saved.prompts[-1].background == "bright green"
    assert editor.prompts.count() == 8
    assert editor.document.protocol.steps == 11
    assert editor.document.save()
    after = load_protocol(session.project.protocol_path)
    assert (after.steps, after.prompts) == (11, saved.prompts)
    page.keep.click()
    assert load_protocol(session.project.protocol_path).prompts == saved.prompts, "once only"


def test_a_strength_becomes_a_gallery(make_page, qtbot, run, session):
    page = make_page()
    try_(page, qtbot)
    page.grid.set_current(1, 2)
    page.send.click()
    name = "portrait_of_a_lad_bright_green_solid-strength-1"
    gallery = open_gallery(session.project.galleries_dir / name)
    assert (gallery.epochs, gallery.seeds) == ([1, 3], [7, 8])
    assert gallery.protocol.lora_scale == 1
    assert page.room.desk.opened.gallery.folder.name == name
    page.send.click()
    assert len(list(session.project.galleries_dir.iterdir())) == 2, "never into the first"


def test_what_was_tried_is_exported_as_pixel_art(make_page, qtbot, run, ask, session, tmp_path):
    page = make_page()
    assert not page.export.isEnabled()
    try_(page, qtbot)
    page.grid.set_current(1, 0)
    image = page.bench.model.image(1, 0)
    page.export.click()
    dialog = page.findChild(ImageExportDialog)
    titles = [dialog.parts.itemText(place) for place in range(dialog.parts.count())]
    assert titles[0] == f"Epoch {image.epoch}, seed {image.seed}"
    assert titles[1].startswith(f"All of strength {image.strength:g} (")
    ask.answers.append(tmp_path / "out")
    dialog.go_on.click()
    (made,) = (tmp_path / "out").glob("*.png")
    with Image.open(made) as found:
        assert found.size == (24, 24)


def test_lora_files_from_anywhere(make_page, qtbot, session, ask_files, tmp_path):
    page = make_page()
    assert "no run with a checkpoint" in page.form.count.text()
    assert not page.form.start.isEnabled()
    ask_files([write_lora(tmp_path / "mine" / f"m-{n:06d}.safetensors", n) for n in (4, 9)])
    page.form.files.click()
    assert page.form.chosen_epochs == (4, 9)
    model = try_(page, qtbot, strengths="0.7", seeds="3", epochs=(9,))
    assert (model.epochs, model.missing) == ([0, 9], 0)


@pytest.fixture
def ask_files(ask):
    return lambda paths: ask.answers.append(paths)


@pytest.mark.parametrize(
    ("part", "words", "said"),
    [("strengths", "0.5, strong", '"strong" is no strength'), ("strengths", "0", '"0" is no'),
     ("seeds", "-1", '"-1" is no seed'), ("seeds", "", "is no seed"),
     ("strengths", "nan", '"nan" is no strength')],
)  # fmt: skip
def test_wrong_numbers_are_named_and_nothing_starts(make_page, run, part, words, said):
    page = make_page()
    ask(page)
    getattr(page.form, part).setText(words)
    assert said in page.form.count.text()
    assert not page.form.start.isEnabled()
    page.form.tick_all(False)
    assert "Tick an epoch" in page.form.count.text()


def test_without_an_engine_the_way_out_is_offered(
    make_page, run, session, monkeypatch, request, qtbot
):
    questions = request.getfixturevalue("ask")
    page = make_page()
    page.bench.engine = "sample"
    monkeypatch.setattr(engine_env, "engine_python", lambda: None)
    questions.answers = [""]
    ask(page)
    page.form.start.click()
    assert questions.asked[0][0] == "Install the training engine?"
    assert not page.bench.is_busy
    assert not session.project.tries_dir.exists(), "nothing is left of what did not start"


def test_a_failure_is_told_with_its_hint(make_page, qtbot, run, session):
    page = make_page()
    ask(page)
    (run / "outputs" / "lads-000001.safetensors").write_bytes(b"broken")
    page.form.start.click()
    qtbot.waitUntil(lambda: bool(session.told), timeout=TIMEOUT)
    assert session.told[-1][0] == "error"
    assert not page.bench.is_busy


def test_a_killed_engine_is_told(make_page, qtbot, run):
    page = make_page(seconds_per_step=0.2)
    ask(page)
    page.form.start.click()
    qtbot.waitUntil(lambda: page.bench.story.step >= 1, timeout=TIMEOUT)
    os.kill(page.bench.running.read_job()["pid"], signal.SIGKILL)
    qtbot.waitUntil(lambda: not page.bench.is_busy, timeout=TIMEOUT)
    assert "ended without a word" in page.failure.text()


def test_a_moved_run_is_found_by_its_name(run, tmp_path):
    known = [work.Source("lads", (run,), "embedded")]
    record = {"prompts": ["a"], "epochs": [1], "strengths": [1], "seeds": [1], "images": []}
    folder = tmp_path / "old"
    folder.mkdir()
    elsewhere = f"/gone/runs/{run.name}"
    (folder / "try.json").write_text(json.dumps({**record, "sources": [elsewhere]}))
    assert work.source_of(read_trial(folder), known) == known[0]
    (folder / "try.json").write_text(json.dumps(record))
    with pytest.raises(AppError, match="does not say what was tried"):
        work.source_of(read_trial(folder), known)


def test_a_record_that_names_files_elsewhere_is_refused(tmp_path):
    image = {"path": "../../secret.png", "prompt": "a", "epoch": 1, "strength": 1, "seed": 1}
    record = {"prompts": ["a"], "epochs": [1], "strengths": [1], "seeds": [1], "images": [image]}
    (tmp_path / "try.json").write_text(json.dumps(record))
    with pytest.raises(AppError, match="lies elsewhere"):
        read_trial(tmp_path)


def test_another_project_leaves_nothing_of_the_old_one(
    make_page, qtbot, run, session, make_project
):
    page = make_page()
    try_(page, qtbot)
    old = session.project.tries_dir
    session.open_project(make_project("other"))
    assert page.bench.model.trial is None
    assert page.right.currentIndex() == 0
    assert (page.form.sources.count(), page.trials.count(), page.form.epochs.count()) == (0, 0, 0)
    assert old.is_dir()
