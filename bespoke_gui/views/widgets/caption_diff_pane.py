"""Diff pane: the caption against a chosen earlier state, with what was lost said first."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QLabel, QVBoxLayout, QWidget

from bespoke_gui.core.history import Snapshot
from bespoke_gui.core.worddiff import TextDiff
from bespoke_gui.qtmodels.caption_compare import Comparison
from bespoke_gui.qtmodels.caption_sides import DISK, FOLDER, Side, folder_side, snapshot_side
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.views import theme
from bespoke_gui.views.widgets.choice_box import ChoiceBox
from bespoke_gui.views.widgets.diff_view import INLINE, SIDES, DiffView
from bespoke_gui.views.widgets.parts import badge, button, card, heading, row, tool
from bespoke_gui.views.widgets.piece_list import PieceList

MOST_WORDS = 24


class CaptionDiffPane(QWidget):
    """Before and after of one caption. `lossy_asked`: show only the images that lost words."""

    lossy_asked = Signal()

    def __init__(
        self, session: Session, comparison: Comparison, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._comparison = comparison
        self._name = ""
        self.view = DiffView()
        self.view.piece_clicked.connect(self._revert_piece)
        self.view.phrase_clicked.connect(self._revert_phrase)
        self.choose = ChoiceBox()
        self.choose.setAccessibleName("Compare with")
        self.choose.setToolTip("The earlier state that the captions are compared with")
        self.choose.setMinimumContentsLength(8)
        self.choose.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.choose.activated.connect(self._on_chosen)
        self.revert = button("Revert", "Put the whole earlier text back", icon="revert")
        self.revert.clicked.connect(lambda: comparison.revert(self._name))
        self._status = badge()
        self._lost = QLabel(wordWrap=True)
        self.pieces = PieceList()
        self.pieces.put_back.connect(self._revert_piece)
        self._totals = button("", "Show only the images that lost words", "link")
        self._totals.clicked.connect(self.lossy_asked)
        self.sides = tool("compare", "Before and after side by side")
        self.sides.setCheckable(True)
        self.sides.toggled.connect(lambda on: self.view.set_mode(SIDES if on else INLINE))
        top = row(heading("Against", 1.0), self.choose, self.sides, self.revert)
        top.setStretch(1, 1)
        inner = QVBoxLayout()
        inner.setSpacing(8)
        inner.addLayout(top)
        verdict = row(self._status)
        verdict.addWidget(self._lost, 1)
        inner.addLayout(verdict)
        inner.addWidget(self.view, 3)
        inner.addWidget(self.pieces, 2)
        inner.addLayout(row(self._totals, None))
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
        words, kind = _judge(diff)
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
        self.choose.clear()
        self.choose.addItem("The saved files", Side())
        for snapshot in self._comparison.snapshots:
            self.choose.addItem(snapshot.name, snapshot_side(snapshot.name))
            tip = Qt.ItemDataRole.ToolTipRole
            self.choose.setItemData(self.choose.count() - 1, _describe(snapshot), tip)
        current = self._comparison.baseline
        if current.kind == FOLDER:
            self.choose.addItem(f"Folder {current.label}", current)
        self.choose.addItem("Folder of caption files…", None)
        found = [self.choose.itemData(i) == current for i in range(self.choose.count())]
        self.choose.setCurrentIndex(found.index(True) if True in found else 0)
        before = "On disk" if current.kind == DISK else f"Before: {current.label}"
        self.view.set_titles(before, "Now")

    def _on_chosen(self, index: int) -> None:
        baseline = self.choose.itemData(index)
        if baseline is None:
            folder = self._session.ask.folder("Folder of caption files to compare with")
            if folder is None:
                self._fill_choices()
                return
            baseline = folder_side(folder)
        self._comparison.compare_with(baseline)


def _describe(snapshot: Snapshot) -> str:
    try:
        when = datetime.fromisoformat(snapshot.created).astimezone()
    except ValueError:
        return snapshot.name
    return f"{snapshot.name}\n{when:%d %b %Y %H:%M}, {snapshot.count} captions"


def _judge(diff: TextDiff | None) -> tuple[str, str]:
    if diff is None or diff.status == "equal":
        return "No change", "badge"
    hunks = diff.hunks
    if diff.lossy:
        count = len(diff.lost)
        return f"{count} word{'s' if count != 1 else ''} lost", "badge-danger"
    if all(hunk.op == "moved" for hunk in hunks):
        return f"{len(hunks)} moved, nothing lost", "badge-accent"
    return f"{len(hunks)} change{'s' if len(hunks) != 1 else ''}, nothing lost", "badge-good"


def _lost_words(diff: TextDiff | None) -> str:
    if diff is None or not diff.lost:
        return ""
    shown = ", ".join(diff.lost[:MOST_WORDS])
    more = len(diff.lost) - MOST_WORDS
    return f"{shown} and {more} more" if more > 0 else shown
