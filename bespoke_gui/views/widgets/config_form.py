"""Config form: a training config as labelled fields in groups, built from their declarations."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QGridLayout,
    QLabel,
    QLineEdit,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from bespoke_gui.core.errors import AppError
from bespoke_gui.qtmodels.config_fields import OTHER, Field
from bespoke_gui.qtmodels.config_form_model import ConfigFormModel, written
from bespoke_gui.views import theme

LABEL_WIDTH = 132


class ConfigForm(QWidget):
    """Edits a ConfigFormModel. `failed` says why an entry was not taken."""

    failed = Signal(object)

    def __init__(self, model: ConfigFormModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.editors: dict[str, FieldEditor] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)
        model.loaded.connect(self._build)
        model.changed.connect(self._show)
        self._build()

    def _build(self) -> None:
        self.editors.clear()
        while (item := self._column.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for name, fields in self._model.groups():
            self._column.addWidget(Section(name, self._rows(fields), is_open=name != OTHER))
        self._column.addStretch(1)

    def _rows(self, fields: list[Field]) -> QWidget:
        body = QWidget()
        grid = QGridLayout(body)
        grid.setContentsMargins(0, 4, 0, 12)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(6)
        grid.setColumnMinimumWidth(0, LABEL_WIDTH)
        grid.setColumnStretch(1, 1)
        for row, field in enumerate(fields):
            editor = make_editor(field, self._model, self.failed.emit)
            self.editors[field.key] = editor
            label = QLabel(field.label if field.label != field.key else _soft_breaks(field.key))
            label.setWordWrap(True)
            label.setBuddy(editor.widget)
            label.setToolTip(_tip(field))
            grid.addWidget(label, row, 0)
            grid.addWidget(editor.widget, row, 1)
        return body

    def _show(self, key: str) -> None:
        for editor in [self.editors[key]] if key in self.editors else self.editors.values():
            editor.show_value()


class Section(QWidget):
    """A heading that opens and closes what is below it."""

    def __init__(self, title: str, body: QWidget, is_open: bool = True) -> None:
        super().__init__()
        self._head = QToolButton()
        self._head.setText(title)
        self._head.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._head.setFont(theme.font(1.0, bold=True))
        self._head.setToolTip("Open or close this group")
        self._body = body
        self._head.clicked.connect(lambda: self._open(not self._is_open))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._head)
        column.addWidget(body)
        self._open(is_open)

    def _open(self, is_open: bool) -> None:
        self._is_open = is_open
        arrow = Qt.ArrowType.DownArrow if is_open else Qt.ArrowType.RightArrow
        self._head.setArrowType(arrow)
        self._body.setVisible(is_open)


class FieldEditor:
    """One field's widget; `show_value` writes the model's value into it."""

    def __init__(self, field: Field, model: ConfigFormModel, widget: QWidget) -> None:
        self.field = field
        self.model = model
        self.widget = widget
        widget.setAccessibleName(field.label)
        widget.setAccessibleDescription(field.help)
        widget.setToolTip(_tip(field))

    def show_value(self) -> None:
        raise NotImplementedError


class TextEditor(FieldEditor):
    """Numbers and words: taken when the entry is finished; empty means the trainer's default."""

    def __init__(
        self, field: Field, model: ConfigFormModel, failed: Callable[[AppError], object]
    ) -> None:
        self.line = QLineEdit()
        super().__init__(field, model, self.line)
        self._failed = failed
        self.line.setPlaceholderText(_default(field))
        self.line.editingFinished.connect(self._take)
        self.show_value()

    def show_value(self) -> None:
        self.line.setText(self.model.text(self.field))
        self.line.setCursorPosition(0)
        self._mark(False)

    def _take(self) -> None:
        try:
            self.model.set_text(self.field, self.line.text())
            self._mark(False)
        except AppError as error:
            self._mark(True)
            self._failed(error)

    def _mark(self, wrong: bool) -> None:
        self.line.setProperty("invalid", "true" if wrong else "false")
        self.line.style().unpolish(self.line)
        self.line.style().polish(self.line)


class ChoiceEditor(FieldEditor):
    """A list of usual values; others may be typed."""

    def __init__(
        self, field: Field, model: ConfigFormModel, failed: Callable[[AppError], object]
    ) -> None:
        self.box = QComboBox(editable=True)
        super().__init__(field, model, self.box)
        self._failed = failed
        self.box.addItems(["", *field.choices])
        policy = QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        self.box.setSizeAdjustPolicy(policy)
        self.box.setMinimumContentsLength(8)
        line = self.box.lineEdit()
        assert line is not None
        line.setPlaceholderText(_default(field))
        line.setAccessibleName(field.label)
        self.box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.box.installEventFilter(_no_wheel(self.box))
        self.box.activated.connect(lambda _: self._take())
        line.editingFinished.connect(self._take)
        self.show_value()

    def show_value(self) -> None:
        self.box.setCurrentText(self.model.text(self.field))

    def _take(self) -> None:
        try:
            self.model.set_text(self.field, self.box.currentText())
        except AppError as error:
            self._failed(error)


class FlagEditor(FieldEditor):
    """Yes or no."""

    def __init__(
        self, field: Field, model: ConfigFormModel, failed: Callable[[AppError], object]
    ) -> None:
        self.check = QCheckBox()
        super().__init__(field, model, self.check)
        self._failed = failed
        self.show_value()
        self.check.clicked.connect(self._take)

    def show_value(self) -> None:
        value = self.model.value(self.field)
        self.check.setChecked(value is True or value == "true")
        self.check.setText("" if self.model.is_set(self.field.key) else "not set")
        theme.set_kind(self.check, "" if self.model.is_set(self.field.key) else "muted")

    def _take(self, checked: bool) -> None:
        try:
            self.model.set_value(self.field.key, checked)
        except AppError as error:
            self._failed(error)


def make_editor(
    field: Field, model: ConfigFormModel, failed: Callable[[AppError], object]
) -> FieldEditor:
    """Return the editor for a field's kind; a value of another kind is shown as text."""
    value = model.values.get(field.key)
    if field.kind == "flag" and (value is None or isinstance(value, bool)):
        return FlagEditor(field, model, failed)
    if field.kind == "choice":
        return ChoiceEditor(field, model, failed)
    return TextEditor(field, model, failed)


class _NoWheel(QObject):
    """Keeps the wheel for scrolling the form: a value must not change by passing over it."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QWheelEvent):
            event.ignore()
            return True
        return False


def _no_wheel(parent: QObject) -> _NoWheel:
    return _NoWheel(parent)


def _default(field: Field) -> str:
    return f"not set ({written(field.default)})" if field.default is not None else "not set"


def _tip(field: Field) -> str:
    default = f"\nTrainer's default: {written(field.default)}" if field.default is not None else ""
    return f"{field.help}\nOption: {field.key}{default}"


def _soft_breaks(key: str) -> str:
    """Let a long option name break after its underscores."""
    return key.replace("_", "_\u200b")
