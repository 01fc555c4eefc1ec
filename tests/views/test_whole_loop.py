"""The whole way in the window: from a project to a gallery that is judged, decided and deployed.

Real engine processes on the embedded base; every step by the buttons and keys a person would use.
With --full the same on the 203 portraits of the reference. Pictures of the window at each step
lie beside the project, for people to look at (`--basetemp`).
"""

import json
from dataclasses import replace

import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from bespoke_gui.core.judgement.reviews import read_reviews
from bespoke_gui.core.lorafile import file_hash
from bespoke_gui.core.prepare import prepare
from bespoke_gui.core.protocol import builtin_protocol, for_base
from bespoke_gui.core.resources import resource
from bespoke_gui.qtmodels import tasks
from bespoke_gui.qtmodels.gallery_model import Role
from bespoke_gui.views.main_window import MainWindow
from bespoke_gui.views.new_project import NewProjectDialog
from tests.chain.chain import adapted_config
from tests.qt_fixtures import CAPTIONS, draw_portrait

pytestmark = pytest.mark.engine
# How long to wait at most: for the window, for an engine, for one that teaches 203 images. Ten
# times what an idle machine takes, as this one may do ten other things.
SOON, QUICK, LONG = 120_000, 600_000, 1_500_000


@pytest.fixture
def window(threaded_tasks, empty_session, ask, qtbot):
    pytest.importorskip("torch")
    made = MainWindow(empty_session)
    empty_session.ask = ask
    empty_session.settings.other["judge"] = "Ilyssa"
    qtbot.addWidget(made, before_close_func=lambda w: setattr(w, "_close_agreed", True))
    made.resize(1440, 900)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    yield made
    empty_session.release_lock()


class Walk:
    """What a person does, room by room; each step ends when the window shows its result."""

    def __init__(self, window, ask, qtbot, out, limit):
        self.window, self.session, self.ask, self.qtbot = window, window.session, ask, qtbot
        self.out, self.limit = out, limit

    def until(self, reached, limit=SOON):
        self.qtbot.waitUntil(reached, timeout=limit)

    def settle(self):
        """Wait until nothing is done in the background any more."""
        self.until(lambda: not tasks.running(), self.limit)

    def key(self, key, modifier=Qt.KeyboardModifier.NoModifier):
        """Press a key where the focus is, as a person would."""
        QTest.keyClick(QApplication.focusWidget(), key, modifier)

    def picture(self, name):
        """Keep how the window looks once it has laid itself out, of which nothing tells."""
        self.settle()
        self.qtbot.wait(300)
        self.settle()
        shots = self.out / "pictures"
        shots.mkdir(exist_ok=True)
        assert self.window.grab().save(str(shots / f"{name}.png"))

    def open(self, room, page):
        """Go to a page of a room by its buttons."""
        # Offscreen nobody gives the window the focus back, as when a dialog has closed.
        self.window.activateWindow()
        self.until(self.window.isActiveWindow)
        QTest.mouseClick(self.window.rail.buttons[room], Qt.MouseButton.LeftButton)
        panel = self.window.panel(room)
        switch = panel._pages if room == "gallery" else panel._switch
        QTest.mouseClick(switch.buttons[page], Qt.MouseButton.LeftButton)
        shown = panel.page(page)
        if room == "gallery":
            self.until(lambda: shown.isAncestorOf(QApplication.focusWidget() or self.window)
                       or shown.hasFocus())  # fmt: skip
        return shown

    def new_project(self, images, captions, name):
        home = self.window.panel("home")
        home.new_project()
        dialog = home.findChild(NewProjectDialog)
        dialog.images.setText(str(images))
        dialog.captions.setText(str(captions or ""))
        dialog.name.setText(name)
        dialog.place.setText(str(self.out))
        QTest.mouseClick(dialog.make, Qt.MouseButton.LeftButton)
        self.until(lambda: self.session.project is not None)
        self.settle()
        return self.session.project

    def train(self, epochs):
        self.open("train", "run")
        room = self.window.panel("train")
        room.refresh()
        self.until(lambda: room.configs.config is not None and room.preflight.result is not None)
        self.settle()
        assert not room.preflight.result.errors, room.preflight.result.problems
        assert room.setup.start.text() == f"Start training: {epochs} epochs"
        QTest.mouseClick(room.setup.start, Qt.MouseButton.LeftButton)
        self.until(lambda: room.view.state == "finished", self.limit)
        assert [row.epoch for row in room.view.files.model.rows] == list(range(1, epochs + 1))
        self.picture("1 trained")
        return room

    def generate(self, room):
        QTest.mouseClick(room.view.head.controls.gallery, Qt.MouseButton.LeftButton)
        self.until(lambda: self.window.current_panel() == "gallery", self.limit)
        desk = self.window.panel("gallery").desk
        self.until(lambda: desk.opened is not None and desk.report is not None, self.limit)
        self.settle()
        return desk

    def look(self, epochs):
        """Grid and close-up, by the arrow keys."""
        page = self.open("gallery", "grid")
        rows = [page.model.headerData(row, Qt.Orientation.Vertical) for row in range(epochs + 1)]
        assert rows == ["LoRA off", *(f"Epoch {number}" for number in range(1, epochs + 1))]
        self.key(Qt.Key.Key_Down)
        self.key(Qt.Key.Key_Right)
        self.until(lambda: page.detail._close is not None)
        assert page.detail.title.text().startswith(f"Epoch 1 · {page.model.prompt(1)} · seed ")
        assert page.detail.picture.image().width() == 24
        assert "lr " in page.model.headerData(1, Qt.Orientation.Vertical, Role.NOTE)
        self.picture("2 grid")
        self.key(Qt.Key.Key_O)
        self.key(Qt.Key.Key_T)
        self.until(lambda: page.model.marks.peek(page.model.image(1, 1).path) is not None)
        self.picture("3 grid marked")
        self.key(Qt.Key.Key_O)
        self.key(Qt.Key.Key_T)

    def compare(self):
        page = self.open("gallery", "compare")
        self.until(lambda: not page.first.image().isNull())
        assert "cells differ" in page.words.text() or "of 576" in page.words.text()
        self.picture("4 compare")
        for key, name in (
            (Qt.Key.Key_B, "blink"),
            (Qt.Key.Key_S, "slider"),
            (Qt.Key.Key_D, "heat"),
        ):
            self.key(key)
            self.until(lambda: page.stack.currentIndex() == 1)
            self.picture(f"4 compare {name}")
            self.key(Qt.Key.Key_1)
            self.until(lambda: page.stack.currentIndex() == 0)

    def review(self, folder):
        """Every image scored by one key, a tag and an answer here and there."""
        page = self.open("gallery", "review")
        self.until(lambda: not page.judging.wait)
        images = list(page.order.images)
        for number in range(len(images)):
            epoch = page.order.current.epoch
            if epoch == 1:
                self.key(Qt.Key.Key_T)
            for yes, _ in list(page.accessories._rows.values()):
                self.key(Qt.Key.Key_A)
                self.until(yes.isChecked)
            if number == len(images) // 2:
                self.picture("5 review")
            self.key(Qt.Key(Qt.Key.Key_0 + min(9, 2 + 2 * epoch)))
            self.until(lambda done=number + 1: page.judging.progress(images)[0] == done)
        self.settle()
        assert page.line.words.text() == f"{len(images)} of {len(images)} judged"
        kept = read_reviews(folder).by_image
        assert {name: set(judges) for name, judges in kept.items()} == {
            image.name: {"Ilyssa"} for image in images
        }

    def vote(self, folder, most):
        """Vote to the end: the later epoch is always better; repeats come and are the same."""
        page = self.open("gallery", "blind")
        self.until(lambda: page.test.pair is not None)
        self.picture("6 blind test")
        epochs = {i.name: i.epoch for i in page._desk.opened.gallery.cells.values()}
        cast = 0
        while page.test.pair is not None and cast < most:
            pair = page.test.pair
            left = epochs[pair.left] > epochs[pair.right]
            self.key(Qt.Key.Key_Left if left else Qt.Key.Key_Right)
            cast += 1
            self.until(lambda done=cast: page.test.votes == done)
        self.settle()
        assert len(read_reviews(folder).cast()) == cast
        page.reveal.click()
        self.settle()
        assert page.plot._bars[0].name == f"Epoch {max(epochs.values())}"
        self.picture("7 blind test revealed")
        return cast

    def decide(self, folder, epoch):
        page = self.open("gallery", "verdict")
        self.until(lambda: page.work.verdict is not None)
        self.settle()
        assert page.suggested.text() == f"Epoch {epoch}"
        assert page.evidence.text() == "by blind votes"
        assert "images looked at by people" in page.about.text()
        self.ask.answers = ["clean hats, true backgrounds"]
        self.key(Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
        self.until(lambda: f"Epoch {epoch} decided on 20" in page.decision.text())
        kept = json.loads((folder / "verdict.json").read_text(encoding="utf-8"))["decision"]
        assert (kept["epoch"], kept["reason"]) == (epoch, "clean hats, true backgrounds")
        self.picture("8 verdict")
        return page

    def report(self):
        room = self.window.panel("gallery")
        for suffix in ("html", "md", "png", "csv", "json"):
            path = self.out / f"report.{suffix}"
            self.ask.answers = [path]
            room.menus.actions["report"].trigger()
            self.until(path.is_file)
            self.settle()
        html = (self.out / "report.html").read_text(encoding="utf-8")
        figures = json.loads((self.out / "report.json").read_text(encoding="utf-8"))
        said = {one["basis"] for one in figures["verdicts"].values()}
        assert "reviewed" in said, "the report tells what people said in this very session"
        assert "clean hats, true backgrounds" in html
        assert "http://" not in html.replace("http://www.w3.org", "")
        assert "clean hats" in (self.out / "report.md").read_text(encoding="utf-8")
        with Image.open(self.out / "report.png") as collage:
            assert collage.width > 300

    def deploy(self, page, run, epoch):
        self.ask.answers = [self.out / "deployed"]
        QTest.mouseClick(page.deploy, Qt.MouseButton.LeftButton)
        self.until(lambda: any("Deployed" in told[1] for told in self.session.told))
        (checkpoint,) = (self.out / "deployed").glob("*.safetensors")
        made = {file_hash(path) for path in (run / "outputs").glob("*.safetensors")}
        assert checkpoint.stem.endswith(f"-epoch-{epoch:02d}")
        assert file_hash(checkpoint) in made
        card = checkpoint.with_suffix(".md").read_text(encoding="utf-8")
        assert file_hash(checkpoint) in card
        assert "embedded" in card


def walk_all(walk, epochs, votes):
    room = walk.train(epochs)
    run = room.view.run_dir.folder
    desk = walk.generate(room)
    folder = desk.opened.gallery.folder
    walk.look(epochs)
    walk.compare()
    walk.review(folder)
    walk.vote(folder, votes)
    page = walk.decide(folder, epochs)
    walk.report()
    walk.deploy(page, run, epochs)
    told = [one for one in walk.session.told if one[0] == "error"]
    assert not told, told


def test_from_pictures_to_a_deployed_epoch(window, ask, qtbot, tmp_path):
    images = tmp_path / "drawn"
    images.mkdir()
    for number, (stem, text) in enumerate(CAPTIONS.items()):
        draw_portrait(number, 192).save(images / f"{stem}.png")
        (images / f"{stem}.txt").write_text(text, encoding="utf-8")
    walk = Walk(window, ask, qtbot, tmp_path, QUICK)
    project = walk.new_project(images, None, "tiny")
    text = resource("demo/training_config.toml").read_text(encoding="utf-8")
    text = text.replace("max_train_epochs = 8", "max_train_epochs = 3")
    text = text.replace("lr_warmup_steps = 16", "lr_warmup_steps = 0")
    (project.configs_dir / "tiny.toml").write_text(text, encoding="utf-8")
    protocol = for_base(builtin_protocol(), "embedded")
    prompts = [one for one in protocol.prompts if one.name in ("green_bg_lad", "golden_earrings")]
    protocol = replace(protocol, prompts=tuple(prompts), seeds=(42, 43), steps=2)
    protocol.save(project.protocol_path)
    walk_all(walk, epochs=3, votes=40)


@pytest.mark.full
@pytest.mark.punks
def test_the_reference_from_pictures_to_a_deployed_epoch(window, ask, qtbot, tmp_path, punks):
    walk = Walk(window, ask, qtbot, tmp_path, LONG)
    project = walk.new_project(punks / "train_512px", punks / "captions_after", "punks")
    project.prepared_dir.mkdir(exist_ok=True)
    prepare(project.folder / "dataset", project.prepared_dir / "192", 192, native=24)
    source = punks / "configs" / "training_config_phase1b.toml"
    adapted_config(source, project.configs_dir / "phase1b.toml", max_train_epochs=3)
    # Steps and epochs as few as still make portraits: what is shown is the way, not the art.
    protocol = replace(for_base(builtin_protocol(), "embedded"), seeds=(42, 43), steps=8)
    protocol.save(project.protocol_path)
    walk_all(walk, epochs=3, votes=40)
