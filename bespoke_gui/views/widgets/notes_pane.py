"""Notes pane: what the linter found in the current caption; a click goes to the place."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from bespoke_gui.core.errors import Problem
from bespoke_gui.qtmodels.caption_desk import CaptionDesk
from bespoke_gui.qtmodels.caption_lints import place
from bespoke_gui.views import icons, theme
from bespoke_gui.views.widgets.parts import muted


class NotesPane(QWidget):
    """The findings of the current caption."""

    title_changed = Signal(str)

    def __init__(self, desk: CaptionDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._problems: list[Problem] = []
        self._none = muted("Nothing to remark.")
        self.list = QListWidget()
        self.list.setAccessibleName("Notes on this caption")
        self.list.setWordWrap(True)
        self.list.setSpacing(2)
        theme.set_kind(self.list, "plain")
        self.list.itemClicked.connect(self._on_activated)
        self.list.itemActivated.connect(self._on_activated)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 0)
        layout.addWidget(self._none)
        layout.addWidget(self.list, 1)
        layout.addStretch(0)
        desk.current_changed.connect(self._show_current)
        desk.lints.updated.connect(self._show_current)
        self._show_current()

    def _show_current(self) -> None:
        self.show_problems(self._desk.lints.problems(self._desk.current()))

    def show_problems(self, problems: list[Problem]) -> None:
        """List these findings."""
        if problems == self._problems and self.list.count() == len(problems):
            return
        self._problems = problems
        self.list.clear()
        colours = theme.tokens()
        inks = {"error": colours.danger, "warning": colours.warning}
        for problem in problems:
            item = QListWidgetItem(f"{problem.message[:1].upper()}{problem.message[1:]}")
            item.setToolTip(problem.hint)
            ink = inks.get(problem.severity, colours.accent_text)
            name = {"error": "error", "warning": "warning"}.get(problem.severity, "info")
            item.setIcon(icons.icon(name, ink, 16))
            self.list.addItem(item)
        self.title_changed.emit(f"Notes {len(problems)}" if problems else "Notes")
        self._none.setVisible(not problems)
        self.list.setVisible(bool(problems))

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            problems, self._problems = self._problems, []
            self.show_problems(problems)
        super().changeEvent(event)

    def _on_activated(self, item: QListWidgetItem) -> None:
        span = place(self._problems[self.list.row(item)])
        if span is not None:
            self._desk.place_wanted.emit(*span)
