"""Gallery panel: import, look, switch, decide and export, from the window, on real pictures."""

import json
import shutil
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QShortcut
from PySide6.QtTest import QTest

from bespoke_gui.core.gallery import import_gallery
from bespoke_gui.views.rooms.gallery import GalleryPanel
from bespoke_gui.views.widgets.gallery_detail import NARROW
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


def test_without_a_gallery_it_says_what_to_do(make_panel, session, ask, source):
    panel = make_panel()
    assert panel.pages.currentIndex() == 0
    ask.answers = [source]
    panel.desk.import_folder()
    assert panel.pages.currentIndex() == 1
    assert panel.desk.opened.gallery.folder == session.project.galleries_dir / "made_elsewhere"
    assert panel.grid_page.model.rowCount() == 3
    assert ("good", "Imported as gallery made_elsewhere", "") in session.told


def test_importing_twice_makes_a_second_gallery(make_panel, session, ask, source):
    panel = make_panel()
    ask.answers = [source, source]
    panel.desk.import_folder()
    panel.desk.import_folder()
    assert panel.galleries.count() == 2
    assert panel.desk.opened.gallery.folder.name == "made_elsewhere-2"


def test_a_folder_without_epochs_is_refused_in_words(make_panel, session, ask, tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    panel = make_panel()
    ask.answers = [empty]
    panel.desk.import_folder()
    assert session.told[-1][0] == "error"
    assert "holds no image" in session.told[-1][1]
    assert panel.pages.currentIndex() == 0


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
    panel.export()
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
