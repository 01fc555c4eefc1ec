"""Clash bar: a caption edited here and elsewhere, with both texts, until a person has decided."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from bespoke_gui.core.worddiff import compare
from bespoke_gui.qtmodels.caption_model import Clash
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.views import theme
from bespoke_gui.views.widgets.diff_view import SIDES, DiffView
from bespoke_gui.views.widgets.parts import button, card, column, elided, muted, row

HEIGHT = 132
LOW_WINDOW = 820  # in one that is lower, the texts and a room do not fit at once


class ClashBar(QWidget):
    """Shows the first caption that waits for a decision; hidden while there is none.

    `room_wanted` tells whether there is space for the room beside the two texts.
    """

    room_wanted = Signal(bool)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._clash: Clash | None = None
        self.setAccessibleName("Captions changed in two places")
        self.hide()
        session.captions.clashes_changed.connect(self.refresh)

    def refresh(self) -> None:
        """Show what waits first, or nothing."""
        waiting = list(self._session.captions.clashes.values())
        self._clash = waiting[0] if waiting else None
        self.setVisible(bool(waiting))
        if self._clash is None:
            self.room_wanted.emit(True)
            return
        if self.layout() is None:
            # Most windows never see a clash: they are not built at the start.
            self._build()
        self._show(self._clash, len(waiting) - 1)

    def _build(self) -> None:
        self._title = elided("", 1.1, bold=True)
        self._more = muted(wrap=False)
        self.go = button("Open", "Go to this caption", "ghost")
        self.mine = button("Keep mine", "Write your text over the one on disk")
        self.theirs = button("Take theirs", "Take the text on disk in place of yours")
        self.both = button("Keep both", "", "primary")
        self.compare = button("Show both", "Show both texts, or hide them", "ghost")
        self.compare.setCheckable(True)
        self.compare.toggled.connect(self._show_texts)
        self.go.clicked.connect(self._go)
        self.mine.clicked.connect(lambda: self._settle("mine"))
        self.theirs.clicked.connect(lambda: self._settle("theirs"))
        self.both.clicked.connect(lambda: self._settle("both"))
        self.diff = DiffView()
        self.diff.set_titles("Yours, not saved", "On disk, from the other program")
        self.diff.set_mode(SIDES)
        self.diff.setMinimumHeight(HEIGHT)
        self._joined = muted()
        head = row(self._title, self._more, self.compare, self.go)
        for widget in (self.mine, self.theirs, self.both):
            head.addWidget(widget)
        head.setStretch(0, 1)
        frame = card(column(head, self.diff, self._joined), 12)
        theme.set_kind(frame, "well")
        self._margins = QVBoxLayout(self)
        self._margins.addWidget(frame)
        self.compare.setChecked(not self._is_low())
        self._show_texts(self.compare.isChecked())

    def _is_low(self) -> bool:
        return self.window().height() < LOW_WINDOW

    def _show_texts(self, shown: bool) -> None:
        self.diff.setVisible(shown)
        self._joined.setVisible(shown)
        alone = shown and self._is_low()
        self.diff.setMaximumHeight(4 * HEIGHT if alone else HEIGHT)
        self._margins.setContentsMargins(12, 12, 12, 12 if alone else 0)
        self.room_wanted.emit(not alone)

    def _go(self) -> None:
        if self._clash is not None:
            self.compare.setChecked(self.compare.isChecked() and not self._is_low())
            self._session.show_caption(self._clash.name)

    def _show(self, clash: Clash, others: int) -> None:
        self._title.setText(f"{clash.name}: changed here and elsewhere")
        self._more.setText(f"{others} more" if others else "")
        separator = self._session.captions.separator
        self.diff.show_diff(compare(clash.mine, clash.theirs.text, separator=separator))
        self._joined.setText(f"Both together: {clash.merged.text}")
        self.both.setToolTip("Take both sides' changes, then mend the text; undo brings yours back")

    def _settle(self, choice: str) -> None:
        clash = self._clash
        if clash is None:
            return
        texts = {"mine": clash.mine, "theirs": clash.theirs.text, "both": clash.merged.text}
        self._session.captions.settle(clash.name, texts[choice])
