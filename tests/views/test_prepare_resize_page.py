import shutil

import pytest
from PIL import Image

from bespoke_gui.core import project as projects
from bespoke_gui.qtmodels.prepare_desk import PrepareDesk
from bespoke_gui.qtmodels.prepare_model import set_name
from bespoke_gui.qtmodels.prepare_preview import CHANGED
from bespoke_gui.views.widgets.prepare_resize_page import PrepareResizePage


@pytest.fixture
def page(session, qtbot):
    made = PrepareResizePage(PrepareDesk(session))
    qtbot.addWidget(made)
    made.resize(1340, 820)
    made.show()
    return made


def test_offers_sizes_and_methods_with_hints(page):
    assert list(page.settings.sizes)[:3] == [384, 576, 768]
    assert page.settings.sizes[384].text() == "384\n16 px each"
    assert "10 or 11 px" in page.settings.sizes[256].text()
    assert next(iter(page.settings.methods)) == "pixel"
    assert page.settings.methods["pixel"].isChecked()
    assert "1745" in page.settings.methods["lanczos"].toolTip()


def test_preview_is_exact_for_the_pixel_method(page):
    preview = page.preview._preview
    assert preview.name == "lad_001.png"
    assert (preview.after.width(), preview.before.width()) == (384, 96)
    assert preview.colours_before == preview.colours_after
    assert preview.native_exact
    assert preview.differing == 0
    assert page.preview._verdict.text() == "Native pixels exact"


def test_lanczos_is_shown_for_what_it_does(page):
    page.settings.sizes[256].click()
    page.settings.methods["lanczos"].click()
    preview = page.preview._preview
    assert preview.colours_after > 10 * preview.colours_before
    assert preview.differing > 0
    assert "lanczos made" in page.preview._note.text().casefold()
    page.preview.difference.setChecked(True)
    shown = page.preview.after.image()
    marked = sum(
        shown.pixelColor(x, y).getRgb()[:3] == CHANGED for x in range(256) for y in range(256)
    )
    assert marked == preview.differing


def test_odd_sizes_are_warned_about(page):
    page.settings.custom.setValue(250)
    text = page.settings._warning.text()
    assert "unevenly" in text
    assert "64" in text
    page.settings.sizes[576].click()
    assert page.settings._warning.isHidden()
    assert page.settings.custom.value() == 576


def test_name_follows_until_it_is_typed(page):
    assert page.settings.name.text() == "pixel_384"
    page.settings.sizes[192].click()
    assert page.settings.name.text() == "pixel_192"
    page.settings.name.setText("mine")
    page.settings.name.textEdited.emit("mine")
    page.settings.sizes[768].click()
    assert page.settings.name.text() == "mine"


def test_proposed_name_is_never_read_as_repeats():
    from bespoke_gui.core.dataset import folder_repeats

    assert folder_repeats(set_name(384, "pixel")) is None


def test_whole_set_is_measured_without_writing(page, session):
    page.set_figures.measure.click()
    assert page.set_figures._exact._figure.text() == "4 of 4"
    assert not session.project.prepared_dir.exists()
    page.settings.sizes[576].click()
    assert page.set_figures._figures.isHidden()


def test_notes_of_the_set_lead_to_the_image(page, session, make_project):
    folder = make_project("stray")
    path = folder / "dataset" / "lady_001.png"
    image = Image.open(path).convert("RGB")
    image.putpixel((41, 41), (1, 2, 3))
    image.save(path)
    session.open_project(folder)
    page.set_figures.measure.click()
    assert page.set_figures._exact._figure.text() == "3 of 4"
    item = page.set_figures.notes.item(0)
    assert "off the grid" in item.text()
    page.set_figures.notes.itemClicked.emit(item)
    assert page.preview._preview.name == "lady_001.png"
    assert page.preview._verdict.text() == "Not exact"


def test_an_unreadable_image_is_a_note(page, session, make_project):
    folder = make_project("bad")
    (folder / "dataset" / "lad_002.png").write_bytes(b"")
    session.open_project(folder)
    page.set_figures.measure.click()
    assert "empty" in page.set_figures.notes.item(0).text()
    page.strip.select("lad_002.png")
    assert "empty" in page.preview.before._message


def test_prepare_writes_the_set_and_tells(page, session):
    page.settings.start.click()
    folder = session.project.prepared_dir / "pixel_384"
    assert len(list(folder.glob("*.png"))) == len(list(folder.glob("*.txt"))) == 4
    with Image.open(folder / "lad_001.png") as image:
        assert image.size == (384, 384)
    assert session.told[-1][:2] == ("good", "Prepared 4 images in pixel_384.")
    assert page.settings.start.isVisible()


def test_prepare_can_be_cancelled(page, session, qtbot, threaded_tasks):
    page.settings.prepare_asked.emit("stopped")
    page.model.cancel()
    qtbot.waitUntil(lambda: not page.model.is_busy(), timeout=20000)
    assert page.settings.start.isVisible()
    assert not (session.project.prepared_dir / "stopped" / "manifest.json").exists()
    assert all(level != "error" for level, _, _ in session.told)


def test_prepare_into_a_used_name_is_told(page, session):
    used = session.project.prepared_dir / "pixel_384"
    used.mkdir(parents=True)
    (used / "something.png").write_bytes(b"mine")
    page.settings.start.click()
    assert session.told[-1][0] == "error"
    assert (used / "something.png").read_bytes() == b"mine"


@pytest.mark.punks
def test_three_real_images_are_off_the_grid(page, session, punks, tmp_path):
    folder = tmp_path / "real"
    images = tmp_path / "some"
    images.mkdir()
    for name in ("lady_012_parasite", "lady_030_grass", "lady_031_paprika", "lad_001_carbon"):
        shutil.copy(punks / "train_512px" / f"{name}.png", images)
    projects.create_project(folder, images, punks / "captions_after")
    session.open_project(folder)
    page.set_figures.measure.click()
    assert page.set_figures._exact._figure.text() == "1 of 4"
    assert page.set_figures.notes.count() == 3
