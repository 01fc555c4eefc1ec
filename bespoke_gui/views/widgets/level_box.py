"""Level box: a share in per cent, or a count, that may also ask for nothing."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QValidator
from PySide6.QtWidgets import QDoubleSpinBox

NOTHING = -1.0


class EntryBox(QDoubleSpinBox):
    """A number whose undo, once it was entered, is that of the whole it belongs to."""

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and self._is_for_others(event):
            event.ignore()
            return False
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._is_for_others(event):
            event.ignore()
        else:
            super().keyPressEvent(event)

    def _is_for_others(self, event: QEvent) -> bool:
        """Say whether undo is meant for what was entered: nothing is being typed here."""
        if not isinstance(event, QKeyEvent) or self.lineEdit().isUndoAvailable():
            return False
        keys = (QKeySequence.StandardKey.Undo, QKeySequence.StandardKey.Redo)
        return any(event.matches(key) for key in keys)


class LevelBox(EntryBox):
    """entered carries the level once it was entered: a share from 0 to 1, a count, or None."""

    entered = Signal(object)

    def __init__(self, name: str, is_count: bool = False, most: float = 1.0) -> None:
        super().__init__()
        self._times = 1 if is_count else 100
        self.setDecimals(0 if is_count else 1)
        self.setRange(NOTHING, most * self._times)
        self.setSingleStep(1 if is_count else 5)
        self.setSpecialValueText("–")
        self.setSuffix("" if is_count else "%")
        self.setKeyboardTracking(False)
        self.setAccessibleName(name)
        self.setToolTip(
            f"{name}; empty asks for nothing (arrow keys: 5% more or less)"
            if not is_count
            else f"{name}; empty asks for nothing"
        )
        self.setFixedWidth(86)
        self.valueChanged.connect(lambda _: self.entered.emit(self.level()))

    def level(self) -> float | None:
        """Return what is asked for, None for nothing."""
        shown = self.value()
        return None if shown < 0 else round(shown / self._times, 6)

    def show_level(self, level: float | None) -> None:
        """Show a level without telling it."""
        self.blockSignals(True)
        self.setValue(NOTHING if level is None else level * self._times)
        self.blockSignals(False)

    # -- how it is written ------------------------------------------------------------------

    def textFromValue(self, value: float) -> str:
        return f"{value:.1f}".removesuffix(".0")

    def valueFromText(self, text: str) -> float:
        plain = text.removesuffix(self.suffix()).strip().replace(",", ".")
        return NOTHING if plain in ("", "–", "-") else float(plain)

    def validate(self, text: str, pos: int) -> tuple[QValidator.State, str, int]:
        try:
            number = self.valueFromText(text.removesuffix("%").strip())
        except ValueError:
            return QValidator.State.Invalid, text, pos
        fits = number == NOTHING or 0 <= number <= self.maximum()
        return (QValidator.State.Acceptable if fits else QValidator.State.Invalid), text, pos

    def stepBy(self, steps: int) -> None:
        # From "nothing" the first step up is 0, not 4.
        if self.value() < 0 < steps:
            self.setValue(0)
        elif self.value() == 0 and steps < 0:
            self.setValue(NOTHING)
        else:
            self.setValue(max(0.0, self.value() + steps * self.singleStep()))
