"""Diff pane: the caption against a chosen earlier state, with what was lost said first."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from bespoke_gui.core.worddiff import TextDiff
from bespoke_gui.qtmodels.caption_compare import Comparison
from bespoke_gui.qtmodels.caption_sides import DISK
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.views import theme
from bespoke_gui.views.widgets.diff_verdict import judge
from bespoke_gui.views.widgets.diff_view import INLINE, SIDES, DiffView
from bespoke_gui.views.widgets.parts import (
    badge,
    button,
    card,
    column,
    heading,
    plain_label,
    row,
    tool,
)
from bespoke_gui.views.widgets.piece_list import PieceList
from bespoke_gui.views.widgets.side_picker import SidePicker

MOST_WORDS = 24


class CaptionDiffPane(QWidget):
    """Before and after of one caption. `lossy_asked`: show only the images that lost words."""

    lossy_asked = Signal()

    def __init__(
        self, session: Session, comparison: Comparison, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._comparison = comparison
        self._name = ""
        self.view = DiffView()
        self.view.piece_clicked.connect(self._revert_piece)
        self.view.phrase_clicked.connect(self._revert_phrase)
        tip = "The earlier state that the captions are compared with"
        self.choose = SidePicker(session, "Compare with", tip, with_now=False)
        self.choose.chosen.connect(comparison.compare_with)
        self.revert = button("Revert", "Put the whole earlier text back", icon="revert")
        self.revert.clicked.connect(lambda: comparison.revert(self._name))
        self._status = badge()
        self._lost = plain_label()
        self.pieces = PieceList()
        self.pieces.put_back.connect(self._revert_piece)
        self._totals = button("", "Show only the images that lost words", "link")
        self._totals.clicked.connect(self.lossy_asked)
        self.sides = tool("compare", "Before and after side by side")
        self.sides.setCheckable(True)
        self.sides.toggled.connect(lambda on: self.view.set_mode(SIDES if on else INLINE))
        top = row(heading("Against", 1.0), self.choose, self.sides, self.revert)
        top.setStretch(1, 1)
        verdict = row(self._status, self._lost)
        verdict.setStretch(1, 1)
        inner = column(top, verdict, self.view, self.pieces, row(self._totals, None))
        inner.setStretch(2, 3)
        inner.setStretch(3, 2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(card(inner, 12))
        comparison.baselines_changed.connect(self._fill_choices)
        comparison.updated.connect(self._on_updated)
        self._fill_choices()
        self._on_updated([])

    def show_caption(self, name: str) -> None:
        """Show what changed in this caption."""
        self._name = name
        diff = self._comparison.diff(name)
        self.view.show_diff(diff)
        self.pieces.show_diff(diff)
        self.revert.setEnabled(diff is not None and diff.status != "equal")
        words, kind = judge(diff)
        self._status.setText(words)
        theme.set_kind(self._status, kind)
        self._lost.setText(_lost_words(diff))
        theme.set_kind(self._lost, "danger" if diff is not None and diff.lossy else "muted")

    def _revert_piece(self, index: int) -> None:
        self._comparison.revert_piece(self._name, index)

    def _revert_phrase(self, offset: int) -> None:
        self._comparison.revert_phrase(self._name, offset)

    def _on_updated(self, names: list[str]) -> None:
        totals = self._comparison.totals()
        text = f"In the whole set {totals.changed} changed, {totals.lossy} of them lost words"
        self._totals.setText(text if totals.changed else "No caption changed")
        self._totals.setEnabled(totals.lossy > 0)
        if not names or self._name in names:
            self.show_caption(self._name)

    def _fill_choices(self) -> None:
        current = self._comparison.baseline
        self.choose.fill(self._comparison.snapshots, current)
        before = "On disk" if current.kind == DISK else f"Before: {current.label}"
        self.view.set_titles(before, "Now")


def _lost_words(diff: TextDiff | None) -> str:
    if diff is None or not diff.lost:
        return ""
    shown = ", ".join(diff.lost[:MOST_WORDS])
    more = len(diff.lost) - MOST_WORDS
    return f"{shown} and {more} more" if more > 0 else shown
