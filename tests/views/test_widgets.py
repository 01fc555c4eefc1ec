import os
import re
import subprocess
import sys

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from bespoke_gui.core.errors import Problem
from bespoke_gui.core.worddiff import compare
from bespoke_gui.views import icons
from bespoke_gui.views.tokens import tokens_of
from bespoke_gui.views.widgets.caption_editor import CaptionEditor
from bespoke_gui.views.widgets.choice_box import ChoiceBox
from bespoke_gui.views.widgets.diff_view import SIDES, DiffView
from bespoke_gui.views.widgets.parts import elided
from bespoke_gui.views.widgets.pixel_paint import draw_image, zoom_to_fit
from bespoke_gui.views.widgets.pixel_view import FIT, PixelView
from tests.qt_fixtures import draw_portrait, wear


def grab(widget) -> np.ndarray:
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    rows = [bytes(image.constScanLine(y))[: image.width() * 3] for y in range(image.height())]
    return np.frombuffer(b"".join(rows), np.uint8).reshape(image.height(), image.width(), 3)


@pytest.fixture
def view(qtbot):
    made = PixelView()
    qtbot.addWidget(made)
    made.resize(250, 260)
    made.set_image(np.asarray(draw_portrait(3)))
    return made


@pytest.mark.parametrize(
    ("size", "room", "zoom"),
    [((24, 24), (250, 260), 10), ((24, 24), (24, 24), 1), ((512, 512), (300, 300), -2),
     ((512, 512), (511, 900), -2), ((24, 24), (0, 0), -1000), ((0, 0), (9, 9), 1)],
)  # fmt: skip
def test_zoom_is_always_a_whole_number(size, room, zoom):
    assert zoom_to_fit(*size, *room) == zoom


def test_view_shows_every_pixel_as_a_square_of_one_colour(view):
    shot = grab(view)
    wanted = np.asarray(draw_portrait(3)).repeat(10, axis=0).repeat(10, axis=1)
    assert np.array_equal(shot[10:250, 5:245], wanted)


def test_pixel_under_the_pointer(view):
    assert view.pixel_at(QPointF(5, 10)) == QPoint(0, 0)
    assert view.pixel_at(QPointF(244, 249)) == QPoint(23, 23)
    assert view.pixel_at(QPointF(4, 10)) is None


def test_hovering_tells_the_colour(view, qtbot):
    view.show()
    with qtbot.waitSignal(view.hovered) as told:
        move = QMouseEvent(
            QEvent.Type.MouseMove,
            QPointF(5 + 95, 10 + 115),
            QPointF(5 + 95, 10 + 115),
            Qt.MouseButton.NoButton,
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
        )
        QApplication.sendEvent(view, move)
    x, y, colour = told.args
    assert (x, y) == (9, 11)
    assert colour == QColor(20, 20, 20)


def test_zoom_steps_over_the_fractions(view):
    view.set_zoom(2)
    for wanted in (1, -2, -3):
        view.step_zoom(-1)
        assert view.zoom() == wanted
    view.step_zoom(2)
    assert view.zoom() == 1
    view.set_zoom(FIT)
    assert view.zoom() == 10


def test_keys_zoom(view):
    QTest.keyClick(view, Qt.Key.Key_Minus)
    assert view.zoom() == 9
    QTest.keyClick(view, Qt.Key.Key_0)
    assert view.zoom() == 10


def test_grid_lines_lie_between_cells(view):
    plain = grab(view)
    view.set_grid(24, 24)
    gridded = grab(view)
    changed = np.argwhere((plain != gridded).any(axis=-1))
    assert len(changed) > 0
    assert {(x - 5) % 10 for _, x in changed if (_ - 10) % 10 == 5} <= {0, 9}


def test_transparency_lies_over_a_checkerboard(view):
    pixels = np.zeros((4, 4, 4), np.uint8)
    view.set_image(pixels)
    shot = grab(view)
    colours = {tuple(c) for c in shot[20:240, 20:230].reshape(-1, 3)}
    ink = tokens_of(False)
    assert colours == {ink.checker_light.getRgb()[:3], ink.checker_dark.getRgb()[:3]}


CRISP = """
import sys, numpy as np
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QWidget
sys.path.insert(0, {root!r})
from bespoke_gui.views.widgets.pixel_view import PixelView
app = QApplication([])
window = QWidget()
window.resize(401, 333)
view = PixelView(window)
view.setGeometry(33, 17, 301, 277)
pixels = np.random.default_rng(1).integers(0, 256, (24, 24, 3), np.uint8)
view.set_image(pixels)
window.show()
image = window.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
rows = [bytes(image.constScanLine(y))[: image.width() * 3] for y in range(image.height())]
shot = np.frombuffer(b"".join(rows), np.uint8).reshape(image.height(), image.width(), 3)
zoom = view.zoom()
wanted = pixels.repeat(zoom, axis=0).repeat(zoom, axis=1)
found = [
    (y, x)
    for y in range(shot.shape[0] - wanted.shape[0] + 1)
    for x in range(shot.shape[1] - wanted.shape[1] + 1)
    if (shot[y, x] == wanted[0, 0]).all()
    and np.array_equal(shot[y : y + len(wanted), x : x + len(wanted)], wanted)
]
assert len(found) == 1, (zoom, shot.shape, found)
"""


@pytest.mark.parametrize("scale", ["1", "1.25", "1.5", "1.75", "2"])
def test_crisp_at_every_display_scale(root, scale):
    environ = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "QT_SCALE_FACTOR": scale}
    code = CRISP.format(root=str(root))
    done = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_native_cells_of_96_px_are_exact(qtbot):
    class Cell(QWidget):
        def paintEvent(self, event):
            painter = QPainter(self)
            image = QImage(draw_portrait(2).tobytes(), 24, 24, 72, QImage.Format.Format_RGB888)
            draw_image(painter, image, QRectF(0, 0, 96, 96))
            painter.end()

    cell = Cell()
    qtbot.addWidget(cell)
    cell.resize(96, 96)
    wanted = np.asarray(draw_portrait(2)).repeat(4, axis=0).repeat(4, axis=1)
    assert np.array_equal(grab(cell), wanted)


def test_one_and_a_half_device_pixels_show_alike_wherever_a_box_begins(qapp):
    ground = QImage(600, 600, QImage.Format.Format_RGB32)
    ground.setDevicePixelRatio(1.5)
    image = QImage(24, 24, QImage.Format.Format_RGB888)
    image.fill(0)
    painter = QPainter(ground)
    found = [draw_image(painter, image, QRectF(x, x, 96, 96)) for x in (0, 1, 2, 3)]
    painter.end()
    assert {(rect.width(), rect.height()) for rect in found} == {(96, 96)}
    assert all(float(rect.left() * 1.5).is_integer() for rect in found)


@pytest.fixture
def editor(qtbot):
    made = CaptionEditor()
    qtbot.addWidget(made)
    made.resize(400, 200)
    return made


@pytest.mark.parametrize(
    "text", ["", "a, b", "two\nlines", "no\u00a0break", "emoji \U0001f642, x", "tab\there", " \n "]
)
def test_editor_keeps_every_sign(editor, text):
    assert editor.set_text(text)
    assert editor.text() == text


def test_editor_says_what_it_cannot_keep(editor):
    assert not editor.set_text("para\u2029graph")


def test_setting_a_text_is_no_edit(editor, qtbot):
    with qtbot.assertNotEmitted(editor.edited):
        editor.set_text("from outside")
    with qtbot.waitSignal(editor.edited) as told:
        QTest.keyClicks(editor, "!")
    assert told.args == ["from outside!"]


def test_cursor_stays_by_what_undo_changed(editor):
    editor.set_text("one two three")
    editor.set_text("one two, really, three")
    assert editor.textCursor().position() == len("one two, really,")


def test_findings_are_underlined_in_place_behind_an_emoji(editor):
    editor.set_text("\U0001f642 red red hair")
    editor.show_problems([Problem("doubled_word", "warning", "twice red", where="2-9")])
    marks = editor.extraSelections()
    assert [mark.cursor.selectedText() for mark in marks] == ["red red"]
    assert editor.problem_at(4) == "twice red"
    assert editor.problem_at(12) == ""


def test_undo_keys_are_left_to_the_window(editor):
    from PySide6.QtCore import QEvent
    from PySide6.QtGui import QKeyEvent

    undo = QKeyEvent(
        QEvent.Type.ShortcutOverride, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier
    )
    editor.event(undo)
    assert not undo.isAccepted()


@pytest.fixture
def diff_view(qtbot):
    made = DiffView()
    qtbot.addWidget(made)
    made.resize(600, 200)
    return made


BEFORE, AFTER = "a lad, wearing mustache, gray hat", "a lad, gray cap"


def formats(browser):
    """Return (text, is lost, is gained) of every stretch."""
    found = []
    block = browser.document().begin()
    while block.isValid():
        at = block.begin()
        while not at.atEnd():
            fragment = at.fragment()
            style = fragment.charFormat()
            gained = style.isAnchor() and not style.fontStrikeOut()
            found.append((fragment.text(), style.fontStrikeOut(), gained))
            at += 1
        block = block.next()
    return found


def test_inline_diff_strikes_what_is_lost(diff_view):
    diff_view.show_diff(compare(BEFORE, AFTER))
    found = formats(diff_view._right)
    assert any(lost and "mustache" in text for text, lost, _ in found)
    assert any(gained and "cap" in text for text, _, gained in found)
    assert "".join(text for text, lost, _ in found if not lost).replace("\u2009", "") == AFTER


def test_side_by_side_shows_both_texts_whole(diff_view):
    diff_view.set_mode(SIDES)
    diff_view.show_diff(compare(BEFORE, AFTER))
    assert diff_view.plain_text() == f"{BEFORE}\n{AFTER}"


def test_a_click_on_a_piece_tells_which(diff_view, qtbot):
    diff = compare(BEFORE, AFTER)
    diff_view.show_diff(diff)
    number = next(piece.id for piece in diff.pieces if piece.id)
    with qtbot.waitSignal(diff_view.piece_clicked) as told:
        from PySide6.QtCore import QUrl

        diff_view._right.anchorClicked.emit(QUrl(f"piece:{number}"))
    assert told.args == [number]


def test_diff_follows_the_theme(diff_view, qapp):
    diff_view.show_diff(compare(BEFORE, AFTER))
    wear(qapp, "dark")
    block = diff_view._right.document().begin()
    colours = set()
    at = block.begin()
    while not at.atEnd():
        colours.add(at.fragment().charFormat().foreground().color().name())
        at += 1
    assert tokens_of(True).diff_removed.name() in colours


def luminance(colour: QColor) -> float:
    parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
             for c in (colour.redF(), colour.greenF(), colour.blueF())]  # fmt: skip
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(first: QColor, second: QColor) -> float:
    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize(
    ("ink", "ground"),
    [
        ("text", "background"), ("text", "surface"), ("muted", "background"), ("muted", "surface"),
        ("muted", "raised"), ("on_accent", "accent"), ("accent_text", "accent_soft"),
        ("accent_text", "surface"), ("danger", "surface"), ("danger", "danger_soft"),
        ("warning", "surface"), ("warning", "warning_soft"), ("good", "surface"),
        ("good", "good_soft"), ("good", "accent_soft"), ("on_accent", "accent_hover"),
        ("diff_added", "diff_added_back"),
        ("diff_removed", "diff_removed_back"),
    ],
)  # fmt: skip
def test_text_can_be_read_in_both_themes(dark, ink, ground):
    colours = tokens_of(dark)
    assert contrast(getattr(colours, ink), getattr(colours, ground)) >= 4.5


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("ground", ["surface", "background"])
def test_the_edge_of_a_field_can_be_seen_in_both_themes(dark, ground):
    """3:1 is what WCAG asks of the parts by which a control is known."""
    colours = tokens_of(dark)
    assert contrast(colours.edge, getattr(colours, ground)) >= 3


def test_every_icon_can_be_drawn(root, qapp):
    files = sorted((root / "resources" / "icons").glob("*.svg"))
    assert len(files) > 30
    for file in files:
        image = icons.pixmap(file.stem, QColor("#ff0000"), 20).toImage()
        inked = any(image.pixelColor(x, y).alpha() for x in range(20) for y in range(20))
        assert inked, file.name


def test_attached_icon_follows_the_theme(qtbot, qapp):
    from PySide6.QtWidgets import QToolButton

    button = QToolButton()
    qtbot.addWidget(button)
    icons.attach(button, "home")

    def ink():
        image = button.icon().pixmap(18, 18).toImage()
        return max((image.pixelColor(x, y) for x in range(18) for y in range(18)),
                   key=lambda c: c.alpha()).lightness()  # fmt: skip

    before = ink()
    wear(qapp, "dark")
    button.show()
    assert before < 100 < ink()


def test_a_choice_that_does_not_fit_ends_in_dots(qtbot):
    box = ChoiceBox()
    qtbot.addWidget(box)
    box.addItem("training_config_phase1b")
    box.resize(120, 32)
    short = grab(box)
    box.setItemText(0, "training_config_phase2x")
    assert np.array_equal(grab(box), short), "both are cut before they differ"
    box.resize(260, 32)
    wide = grab(box)
    box.setItemText(0, "training_config_phase1b")
    assert not np.array_equal(grab(box), wide)


def test_names_that_differ_at_the_end_are_told_apart_where_room_is_short(qtbot):
    def shown(name, mode):
        label = elided(name)
        qtbot.addWidget(label)
        label.mode = mode
        label.resize(90, 24)
        return label.grab().toImage()

    names = ("training_config_256px", "training_config_512px")
    ends = [shown(name, Qt.TextElideMode.ElideRight) for name in names]
    middles = [shown(name, Qt.TextElideMode.ElideMiddle) for name in names]
    assert ends[0] == ends[1]
    assert middles[0] != middles[1]


def test_labels_show_text_as_text(root):
    """A name or a message like "<img src=...>" is no page; only coloured pieces are, escaped."""
    views = root / "bespoke_gui" / "views"
    made = [
        path.name
        for path in views.rglob("*.py")
        for line in path.read_text("utf-8").splitlines()
        if re.search(r"(?<!\w)QLabel\(", line) and not line.startswith("class ")
    ]
    assert sorted(set(made)) == ["parts.py", "piece_list.py"]
