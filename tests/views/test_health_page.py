"""Images page of the Prepare room: figures, plots, palette, pairs with a decision, outliers."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage

from bespoke_gui.core.dataset import scan
from bespoke_gui.core.lint_ignored import read_ignored
from bespoke_gui.core.pixels.palette import read_palette
from bespoke_gui.core.prepared.decided import decide, source_of
from bespoke_gui.core.project import create_project
from bespoke_gui.qtmodels.prepare_desk import PrepareDesk
from bespoke_gui.views.widgets.cell_outline import outline
from bespoke_gui.views.widgets.health_page import HealthPage
from tests.core.health_kit import drawn, make_set, write


@pytest.fixture
def folder(tmp_path):
    """A project with one near, one mirrored and one exact pair, an outlier and a bad file."""
    source = tmp_path / "source"
    make_set(source)
    near = drawn(3).copy()
    near[9, 5] = near[9, 6] = (255, 255, 255)
    write(source, "near.png", near)
    write(source, "mirror.png", drawn(5)[:, ::-1].copy())
    write(source, "same.png", drawn(6), scale=12)
    write(source, "flat.png", np.full((24, 24, 3), 90, np.uint8), caption="")
    folder = create_project(tmp_path / "project", source).project.folder
    (folder / "dataset" / "bad.png").write_bytes(b"no image")
    (folder / "dataset" / "bad.txt").write_text("a caption", encoding="utf-8")
    return folder


@pytest.fixture
def page(empty_session, folder, qtbot):
    empty_session.open_project(folder)
    made = HealthPage(PrepareDesk(empty_session))
    qtbot.addWidget(made)
    made.resize(1200, 760)
    made.show()
    return made


def words(card):
    return card.accessibleDescription()


def test_the_cards_tell_what_there_is(page):
    assert words(page.cards["set"]) == "16, 2 sizes"
    assert words(page.cards["alike"]) == "3 pairs, 1 exact, 2 nearly"
    assert words(page.cards["files"]) == "1 missing, captions; 1 unreadable"
    assert words(page.cards["outliers"]).startswith("2 images")


def test_a_card_opens_its_section_by_mouse_and_by_key(page, qtbot):
    page.cards["alike"].click()
    assert page._stack.currentWidget() is page.sections["alike"]
    page.cards["palette"].setFocus()
    qtbot.keyClick(page.cards["palette"], Qt.Key.Key_Return)
    assert page._stack.currentWidget() is page.sections["palette"]
    assert not page.cards["alike"].isChecked()


def test_a_bar_shows_its_images(page, qtbot):
    section = page.sections["set"]
    assert len(section.wall.names()) == 16
    plot = section.colours
    box = plot.box(0)
    qtbot.mouseClick(
        plot, Qt.MouseButton.LeftButton, pos=box.bottomLeft().toPoint() + QPoint(2, -2)
    )
    assert section.wall.names() == ["flat.png"]
    assert section.wall.show_all.isVisible()
    qtbot.keyClick(plot, Qt.Key.Key_End)
    assert "flat.png" not in section.wall.names()
    section.sizes.choose(1)
    assert section.wall.names() == ["same.png"]
    assert plot.current == -1
    section.wall.show_all.click()
    assert len(section.wall.names()) == 16
    assert section.sizes.current == -1


def test_every_bar_holds_its_count(page):
    section = page.sections["set"]
    for plot in (section.colours, section.sizes, section.backgrounds):
        shown = []
        for place in range(len(section._names[plot])):
            plot.choose(place)
            shown += (
                section.wall.names() if plot.current >= 0 and section._names[plot][place][1] else []
            )
            plot.choose(-1)
        assert sorted(shown) == sorted(facts.name for facts in page.model.health.images)


def test_a_colour_tells_who_uses_it(page):
    section = page.sections["palette"]
    page.show_section("palette")
    place = next(p for p, c in enumerate(page.model.palette.colours) if c.code == 0x5A5A5A)
    section.swatches.choose(place)
    assert section._code.text() == "#5a5a5a"
    assert section.wall.names() == ["flat.png"]
    assert "576 cells in 1 image" in section._uses.text()
    merged = len(page.model.palette.colours)
    section.merge.setChecked(False)
    assert len(page.model.palette.colours) == page.model.palette.unique >= merged


def test_the_arrow_keys_go_from_colour_to_colour(page, qtbot):
    swatches = page.sections["palette"].swatches
    page.show_section("palette")
    qtbot.keyClick(swatches, Qt.Key.Key_Home)
    assert swatches.current == 0
    qtbot.keyClick(swatches, Qt.Key.Key_Down)
    assert swatches.current == swatches.columns()
    qtbot.keyClick(swatches, Qt.Key.Key_Left)
    assert swatches.current == swatches.columns() - 1


def test_the_palette_is_exported_as_shown(page, ask, tmp_path, empty_session):
    wanted = [colour.code for colour in page.model.palette.colours]
    for suffix in (".hex", ".gpl", ".png"):
        ask.answers.append(tmp_path / f"out{suffix}")
        page.sections["palette"].export.click()
        read = read_palette(tmp_path / f"out{suffix}").astype(int)
        assert [(r << 16) + (g << 8) + b for r, g, b in read.tolist()] == wanted
    ask.answers.append(None)
    page.sections["palette"].export.click()
    assert empty_session.told[-1][0] == "good"


def test_a_pair_is_shown_with_the_pixels_that_differ(page):
    page.show_section("alike")
    lines = page.sections["alike"].lines
    shown = [lines._lines.line(row) for row in range(lines._lines.rowCount())]
    assert [line.images for line in shown] == [
        ("p6.png", "same.png"), ("mirror.png", "p5.png"), ("near.png", "p3.png"),
    ]  # fmt: skip
    assert [line.title for line in shown] == [
        "The same native pixels at another size", "Mirror images", "2 pixels of 576 differ",
    ]  # fmt: skip
    lines.step(2)
    twins = page.sections["alike"].twins
    assert twins._cells == ({(5, 9), (6, 9)}, {(5, 9), (6, 9)})
    assert twins._images[0].pixelColor(5, 9).name() == "#ffffff"
    assert page._desk.current() == "near.png"


def test_looking_again_leaves_the_image_of_the_room_alone(page):
    page._desk.show("p2.png")
    page.refresh_tool.click()
    assert page._desk.current() == "p2.png"


def test_marks_surround_the_pixels_and_can_be_taken_away(page, qtbot):
    section = page.sections["alike"]
    page.show_section("alike")
    section.lines.step(2)
    marked = section.twins.grab().toImage()
    section.marks.setChecked(False)
    plain = section.twins.grab().toImage()
    assert marked != plain
    section.twins.swap(True)
    assert section.twins.grab().toImage() != plain
    section.twins.swap(False)
    assert section.twins.grab().toImage() == plain


def test_excluding_one_of_a_pair_is_one_step_of_undo(page, empty_session, folder):
    section = page.sections["alike"]
    page.show_section("alike")
    section.lines.step(2)
    section.exclude[0].click()
    assert {item.name for item in scan(folder / "dataset").items if item.excluded} == {"near.png"}
    assert words(page.cards["alike"]) == "2 pairs, 1 exact, 1 nearly"
    stack = empty_session.captions.undo_stack
    assert stack.undoText() == "exclude near.png"
    stack.undo()
    assert not [item for item in scan(folder / "dataset").items if item.excluded]
    assert words(page.cards["alike"]) == "3 pairs, 1 exact, 2 nearly"


def test_keeping_both_asks_no_more_until_told_to(page, folder):
    section = page.sections["alike"]
    page.show_section("alike")
    section.lines.step(2)
    section.keep.click()
    assert len(read_ignored(folder).places) == 1
    assert words(page.cards["alike"]) == "2 pairs, 1 exact, 1 nearly, 1 kept"
    section.lines.step(9)
    assert section.lines.current().faded
    assert section.keep.text() == "Ask again"
    section.keep.click()
    assert not read_ignored(folder).places
    assert words(page.cards["alike"]) == "3 pairs, 1 exact, 2 nearly"


def test_outliers_have_picture_reason_and_place(page):
    page.show_section("outliers")
    section = page.sections["outliers"]
    assert section.lines.current().images == ("flat.png",)
    assert section.picture.image().size().width() == 24
    assert "single colour" in section._reason.text()


def test_pixels_off_the_grid_are_shown_in_the_file(empty_session, tmp_path, qtbot):
    source = tmp_path / "source"
    make_set(source, 3)
    path = source / "p1.png"
    image = QImage(str(path))
    image.setPixelColor(83, 100, Qt.GlobalColor.red)
    image.save(str(path))
    empty_session.open_project(create_project(tmp_path / "other", source).project.folder)
    page = HealthPage(PrepareDesk(empty_session))
    qtbot.addWidget(page)
    page.resize(1100, 700)
    page.show()
    page.show_section("outliers")
    picture = page.sections["outliers"].picture
    assert picture.image().width() == 192
    assert picture._cells == ((10, 12),)
    with qtbot.waitSignal(page._desk.page_wanted) as wanted:
        page.sections["outliers"].decide.click()
    assert wanted.args == ["resize"]
    page.hide()
    dataset, project = source_of(empty_session.project.folder)
    decide(dataset, project, {"p1.png": "keep"})
    page.show()
    assert page.sections["outliers"]._stack.currentIndex() == 1
    assert not picture.grab().isNull()


def test_what_is_missing_leads_to_the_captions_room(page, empty_session, qtbot):
    page.show_section("files")
    section = page.sections["files"]
    assert section.wall.names() == ["flat.png"]
    assert [problem.file for problem in section.findings.problems] == ["bad.png"]
    with qtbot.waitSignal(empty_session.caption_wanted) as wanted:
        section.write.click()
    assert wanted.args == ["flat.png"]


def test_nothing_wrong_is_said_in_words(empty_session, tmp_path, qtbot):
    make_set(tmp_path / "source", 9)
    empty_session.open_project(create_project(tmp_path / "p", tmp_path / "source").project.folder)
    page = HealthPage(PrepareDesk(empty_session))
    qtbot.addWidget(page)
    page.resize(1000, 640)
    page.show()
    for key in ("alike", "outliers", "files"):
        assert page.sections[key]._stack.currentIndex() == 1
    assert words(page.cards["alike"]) == "none, 0 exact, 0 nearly"
    empty_session.close_project()
    assert words(page.cards["set"]) == "–, "
    assert page._stack.currentWidget() is page._waiting


def test_the_set_is_looked_at_in_the_background(threaded_tasks, empty_session, folder, qtbot):
    empty_session.open_project(folder)
    qtbot.waitUntil(lambda: empty_session.dataset is not None, timeout=20_000)
    page = HealthPage(PrepareDesk(empty_session))
    qtbot.addWidget(page)
    page.show()
    assert page.model.is_busy
    assert page._progress.isVisible()
    page.model.stop()
    qtbot.waitUntil(lambda: not page._progress.isVisible(), timeout=30_000)
    assert page.model.health is None
    assert "F5" in page._waiting.text()
    page.refresh_tool.click()
    qtbot.waitUntil(lambda: page.model.health is not None, timeout=30_000)
    qtbot.waitUntil(lambda: not page._progress.isVisible(), timeout=30_000)
    assert page._stack.currentWidget() is page.sections["set"]


def test_the_outline_of_cells_leaves_inner_edges_out():
    assert len(outline({(0, 0)})) == 4
    assert len(outline({(0, 0), (1, 0)})) == 6
    assert outline(set()) == []
