"""Gallery panel: import, look, switch, decide and export, from the window, on real pictures."""

import json
import shutil
from dataclasses import replace

import pytest
from PIL import Image
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from bespoke_gui.core.gallery import import_gallery
from bespoke_gui.core.judgement.reviews import read_reviews
from bespoke_gui.core.protocol import builtin_protocol
from bespoke_gui.views.rooms.gallery import GalleryPanel
from bespoke_gui.views.widgets.gallery_detail import NARROW
from bespoke_gui.views.widgets.gallery_import_dialog import GalleryImportDialog
from bespoke_gui.views.widgets.image_export_dialog import ImageExportDialog
from bespoke_gui.views.widgets.mark_art import DOT
from tests.qt_fixtures import draw_portrait


@pytest.fixture
def source(tmp_path):
    for epoch in (1, 2, 3):
        folder = tmp_path / "made_elsewhere" / f"epoch_{epoch:02d}"
        folder.mkdir(parents=True)
        for number, prompt in enumerate(("lad", "lady")):
            draw_portrait(3 * epoch + number, 192).save(folder / f"{prompt}.png")
    return tmp_path / "made_elsewhere"


@pytest.fixture
def make_panel(qtbot, session):
    def make():
        panel = GalleryPanel(session)
        panel.grid_page = panel.page("grid")
        qtbot.addWidget(panel)
        # As in the window: without a size of its own the layout would set one after show.
        panel.setMinimumSize(900, 600)
        panel.resize(1360, 820)
        panel.show()
        return panel

    return make


def close_up(panel, qtbot):
    qtbot.waitUntil(
        lambda: (
            not panel.grid_page._closest.isActive() and panel.grid_page.detail._close is not None
        )
    )


def bring(panel, ask, source):
    """Import a folder as a person does: choose it, look at the preview, agree."""
    ask.answers = [source]
    panel.menus.import_images()
    dialog = panel.findChild(GalleryImportDialog)
    dialog._reader._settle.stop()
    dialog._reader._read()
    return dialog


def test_without_a_gallery_it_says_what_to_do(make_panel, session, ask, source):
    panel = make_panel()
    assert panel.pages.currentIndex() == 0
    dialog = bring(panel, ask, source)
    assert dialog.summary.text() == ("6 images: 3 epochs × 2 prompts × 1 seed, epoch 1 to epoch 3")
    assert dialog.rows.item(0, 0).text() == "epoch_01/lad.png"
    dialog.go_on.click()
    assert panel.pages.currentIndex() == 1
    assert panel.desk.opened.gallery.folder == session.project.galleries_dir / "made_elsewhere"
    assert panel.grid_page.model.rowCount() == 3
    assert ("good", "Imported as gallery made_elsewhere", "") in session.told


def test_importing_twice_makes_a_second_gallery(make_panel, session, ask, source):
    panel = make_panel()
    for _ in range(2):
        bring(panel, ask, source).go_on.click()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert panel.galleries.count() == 2
    assert panel.desk.opened.gallery.folder.name == "made_elsewhere-2"


def test_a_folder_without_epochs_is_refused_in_words(make_panel, session, ask, tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    panel = make_panel()
    dialog = bring(panel, ask, empty)
    assert "holds no image" in dialog.summary.text()
    assert not dialog.go_on.isEnabled()
    assert panel.pages.currentIndex() == 0
    dialog.reject()


def test_a_pattern_and_a_declared_protocol_are_seen_before_the_import(
    make_panel, session, ask, tmp_path
):
    folder = tmp_path / "elsewhere" / "run_4"
    folder.mkdir(parents=True)
    for name in ("green lad_11", "green lad_12", "notes"):
        draw_portrait(2, 24).save(folder / f"{name}.png")
    declared = replace(builtin_protocol(), seeds=(11, 12))
    declared.save(session.project.protocol_path)
    panel = make_panel()
    dialog = bring(panel, ask, tmp_path / "elsewhere")
    assert not dialog.go_on.isEnabled()
    dialog.pattern.setText("run_{epoch}/{prompt}_{seed}.png")
    dialog.made.setCurrentIndex(dialog.made.findData("project"))
    dialog._reader._read()
    line = [dialog.rows.item(1, place).text() for place in range(4)]
    assert line == ["run_4/green lad_12.png", "Epoch 4", "green_lad", "12"]
    assert "run_4/notes.png: nothing says which epoch" in dialog.problems.text()
    dialog.pattern.setText("run_{nothing}.png")
    dialog._reader._read()
    assert "{nothing} cannot stand in a pattern" in dialog.summary.text()
    dialog.pattern.setText("run_{epoch}/{prompt}_{seed}.png")
    dialog._reader._settle.stop()
    dialog.go_on.setEnabled(True)
    dialog.go_on.click()
    opened = panel.desk.opened.gallery
    assert (opened.epochs, opened.seeds) == ([4], [11, 12])
    assert opened.info.declared, "a person's word, and shown as such"


def exporting(panel, part=0):
    """Open the dialog of the image export and choose what to export."""
    panel.menus.export_images()
    dialog = panel.findChild(ImageExportDialog)
    dialog.parts.setCurrentIndex(part)
    return dialog


def test_chosen_images_are_exported_as_true_pixels_and_upscales(
    make_panel, session, ask, source, tmp_path
):
    import_gallery(source, session.project.galleries_dir / "one")
    panel = make_panel()
    panel.grid_page.grid.set_current(1, 1)
    dialog = exporting(panel)
    titles = [dialog.parts.itemText(place) for place in range(dialog.parts.count())]
    assert titles == [
        "Epoch 2, lady", "Epoch 2 (2 images)", "lady, every epoch (3 images)",
        "Every image (6 images)",
    ]  # fmt: skip
    dialog.parts.setCurrentIndex(1)
    dialog.scales[8].setChecked(True)
    dialog.sheet.setChecked(True)
    assert dialog.count.text().startswith("5 PNG files")
    out = tmp_path / "out"
    ask.answers = [out]
    dialog.go_on.click()
    assert session.told[-1][:2] == ("good", f"5 files written to {out}")
    with (
        Image.open(out / "lady_epoch02.png") as small,
        Image.open(out / "x8" / "lady_epoch02.png") as large,
        Image.open(out / "sheet.png") as sheet,
    ):
        assert small.convert("RGB").tobytes() == draw_portrait(7).tobytes()
        assert large.size == (192, 192)
        assert sheet.size == (49, 24), "side by side, one cell between them"


def test_what_people_found_clean_can_be_exported_and_is_in_the_report(
    make_panel, session, ask, source, tmp_path
):
    import_gallery(source, session.project.galleries_dir / "one")
    panel = make_panel()
    images = panel.desk.opened.gallery.images()
    for image, score in zip(images[:3], (9.0, 8.0, 5.0), strict=True):
        panel.desk.judging.say(image, score=score)
    dialog = exporting(panel)
    place = dialog.parts.findText("Clean, as people judged (2 images)")
    assert [one.name for one in dialog.parts.itemData(place).images] == [
        image.name for image in images[:2]
    ]
    dialog.reject()
    ask.answers = [tmp_path / "figures.json"]
    panel.menus.save_report()
    verdicts = json.loads((tmp_path / "figures.json").read_text())["verdicts"]
    assert [verdicts[image.name]["basis"] for image in images] == ["reviewed"] * 3 + [
        "predicted"
    ] * 3


@pytest.mark.parametrize("kind", ["training", "file"])
def test_exported_colours_are_locked_to_a_palette(make_panel, session, ask, source, tmp_path, kind):
    import_gallery(source, session.project.galleries_dir / "one")
    panel = make_panel()
    palette = tmp_path / "two.hex"
    palette.write_text("000000\nff8800\n")
    dialog = exporting(panel)
    place = dialog.colours.findData(kind)
    ask.answers = [palette] if kind == "file" else []
    dialog.colours.setCurrentIndex(place)
    dialog.colours.activated.emit(place)
    assert (str(palette) in dialog.about.text()) == (kind == "file")
    ask.answers = [tmp_path / "out"]
    dialog.go_on.click()
    with Image.open(tmp_path / "out" / "lad_epoch01.png") as made:
        found = {colour for _, colour in made.convert("RGB").getcolors()}
    allowed = {(0, 0, 0), (255, 136, 0)}
    if kind == "training":
        drawn = [Image.open(item.image).convert("RGB") for item in session.dataset.items]
        allowed = {colour for image in drawn for _, colour in image.getcolors()}
    assert found <= allowed


def test_an_export_never_writes_over_a_file(make_panel, session, ask, source, tmp_path):
    import_gallery(source, session.project.galleries_dir / "one")
    panel = make_panel()
    (tmp_path / "lad_epoch01.png").write_bytes(b"mine")
    dialog = exporting(panel)
    ask.answers = [tmp_path]
    dialog.go_on.click()
    assert "is there already" in session.told[-1][1]
    assert (tmp_path / "lad_epoch01.png").read_bytes() == b"mine"


def test_reviews_and_votes_go_out_and_come_in_as_a_table(
    make_panel, session, ask, source, tmp_path
):
    import_gallery(source, session.project.galleries_dir / "one")
    panel = make_panel()
    session.settings.other["judge"] = "Ilyssa"
    judging, table = panel.desk.judging, tmp_path / "said.csv"
    image = panel.desk.opened.gallery.images()[0]
    judging.say(image, score=8.0, tags=["hat"])
    ask.answers = [table]
    panel.menus.actions["reviews"].trigger()
    assert session.told[-1][:2] == ("good", f"Written: {table}")
    rows = table.read_text().replace("Ilyssa", "Bo").replace("hat", "bow")
    table.write_text(rows + "review,no such image,,Bo,3\n")
    ask.answers = [table]
    panel.menus.actions["table"].trigger()
    assert session.told[-1][:2] == ("warning", "1 line taken in from said.csv, 1 left out")
    assert "there is no image no such image" in session.told[-1][2]
    kept = read_reviews(panel.desk.opened.gallery.folder).of(image.name)
    assert {judge: one.tags for judge, one in kept.items()} == {"Ilyssa": ("hat",), "Bo": ("bow",)}
    assert set(judging.reviews.of(image.name)) == {"Ilyssa", "Bo"}


def test_measures_use_the_training_set(make_panel, session, source, qtbot):
    import_gallery(source, session.project.galleries_dir / "one")
    panel = make_panel()
    assert panel.desk.report.reference_images == 4
    index = panel.grid_page.bar.measures.findData("palette_distance")
    panel.grid_page.bar.measures.setCurrentIndex(index)
    panel.grid_page.bar.measures.activated.emit(index)
    assert panel.grid_page.model.measure.name == "palette_distance"
    assert panel.grid_page.model.measure.limit == panel.desk.report.thresholds["palette_distance"]
    value = panel.grid_page.model.value(0, 0)
    name = panel.grid_page.model.image(0, 0).name
    assert value == panel.desk.report.images[name]["palette_distance"]
    scores = session.project.galleries_dir / "one" / "scores.json"
    assert json.loads(scores.read_text())["images"][name]["palette_distance"] == value


def test_the_detail_follows_the_grid(make_panel, session, source, qtbot):
    import_gallery(source, session.project.galleries_dir / "one")
    panel = make_panel()
    QTest.keyClick(panel.grid_page.grid, Qt.Key.Key_Down)
    QTest.keyClick(panel.grid_page.grid, Qt.Key.Key_Right)
    close_up(panel, qtbot)
    assert panel.grid_page.detail.title.text() == "Epoch 2 · lady"
    assert panel.grid_page.detail.tabs.tabText(0) == "Native 24×24"
    assert panel.grid_page.detail.tabs.tabText(1) == "Original 192×192"
    panel.grid_page.detail.tabs.setCurrentIndex(1)
    assert panel.grid_page.detail.picture.image().width() == 192
    panel.grid_page.detail.tabs.setCurrentIndex(0)
    corner = draw_portrait(7).getpixel((0, 0))
    assert panel.grid_page.detail.picture.image().pixelColor(0, 0).getRgb()[:3] == corner


def test_picking_is_recorded_with_date_and_shown(make_panel, session, ask, source):
    folder = session.project.galleries_dir / "one"
    import_gallery(source, folder)
    panel = make_panel()
    panel.grid_page.grid.set_current(2, 0)
    ask.answers = ["cleanest hats"]
    panel.grid_page.detail.pick.click()
    data = json.loads((folder / "reviews.json").read_text())
    assert data["decisions"][-1]["epoch"] == 3
    assert data["decisions"][-1]["reason"] == "cleanest hats"
    assert "Epoch 3 picked on 20" in panel.grid_page.detail.decision.text()
    again = make_panel()
    assert "Epoch 3 picked" in again.grid_page.detail.decision.text()


def test_another_downsampler_is_read_anew(make_panel, session, source, qtbot):
    import_gallery(source, session.project.galleries_dir / "one")
    panel = make_panel()
    assert panel.grid_page.bar.downsamplers.currentData() == "median"
    panel.grid_page.grid.viewport().grab()
    before = panel.grid_page.model.native(0, 0)
    index = panel.grid_page.bar.downsamplers.findData("mode")
    panel.grid_page.bar.downsamplers.setCurrentIndex(index)
    panel.grid_page.bar.downsamplers.activated.emit(index)
    panel.grid_page.grid.viewport().grab()
    after = panel.grid_page.model.native(0, 0)
    assert after is not before
    assert after.image == before.image, "clean pixel art reads the same by any downsampler"
    assert "figures by Median" in panel.grid_page.notes.text()


def test_colours_are_counted_in_the_pictures_that_are_shown(make_panel, session, source):
    import_gallery(source, session.project.galleries_dir / "one")
    panel = make_panel()
    page = panel.grid_page
    page.grid.viewport().grab()
    measured = page.model.value(0, 0)
    assert measured == panel.desk.report.images[page.model.image(0, 0).name]["unique_colours"]
    read = page.model.native(0, 0)
    page.model.read_with(lambda path: replace(read, unique_colours=3))
    page.grid.viewport().grab()
    assert page.model.value(0, 0) == 3
    page.model.read_with(lambda path: replace(read, unique_colours=3), as_measured=True)
    assert page.model.value(0, 0) == measured


@pytest.mark.parametrize("suffix", ["html", "md", "png", "csv", "json"])
def test_export_writes_the_format_of_the_suffix(make_panel, session, ask, source, tmp_path, suffix):
    import_gallery(source, session.project.galleries_dir / "one")
    panel = make_panel()
    out = tmp_path / f"report.{suffix}"
    ask.answers = [out]
    panel.menus.save_report()
    assert out.stat().st_size > 200
    assert session.told[-1][:2] == ("good", f"Written: {out}")


def test_a_broken_record_of_decisions_is_told_and_kept(make_panel, session, ask, source):
    folder = session.project.galleries_dir / "one"
    import_gallery(source, folder)
    panel = make_panel()
    (folder / "reviews.json").write_text("{")
    ask.answers = [""]
    panel.grid_page.pick()
    assert session.told[-1][0] == "error"
    assert "reviews.json" in session.told[-1][1]
    assert (folder / "reviews.json").read_text() == "{"


def test_another_project_leaves_nothing_of_the_old_one(make_panel, session, source, make_project):
    import_gallery(source, session.project.galleries_dir / "one")
    panel = make_panel()
    assert panel.grid_page.model.rowCount() == 3
    session.open_project(make_project("other"))
    assert panel.grid_page.model.rowCount() == 0
    assert panel.pages.currentIndex() == 0
    panel.grid_page.grid.grab()


@pytest.mark.punks
def test_the_reference_grid_opens_and_tells_brown_from_green(make_panel, session, punks, qtbot):
    import_gallery(punks / "epoch_grid_24px", session.project.galleries_dir / "reference")
    panel = make_panel()
    assert (panel.grid_page.model.rowCount(), panel.grid_page.model.columnCount()) == (10, 7)
    assert (
        "one seed an image: most differences between epochs are ties"
        in panel.grid_page.notes.text()
    )
    panel.grid_page.grid.set_current(4, 0)
    close_up(panel, qtbot)
    assert panel.grid_page.detail.background.text() == "Background brown, prompt asks bright green"
    panel.grid_page.grid.set_current(6, 0)
    close_up(panel, qtbot)
    qtbot.waitUntil(lambda: "as the prompt asks" in panel.grid_page.detail.background.text())
    assert panel.grid_page.model.value(6, 0) == 475


def test_the_close_up_keeps_up_with_the_arrow_keys(make_panel, session, source, qtbot):
    import_gallery(source, session.project.galleries_dir / "g")
    panel = make_panel()
    page = panel.grid_page
    page.grid.set_current(0, 0)
    close_up(panel, qtbot)
    qtbot.waitUntil(lambda: page.model.loader.is_idle)
    for row in (1, 2):
        page.grid.set_current(row, 0)
        assert page._closest.isActive(), "the rest about it is still to be read"
        assert page.detail.picture.image() == page.model.native(row, 0).image
    assert page.model.native(1, 0).image != page.model.native(2, 0).image


def test_the_bar_has_room_in_a_narrow_window(make_panel, session, source):
    import_gallery(source, session.project.galleries_dir / "one")
    panel = make_panel()
    panel.resize(900, 600)
    for box in (panel.grid_page.bar.measures, panel.galleries):
        assert not box.visibleRegion().isEmpty()
        assert box.width() > box.fontMetrics().horizontalAdvance(box.currentText()) + 30


def test_pages_open_by_their_buttons_and_keys(make_panel, session, source, qtbot):
    import_gallery(source, session.project.galleries_dir / "one")
    panel = make_panel()
    panel.desk.show_cell(3, "lady")
    assert (panel.grid_page.grid.row, panel.grid_page.grid.column) == (2, 1)
    assert panel._pages.buttons["grid"].isChecked()


def test_the_close_up_gives_way_in_a_small_window_and_on_demand(make_panel, session, source, qtbot):
    import_gallery(source, session.project.galleries_dir / "one")
    panel = make_panel()
    page = panel.grid_page
    assert page.detail.picture.height() == 360
    panel.resize(1000, 700)
    assert page.detail.picture.height() == 192, "8 px a cell in place of 15"
    assert page.detail.width() <= NARROW
    page.grid.setFocus()
    panel.activateWindow()
    qtbot.waitUntil(panel.isActiveWindow)
    before = page.grid.width()
    QTest.keyClick(page.grid, Qt.Key.Key_D)
    qtbot.waitUntil(page.detail.isHidden)
    qtbot.waitUntil(lambda: page.grid.width() > before + 200)
    page.bar.detail.click()
    assert page.detail.isVisible()
    panel.resize(1360, 820)
    assert page.detail.picture.height() == 360


def test_marks_are_drawn_on_demand_over_grid_and_close_up(make_panel, session, source, qtbot):
    cells = draw_portrait(3)
    for x in range(3, 9):
        cells.putpixel((x, 4), (7, 250, 180))
    cells.resize((192, 192), 0).save(source / "epoch_01" / "lad.png")
    import_gallery(source, session.project.galleries_dir / "one")
    panel = make_panel()
    page = panel.grid_page
    close_up(panel, qtbot)

    def dots(widget):
        image = widget.grab().toImage()
        across, down = range(image.width()), range(0, image.height(), 2)
        return sum(image.pixelColor(x, y) == DOT for x in across for y in down)

    page.grid.viewport().grab()
    assert dots(page.grid.viewport()) == dots(page.detail.picture) == 0
    page.marks["off_palette"].click()
    page.grid.viewport().grab()
    qtbot.waitUntil(lambda: page.model.marks.is_idle)
    wanted = int(page.detail._close.marks.off_palette.sum())
    assert wanted == 6
    assert dots(page.grid.viewport()) > 0
    assert dots(page.detail.picture) > 0
    page.marks["off_palette"].click()
    assert dots(page.grid.viewport()) == dots(page.detail.picture) == 0


def test_the_nearest_training_image_and_the_colours_stand_below(
    make_panel, session, tmp_path, qtbot
):
    names = [item.image for item in session.dataset.items]
    folder = tmp_path / "copies" / "epoch_01"
    folder.mkdir(parents=True)
    shutil.copyfile(names[1], folder / "lad.png")
    import_gallery(tmp_path / "copies", session.project.galleries_dir / "one")
    panel = make_panel()
    close_up(panel, qtbot)
    detail = panel.grid_page.detail
    assert detail.nearest.isVisible()
    assert detail.nearest.name.text() == names[1].name
    assert (
        detail.nearest.words.text() == "0 of 576 cells differ clearly; nearness 1.00. It is a copy."
    )
    assert detail.palette_strip.isVisible()
    assert "0 cells off the palette" in detail.readout.text()


def test_marks_have_keys_and_words_for_the_sheet(make_panel, session, source, qtbot):
    import_gallery(source, session.project.galleries_dir / "one")
    panel = make_panel()
    page = panel.grid_page
    page.grid.setFocus()
    panel.activateWindow()
    qtbot.waitUntil(panel.isActiveWindow)
    for kind, key in (("off_palette", Qt.Key.Key_O), ("strays", Qt.Key.Key_T)):
        QTest.keyClick(page.grid, key)
        qtbot.waitUntil(page.marks[kind].isChecked)
        assert kind in page.model.kinds
    words = {one.key().toString(): one.whatsThis() for one in page.findChildren(QShortcut)}
    assert "training set" in words["O"]
    assert "neighbours" in words["T"]
    assert words["D"]


def test_tab_comes_to_the_bar_above_the_grid_and_a_page_opens_on_it(
    qtbot, make_panel, session, ask, source
):
    panel = make_panel()
    bring(panel, ask, source).go_on.click()
    panel.activateWindow()
    qtbot.waitUntil(panel.isActiveWindow)
    page = panel.grid_page
    page.bar.zoom.setFocus()
    page.setFocus()
    assert QApplication.focusWidget() is page.grid
    seen = set()
    for _ in range(60):
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        seen.add(QApplication.focusWidget())
    assert {page.bar.measures, page.bar.zoom, page.bar.detail, page.grid} <= seen
