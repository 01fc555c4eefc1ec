"""Log view: what a run told and what its trainer printed, with one search over both."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QButtonGroup,
    QLineEdit,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from bespoke_gui.qtmodels.run_story import RunStory
from bespoke_gui.views.shortcuts import add_shortcut
from bespoke_gui.views.widgets.choice_box import ChoiceBox
from bespoke_gui.views.widgets.event_log import LEVELS, EventLog
from bespoke_gui.views.widgets.parts import button, muted, row, tool
from bespoke_gui.views.widgets.raw_log_view import RawLogView

NARROW = 720
SIDE_BY_SIDE = QBoxLayout.Direction.LeftToRight
TIPS = ("What the run told, line by line", "What the trainer printed: log.txt, of any length")


class LogView(QWidget):
    """The two logs of a run; the words that are looked for are the same in both."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.events, self.raw = EventLog(), RawLogView()
        self._build()
        self.events.told.connect(self._say)
        self.raw.told.connect(self._say)

    def show_story(self, story: RunStory) -> None:
        """Show the log of `story`; call again whenever it has grown."""
        self.events.show_story(story)

    def show_file(self, path: Path | None) -> None:
        """Show what the trainer of a run printed; None for no run."""
        self.raw.open(path)

    def show_raw(self, raw: bool) -> None:
        """Show the trainer's own text, or the events."""
        self.stack.setCurrentWidget(self.raw if raw else self.events)
        (self.raw_chip if raw else self.events_chip).setChecked(True)
        self.levels.setVisible(not raw)
        self._say()

    def find_next(self, backward: bool = False) -> bool:
        """Go to the next line that holds the search words, from the top again at the end."""
        return self._shown().find_next(backward)

    def focus_search(self) -> None:
        """Let the person type what to look for."""
        self.search.setFocus()
        self.search.selectAll()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        way = QBoxLayout.Direction.TopToBottom if self.width() < NARROW else SIDE_BY_SIDE
        self._bar.setDirection(way)

    def _shown(self) -> EventLog | RawLogView:
        return self.raw if self.stack.currentWidget() is self.raw else self.events

    def _search(self, words: str) -> None:
        self.events.search(words)
        self.raw.search(words)
        self._say()

    def _say(self) -> None:
        """Say what was found here, and on the other page's chip what was found there."""
        shown = self._shown()
        self.found.setText(shown.found_words())
        for chip, log, words in self._chips:
            found = "" if log is shown else log.found_words()
            chip.setText(f"{words}: {found}" if found else words)

    # -- building ---------------------------------------------------------------------------

    def _build(self) -> None:
        self.search = _Search(self)
        self.search.textChanged.connect(self._search)
        before = tool("previous", "Previous match", "Shift+F3")
        before.clicked.connect(lambda: self.find_next(backward=True))
        after = tool("next", "Next match", "F3")
        after.clicked.connect(lambda: self.find_next())
        self.found = muted(wrap=False)
        self.levels = ChoiceBox()
        self.levels.setAccessibleName("Which lines to show")
        self.levels.setToolTip("Which lines to show")
        self.levels.addItems([words for words, _ in LEVELS])
        self.levels.currentIndexChanged.connect(self.events.show_level)
        self._group = QButtonGroup(self)
        self.events_chip = self._chip("Events", TIPS[0], False)
        self.raw_chip = self._chip("Trainer's text", TIPS[1], True)
        self._chips = (
            (self.events_chip, self.events, "Events"), (self.raw_chip, self.raw, "Trainer's text"),
        )  # fmt: skip
        self.events_chip.setChecked(True)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.events)
        self.stack.addWidget(self.raw)
        looking = row(self.search, before, after, self.found, None, spacing=6)
        self._bar = row(spacing=6)
        self._bar.addLayout(looking)
        self._bar.addLayout(row(self.events_chip, self.raw_chip, None, self.levels, spacing=6))
        self._bar.setStretch(0, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.addLayout(self._bar)
        column.addWidget(self.stack, 1)
        add_shortcut(self, "F3", "Next match in the log", self.find_next)
        add_shortcut(self, "Shift+F3", "Previous match in the log", lambda: self.find_next(True))

    def _chip(self, words: str, tip: str, raw: bool) -> QPushButton:
        result = button(words, tip, "chip")
        result.setCheckable(True)
        result.clicked.connect(lambda: self.show_raw(raw))
        self._group.addButton(result)
        return result


class _Search(QLineEdit):
    """Return goes to the next match, Shift+Return to the one before, Escape ends the search."""

    def __init__(self, view: LogView) -> None:
        super().__init__(placeholderText="Search the log (Ctrl+F)", clearButtonEnabled=True)
        self._view = view
        self.setAccessibleName("Search the log")
        self.setMinimumWidth(190)
        self.setMaximumWidth(260)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            shifted = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            self._view.find_next(backward=bool(shifted))
        elif event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
        else:
            super().keyPressEvent(event)
