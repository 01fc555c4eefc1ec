import shutil

import pytest

from bespoke_gui.core.prepare import prepare
from bespoke_gui.qtmodels.prepare_desk import PrepareDesk
from bespoke_gui.views.widgets.package_page import PackagePage


@pytest.fixture
def page(session, qtbot):
    made = PackagePage(PrepareDesk(session))
    qtbot.addWidget(made)
    made.resize(1340, 820)
    made.show()
    return made


def test_package_wants_a_config_first(page):
    assert not page.pane.make.isEnabled()
    assert "no training config" in page.pane._why.text()


@pytest.fixture
def config(tmp_path, root):
    path = tmp_path / "mine.toml"
    shutil.copy(root / "resources" / "demo" / "training_config.toml", path)
    return path


def test_config_is_taken_into_the_project(page, session, ask, config):
    ask.answers = [config]
    page.pane.take.click()
    assert (session.project.configs_dir / "mine.toml").read_bytes() == config.read_bytes()
    assert page.pane.config.currentText() == "mine"
    assert page.pane.make.isEnabled()
    ask.answers = [config]
    page.pane.take.click()
    assert session.told[-1][0] == "error"


def test_a_broken_config_is_not_taken(page, session, ask, tmp_path):
    broken = tmp_path / "broken.toml"
    broken.write_text("a = = 1")
    ask.answers = [broken]
    page.pane.take.click()
    assert session.told[-1][0] == "error"
    assert not (session.project.configs_dir / "broken.toml").exists()


def test_package_is_built_and_judged_line_by_line(page, session, ask, config):
    ask.answers = [config]
    page.pane.take.click()
    prepare(session.project.dataset_dirs[0][0], session.project.prepared_dir / "pixel_384", 384)
    session.prepared_changed.emit()
    assert page.pane.source.currentText() == "Prepared: pixel_384"
    page.pane.make.click()
    package = session.project.packages_dir / "mine_pixel_384.zip"
    assert package.is_file()
    result = page.pane.result
    assert result._name.text() == "mine_pixel_384.zip"
    assert "4 images, 4 captions" in result._facts.text()
    assert result.lines()
    assert result._verdict.text() in ("Would train", "Would not train")
