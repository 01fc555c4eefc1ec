"""One option in the config form: its name, its editor, what it does, and its findings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from bespoke_gui.core.config.fixes import Fix
from bespoke_gui.core.config.option_words import Described
from bespoke_gui.core.config.values import written
from bespoke_gui.core.errors import Problem
from bespoke_gui.views import theme
from bespoke_gui.views.widgets.config_editors import NOT_SET, make_editor
from bespoke_gui.views.widgets.config_finding import FindingLine
from bespoke_gui.views.widgets.parts import muted, plain_label, tool

LABEL_WIDTH = (96, 168)
LABEL_SHARE = 0.27
EDITOR_WIDTH = 340


class OptionRow(QWidget):
    """Shows one option; `set_wanted(key, value)`, `unset_wanted(key)`, `fix_wanted(fix)`."""

    set_wanted = Signal(str, object)
    unset_wanted = Signal(str)
    fix_wanted = Signal(object)
    refused = Signal(object)

    def __init__(self, described: Described, value: Any, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.described = described
        self.key = described.key
        self.problems: Sequence[Problem] = ()
        self.editor = make_editor(described, value)
        self._is_set: bool | None = None
        self._shown: tuple[Any, Any] | None = None
        self._name: QLabel | None = None
        self._build()
        self.editor.taken.connect(lambda found: self.set_wanted.emit(self.key, found))
        self.editor.emptied.connect(lambda: self.unset_wanted.emit(self.key))
        self.editor.refused.connect(self.refused)

    def show_value(self, value: Any, saved: Any) -> None:
        """Show what the config has, and what its file has where that is another."""
        if self._shown is not None and all(map(_alike, self._shown, (value, saved))):
            return
        self._shown = (value, saved)
        self.editor.show_value(value)
        is_set = value is not NOT_SET
        if is_set != self._is_set:
            self._is_set = is_set
            theme.set_kind(self.label, "strong" if is_set else "")
        self.reset.setVisible(is_set)
        self.was.setVisible(not _alike(value, saved) and not isinstance(saved, (list, dict)))
        self.was.setText(f"saved: {'not set' if saved is NOT_SET else written(saved)}")

    def fit(self, width: int) -> None:
        """Share a width between names and fields, alike in all rows."""
        least, most = LABEL_WIDTH
        room = min(most, max(least, round(width * LABEL_SHARE)))
        for label in (self.label, self._name):
            if label is not None and label.width() != room:
                label.setFixedWidth(room)

    def forget(self) -> None:
        """Show the value again, even if it is the same: an entry was not taken."""
        self._shown = None

    def show_problems(self, found: Sequence[tuple[Problem, Fix | None]]) -> None:
        """Show the findings about this option below it."""
        problems = [problem for problem, _ in found]
        if problems == self.problems:
            return
        self.problems = problems
        while (item := self._below.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for problem, fix in found:
            line = FindingLine(problem, fix)
            line.fix_wanted.connect(self.fix_wanted)
            self._below.addWidget(line)

    def _build(self) -> None:
        described = self.described
        self.label = plain_label(described.label or soft_breaks(described.key))
        self.label.setBuddy(self.editor.widget)
        self.editor.widget.setMaximumWidth(EDITOR_WIDTH)
        self.reset = tool("close", f"Take {described.key} out: the trainer's default holds")
        keep = self.reset.sizePolicy()
        keep.setRetainSizeWhenHidden(True)
        self.reset.setSizePolicy(keep)
        self.reset.clicked.connect(lambda: self.unset_wanted.emit(self.key))
        self.was = muted(wrap=False)
        self.was.hide()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 6, 0, 6)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(2)
        top = Qt.AlignmentFlag.AlignTop
        grid.addWidget(self.label, 0, 0, Qt.AlignmentFlag.AlignVCenter)
        grid.addWidget(self.editor.widget, 0, 1)
        grid.addWidget(self.reset, 0, 2, top)
        grid.addWidget(self.was, 0, 3)
        grid.setColumnStretch(1, 6)
        grid.setColumnStretch(3, 1)
        if described.label:
            self._name = muted(soft_breaks(described.key))
            self._name.setFont(theme.font(0.88))
            grid.addWidget(self._name, 1, 0, top)
        self.editor.widget.setMinimumWidth(80)
        if described.help:
            grid.addWidget(muted(described.help), 1, 1, 1, 3, top)
        self._below = QVBoxLayout()
        self._below.setSpacing(4)
        grid.addLayout(self._below, 2, 1, 1, 3)


def _alike(first: Any, second: Any) -> bool:
    return type(first) is type(second) and first == second


def soft_breaks(key: str) -> str:
    """Let a long option name break after its underscores."""
    return key.replace("_", "_\u200b")
