import shutil

import numpy as np
import pytest
from PIL import Image
from PySide6.QtGui import QColor

from bespoke_gui.core import project as projects
from bespoke_gui.core.prepared.records import Settings
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
    assert list(page.settings.size_pane.sizes)[:3] == [384, 576, 768]
    assert page.settings.size_pane.sizes[384].text() == "384\n16 px each"
    assert "10 or 11 px" in page.settings.size_pane.sizes[256].text()
    assert next(iter(page.settings.method_pane.methods)) == "pixel"
    assert page.settings.method_pane.methods["pixel"].isChecked()
    badges = page.settings.method_pane.badges
    assert badges["pixel"].text() == badges["nearest"].text() == "no new colours"
    before = page.set_figures._before._figure.text()
    assert badges["lanczos"].text().startswith(f"{float(before):.0f} → ")
    assert "of your images at 384 px" in badges["lanczos"].toolTip()
    page.settings.size_pane.sizes[256].click()
    assert "at 256 px" in badges["lanczos"].toolTip()


def test_preview_is_exact_for_the_pixel_method(page):
    preview = page.preview._preview
    assert preview.name == "lad_001.png"
    assert (preview.after.width(), preview.before.width()) == (384, 96)
    assert preview.colours_before == preview.colours_after
    assert preview.native_exact
    assert preview.differing == 0
    assert page.preview._verdict.text() == "Native pixels exact"


def test_lanczos_is_shown_for_what_it_does(page):
    page.settings.size_pane.sizes[256].click()
    page.settings.method_pane.methods["lanczos"].click()
    preview = page.preview._preview
    assert preview.colours_after > 10 * preview.colours_before
    assert preview.differing > 0
    assert "lanczos turned" in page.preview._note.text().casefold()
    page.preview.modes["changed"].click()
    shown = page.preview.after.image()
    marked = sum(
        shown.pixelColor(x, y).getRgb()[:3] == CHANGED for x in range(256) for y in range(256)
    )
    assert marked == preview.differing


def test_what_a_size_means_is_said(page):
    facts = page.settings.size_pane._facts
    assert facts.words() == [
        "✓  16 px a cell",
        "✓  Fits buckets of 64",
        "✓  2 latent px a cell",
        "✓  56% of the cost of 512",
    ]
    page.settings.size_pane.custom.setValue(250)
    said = facts.words()
    assert said[:2] == ["!  10 or 11 px a cell", "!  No multiple of 64: the trainer resizes again"]
    assert "SD 1.5 was taught at 512" in said[3]
    page.settings.size_pane.sizes[576].click()
    assert page.settings.size_pane.custom.value() == 576
    page.settings.size_pane.custom.setValue(16)
    assert facts.words() == ["!  No room for the cells in 16 px"]


def test_the_rest_of_an_uneven_size_is_asked_about(page, session):
    size, start = page.settings.size_pane, page.settings.start
    assert size._rest.isHidden()
    size.sizes[256].click()
    assert not size._rest.isHidden()
    assert not start.isEnabled()
    assert not any(choice.isChecked() for choice in size.fits.values())
    assert size.fits["pad-cells"].text() == "Pad to 32 cells\n8 px each"
    size.fits["pad-cells"].click()
    assert start.isEnabled()
    assert size._facts.words()[0] == "✓  8 px a cell, padded with the edge"
    assert page.settings.name.text() == "pixel_256_padded"
    start.click()
    with Image.open(session.project.prepared_dir / "pixel_256_padded" / "lad_001.png") as image:
        assert image.size == (256, 256)
    size.custom.setValue(257)
    assert not size.fits["pad-cells"].isEnabled()
    page.settings.method_pane.methods["nearest"].click()
    assert size._rest.isHidden()
    assert start.isEnabled()


def test_name_follows_until_it_is_typed(page):
    assert page.settings.name.text() == "pixel_384"
    page.settings.size_pane.sizes[192].click()
    assert page.settings.name.text() == "pixel_192"
    page.settings.name.setText("mine")
    page.settings.name.textEdited.emit("mine")
    page.settings.size_pane.sizes[768].click()
    assert page.settings.name.text() == "mine"


def test_proposed_name_is_never_read_as_repeats():
    from bespoke_gui.core.dataset import folder_repeats

    assert folder_repeats(set_name(Settings(384))) is None


def test_whole_set_is_measured_without_writing(page, session):
    figures = page.set_figures
    assert figures._exact._figure.text() == "4 of 4"
    assert figures._damaged._figure.text() == "0"
    page.settings.size_pane.sizes[256].click()
    page.settings.method_pane.methods["lanczos"].click()
    assert figures._exact._figure.text() == "0 of 4"
    assert figures._damaged._figure.text().endswith("%")
    assert float(figures._after._figure.text()) > 10 * float(figures._before._figure.text())
    assert not session.project.prepared_dir.exists()


def test_notes_of_the_set_lead_to_the_image(page, session, make_project):
    folder = make_project("stray")
    path = folder / "dataset" / "lady_001.png"
    image = Image.open(path).convert("RGB")
    image.putpixel((41, 41), (1, 2, 3))
    image.save(path)
    session.open_project(folder)
    assert page.set_figures._exact._figure.text() == "3 of 4"
    item = page.set_figures.notes.item(0)
    assert "off the grid" in item.text()
    page.set_figures.notes.itemClicked.emit(item)
    assert page.preview._preview.name == "lady_001.png"
    assert page.preview._verdict.text() == "1 of 576 cells damaged"


def test_an_unreadable_image_is_a_note(page, session, make_project):
    folder = make_project("bad")
    (folder / "dataset" / "lad_002.png").write_bytes(b"")
    session.open_project(folder)
    assert "empty" in page.set_figures.notes.item(0).text()
    page.strip.select("lad_002.png")
    assert "empty" in page.preview.before._message


@pytest.fixture
def strays(page, session, make_project):
    """A project in which two images hold pixels off the grid."""
    folder = make_project("strays")
    for name in ("lad_002", "lady_001"):
        path = folder / "dataset" / f"{name}.png"
        image = Image.open(path).convert("RGB")
        image.putpixel((40, 40), (1, 2, 3))
        image.save(path)
    session.open_project(folder)
    return folder


def written(session, name="lad_002"):
    return Image.open(session.project.prepared_dir / "pixel_384" / f"{name}.png").convert("RGB")


def test_pixels_off_the_grid_are_asked_about_with_a_picture(page, strays, session):
    bar = page.off_grid
    assert not bar.isHidden()
    assert bar.name == "lad_002.png"
    assert bar._title.text() == "1 pixel off the grid in 1 cell: lad_002"
    assert bar._rest.text() == "0 of 2 decided"
    assert all(not view.image().isNull() for view in bar._views.values())
    assert page.settings.start.isEnabled()
    bar.next.click()
    assert page.preview._preview.name == bar.name == "lady_001.png"
    bar.choices["keep"].click()
    assert bar._rest.text() == "1 of 2 decided"
    assert "as decided" in page.preview._note.text()
    page.settings.start.click()
    colours = [written(session, name).getcolors(4096) for name in ("lady_001", "lad_002")]
    assert [any(c == (1, 2, 3) for _, c in found) for found in colours] == [True, False]
    bar.all.click()
    assert page.model.decisions.undecided() == []
    page.settings.start.click()
    assert any(c == (1, 2, 3) for _, c in written(session).getcolors(4096))
    text = (strays / "off_grid.toml").read_text()
    assert text.count('decision = "keep"') == 2


def test_a_decision_is_remembered_taken_back_and_lost_with_a_change(page, strays, session, qtbot):
    bar = page.off_grid
    bar.choices["leave_out"].click()
    page.settings.start.click()
    assert not (session.project.prepared_dir / "pixel_384" / "lad_002.png").exists()
    assert "1 left out" in session.told[-1][1]
    session.open_project(strays)
    assert page.model.decisions.action("lad_002.png") == "leave_out"
    page.strip.select("lad_002.png")
    assert bar.choices["leave_out"].isChecked()
    bar.choices["leave_out"].click()
    assert page.model.decisions.action("lad_002.png") == "ask"
    assert not (strays / "off_grid.toml").exists()
    bar.choices["flatten"].click()
    image = Image.open(strays / "dataset" / "lad_002.png")
    image.putpixel((44, 44), (3, 2, 1))
    image.save(strays / "dataset" / "lad_002.png")
    session.open_project(strays)
    assert page.model.decisions.action("lad_002.png") == "ask"


def test_a_clean_set_is_asked_nothing(page):
    assert page.off_grid.isHidden()
    assert page.set_figures.repair.isHidden()


def test_a_resampled_set_is_recognised_and_recovered_by_one_click(page, session, make_project):
    folder = make_project("resampled", size=384)
    clean = {}
    for path in (folder / "dataset").glob("*.png"):
        image = Image.open(path).convert("RGB")
        clean[path.name] = image.resize((24, 24), Image.Resampling.NEAREST)
        image.resize((256, 256), Image.Resampling.LANCZOS).save(path)
    session.open_project(folder)
    repair = page.set_figures.repair
    assert not repair.isHidden()
    assert repair._words.text().startswith("4 of 4 images were resampled or compressed: ")
    assert page.preview._verdict.text() == "Native pixels recovered"
    assert page.set_figures._exact._words.text() == "native pixels exact or recovered"
    assert page.set_figures._exact._figure.text() == "4 of 4"
    assert page.settings.method_pane.badges["pixel"].text() == "no new colours"
    assert "→" in page.settings.method_pane.badges["nearest"].text()
    page.settings.size_pane.sizes[256].click()
    repair.recover.click()
    out = session.project.prepared_dir / "recovered_pixel_384"
    for name, native in clean.items():
        back = Image.open(out / name).convert("RGB")
        assert back.size == (384, 384)
        assert back.tobytes() == native.resize((384, 384), Image.Resampling.NEAREST).tobytes()


def test_a_wrong_number_of_cells_is_recognised_and_mended(page, session, make_project):
    folder = make_project("finer")
    for number, path in enumerate(sorted((folder / "dataset").glob("*.png"))):
        rng = np.random.default_rng(number)
        cells = rng.integers(0, 256, (9, 3), dtype=np.uint8)[rng.integers(0, 9, (32, 32))]
        Image.fromarray(cells.repeat(12, 0).repeat(12, 1)).save(path)
    session.open_project(folder)
    repair = page.set_figures.repair
    assert "These images have 32 cells" in repair._words.text()
    assert repair.recover.isHidden()
    repair.native.click()
    assert session.project.native_size == 32
    assert "native_size = 32" in (folder / "bespoke.toml").read_text()
    assert repair.isHidden()
    assert page.set_figures._exact._figure.text() == "4 of 4"


def test_the_colour_below_transparent_pixels_is_chosen(page, session, make_project):
    assert page.settings.background.isHidden()
    folder = make_project("clear")
    path = folder / "dataset" / "lad_001.png"
    image = Image.open(path).convert("RGBA")
    image.paste((0, 0, 0, 0), (0, 0, 4, 4))
    image.save(path)
    session.open_project(folder)
    assert not page.settings.background.isHidden()
    page.settings.background.take(QColor("#102030"))
    assert page.settings.background.choose.text() == "#102030"
    page.settings.start.click()
    assert written(session, "lad_001").getpixel((0, 0)) == (16, 32, 48)


def test_prepared_sets_are_listed_made_again_and_binned_with_undo(page, session):
    page.settings.start.click()
    page.tabs["prepared"].click()
    (line,) = page.sets.lines()
    assert (line.state.folder.name, line.sign.text()) == ("pixel_384", "Complete")
    folder = line.state.folder
    wanted = (folder / "lad_001.png").read_bytes()
    (folder / "lad_001.png").unlink()
    (folder / "lad_002.png").write_bytes(b"by hand")
    page.sets_model.refresh()
    (line,) = page.sets.lines()
    assert line.sign.text() == "1 file missing"
    assert "1 file changed by hand" in line.sign.toolTip()
    line.again.click()
    assert (folder / "lad_001.png").read_bytes() == wanted
    assert "Files changed by hand are in" in session.told[-1][1]
    (line,) = page.sets.lines()
    assert line.sign.text() == "Complete"
    line.bin.click()
    assert not folder.exists()
    assert page.sets.lines() == []
    assert not page.sets._undo_row.isHidden()
    page.sets.undo.click()
    assert (folder / "lad_001.png").read_bytes() == wanted
    assert page.sets._undo_row.isHidden()
    assert page.tabs["prepared"].text() == "Prepared sets (1)"


def test_a_set_made_with_new_colours_is_marked(page):
    page.settings.method_pane.methods["lanczos"].click()
    page.settings.start.click()
    (line,) = page.sets.lines()
    assert line.sign.text() == "New colours"
    assert "colours an image into" in line.sign.toolTip()


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
    assert page.set_figures._exact._figure.text() == "1 of 4"
    assert page.set_figures.notes.count() == 3
