"""Summary of a rule preview: what would be gone, in red, and the filters with their counts."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QPushButton, QVBoxLayout, QWidget

from bespoke_gui.qtmodels import wording
from bespoke_gui.qtmodels.rules_preview import RulePreview
from bespoke_gui.qtmodels.rules_rows import FILTERS
from bespoke_gui.views import theme
from bespoke_gui.views.widgets.clamped_label import ClampedLabel
from bespoke_gui.views.widgets.parts import button, card, muted, row

MOST_WORDS = 40
UNSTABLE = ("Unstable", "that a second run of the same rules would change again")


class RulesSummary(QWidget):
    """Counts that are filters at once; `filter_asked` carries one of FILTERS or "unstable"."""

    filter_asked = Signal(str)

    def __init__(self, preview: RulePreview, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._preview = preview
        self.filters = {
            kind: self._filter(kind, words, tip) for kind, (words, tip, _) in FILTERS.items()
        }
        self.filters["unstable"] = self._filter("unstable", *UNSTABLE)
        self.filters["changed"].setChecked(True)
        group = QButtonGroup(self)
        for choice in self.filters.values():
            group.addButton(choice)
        self.busy = muted("Looking…", wrap=False)
        self.lost = ClampedLabel(2)
        self.lost.setAccessibleName("Words that would be gone")
        theme.set_kind(self.lost, "danger")
        inner = QVBoxLayout()
        inner.addWidget(self.lost)
        self.gone = card(inner, 8)
        theme.set_kind(self.gone, "notice-error")
        self.warning = ClampedLabel(2)
        theme.set_kind(self.warning, "warning")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self.gone)
        layout.addWidget(self.warning)
        layout.addLayout(row(*self.filters.values(), None, self.busy, spacing=4))
        preview.updated.connect(self.refresh)
        preview.warned.connect(self.refresh)
        preview.ticked.connect(self.refresh)
        preview.busy_changed.connect(self.busy.setVisible)
        self.busy.hide()
        self.refresh()

    def refresh(self) -> None:
        """Say anew what the rules would do."""
        totals = self._preview.shown.totals
        counts = {
            "changed": totals.changed,
            "lossy": totals.lossy,
            "crossing": totals.crossing,
            "overlap": totals.overlap,
            "unticked": totals.changed - self._preview.ticked_counts()[0],
            "unstable": len(self._preview.unstable),
        }
        for kind, choice in self.filters.items():
            self._tell(choice, kind, counts[kind])
        self.gone.setVisible(totals.lossy > 0)
        self.lost.setText(self._lost_words())
        self.warning.setText(self._warnings())
        self.warning.setVisible(bool(self.warning.text()))

    def _filter(self, kind: str, words: str, tip: str) -> QPushButton:
        result = button(words, f"Show only captions {tip}", "ghost")
        result.setCheckable(True)
        result.setProperty("words", words)
        result.clicked.connect(lambda: self.filter_asked.emit(kind))
        return result

    def _tell(self, choice: QPushButton, kind: str, count: int) -> None:
        choice.setText(f"{choice.property('words')} {count:,}")
        choice.setVisible(count > 0 or kind == "changed" or choice.isChecked())
        wanted = "ghost-danger" if kind in ("lossy",) else "ghost"
        if choice.property("kind") != wanted:
            theme.set_kind(choice, wanted)

    def _lost_words(self) -> str:
        shown, totals = self._preview.shown, self._preview.shown.totals
        words = ", ".join(
            word if count == 1 else f"{word} ×{count}" for word, count in shown.lost[:MOST_WORDS]
        )
        more = len(shown.lost) - MOST_WORDS
        rest = f" and {more} other words" if more > 0 else ""
        where = wording.count(totals.lossy, "caption")
        return f"{where} would lose words: {words}{rest}"

    def _warnings(self) -> str:
        """Return what speaks against the rules themselves: order, repetition."""
        lines = []
        again = len(self._preview.unstable)
        if again:
            lines.append(f"A second run would change {wording.count(again, 'caption')} again.")
        pairs = self._preview.shown.live.overlaps.most_common(3)
        if pairs:
            said = "; ".join(f"{pair} ×{count}" for pair, count in pairs)
            lines.append(f"A rule matches what another one just wrote: {said}.")
        return " ".join(lines)
