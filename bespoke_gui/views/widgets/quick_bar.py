"""Quick bar: a button a quick phrase, pressed where the caption holds it."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from bespoke_gui.core import phrases
from bespoke_gui.qtmodels import phrase_actions
from bespoke_gui.qtmodels.caption_desk import CaptionDesk
from bespoke_gui.views.shortcuts import add_shortcut
from bespoke_gui.views.widgets.parts import button

LONGEST = 22


class QuickBar(QWidget):
    """A press adds the phrase to the current caption, or takes it out; with several images
    selected it adds to all of them, as one step. Ctrl+Shift+1 to 9 do the same."""

    def __init__(self, desk: CaptionDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._chips: list[QPushButton] = []
        self._line = QHBoxLayout(self)
        self._line.setContentsMargins(0, 0, 0, 0)
        self._line.setSpacing(4)
        self._line.addStretch(1)
        for digit in range(1, 10):
            add_shortcut(
                self.parentWidget() or self,
                f"Ctrl+Shift+{digit}",
                "Quick phrases",
                lambda index=digit - 1: self.press(index),
            )
        desk.phrases.quick_changed.connect(self._fill)
        desk.current_changed.connect(self._mark)
        desk.session.captions.changed.connect(self._mark)
        self._fill()

    def press(self, index: int) -> None:
        """Add or take out the quick phrase of this place."""
        if 0 <= index < len(self._desk.phrases.quick):
            phrase_actions.press(self._desk, self._desk.phrases.quick[index])

    def minimumSizeHint(self) -> QSize:
        return QSize(24, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fill(self) -> None:
        for chip in self._chips:
            self._line.removeWidget(chip)
            chip.hide()
            chip.deleteLater()
        self._chips = []
        for index, phrase in enumerate(self._desk.phrases.quick):
            text = phrase if len(phrase) <= LONGEST else f"{phrase[: LONGEST - 1].rstrip()}…"
            chip = button(text, f"{phrase} (Ctrl+Shift+{index + 1})", "chip")
            chip.setCheckable(True)
            chip.clicked.connect(lambda _=False, n=index: self.press(n))
            self._line.insertWidget(index, chip)
            self._chips.append(chip)
        self.setVisible(bool(self._chips))
        self._mark()
        self._fit()

    def _fit(self) -> None:
        """Show as many as there is room for; the keys reach the others too."""
        room = self.width()
        for chip in self._chips:
            room -= chip.sizeHint().width() + self._line.spacing()
            chip.setVisible(room >= -self._line.spacing())

    def _mark(self) -> None:
        text = self._desk.session.captions.text(self._desk.current())
        held = {p.text.casefold() for p in phrases.split(text, self._desk.separator())}
        for chip, phrase in zip(self._chips, self._desk.phrases.quick, strict=True):
            chip.setChecked(phrase.casefold() in held)
