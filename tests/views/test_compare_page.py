"""Compare page: two epochs by keyboard, the four ways to look, another gallery."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from bespoke_gui.core.gallery import import_gallery
from bespoke_gui.views.rooms.gallery import GalleryPanel
from tests.qt_fixtures import draw_portrait


@pytest.fixture
def page(tmp_path, session, qtbot):
    """The page on a gallery of three epochs and two prompts; a second gallery beside it."""
    for epoch in (1, 2, 3):
        source = tmp_path / "made" / f"epoch_{epoch:02d}"
        source.mkdir(parents=True)
        for number, prompt in enumerate(("lad", "lady")):
            # Epochs 2 and 3 of the lady are equal.
            seed = 5 if prompt == "lady" and epoch > 1 else 3 * epoch + number
            draw_portrait(seed, 192).save(source / f"{prompt}.png")
    for name in ("made", "other"):
        import_gallery(tmp_path / "made", session.project.galleries_dir / name)
    panel = GalleryPanel(session)
    qtbot.addWidget(panel)
    panel.setMinimumSize(900, 600)
    panel.resize(1200, 800)
    panel.show()
    panel.desk.open(session.project.galleries_dir / "made")
    panel.show_page("compare")
    found = panel.page("compare")
    found.room = panel
    found.setFocus()
    qtbot.waitUntil(lambda: not found.first.image().isNull())
    return found


def chosen(page):
    return page.prompts.currentText(), page.left.currentData(), page.right.currentData()


def test_it_begins_with_the_last_two_epochs_at_native_size(page):
    assert chosen(page) == ("lad", 2, 3)
    assert page.first.image().size().width() == 24
    assert page.second.image() != page.first.image()
    assert " of 576 cells differ" in page.words.text()


def test_arrow_keys_change_prompt_and_epochs(page, qtbot):
    QTest.keyClick(page, Qt.Key.Key_Right)
    assert chosen(page) == ("lady", 2, 3)
    qtbot.waitUntil(lambda: page.words.text() == "All cells are equal")
    QTest.keyClick(page, Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(page, Qt.Key.Key_Up)
    assert chosen(page) == ("lady", 1, 2)
    QTest.keyClick(page, Qt.Key.Key_Right)
    assert page.prompts.currentText() == "lady", "there is no prompt after the last"


def test_the_slider_shows_one_picture_on_each_side(page, qtbot):
    QTest.keyClick(page, Qt.Key.Key_S)
    view = page.one
    box = view.target_pixels()
    QTest.mousePress(view, Qt.MouseButton.LeftButton,
                     pos=QPoint(box.left() + box.width() // 2, box.center().y()))  # fmt: skip
    shown = view.grab().toImage()
    left = shown.pixelColor(box.left() + 4, box.top() + 4)
    right = shown.pixelColor(box.right() - 4, box.top() + 4)
    assert left == page.first.image().pixelColor(0, 0)
    assert right == page.second.image().pixelColor(23, 0)


def test_blinking_swaps_the_pictures_and_says_which_one_it_is(page, qtbot):
    page._blinking.setInterval(30)
    QTest.keyClick(page, Qt.Key.Key_B)
    qtbot.waitUntil(lambda: page.one.shows_second and page.one_title.text() == "Epoch 3")
    assert page.one.image() == page.second.image()
    qtbot.waitUntil(lambda: not page.one.shows_second and page.one_title.text() == "Epoch 2")
    page.room.show_page("grid")
    assert not page._blinking.isActive()


def test_the_difference_is_drawn_over_a_pale_picture(page):
    QTest.keyClick(page, Qt.Key.Key_D)
    heat = page.one._pair.heat
    assert heat.size() == page.one.image().size()
    page.one.grab()


def test_another_gallery_names_what_differs(page, session, qtbot):
    page.pair.choose(session.project.galleries_dir / "other")
    qtbot.waitUntil(lambda: page.pair.other is not None)
    assert page.banner.isVisible()
    assert "nothing is ranked" in page.banner.text()
    assert page.second_title.text() == "Epoch 3 · other"
    page.pair.choose(None)
    assert not page.banner.isVisible()


def test_palettes_show_every_colour(page):
    colours = {c.name() for c, _ in page.left_palette._swatches}
    image = page.first.image()
    assert colours == {image.pixelColor(x, y).name() for x in range(24) for y in range(24)}
    page.left_palette.grab()
