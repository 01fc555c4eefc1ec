"""Ledger changes: what is different between any two runs, and whether a cause can be named."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QVBoxLayout

from bespoke_gui.core.runs import title_of
from bespoke_gui.qtmodels.ledger_model import LedgerModel
from bespoke_gui.qtmodels.ledger_rows import ChangeRows, change_words
from bespoke_gui.views import theme
from bespoke_gui.views.widgets.choice_box import ChoiceBox
from bespoke_gui.views.widgets.parts import card, column, heading, muted, plain_label, row
from bespoke_gui.views.widgets.tables import table_view

NOTHING = "Two runs are needed to say what changed."
SHARES = (0.13, 0.24, 0.27)
SAME = "Nothing that could be a cause changed: a difference would be chance."


class LedgerChanges(QFrame):
    """Two choices of a run, a verdict on the causes, and every difference as a row."""

    def __init__(self, model: LedgerModel) -> None:
        super().__init__()
        self._model = model
        self._build()
        model.compared.connect(self.refresh)
        for box in (self.before, self.after):
            box.activated.connect(lambda _: self._compare())
        self.refresh()

    def show_runs(self, runs: Sequence[str]) -> None:
        """Offer these runs on both sides."""
        for box in (self.before, self.after):
            box.clear()
            for run in runs:
                box.addItem(title_of(run), run)
                box.setItemData(box.count() - 1, run, Qt.ItemDataRole.ToolTipRole)

    def choose(self, before: str, after: str) -> None:
        """Compare these two runs."""
        for box, run in ((self.before, before), (self.after, after)):
            box.setCurrentIndex(box.findData(run))
        self._compare()

    @property
    def pair(self) -> tuple[str, str]:
        """The two runs that are compared, "" for none."""
        return str(self.before.currentData() or ""), str(self.after.currentData() or "")

    def refresh(self) -> None:
        """Show the comparison as it is now."""
        found = self._model.comparison
        self.rows.show(found.rows if found else [])
        self.table.setVisible(found is not None)
        self.counts.setText(change_words(found.changes) if found else NOTHING)
        self.notice.setVisible(found is not None)
        if found is None:
            return
        changes = found.changes
        words = changes.warning or (f"One thing changed: {changes.causes[0]}"
                                    if changes.causes else SAME)  # fmt: skip
        self.notice_words.setText(f"{words[:1].upper()}{words[1:].rstrip('.')}.")
        kind = "warning" if changes.warning else "good" if changes.causes else "info"
        theme.set_kind(self.notice, f"notice-{kind}")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        for place, share in enumerate(SHARES):
            self.table.horizontalHeader().resizeSection(place, round(share * self.width()))

    def _compare(self) -> None:
        self._model.compare(*self.pair)

    def _build(self) -> None:
        self.before, self.after = self._side("From"), self._side("To")
        sides = row(muted("from", wrap=False), self.before, muted("to", wrap=False), self.after)
        for place in (1, 3):
            sides.setStretch(place, 1)
        self.counts = muted()
        self.notice_words = plain_label()
        self.notice_words.setTextFormat(Qt.TextFormat.PlainText)
        self.notice = card(column(self.notice_words), 8)
        self.rows = ChangeRows(self)
        self.table = table_view(self.rows, "What changed between the two runs", (80, 150, 160, 0))
        self.table.setWordWrap(False)
        inner = column(heading("What changed", 1.0), sides, self.notice, self.counts, self.table)
        inner.setStretch(4, 1)
        inner.addStretch(0)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(card(inner, 12))

    def _side(self, name: str) -> ChoiceBox:
        box = ChoiceBox()
        box.setAccessibleName(f"{name} run")
        box.setPlaceholderText("no run")
        box.setSizeAdjustPolicy(ChoiceBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        box.setMinimumContentsLength(8)
        return box
