"""Run notices: tells on the desktop that a run ended, while the window is not in front."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QApplication, QSystemTrayIcon, QWidget

from bespoke_gui.qtmodels.run_keeper import RunEnd, RunKeeper
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.views import icons

LEVELS = {"finished": "good", "cancelled": "info", "failed": "error", "lost": "error"}
WORDS = {"finished": "is finished", "cancelled": "was stopped", "failed": "failed",
         "lost": "is lost"}  # fmt: skip
SHOWN_MS = 15_000


class Desktop(Protocol):
    """Where a message outside the window is shown."""

    def show(self, title: str, text: str, level: str) -> None:
        """Show one message; level: info, good, warning or error."""
        ...


class RunNotices(QObject):
    """Says in the window and, while that is not in front, on the desktop how a run ended."""

    def __init__(
        self, window: QWidget, session: Session, keeper: RunKeeper, desktop: Desktop | None = None
    ) -> None:
        super().__init__(window)
        self._window, self._session = window, session
        self._desktop = desktop or TrayDesktop(window, session)
        keeper.ended.connect(self.tell)

    def tell(self, end: RunEnd) -> None:
        """Tell of one end. Someone who is looking at the window needs no desktop message."""
        what = f"Gallery {end.title}" if end.generates else f"Training {end.title}"
        title, level = f"{what} {WORDS.get(end.state, end.state)}", LEVELS.get(end.state, "info")
        if not self._window.isActiveWindow():
            self._desktop.show(title, end.message, level)
        if not end.generates or end.state != "finished":
            words = f"{title}: {end.message}" if end.message else title
            self._session.notify(level, words)


class TrayDesktop(QObject):
    """The desktop's own messages; without them the window's entry in the task bar calls."""

    def __init__(self, window: QWidget, session: Session) -> None:
        super().__init__(window)
        self._window, self._session = window, session
        self._tray: QSystemTrayIcon | None = None

    def show(self, title: str, text: str, level: str) -> None:
        """Show one message; a click on it brings the window to the run."""
        QApplication.alert(self._window)
        if not (QSystemTrayIcon.isSystemTrayAvailable() and QSystemTrayIcon.supportsMessages()):
            return
        if self._tray is None:
            self._tray = QSystemTrayIcon(icons.application_icon(), self._window)
            self._tray.setToolTip("Bespoke")
            self._tray.messageClicked.connect(self._open)
            self._tray.activated.connect(lambda _: self._open())
        self._tray.show()
        kind = QSystemTrayIcon.MessageIcon
        signs = {"error": kind.Critical, "warning": kind.Warning}
        self._tray.showMessage(title, text, signs.get(level, kind.Information), SHOWN_MS)

    def _open(self) -> None:
        if self._tray is not None:
            self._tray.hide()
        self._window.setWindowState(self._window.windowState() & ~Qt.WindowState.WindowMinimized)
        self._window.raise_()
        self._window.activateWindow()
        self._session.go_to.emit("train")
