import shutil
import time
import zipfile

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QPushButton

from bespoke_gui.core import package_make
from bespoke_gui.core.config.history import config_versions
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.prepare import prepare
from bespoke_gui.core.project import open_project, save
from bespoke_gui.qtmodels import package_model
from bespoke_gui.qtmodels.prepare_desk import PrepareDesk
from bespoke_gui.views.widgets.package_page import PackagePage
from tests.core._packages import CONFIG, write_pairs, write_zip
from tests.qt_fixtures import wear


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    monkeypatch.setattr(package_model, "LOOK_MS", 0)


@pytest.fixture
def page(session, qtbot):
    made = PackagePage(PrepareDesk(session))
    qtbot.addWidget(made)
    made.resize(1340, 820)
    made.show()
    return made


@pytest.fixture
def config(session):
    """A config of the project with one fault that one click mends."""
    path = session.project.configs_dir / "mine.toml"
    path.parent.mkdir(exist_ok=True)
    text = CONFIG.replace("64,64", "96,96") + "bucket_resolution = 96\n"
    path.write_text(text.replace("lr_warmup_steps = 1", "lr_warmup_steps = 0"), "utf-8")
    return path


@pytest.fixture
def ready(page, session, config, qtbot):
    """The page with a config chosen and the preview made."""
    with qtbot.waitSignal(page.model.previewed):
        page.model.refresh()
    return page


def codes(page):
    return [problem.code for problem in page.verdict.verdict.problems]


def test_package_wants_a_config_first(page):
    assert not page.form.make.isEnabled()
    assert "no training config" in page.form._why.text()


def test_config_is_taken_into_the_project(page, session, ask, tmp_path, root):
    path = tmp_path / "mine.toml"
    shutil.copy(root / "resources" / "demo" / "training_config.toml", path)
    ask.answers = [path]
    page.form.take.click()
    assert (session.project.configs_dir / "mine.toml").read_bytes() == path.read_bytes()
    assert page.form.config.currentText() == "mine"
    assert page.form.make.isEnabled()
    ask.answers = [path]
    page.form.take.click()
    assert session.told[-1][0] == "error"


def test_a_broken_config_is_not_taken(page, session, ask, tmp_path):
    broken = tmp_path / "broken.toml"
    broken.write_text("a = = 1")
    ask.answers = [broken]
    page.form.take.click()
    assert session.told[-1][0] == "error"
    assert not (session.project.configs_dir / "broken.toml").exists()


def test_it_is_judged_before_it_is_built(ready, session):
    verdict = ready.verdict
    assert verdict.badge.text() == "Would train"
    assert verdict.facts.text().startswith("4 images an epoch · 2 steps · 2 epochs · 4 steps")
    assert verdict.tree.rows() == [
        ["Images", "Captions", "An epoch"],
        ["training_data/", "4", "4", "4"],
        ["   1_punks/", "4", "4", "4"],
    ]
    assert codes(ready) == ["unknown_key"]
    assert not session.project.packages_dir.exists()
    assert ready.changes.since.text() == "There is no package yet."


def test_repeats_and_class_name_are_shown_at_once(ready, qtbot):
    with qtbot.waitSignal(ready.model.previewed):
        ready.form.class_word.setText("lad")
    with qtbot.waitSignal(ready.model.previewed):
        ready.form.repeats.setValue(5)
    assert ready.verdict.tree.rows()[2] == ["   5_lad/", "4", "4", "5 x 4"]


def test_a_finding_is_mended_in_place_and_back(ready, config, qtbot):
    before = config.read_bytes()
    (fix,) = [b for b in ready.verdict.findings.findChildren(QPushButton) if "Take out" in b.text()]
    with qtbot.waitSignal(ready.model.previewed):
        fix.click()
    assert b"bucket_resolution" not in config.read_bytes()
    assert b"# my notes on this run" in config.read_bytes()
    assert codes(ready) == []
    assert "mine.toml: Take out bucket_resolution" in ready.verdict._told.text()
    assert len(config_versions(config)) == 2
    with qtbot.waitSignal(ready.model.previewed):
        ready.verdict.undo.click()
    assert config.read_bytes() == before
    assert codes(ready) == ["unknown_key"]


def test_undo_never_takes_away_what_was_written_since(ready, config, session, qtbot):
    fix = ready.model.fix_for(ready.verdict.verdict.problems[0])
    with qtbot.waitSignal(ready.model.previewed):
        ready.model.mend(fix)
    config.write_text("# mine\n" + config.read_text("utf-8"), "utf-8")
    ready.model.undo_mend()
    assert "was changed meanwhile" in session.told[-1][1]
    assert config.read_text("utf-8").startswith("# mine")


def test_it_is_built_judged_and_listed(ready, session):
    prepare(session.project.dataset_dirs[0][0], session.project.prepared_dir / "pixel_384", 384)
    session.prepared_changed.emit()
    assert ready.form.source.currentText() == "Prepared: pixel_384"
    ready.form.make.click()
    package = session.project.packages_dir / "mine_pixel_384.zip"
    assert package.is_file()
    assert package.with_name("mine_pixel_384.log.md").is_file()
    assert ready.verdict.title.text() == "mine_pixel_384.zip"
    assert "SHA-256" in ready.verdict.facts.text()
    assert [row.path for row in ready.shelf.rows] == [package]
    assert "Built mine_pixel_384.zip" in session.told[-1][1]
    assert not ready.form._progress.isVisible()
    ready.verdict.copy.click()
    copied = QGuiApplication.clipboard().text()
    assert "unzip -q mine_pixel_384.zip\nbash /workspace/runpod_package/run.sh\n" in copied
    assert ready.verdict.verdict.sha256 in copied


def test_what_changed_since_the_last_one(ready, session, qtbot, qapp):
    ready.form.make.click()
    (session.project.dataset_dirs[0][0] / "lad_001.txt").write_text("a blue hat", "utf-8")
    with qtbot.waitSignal(ready.model.previewed):
        ready.verdict.back.click()
        ready.model.look_soon()
    assert ready.changes.since.text() == "Compared with mine_punks.zip"
    text = ready.changes.text.toPlainText()
    assert "1 caption changed" in text
    assert "lad_001.txt lost words" in text
    wear(qapp, "dark")
    assert "1 caption changed" in ready.changes.text.toPlainText()
    ready.form.make.click()
    assert "backups/mine_punks_" in ready.verdict.facts.text()


def test_a_caption_that_is_missing_leads_to_its_image(ready, session, qtbot):
    (session.project.dataset_dirs[0][0] / "lady_002.txt").unlink()
    with qtbot.waitSignal(ready.model.previewed):
        ready.model.look_soon()
    assert ready.verdict.badge.text() == "Would not train"
    assert ready.verdict.image.text() == "Open lady_002.png in Captions"
    heard = []
    session.go_to.connect(heard.append)
    session.caption_wanted.connect(heard.append)
    ready.verdict.image.click()
    assert heard == ["captions", "lady_002.png"]


def test_a_package_to_the_bin_and_back(ready, session):
    ready.form.make.click()
    package = session.project.packages_dir / "mine_punks.zip"
    data = package.read_bytes()
    ready.shelf.rows[0].bin.click()
    assert not package.exists()
    assert ready.shelf.rows == []
    assert "mine_punks.zip is in the bin" in ready.shelf._told.text()
    ready.shelf.undo.click()
    assert package.read_bytes() == data
    assert [row.path for row in ready.shelf.rows] == [package]


def test_a_foreign_package_is_judged_and_left_again(ready, ask, tmp_path):
    (tmp_path / "x").mkdir()
    pairs = write_pairs(tmp_path / "x" / "punks")
    files = {f"runpod_package/training_data/{p.name}": p.read_bytes() for p in pairs.iterdir()}
    files["runpod_package/training_config.toml"] = CONFIG
    foreign = write_zip(tmp_path / "by_hand.zip", files)
    ask.answers = [foreign]
    ready.shelf.check.click()
    verdict = ready.verdict
    assert verdict.title.text() == "by_hand.zip"
    assert verdict.badge.text() == "Would not train"
    assert ["not read", "3", "", "0"] in verdict.tree.rows()
    assert not [b for b in verdict.findings.findChildren(QPushButton) if b.isVisible()]
    verdict.back.click()
    assert verdict.title.text() == "The new package"
    assert verdict.badge.text() == "Would train"


def test_another_choice_leads_back_to_the_new_package(ready, qtbot):
    ready.form.make.click()
    assert ready.verdict.title.text() == "mine_punks.zip"
    with qtbot.waitSignal(ready.model.previewed):
        ready.form.repeats.setValue(3)
    assert ready.verdict.title.text() == "The new package"


def test_a_zip_can_be_dropped(ready, tmp_path, qtbot):
    foreign = write_zip(tmp_path / "dropped.zip", {"a.txt": "x"})
    for path, taken in ((foreign, True), (tmp_path / "nothing.png", False)):
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(path))])
        sort = (Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton)
        entering = QDragEnterEvent(QPointF(5, 5).toPoint(), *sort, Qt.KeyboardModifier.NoModifier)
        entering.ignore()
        ready.dragEnterEvent(entering)
        assert entering.isAccepted() is taken
        dropping = QDropEvent(QPointF(5, 5), *sort, Qt.KeyboardModifier.NoModifier)
        ready.dropEvent(dropping)
    assert ready.verdict.title.text() == "dropped.zip"


def test_a_set_without_images_is_said(page, session, config, qtbot):
    for path in session.project.dataset_dirs[0][0].glob("*.png"):
        path.unlink()
    with qtbot.waitSignal(page.model.preview_failed):
        page.model.refresh()
    assert "holds no images" in page.verdict.facts.text()
    assert page.verdict.tree.isHidden()
    page.form.make.click()
    assert session.told[-1][0] == "error"
    assert not list(session.project.packages_dir.glob("*"))


def test_regularisation_folders_are_told(page, session, config, tmp_path, qtbot):
    project = open_project(session.project.folder)
    project.reg_dirs = [(write_pairs(tmp_path / "1_person", ["a"]), 1)]
    save(project)
    with qtbot.waitSignal(page.model.previewed):
        session.open_project(project.folder)
    assert "1_person" in page.form._apart.text()
    assert ["reg/", "1", "1", "fill up"] in page.verdict.tree.rows()


def test_time_left(ready, monkeypatch):
    clock = iter([100.0, 102.0, 104.0])
    monkeypatch.setattr(package_model.time, "monotonic", lambda: next(clock, 110.0))
    ready.model._on_progress(1, 10, "Packing a.png")
    assert ready.form._step.text() == "Packing 1 of 10 files, 18 s left"


def test_cancel_leaves_nothing(page, session, config, threaded_tasks, qtbot, monkeypatch):
    def endless(_path, _progress, cancelled):
        while not cancelled():
            time.sleep(0.001)
        raise AppError("cancelled", kind="cancelled")

    monkeypatch.setattr(package_make, "inspect_package", endless)
    with qtbot.waitSignal(page.model.previewed, timeout=10_000):
        page.model.refresh()
    page.form.make.click()
    package = session.project.packages_dir / "mine_punks.zip"
    qtbot.waitUntil(package.is_file)
    assert page.form.stop.isVisible()
    told = len(session.told)
    page.form.stop.click()
    qtbot.waitUntil(lambda: not page.model.is_busy())
    assert list(session.project.packages_dir.iterdir()) == []
    assert len(session.told) == told
    assert page.form.make.isEnabled()


def test_work_on_real_threads(page, session, config, threaded_tasks, qtbot):
    with qtbot.waitSignal(page.model.previewed, timeout=10_000):
        page.model.refresh()
    with qtbot.waitSignal(page.model.judged, timeout=10_000):
        page.form.make.click()
        assert not page.form.make.isEnabled()
    with zipfile.ZipFile(session.project.packages_dir / "mine_punks.zip") as source:
        assert "runpod_package/run.sh" in source.namelist()
    qtbot.waitUntil(lambda: page.form.make.isEnabled())
    qtbot.waitUntil(lambda: len(page.shelf.rows) == 1)
