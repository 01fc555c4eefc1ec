"""Measure table: every measure of every epoch with its interval, ties named, and the weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QObject, Qt
from PySide6.QtCore import Signal as QtSignal

from bespoke_gui.core.gallery import LORA_OFF
from bespoke_gui.qtmodels import wording
from bespoke_gui.qtmodels.rows import NOWHERE
from bespoke_gui.qtmodels.rows import Index as Place

if TYPE_CHECKING:
    from bespoke_gui.core.judgement.weights import Index
    from bespoke_gui.core.measures import Measure
    from bespoke_gui.core.score import ScoreReport

BETTER = {"lower": "less is better", "higher": "more is better", "none": "shown, never ranked"}
INDEX_WORDS = (
    "All ranked measures as one figure, in standard deviations from the gallery's mean. It orders "
    "epochs of this gallery only; no measure sees eyes, hats or likeness."
)
MOST = 100.0


class Cells(IntEnum):
    """What a delegate asks for."""

    FIGURE = Qt.ItemDataRole.UserRole + 1
    """A Figure, None for the column of weights."""


@dataclass(frozen=True)
class Figure:
    """text: the mean; interval: its 95% interval in words; standing: "best", "tie" or ""."""

    text: str
    interval: str = ""
    standing: str = ""

    @property
    def words(self) -> str:
        """The whole cell in one sentence."""
        between = f", 95% interval {self.interval}" if self.interval else ""
        means = {"best": ", the best", "tie": ", a tie with the best"}.get(self.standing, "")
        return f"{self.text}{between}{means}"


class MeasureTable(QAbstractTableModel):
    """The index first, then a line a measure: its weight, then an epoch a column.

    weighed carries all weights after a person changed one.
    """

    weighed = QtSignal(dict)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.measures: Sequence[Measure] = ()
        self.epochs: list[int] = []
        self._report: ScoreReport | None = None
        self._index: Index | None = None
        self._weights: dict[str, float] = {}

    def show(
        self,
        measures: Sequence[Measure],
        report: ScoreReport | None,
        index: Index | None,
        weights: Mapping[str, float],
    ) -> None:
        """Show another gallery, or the same with other figures; weights: those that count."""
        epochs = sorted(map(int, report.epochs)) if report else []
        # Else a box that is being typed into would be taken away.
        same = (list(measures), epochs) == (list(self.measures), self.epochs)
        if not same:
            self.beginResetModel()
        self.measures, self._report, self._index = measures, report, index
        self.epochs, self._weights = epochs, dict(weights)
        if same and self.rowCount():
            last = self.index(self.rowCount() - 1, self.columnCount() - 1)
            self.dataChanged.emit(self.index(0, 0), last)
        if not same:
            self.endResetModel()

    def weight(self, name: str) -> float:
        """Return how much a measure counts: 1 where nobody said otherwise."""
        return self._weights.get(name, 1.0)

    @property
    def report(self) -> ScoreReport | None:
        """The figures that are shown."""
        return self._report

    def leading(self, most: int) -> list[int]:
        """Return up to `most` epochs by the weighted index, the best first."""
        found = self._index.epochs if self._index else {}
        ordered = sorted(map(int, found), key=lambda epoch: -found[str(epoch)]["value"])
        return (ordered or [epoch for epoch in self.epochs if epoch > LORA_OFF])[:most]

    def figure(self, row: int, epoch: int) -> Figure:
        """Return what stands in a line under an epoch."""
        return self._whole(epoch) if row == 0 else self._of(self.measures[row - 1], epoch)

    # -- Qt ---------------------------------------------------------------------------------

    def rowCount(self, parent: Place = NOWHERE) -> int:
        return 0 if parent.isValid() or not self.measures else len(self.measures) + 1

    def columnCount(self, parent: Place = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.epochs) + 1

    def flags(self, index: Place) -> Qt.ItemFlag:
        plain = super().flags(index)
        return plain | Qt.ItemFlag.ItemIsEditable if self._is_weight(index) else plain

    def data(self, index: Place, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        if index.column() == 0:
            return self._weight_data(index, role)
        figure = self.figure(index.row(), self.epochs[index.column() - 1])
        words = (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole)
        if role == Cells.FIGURE:
            return figure
        if role in words:
            return figure.words
        return figure.text if role == Qt.ItemDataRole.DisplayRole else None

    def setData(self, index: Place, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.EditRole or not self._is_weight(index):
            return False
        name = self.measures[index.row() - 1].name
        weight = min(max(round(float(value), 2), 0.0), MOST)
        if weight == self.weight(name):
            return False
        self._weights[name] = weight
        self.dataChanged.emit(index, index)
        self.weighed.emit(dict(self._weights))
        return True

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        if orientation == Qt.Orientation.Horizontal:
            names = ["Weight", *map(wording.epoch, self.epochs)]
            return names[section] if role == Qt.ItemDataRole.DisplayRole else None
        measure = self.measures[section - 1] if section else None
        if role == Qt.ItemDataRole.DisplayRole:
            return measure.title if measure else "Weighted index"
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{measure.explanation} ({BETTER[measure.better]})" if measure else INDEX_WORDS
        return None

    # -- inside -----------------------------------------------------------------------------

    def _is_weight(self, index: Place) -> bool:
        return index.column() == 0 and index.row() > 0 and self.measures[index.row() - 1].ranked

    def _weight_data(self, index: Place, role: int) -> Any:
        if not self._is_weight(index):
            return wording.DASH if role == Qt.ItemDataRole.DisplayRole and index.row() else None
        weight = self.weight(self.measures[index.row() - 1].name)
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{weight:g}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return "How much it counts in the weighted index; 0 leaves it out"
        return weight if role == Qt.ItemDataRole.EditRole else None

    def _whole(self, epoch: int) -> Figure:
        found = self._index.epochs.get(str(epoch)) if self._index else None
        if found is None or self._index is None:
            return Figure(wording.DASH)
        standing = _standing(str(epoch), self._index.best, self._index.tied)
        low, high = wording.signed(found["low"]), wording.signed(found["high"])
        return Figure(wording.signed(found["value"]), f"{low} to {high}", standing)

    def _of(self, measure: Measure, epoch: int) -> Figure:
        assert self._report is not None
        row = self._report.epochs[str(epoch)]
        value, between = row[measure.name], row["intervals"].get(measure.name)
        if value is None:
            return Figure(wording.DASH)
        words = f"{measure.text(between[0])} to {measure.text(between[1])}" if between else ""
        tie = self._report.ties.get(measure.name) if epoch != LORA_OFF else None
        best = str(tie["best"]) if tie else None
        tied = list(map(str, tie["tied"])) if tie else []
        standing = _standing(str(epoch), best, tied)
        return Figure(measure.text(value), words, standing)


def _standing(epoch: str, best: str | None, tied: Sequence[str]) -> str:
    """Say "best", also "tie" for the best itself where others cannot be told from it."""
    if epoch == best:
        return "tie" if set(tied) - {epoch} else "best"
    return "tie" if epoch in tied else ""
