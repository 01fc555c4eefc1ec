"""Notices: the one place of the window where errors and news are told in words."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPlainTextEdit,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from bespoke_gui.qtmodels.session import Session
from bespoke_gui.views import icons, theme
from bespoke_gui.views.local_file import can_open, open_file, show_in_folder
from bespoke_gui.views.widgets.parts import button, elide_path, plain_label, tool

HIDE_AFTER_MS = 6000
HIDE_PLACED_MS = 20_000
MOST = 50
WIDTH = 760
MARGIN = 24
BELOW = 52
_ICONS = {"info": "info", "good": "check", "warning": "warning", "error": "error"}
_COLOURS = {"info": "accent_text", "good": "good", "warning": "warning", "error": "danger"}


@dataclass(frozen=True)
class Notice:
    """One message; `level` is info, good, warning or error; `place`: the file it tells of."""

    level: str
    text: str
    details: str = ""
    place: Path | None = None


class NoticeBar(QFrame):
    """Shows the newest message; older ones wait behind it. Errors stay until they are closed.

    It floats over the lower edge of its parent, so that nothing moves when a message comes.
    """

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        self._over = parent
        parent.installEventFilter(self)
        self.setAccessibleName("Messages")
        self._notices: list[Notice] = []
        self._timer = QTimer(self, singleShot=True, interval=HIDE_AFTER_MS)
        self._timer.timeout.connect(self.dismiss)
        self.hide()
        session.notice.connect(self.add)
        session.placed.connect(self.add_place)

    def add(self, level: str, text: str, details: str = "") -> None:
        """Show a message; the same one twice in a row is shown once."""
        notice = Notice(level, text, details)
        if self.layout() is None:
            # Not at the start: most windows are painted before there is a message.
            self._build()
        if not (self._notices and self._notices[-1] == notice):
            self._notices = [n for n in self._notices if n.level in ("warning", "error")]
            self._notices = [*self._notices, notice][-MOST:]
        self._details_button.setChecked(False)
        self._show_newest()

    def add_place(self, place: Path) -> None:
        """Offer to open what the newest message tells of, and to show where it lies."""
        if self._notices:
            self._notices[-1] = replace(self._notices[-1], place=place)
            self._show_newest()

    def notices(self) -> list[Notice]:
        """Return all messages that are not closed yet, oldest first."""
        return list(self._notices)

    def dismiss(self) -> None:
        """Close the newest message and show the one before it."""
        if self._notices:
            self._notices.pop()
            self._details_button.setChecked(False)
            self._show_newest()

    def copy(self) -> None:
        """Put message and details on the clipboard."""
        if self._notices:
            newest = self._notices[-1]
            text = f"{newest.text}\n\n{newest.details}".strip()
            QGuiApplication.clipboard().setText(text)

    def _open_place(self) -> None:
        if self._notices and self._notices[-1].place is not None:
            open_file(self._notices[-1].place)

    def _show_place(self) -> None:
        if self._notices and self._notices[-1].place is not None:
            show_in_folder(self._notices[-1].place)

    def _build(self) -> None:
        self._icon = _NoticeIcon()
        self._text = plain_label()
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._more = plain_label(wrap=False)
        theme.set_kind(self._more, "muted")
        self._details_button = button("Details", "Show everything known about it", "ghost")
        self._details_button.setCheckable(True)
        self._details_button.toggled.connect(self._show_details)
        self._copy_button = button("Copy", "Copy message and details", "ghost")
        self._copy_button.clicked.connect(self.copy)
        self.open_button = button("Open", "Open it with the system's program for it", "ghost")
        self.open_button.clicked.connect(self._open_place)
        self.folder_button = button("Show in folder", "Show where it lies", "ghost")
        self.folder_button.clicked.connect(self._show_place)
        close = tool("close", "Close this message")
        close.clicked.connect(self.dismiss)
        self._details = QPlainTextEdit()
        self._details.setReadOnly(True)
        self._details.setAccessibleName("Details of the message")
        self._details.setFont(theme.fixed_font())
        self._details.setFixedHeight(168)
        self._details.hide()
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._text, 1)
        acts = (self.open_button, self.folder_button, self._details_button, self._copy_button)
        for widget in (self._more, *acts, close):
            row.addWidget(widget, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 8, 8, 8)
        column.addLayout(row)
        column.addWidget(self._details)

    def _show_newest(self) -> None:
        self._timer.stop()
        self.setVisible(bool(self._notices))
        if not self._notices:
            return
        newest = self._notices[-1]
        theme.set_kind(self, f"notice-{newest.level}")
        self._icon.show_level(newest.level)
        self._text.setText(elide_path(newest.text))
        self._text.setMinimumHeight(32)
        self._details.setPlainText(newest.details)
        self._details_button.setVisible(bool(newest.details))
        self._copy_button.setVisible(newest.level in ("warning", "error"))
        place = newest.place
        self.open_button.setVisible(place is not None and can_open(place))
        self.folder_button.setVisible(place is not None)
        waiting = len(self._notices) - 1
        self._more.setText(f"{waiting} more" if waiting else "")
        self._more.setMinimumHeight(32)
        self._place()
        if newest.level in ("info", "good"):
            self._timer.start(HIDE_PLACED_MS if place is not None else HIDE_AFTER_MS)

    def _show_details(self, shown: bool) -> None:
        self._timer.stop()
        self._details.setVisible(shown)
        self._place()

    def _place(self) -> None:
        """Float in the middle above the lower edge, as high as the words need."""
        room = self._over.rect()
        width = min(WIDTH, room.width() - 2 * MARGIN)
        layout = self.layout()
        height = layout.heightForWidth(width) if layout is not None else 0
        height = height if height > 0 else self.sizeHint().height()
        left = (room.width() - width) // 2
        self.setGeometry(left, room.height() - height - BELOW, width, height)
        self.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return super().eventFilter(watched, event)


class _NoticeIcon(QWidget):
    """The sign of a level, in its colour."""

    def __init__(self) -> None:
        super().__init__()
        self._level = "info"
        self.setFixedSize(20, 32)

    def show_level(self, level: str) -> None:
        self._level = level
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        box = self.rect().toRectF().adjusted(1, 7, -1, -7)
        icons.paint(
            painter, _ICONS[self._level], box, getattr(theme.tokens(), _COLOURS[self._level])
        )
        painter.end()
