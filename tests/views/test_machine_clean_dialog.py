"""Machine clean dialog over a machine that is pretended."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from bespoke_gui.core.errors import AppError
from bespoke_gui.core.machines import Machine
from bespoke_gui.launch.remote import tidy
from bespoke_gui.launch.remote.tidy import Lying, Removed
from bespoke_gui.qtmodels.machine_clean import age_of, name_of, remark_of
from bespoke_gui.views.widgets.machine_clean_dialog import MachineCleanDialog

BOX = Machine("box", "10.0.0.5", user="me", key_file="/k")
DAY = 86400.0
OLD = Lying("env", "0123456789abcdef", 4_000_000_000, 40 * DAY, ("a", "b"))
NEXT = Lying("code", "fedcba9876543210", 10_000_000, 30 * DAY, current=True)
GOING = Lying("runs", "20261126-punks", 90_000_000, 10.0, kept="it has not ended")
DONE = Lying("runs", "20261001-punks", 80_000_000, 50 * DAY, outcome="finished")


@pytest.fixture
def there(monkeypatch):
    """What lies on the machine, and what was removed from it."""
    lying, removed = [NEXT, OLD, GOING, DONE], []

    def remove(machine, chosen, runs):
        assert machine == BOX
        removed.extend(one.key for one in chosen)
        lying[:] = [one for one in lying if one not in chosen]
        return Removed(tuple(removed), sum(one.bytes for one in chosen), {"code/x": "r uses it"})

    monkeypatch.setattr(tidy, "look_there", lambda machine, runs: list(lying))
    monkeypatch.setattr(tidy, "remove_there", remove)
    return lying, removed


@pytest.fixture
def dialog(qtbot, session, there):
    dialog = MachineCleanDialog(session, BOX)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def rows(dialog):
    items = [dialog.tree.topLevelItem(at) for at in range(dialog.tree.topLevelItemCount())]
    return {item.toolTip(0): item for item in items}


def test_what_is_old_is_ticked_and_what_is_needed_cannot_be(dialog):
    found = rows(dialog)
    assert list(found) == [OLD.key, DONE.key, NEXT.key, GOING.key]
    checked = [key for key, item in found.items() if item.checkState(0) == Qt.CheckState.Checked]
    assert checked == [OLD.key, DONE.key]
    assert not found[GOING.key].flags() & Qt.ItemFlag.ItemIsEnabled
    assert found[GOING.key].text(3) == "stays: it has not ended"
    assert dialog.words.text().startswith("4 folders")


def test_ticking_by_key_changes_what_goes(dialog):
    before = dialog.remove.text()
    dialog.tree.setCurrentItem(rows(dialog)[NEXT.key])
    dialog.tree.setFocus()
    QTest.keyClick(dialog.tree, Qt.Key.Key_Space)
    assert NEXT in dialog.model.chosen
    assert dialog.remove.text() != before


def test_nothing_goes_without_a_yes(dialog, ask, there):
    ask.answers = ["back", "", "remove"]
    dialog.remove.click()
    dialog.remove.click()
    assert there[1] == []
    title, text, choices = ask.asked[0]
    assert title == "Remove 2 folders from box?"
    assert "Environment 01234567" in text
    assert choices[0] == "back"
    dialog.remove.click()
    assert there[1] == [OLD.key, DONE.key]
    assert list(rows(dialog)) == [NEXT.key, GOING.key]
    assert "2 folders removed" in dialog.words.text()
    assert "code/x stayed: r uses it" in dialog.words.text()
    assert not dialog.remove.isEnabled()


def test_a_machine_out_of_reach_is_said(qtbot, session, monkeypatch):
    def fail(machine, runs):
        raise AppError("box does not answer", kind="network")

    monkeypatch.setattr(tidy, "look_there", fail)
    dialog = MachineCleanDialog(session, BOX)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog)
    assert "box does not answer" in dialog.words.text()
    assert not dialog.remove.isEnabled()


def test_words():
    assert (name_of(OLD), age_of(OLD), remark_of(OLD)) == (
        "Environment 01234567", "40 days ago", "used by 2 runs",
    )  # fmt: skip
    assert age_of(GOING) == "today"
    assert remark_of(DONE) == "finished; every file is here, verified"
    assert remark_of(NEXT) == "the next run would need it again"
