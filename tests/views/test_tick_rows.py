"""Tick rows: a click in the tick's room and the Space key, in a list of any model."""

import pytest
from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QListView

from bespoke_gui.views.widgets.tick_rows import TickDelegate, set_up, turn_by_key


class Delegate(TickDelegate):
    def tick_room(self, rect):
        return QRectF(rect.left(), rect.top(), 30, rect.height())


class Rows(QListView):
    def keyPressEvent(self, event):
        if not turn_by_key(self, event):
            super().keyPressEvent(event)


@pytest.fixture
def view(qtbot):
    model = QStandardItemModel()
    for name in ("a", "b", "c"):
        item = QStandardItem(name)
        item.setEditable(False)
        if name != "b":
            item.setCheckable(True)
        model.appendRow(item)
    made = Rows()
    qtbot.addWidget(made)
    made.setModel(model)
    made.setItemDelegate(Delegate(made))
    set_up(made, "Rows", many=True)
    made.resize(200, 200)
    made.show()
    made.model_ = model
    return made


def ticks(view):
    rows = (view.model().index(row, 0).data(Qt.ItemDataRole.CheckStateRole) for row in range(3))
    return [None if found is None else Qt.CheckState(found).name for found in rows]


def click(view, row, x):
    place = view.visualRect(view.model().index(row, 0))
    at = QPoint(place.left() + x, place.center().y())
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=at)


def test_a_click_turns_the_tick_only_in_its_room(view):
    click(view, 0, 100)
    assert ticks(view) == ["Unchecked", None, "Unchecked"]
    click(view, 0, 5)
    click(view, 1, 5)
    assert ticks(view) == ["Checked", None, "Unchecked"]
    click(view, 0, 5)
    assert ticks(view) == ["Unchecked", None, "Unchecked"]


def test_space_gives_all_chosen_rows_the_tick_of_the_current_one(view):
    click(view, 2, 5)
    view.selectAll()
    view.selectionModel().setCurrentIndex(
        view.model().index(0, 0), view.selectionModel().SelectionFlag.NoUpdate
    )
    QTest.keyClick(view, Qt.Key.Key_Space)
    assert ticks(view) == ["Checked", None, "Checked"]
    QTest.keyClick(view, Qt.Key.Key_Space)
    assert ticks(view) == ["Unchecked", None, "Unchecked"]
    assert view.accessibleName() == "Rows"
