"""Run notices: on the desktop only while the window is not in front; always in the window."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QSystemTrayIcon, QWidget

from bespoke_gui.qtmodels.run_keeper import RunEnd, RunKeeper
from bespoke_gui.views.run_notices import RunNotices, TrayDesktop


class Spy:
    def __init__(self):
        self.shown = []

    def show(self, title, text, level):
        self.shown.append((title, text, level))


@pytest.fixture
def notices(qtbot, session):
    window = QWidget()
    qtbot.addWidget(window)
    spy = Spy()
    one = RunNotices(window, session, RunKeeper(session, window), spy)
    one.window, one.spy = window, spy
    return one


def end(state, message="", generates=False):
    return RunEnd(Path("runs/x"), "punks", state, message, generates)


def test_a_window_in_front_is_told_inside_only(notices, session, monkeypatch):
    monkeypatch.setattr(notices.window, "isActiveWindow", lambda: True)
    notices.tell(end("finished"))
    assert notices.spy.shown == []
    assert session.told[-1][:2] == ("good", "Training punks is finished")


@pytest.mark.parametrize(
    ("state", "words", "level"),
    [("finished", "is finished", "good"), ("failed", "failed", "error"),
     ("lost", "is lost", "error"), ("cancelled", "was stopped", "info")],
)  # fmt: skip
def test_every_end_is_told_on_the_desktop(notices, session, state, words, level):
    notices.tell(end(state, "why"))
    assert notices.spy.shown == [(f"Training punks {words}", "why", level)]
    assert session.told[-1][:2] == (level, f"Training punks {words}: why")


def test_a_keeper_is_heard(notices):
    keeper = notices.window.findChild(RunKeeper)
    keeper.ended.emit(end("failed", "no room"))
    assert notices.spy.shown[-1][1] == "no room"


def test_a_ready_gallery_is_told_by_its_own_room(notices, session):
    told = len(session.told)
    notices.tell(end("finished", generates=True))
    assert notices.spy.shown[-1][0] == "Gallery punks is finished"
    assert len(session.told) == told


def test_the_tray_shows_it_and_a_click_leads_to_the_run(qtbot, session, monkeypatch):
    window = QWidget()
    qtbot.addWidget(window)
    shown = []
    monkeypatch.setattr(QSystemTrayIcon, "isSystemTrayAvailable", staticmethod(lambda: True))
    monkeypatch.setattr(QSystemTrayIcon, "supportsMessages", staticmethod(lambda: True))
    monkeypatch.setattr(QSystemTrayIcon, "show", lambda self: None)
    monkeypatch.setattr(QSystemTrayIcon, "showMessage", lambda self, *given: shown.append(given))
    desktop = TrayDesktop(window, session)
    desktop.show("Training punks failed", "out of memory", "error")
    assert shown[0][:3] == (
        "Training punks failed", "out of memory", QSystemTrayIcon.MessageIcon.Critical,
    )  # fmt: skip
    wanted = []
    session.go_to.connect(wanted.append)
    desktop._tray.messageClicked.emit()
    assert wanted == ["train"]


def test_a_desktop_without_a_tray_does_no_harm(qtbot, session, monkeypatch):
    window = QWidget()
    qtbot.addWidget(window)
    monkeypatch.setattr(QSystemTrayIcon, "isSystemTrayAvailable", staticmethod(lambda: False))
    TrayDesktop(window, session).show("title", "text", "good")
    assert window.findChildren(QSystemTrayIcon) == []
