"""The cell view against plain arithmetic, and what of the model it touches."""

import pytest
from PySide6.QtCore import QPoint, QRect, QSize, QStringListModel, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractItemView, QStyledItemDelegate

from bespoke_gui.views.widgets.cell_view import CellView

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


class Spy(QStyledItemDelegate):
    def __init__(self, parent):
        super().__init__(parent)
        self.painted = []

    def paint(self, painter, option, index):
        self.painted.append((index.row(), QRect(option.rect)))


@pytest.fixture
def make(qtbot):
    def make(count=100, sideways=False, size=(330, 250)):
        view = CellView(QSize(100, 50), sideways)
        qtbot.addWidget(view)
        view.setModel(QStringListModel([str(n) for n in range(count)], view))
        view.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        view.spy = Spy(view)
        view.setItemDelegate(view.spy)
        view.resize(*size)
        view.show()
        return view

    return make


def chosen(view):
    return sorted(index.row() for index in view.selectedIndexes())


def test_only_what_is_seen_is_painted(make):
    view = make(100_000)
    view.verticalScrollBar().setValue(50 * 1000 + 10)
    view.spy.painted.clear()
    view.viewport().grab()
    rows = [row for row, _ in view.spy.painted]
    assert rows == list(view.visible_rows())
    assert rows[0] == 1000 * view.columns()
    assert len(rows) <= 6 * view.columns()
    for row, rect in view.spy.painted:
        assert rect == view.visualRect(view.model().index(row, 0))
        assert view.indexAt(rect.center()).row() == row


def test_cells_share_the_width_and_the_last_line_is_reached(make):
    view = make(10)
    assert view.columns() == 3
    rects = [view.visualRect(view.model().index(row, 0)) for row in range(10)]
    assert rects[0].left() == 0
    assert rects[2].right() == view.viewport().width() - 1
    assert rects[1].left() == rects[0].right() + 1
    view.scrollToBottom()
    assert view.visualRect(view.model().index(9, 0)).bottom() < view.viewport().height()
    assert not view.indexAt(QPoint(250, view.visualRect(view.model().index(9, 0)).top())).isValid()


def test_scrolling_to_an_image(make):
    view = make(1000)
    for row in (500, 3, 999, 0):
        index = view.model().index(row, 0)
        view.scrollTo(index)
        assert view.viewport().rect().contains(view.visualRect(index))
    view.scrollTo(view.model().index(500, 0), QAbstractItemView.ScrollHint.PositionAtCenter)
    middle = view.visualRect(view.model().index(500, 0)).center().y()
    assert abs(middle - view.viewport().height() // 2) <= 1


def test_rows_of_their_own(make):
    view = make(50)
    view.setCurrentIndex(view.model().index(30, 0))
    view.set_cell(QSize(20, 30), full_width=True)
    assert view.columns() == 1
    rect = view.visualRect(view.model().index(30, 0))
    assert rect.width() == view.viewport().width()
    assert view.viewport().rect().contains(rect)


def test_sideways(make):
    view = make(50, sideways=True)
    assert view.columns() == 50
    view.scrollTo(view.model().index(49, 0))
    assert view.visualRect(view.model().index(49, 0)).right() <= view.viewport().width()
    assert view.verticalScrollBar().maximum() == 0
    view.setCurrentIndex(view.model().index(10, 0))
    QTest.keyClick(view, Qt.Key.Key_Right)
    assert view.currentIndex().row() == 11


@pytest.mark.parametrize(
    ("start", "key", "wanted"),
    [
        (4, Qt.Key.Key_Right, 5),
        (4, Qt.Key.Key_Left, 3),
        (4, Qt.Key.Key_Down, 7),
        (4, Qt.Key.Key_Up, 1),
        (1, Qt.Key.Key_Up, 1),
        (0, Qt.Key.Key_Left, 0),
        (7, Qt.Key.Key_Down, 9),
        (9, Qt.Key.Key_Down, 9),
        (4, Qt.Key.Key_Home, 0),
        (4, Qt.Key.Key_End, 9),
        (0, Qt.Key.Key_PageDown, 9),
    ],
)
def test_keys(make, start, key, wanted):
    view = make(10, size=(330, 400))
    view.setCurrentIndex(view.model().index(start, 0))
    QTest.keyClick(view, key)
    assert view.currentIndex().row() == wanted
    assert chosen(view) == [wanted]


def test_several_are_chosen_by_keys_and_mouse(make):
    view = make(30, size=(330, 400))
    view.setCurrentIndex(view.model().index(2, 0))
    QTest.keyClick(view, Qt.Key.Key_Down, SHIFT)
    assert chosen(view) == [2, 3, 4, 5]

    def click(row, keys):
        place = view.visualRect(view.model().index(row, 0)).center()
        QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, keys, place)

    click(10, Qt.KeyboardModifier.NoModifier)
    assert chosen(view) == [10]
    click(14, SHIFT)
    assert chosen(view) == [10, 11, 12, 13, 14]
    click(12, CONTROL)
    click(0, CONTROL)
    assert chosen(view) == [0, 10, 11, 13, 14]
    QTest.keyClick(view, Qt.Key.Key_A, CONTROL)
    assert len(chosen(view)) == 30


def test_a_frame_drawn_by_mouse_chooses_a_block(make):
    view = make(30, size=(330, 400))

    def place(row):
        return view.visualRect(view.model().index(row, 0)).center()

    left = Qt.MouseButton.LeftButton
    QTest.mousePress(view.viewport(), left, Qt.KeyboardModifier.NoModifier, place(1))
    for row in (4, 8):
        QTest.mouseMove(view.viewport(), place(row))
    QTest.mouseRelease(view.viewport(), left, Qt.KeyboardModifier.NoModifier, place(8))
    assert set(chosen(view)) <= {1, 2, 4, 5, 7, 8}
    assert {1, 8} <= set(chosen(view)) or chosen(view) == [1]


def test_nothing_to_show(make):
    view = make(0)
    view.viewport().grab()
    QTest.keyClick(view, Qt.Key.Key_Down)
    assert not view.indexAt(QPoint(5, 5)).isValid()
    assert list(view.visible_rows()) == []
