"""Fields of the rule form: one control for each kind of option an action declares."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFontMetrics, QKeyEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QPlainTextEdit, QWidget

from bespoke_gui.core.rules.base import Option
from bespoke_gui.views import theme
from bespoke_gui.views.widgets.choice_box import ChoiceBox
from bespoke_gui.views.widgets.parts import text_field

Changed = Callable[[Any], None]

# One line is as high as a line edit: twice the margin, the border, and 2 px that keep the bar away.
MARGIN = 7
INSET = 2 * MARGIN + 4


class TextField(QPlainTextEdit):
    """A text that wraps: two lines high, more where it needs them; Tab leaves it."""

    def __init__(self, name: str, value: str, changed: Changed, fixed: bool = False) -> None:
        super().__init__(value)
        self.setAccessibleName(name)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setFont(theme.fixed_font(0.95) if fixed else theme.font())
        text_field(self)
        self.document().setDocumentMargin(MARGIN)
        self._lines = 1
        self._fit()
        self.textChanged.connect(self._fit)
        self.textChanged.connect(lambda: changed(self.toPlainText()))

    def minimumSizeHint(self) -> QSize:
        return QSize(80, self._height())

    def sizeHint(self) -> QSize:
        return QSize(200, self._height())

    def resizeEvent(self, event: Any) -> None:
        super().resizeEvent(event)
        self._fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not self.is_list:
            # A caption is one line: a line end in a pattern would match nothing.
            event.ignore()
            return
        super().keyPressEvent(event)

    is_list = False

    def _fit(self) -> None:
        lines = max(1, min(6, int(self.document().size().height())))
        if lines != self._lines:
            self._lines = lines
            self.updateGeometry()
        self.setFixedHeight(self._height())

    def _height(self) -> int:
        return QFontMetrics(self.font()).lineSpacing() * self._lines + INSET


class LinesField(TextField):
    """Several values, one a line."""

    is_list = True


def field_for(option: Option, value: Any, changed: Changed, is_pattern: bool) -> QWidget:
    """Return the control of an option, showing `value`; `changed` gets what people make of it."""
    if option.kind == "flag":
        return _flag(option, bool(value), changed)
    if option.kind == "choice":
        return _choice(option, str(value), changed)
    if option.kind == "list":
        text = "\n".join(str(part) for part in value or [])
        return LinesField(label_of(option), text, lambda now: changed(lines_of(now)))
    return TextField(label_of(option), str(value or ""), changed, is_pattern)


def label_of(option: Option) -> str:
    """Return the word over a field."""
    words = {"find": "Find", "with": "Put there", "where": "Only where", "unless": "But not where"}
    return words.get(option.name, option.name.capitalize())


def lines_of(text: str) -> list[str]:
    """Return the values of a field with one a line."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def pairs_of(text: str) -> dict[str, str]:
    """Return synonyms from lines "old = new"; a line without = is not finished yet."""
    pairs = (line.split("=", 1) for line in text.splitlines() if "=" in line)
    return {old.strip(): new.strip() for old, new in pairs if old.strip()}


def text_of(pairs: dict[str, str]) -> str:
    """Return synonyms as lines "old = new"."""
    return "\n".join(f"{old} = {new}" for old, new in pairs.items())


def narrow_choice() -> ChoiceBox:
    """Return a choice box that gives way where room is short."""
    box = ChoiceBox()
    box.setMinimumContentsLength(4)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    return box


def _flag(option: Option, value: bool, changed: Changed) -> QCheckBox:
    box = QCheckBox(option.hint[:1].upper() + option.hint[1:])
    box.setChecked(value)
    box.toggled.connect(changed)
    return box


def _choice(option: Option, value: str, changed: Changed) -> ChoiceBox:
    titles = {
        "literal": "plain text",
        "regex": "a regex",
        "phrase": "one phrase",
        "caption": "caption",
    }
    box = narrow_choice()
    box.setAccessibleName(label_of(option))
    for choice in option.choices:
        box.addItem(titles.get(choice, choice), choice)
    box.setCurrentIndex(max(0, box.findData(value)))
    box.currentIndexChanged.connect(lambda _: changed(box.currentData()))
    return box
