import shutil

import pytest
from PIL import Image

from bespoke_gui.core import project as projects
from bespoke_gui.qtmodels.prepare_model import set_name
from bespoke_gui.qtmodels.prepare_preview import CHANGED
from bespoke_gui.views.rooms.prepare import PreparePanel


@pytest.fixture
def panel(session, qtbot):
    made = PreparePanel(session)
    qtbot.addWidget(made)
    made.resize(1340, 820)
    made.show()
    return made


def test_offers_sizes_and_methods_with_hints(panel):
    assert list(panel.settings.sizes)[:3] == [384, 576, 768]
    assert panel.settings.sizes[384].text() == "384\n16 px each"
    assert "10 or 11 px" in panel.settings.sizes[256].text()
    assert next(iter(panel.settings.methods)) == "pixel"
    assert panel.settings.methods["pixel"].isChecked()
    assert "1745" in panel.settings.methods["lanczos"].toolTip()


def test_preview_is_exact_for_the_pixel_method(panel):
    preview = panel.preview._preview
    assert preview.name == "lad_001.png"
    assert (preview.after.width(), preview.before.width()) == (384, 96)
    assert preview.colours_before == preview.colours_after
    assert preview.native_exact
    assert preview.differing == 0
    assert panel.preview._verdict.text() == "Native pixels exact"


def test_lanczos_is_shown_for_what_it_does(panel):
    panel.settings.sizes[256].click()
    panel.settings.methods["lanczos"].click()
    preview = panel.preview._preview
    assert preview.colours_after > 10 * preview.colours_before
    assert preview.differing > 0
    assert "lanczos made" in panel.preview._note.text().casefold()
    panel.preview.difference.setChecked(True)
    shown = panel.preview.after.image()
    marked = sum(
        shown.pixelColor(x, y).getRgb()[:3] == CHANGED for x in range(256) for y in range(256)
    )
    assert marked == preview.differing


def test_odd_sizes_are_warned_about(panel):
    panel.settings.custom.setValue(250)
    text = panel.settings._warning.text()
    assert "unevenly" in text
    assert "64" in text
    panel.settings.sizes[576].click()
    assert panel.settings._warning.isHidden()
    assert panel.settings.custom.value() == 576


def test_name_follows_until_it_is_typed(panel):
    assert panel.settings.name.text() == "pixel_384"
    panel.settings.sizes[192].click()
    assert panel.settings.name.text() == "pixel_192"
    panel.settings.name.setText("mine")
    panel.settings.name.textEdited.emit("mine")
    panel.settings.sizes[768].click()
    assert panel.settings.name.text() == "mine"


def test_proposed_name_is_never_read_as_repeats():
    from bespoke_gui.core.dataset import folder_repeats

    assert folder_repeats(set_name(384, "pixel")) is None


def test_whole_set_is_measured_without_writing(panel, session):
    panel.set_figures.measure.click()
    assert panel.set_figures._exact._figure.text() == "4 of 4"
    assert not session.project.prepared_dir.exists()
    panel.settings.sizes[576].click()
    assert panel.set_figures._figures.isHidden()


def test_notes_of_the_set_lead_to_the_image(panel, session, make_project):
    folder = make_project("stray")
    path = folder / "dataset" / "lady_001.png"
    image = Image.open(path).convert("RGB")
    image.putpixel((41, 41), (1, 2, 3))
    image.save(path)
    session.open_project(folder)
    panel.set_figures.measure.click()
    assert panel.set_figures._exact._figure.text() == "3 of 4"
    item = panel.set_figures.notes.item(0)
    assert "off the grid" in item.text()
    panel.set_figures.notes.itemClicked.emit(item)
    assert panel.preview._preview.name == "lady_001.png"
    assert panel.preview._verdict.text() == "Not exact"


def test_an_unreadable_image_is_a_note(panel, session, make_project):
    folder = make_project("bad")
    (folder / "dataset" / "lad_002.png").write_bytes(b"")
    session.open_project(folder)
    panel.set_figures.measure.click()
    assert "empty" in panel.set_figures.notes.item(0).text()
    panel.strip.select("lad_002.png")
    assert "empty" in panel.preview.before._message


def test_prepare_writes_the_set_and_tells(panel, session):
    panel.settings.start.click()
    folder = session.project.prepared_dir / "pixel_384"
    assert len(list(folder.glob("*.png"))) == len(list(folder.glob("*.txt"))) == 4
    with Image.open(folder / "lad_001.png") as image:
        assert image.size == (384, 384)
    assert session.told[-1][:2] == ("good", "Prepared 4 images in pixel_384.")
    assert panel.package.source.currentText() == "Prepared: pixel_384"
    assert panel.settings.start.isVisible()


def test_prepare_can_be_cancelled(panel, session, qtbot, threaded_tasks):
    panel.settings.prepare_asked.emit("stopped")
    panel.model.cancel()
    qtbot.waitUntil(lambda: not panel.model.is_busy(), timeout=20000)
    assert panel.settings.start.isVisible()
    assert not (session.project.prepared_dir / "stopped" / "manifest.json").exists()
    assert all(level != "error" for level, _, _ in session.told)


def test_prepare_into_a_used_name_is_told(panel, session):
    used = session.project.prepared_dir / "pixel_384"
    used.mkdir(parents=True)
    (used / "something.png").write_bytes(b"mine")
    panel.settings.start.click()
    assert session.told[-1][0] == "error"
    assert (used / "something.png").read_bytes() == b"mine"


def test_package_wants_a_config_first(panel):
    assert not panel.package.make.isEnabled()
    assert "no training config" in panel.package._why.text()


@pytest.fixture
def config(tmp_path, root):
    path = tmp_path / "mine.toml"
    shutil.copy(root / "resources" / "demo" / "training_config.toml", path)
    return path


def test_config_is_taken_into_the_project(panel, session, ask, config):
    ask.answers = [config]
    panel.package.take.click()
    assert (session.project.configs_dir / "mine.toml").read_bytes() == config.read_bytes()
    assert panel.package.config.currentText() == "mine"
    assert panel.package.make.isEnabled()
    ask.answers = [config]
    panel.package.take.click()
    assert session.told[-1][0] == "error"


def test_a_broken_config_is_not_taken(panel, session, ask, tmp_path):
    broken = tmp_path / "broken.toml"
    broken.write_text("a = = 1")
    ask.answers = [broken]
    panel.package.take.click()
    assert session.told[-1][0] == "error"
    assert not (session.project.configs_dir / "broken.toml").exists()


def test_package_is_built_and_judged_line_by_line(panel, session, ask, config):
    ask.answers = [config]
    panel.package.take.click()
    panel.settings.start.click()
    panel.package.make.click()
    package = session.project.packages_dir / "mine_pixel_384.zip"
    assert package.is_file()
    result = panel.package.result
    assert result._name.text() == "mine_pixel_384.zip"
    assert "4 images, 4 captions" in result._facts.text()
    assert result.lines()
    assert result._verdict.text() in ("Would train", "Would not train")


@pytest.mark.punks
def test_three_real_images_are_off_the_grid(panel, session, punks, tmp_path):
    folder = tmp_path / "real"
    images = tmp_path / "some"
    images.mkdir()
    for name in ("lady_012_parasite", "lady_030_grass", "lady_031_paprika", "lad_001_carbon"):
        shutil.copy(punks / "train_512px" / f"{name}.png", images)
    projects.create_project(folder, images, punks / "captions_after")
    session.open_project(folder)
    panel.set_figures.measure.click()
    assert panel.set_figures._exact._figure.text() == "1 of 4"
    assert panel.set_figures.notes.count() == 3
