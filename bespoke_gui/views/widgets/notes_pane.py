"""Notes pane: what the linter found in the current caption, why, and what to do about it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QMenu, QVBoxLayout, QWidget

from bespoke_gui.core.errors import Problem
from bespoke_gui.qtmodels import wording
from bespoke_gui.qtmodels.caption_desk import CaptionDesk
from bespoke_gui.qtmodels.caption_lints import place
from bespoke_gui.qtmodels.lint_fixes import LintFixes
from bespoke_gui.views import icons, theme
from bespoke_gui.views.shortcuts import add_shortcut
from bespoke_gui.views.widgets.left_alone_dialog import LeftAloneDialog
from bespoke_gui.views.widgets.note_actions import NoteActions, fill_menu
from bespoke_gui.views.widgets.parts import button, muted, row

SIGNS = {"error": "error", "warning": "warning"}


class NotesPane(QWidget):
    """The findings of the current caption: a list, and what can be done about the chosen one."""

    title_changed = Signal(str)

    def __init__(self, desk: CaptionDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._fixes = LintFixes(desk.session, desk.lints)
        self._problems: list[Problem] = []
        self._none = muted("Nothing to remark in this caption.")
        self.list = QListWidget()
        self.list.setAccessibleName("Notes on this caption")
        self.list.setWordWrap(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setSpacing(1)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        theme.set_kind(self.list, "plain")
        self.doing = NoteActions(desk.lints, self._fixes)
        self.left_alone = button(
            "", "What is passed over in this project, to be heeded again", "link"
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self._none)
        layout.addWidget(self.list, 1)
        layout.addWidget(self.doing)
        layout.addStretch(0)
        layout.addLayout(row(self.left_alone, None))
        self._connect()
        self._fixes.left_alone.read()
        self._show_current()

    def show_problems(self, problems: list[Problem]) -> None:
        """List these findings; the chosen place in the list stays."""
        if problems == self._problems and self.list.count() == len(problems):
            return
        chosen = self.list.currentRow()
        self._problems = problems
        self.list.blockSignals(True)
        self.list.clear()
        for problem in problems:
            self.list.addItem(self._item(problem))
        self.list.setCurrentRow(min(max(chosen, 0), len(problems) - 1))
        self.list.blockSignals(False)
        own = sum(bool(problem.file) for problem in problems)
        self.title_changed.emit(f"Notes {own}" if own else "Notes")
        self._none.setVisible(not own)
        self.list.setVisible(bool(problems))
        self._show_chosen()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            problems, self._problems = self._problems, []
            self.show_problems(problems)
        super().changeEvent(event)

    def _connect(self) -> None:
        desk = self._desk
        desk.current_changed.connect(self._on_current_changed)
        desk.lints.updated.connect(self._show_current)
        desk.session.captions.changed.connect(self._on_captions_changed)
        desk.session.project_changed.connect(self._fixes.left_alone.read)
        self._fixes.left_alone.changed.connect(self._show_left_alone)
        self.left_alone.clicked.connect(self._open_left_alone)
        self.list.itemClicked.connect(self._go_to)
        self.list.itemActivated.connect(self._go_to)
        self.list.currentRowChanged.connect(self._show_chosen)
        self.list.customContextMenuRequested.connect(self._open_menu)
        add_shortcut(self, "Ctrl+.", "Make the first fix of the chosen note", self._fix_chosen)

    def _on_current_changed(self) -> None:
        self.list.setCurrentRow(0)
        self._show_current()

    def _on_captions_changed(self, names: list[str]) -> None:
        if self._desk.current() in names:
            self._show_current()

    def _show_current(self) -> None:
        lints = self._desk.lints
        self.show_problems([*lints.problems(self._desk.current()), *lints.of_set()])

    def _show_left_alone(self) -> None:
        count = len(self._fixes.left_alone.rows)
        self.left_alone.setVisible(bool(count) or self._fixes.left_alone.can_undo)
        self.left_alone.setText(f"Left alone: {count}")

    def _open_left_alone(self) -> None:
        LeftAloneDialog(self._fixes.left_alone, self).open()

    def _item(self, problem: Problem) -> QListWidgetItem:
        colours = theme.tokens()
        inks = {"error": colours.danger, "warning": colours.warning}
        words = wording.sentence(problem.message)
        item = QListWidgetItem(words if problem.file else f"All captions: {problem.message}")
        item.setToolTip(self._desk.lints.title(problem.code))
        ink = inks.get(problem.severity, colours.accent_text)
        sign = SIGNS.get(problem.severity, "info")
        icon = QIcon(icons.icon(sign, ink, 16))
        # A chosen note lies on a pale ground: Qt's own shade for chosen icons would be lost there.
        icon.addPixmap(icons.pixmap(sign, ink, 16), QIcon.Mode.Selected)
        item.setIcon(icon)
        return item

    def _chosen(self) -> Problem | None:
        at = self.list.currentRow()
        return self._problems[at] if 0 <= at < len(self._problems) else None

    def _show_chosen(self) -> None:
        self.doing.show_problem(self._chosen())

    def _fix_chosen(self) -> None:
        if self.doing.first.isVisible():
            self.doing.first.click()

    def _go_to(self, item: QListWidgetItem) -> None:
        problem = self._problems[self.list.row(item)]
        span = place(problem) if problem.file else None
        if span is not None:
            self._desk.place_wanted.emit(*span)

    def _open_menu(self, position: QPoint) -> None:
        problem = self._chosen()
        if problem is not None and self.list.itemAt(position) is not None:
            menu = QMenu(self)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            fill_menu(menu, problem, self._desk.lints, self._fixes)
            menu.popup(self.list.viewport().mapToGlobal(position))
