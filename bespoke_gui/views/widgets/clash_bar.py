"""Clash bar: a caption edited here and elsewhere, with both texts, until a person has decided."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from bespoke_gui.core.worddiff import compare
from bespoke_gui.qtmodels.caption_model import Clash
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.views import theme
from bespoke_gui.views.widgets.diff_view import SIDES, DiffView
from bespoke_gui.views.widgets.parts import button, card, column, elided, muted, row

HEIGHT = 132


class ClashBar(QWidget):
    """Shows the first caption that waits for a decision; hidden while there is none."""

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
        self.go.clicked.connect(
            lambda: self._clash and self._session.show_caption(self._clash.name)
        )
        self.mine.clicked.connect(lambda: self._settle("mine"))
        self.theirs.clicked.connect(lambda: self._settle("theirs"))
        self.both.clicked.connect(lambda: self._settle("both"))
        self.diff = DiffView()
        self.diff.set_titles("Yours, not saved", "On disk, from the other program")
        self.diff.set_mode(SIDES)
        self.diff.setFixedHeight(HEIGHT)
        self._joined = muted()
        head = row(self._title, self._more, self.go, self.mine, self.theirs, self.both)
        head.setStretch(0, 1)
        frame = card(column(head, self.diff, self._joined), 12)
        theme.set_kind(frame, "well")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 12, 12, 0)
        layout.addWidget(frame)

    def _show(self, clash: Clash, others: int) -> None:
        self._title.setText(f"{clash.name} was changed here and in another program")
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
