"""Editors of config options: a switch, a number or text, a choice, a list; one for every kind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence, QWheelEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QPlainTextEdit, QWidget

from bespoke_gui.core.config.option_words import Described
from bespoke_gui.core.config.values import parse_typed, written
from bespoke_gui.core.errors import AppError
from bespoke_gui.views import theme

NOT_SET = object()
MOST_LINES = 6


class OptionEditor(QObject):
    """Edits one option. `taken` carries a value, `emptied` takes the option out.

    `refused` carries the AppError of an entry that does not fit; the old value then stays.
    """

    taken = Signal(object)
    emptied = Signal()
    refused = Signal(object)

    def __init__(self, described: Described, widget: QWidget) -> None:
        super().__init__(widget)
        self.described = described
        self.widget = widget
        widget.setAccessibleName(described.label or described.key)
        widget.setAccessibleDescription(described.help)
        widget.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def show_value(self, value: Any) -> None:
        """Show a value, or NOT_SET."""
        raise NotImplementedError

    def commit(self) -> None:
        """Take what was typed so far."""

    def _take_text(self, text: str, shown: Any) -> None:
        before = "" if shown is NOT_SET else written(shown)
        if text.strip() == before.strip():
            return
        try:
            if text.strip():
                self.taken.emit(parse_typed(self.described.option, text))
            else:
                self.emptied.emit()
        except AppError as error:
            self._mark(True)
            self.refused.emit(error)

    def _mark(self, wrong: bool) -> None:
        self.widget.setProperty("invalid", "true" if wrong else "false")
        self.widget.style().unpolish(self.widget)
        self.widget.style().polish(self.widget)


class LineEditor(OptionEditor):
    """Numbers and words: taken when the entry is finished; empty means not set."""

    def __init__(self, described: Described) -> None:
        self.line = QLineEdit()
        super().__init__(described, self.line)
        self._shown: Any = NOT_SET
        self.line.setPlaceholderText(default_words(described))
        self.line.editingFinished.connect(self.commit)

    def show_value(self, value: Any) -> None:
        self._shown = value
        self.line.setText("" if value is NOT_SET else written(value))
        self.line.setCursorPosition(0)
        self._mark(False)

    def commit(self) -> None:
        self._take_text(self.line.text(), self._shown)


class ChoiceEditor(OptionEditor):
    """A list of values; others may be typed where the trainer names no choices of its own."""

    def __init__(self, described: Described) -> None:
        self.box = QComboBox(editable=True)
        super().__init__(described, self.box)
        self._shown: Any = NOT_SET
        self.box.addItems(["", *map(str, described.offers)])
        policy = QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        self.box.setSizeAdjustPolicy(policy)
        self.box.setMinimumContentsLength(8)
        self.box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.line = QLineEdit()
        self.box.setLineEdit(self.line)
        self.line.setPlaceholderText(default_words(described))
        self.line.setAccessibleName(described.label or described.key)
        self.box.installEventFilter(_NoWheel(self.box))
        self.box.activated.connect(lambda _: self.commit())
        self.line.editingFinished.connect(self.commit)

    def show_value(self, value: Any) -> None:
        self._shown = value
        self.box.setEditText("" if value is NOT_SET else written(value))
        self.line.setCursorPosition(0)
        self._mark(False)

    def commit(self) -> None:
        self._take_text(self.box.currentText(), self._shown)


class FlagEditor(OptionEditor):
    """Yes, no, or left to the trainer."""

    def __init__(self, described: Described) -> None:
        self.check = QCheckBox()
        super().__init__(described, self.check)
        self.check.clicked.connect(lambda on: self.taken.emit(bool(on)))

    def show_value(self, value: Any) -> None:
        default = bool(self.described.option.default)
        is_on = default if value is NOT_SET else value is True or value == 1
        self.check.setChecked(bool(is_on))
        not_set = f"not set ({written(default)})"
        fits = isinstance(value, bool)
        self.check.setText(not_set if value is NOT_SET else written(value) if fits else repr(value))
        theme.set_kind(self.check, "muted" if value is NOT_SET else "")


class ListEditor(OptionEditor):
    """An entry a line; taken when the field is left."""

    def __init__(self, described: Described) -> None:
        self.text = _Lines()
        super().__init__(described, self.text)
        self._shown: Any = NOT_SET
        self.text.setPlaceholderText("not set · one a line, as name=value")
        self.text.left.connect(self.commit)
        self.text.textChanged.connect(self._fit)
        self._fit()

    def show_value(self, value: Any) -> None:
        self._shown = value
        self.text.setPlainText("" if value is NOT_SET else written(value))

    def commit(self) -> None:
        self._take_text(self.text.toPlainText(), self._shown)

    def _fit(self) -> None:
        lines = min(MOST_LINES, max(1, self.text.blockCount()))
        self.text.setFixedHeight(lines * self.text.fontMetrics().lineSpacing() + 18)


class TableEditor(OptionEditor):
    """A value of several parts, which only the raw text can edit."""

    def __init__(self, described: Described) -> None:
        self.line = QLineEdit()
        super().__init__(described, self.line)
        self.line.setEnabled(False)

    def show_value(self, value: Any) -> None:
        self.line.setText("a table: edit it as TOML")


def make_editor(described: Described, value: Any = NOT_SET) -> OptionEditor:
    """Return the editor for an option's kind; `value` is what the file has."""
    parts = value if isinstance(value, list) else [value]
    if any(isinstance(part, dict) for part in parts):
        return TableEditor(described)
    option = described.option
    if option.kind == "bool":
        return FlagEditor(described)
    if option.many and option.kind == "str":
        return ListEditor(described)
    return ChoiceEditor(described) if described.offers else LineEditor(described)


def default_words(described: Described) -> str:
    """Return what a field says that is not set."""
    default = described.option.default
    return f"not set ({written(default)})" if default not in (None, "") else "not set"


class UndoKeys(QObject):
    """Lets undo and redo in a field reach the whole config once the field has none of its own."""

    def __init__(
        self, undo: Callable[[], object], redo: Callable[[], object], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._runs = {
            QKeySequence.StandardKey.Undo: undo,
            QKeySequence.StandardKey.Redo: redo,
        }

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not isinstance(event, QKeyEvent) or _is_typed_in(watched):
            return False
        for keys, run in self._runs.items():
            if event.matches(keys):
                event.accept()
                if event.type() == QEvent.Type.KeyPress:
                    run()
                return True
        return False


def _is_typed_in(widget: QObject) -> bool:
    """Whether a field holds what was typed and is not taken yet."""
    if isinstance(widget, QComboBox):
        line = widget.lineEdit()
        return line is not None and line.isModified()
    if isinstance(widget, QPlainTextEdit):
        return widget.document().isModified()
    return isinstance(widget, QLineEdit) and widget.isModified()


class _Lines(QPlainTextEdit):
    """A small text that says when it is left."""

    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setTabChangesFocus(True)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.left.emit()


class _NoWheel(QObject):
    """Keeps the wheel for scrolling the form: a value must not change by passing over it."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QWheelEvent):
            event.ignore()
            return True
        return False
