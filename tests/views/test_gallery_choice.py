"""A free choice of images in the grid, by mouse and keys, that export takes and nothing loses."""

import pytest
from PySide6.QtCore import QPoint, Qt

from bespoke_gui.core.gallery import import_gallery
from bespoke_gui.core.gallery_export import TRAINING
from bespoke_gui.views.widgets.gallery_grid import HEAD_HEIGHT
from bespoke_gui.views.widgets.image_export_dialog import ImageExportDialog
from tests.views.test_gallery_panel import make_panel, source  # noqa: F401

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
NONE = Qt.KeyboardModifier.NoModifier


@pytest.fixture
def panel(make_panel, source, session):  # noqa: F811
    import_gallery(source, session.project.galleries_dir / "one")
    return make_panel()


@pytest.fixture
def page(panel, qtbot):
    made = panel.page("grid")
    qtbot.waitUntil(lambda: made.model.rowCount() == 3)
    return made


def click(qtbot, grid, cell, keys=NONE):
    qtbot.mouseClick(
        grid.viewport(), Qt.MouseButton.LeftButton, keys, grid.cell_rect(*cell).center()
    )


def names(page):
    desk = page._desk
    return [image.name for image in desk.chosen.images(desk.opened.gallery)]


def cells(page, *wanted):
    return sorted(page.model.image(*cell).name for cell in wanted)


def test_clicks_choose_one_many_and_an_epoch(page, qtbot):
    grid = page.grid
    assert not page.choice.isVisible()
    click(qtbot, grid, (0, 0))
    assert not names(page), "a plain click only looks"
    click(qtbot, grid, (0, 1), CTRL)
    click(qtbot, grid, (1, 0), CTRL)
    assert sorted(names(page)) == cells(page, (0, 1), (1, 0))
    assert page.choice.count.text() == "2 chosen"
    assert "chosen" in grid.accessibleDescription()
    click(qtbot, grid, (1, 0), CTRL)
    assert sorted(names(page)) == cells(page, (0, 1))
    click(qtbot, grid, (0, 0))
    click(qtbot, grid, (1, 1), SHIFT)
    assert sorted(names(page)) == cells(page, (0, 0), (0, 1), (1, 0), (1, 1))
    page.choice.clear.click()
    assert not names(page)
    assert not page.choice.isVisible()
    place = QPoint(20, HEAD_HEIGHT + 30)
    qtbot.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, NONE, place)
    epoch = page.model.epoch(0)
    images = page._desk.opened.gallery.images()
    assert names(page) == [image.name for image in images if image.epoch == epoch]


def test_keys_choose_and_a_tick_is_drawn_outside_the_picture(page, qtbot):
    grid = page.grid
    grid.set_current(0, 0)
    grid.setFocus()
    qtbot.keyClick(grid, Qt.Key.Key_Space)
    assert names(page) == cells(page, (0, 0))
    grid.set_current(0, 1)
    inside, below = grid.cell_rect(0, 0).adjusted(4, 4, -4, -4), grid.cell_rect(0, 0)
    below.moveTop(below.bottom() + 1)
    shown = [grid.viewport().grab(part).toImage() for part in (inside, below)]
    page.choice.clear.click()
    assert grid.viewport().grab(inside).toImage() == shown[0], "no pixel of the picture is covered"
    assert grid.viewport().grab(below).toImage() != shown[1]
    grid.set_current(0, 0)
    qtbot.keyClick(grid, Qt.Key.Key_Space)
    qtbot.keyClick(grid, Qt.Key.Key_Down, SHIFT)
    assert sorted(names(page)) == cells(page, (0, 0), (1, 0))
    qtbot.keyClick(grid, Qt.Key.Key_Space, SHIFT)
    assert len(names(page)) == 1 + sum(
        image.epoch == page.model.epoch(1) for image in page._desk.opened.gallery.images()
    )
    qtbot.keyClick(grid, Qt.Key.Key_A, CTRL)
    assert len(names(page)) == len(page._desk.opened.gallery.images())
    qtbot.keyClick(grid, Qt.Key.Key_Escape)
    assert not names(page)


def test_export_takes_what_is_chosen(page, panel, qtbot):
    click(qtbot, page.grid, (0, 1), CTRL)
    click(qtbot, page.grid, (1, 0), CTRL)
    page.choice.export.click()
    qtbot.waitUntil(lambda: panel.findChild(ImageExportDialog) is not None)
    dialog = panel.findChild(ImageExportDialog)
    assert dialog.part.title == "Chosen in the grid (2 images)"
    assert sorted(image.name for image in dialog.part.images) == cells(page, (0, 1), (1, 0))
    dialog.preview._settle.setInterval(0)
    pane = dialog.pane
    qtbot.waitUntil(lambda: pane.title.text() == "Epoch 1 · lady")
    assert pane.words.text().endswith("no cell changes")
    shown = pane.after.image()
    assert (shown.width(), shown.height()) == (24, 24)
    assert not pane.previous.isEnabled()
    qtbot.keyClick(dialog, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    assert pane.title.text() == "Epoch 2 · lad"
    dialog.colours.setCurrentIndex(dialog.colours.findData(TRAINING))
    dialog.colours.activated.emit(dialog.colours.currentIndex())
    dialog.sheet.setChecked(True)
    dialog.cell.setValue(8)
    qtbot.waitUntil(lambda: "cells change" in pane.whole.text() and pane.next.isEnabled())
    pane.next.click()
    assert pane.title.text() == "Sprite sheet"
    assert not pane.before.isVisible()
    assert pane.after.image().width() == 49
    assert "392 × 192 px, 8 px a cell" in pane.words.text()
