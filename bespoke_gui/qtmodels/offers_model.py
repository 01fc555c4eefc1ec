"""Table of cards that can be rented, with what each costs now; ticked ones are tried in order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication

from bespoke_gui.qtmodels.place_desk import PlaceDesk
from bespoke_gui.qtmodels.rows import Index
from bespoke_gui.qtmodels.rows_model import RowsModel

if TYPE_CHECKING:
    from bespoke_gui.launch.runpod.catalog import Offer

STOCK = {"HIGH": "many", "MEDIUM": "some", "LOW": "few", "": "unknown", "NONE": "none free"}


class OffersModel(RowsModel):
    """Rows are Offer, the cheapest first; the ticked ones above them in their order."""

    headings = ("Card", "Memory", "An hour", "Free")
    right = (1, 2)
    ticked = Signal(str, bool)

    def __init__(self, desk: PlaceDesk, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._cards: tuple[str, ...] = ()

    def take(self) -> None:
        """Show what can be rented now."""
        offers = list(self._desk.market.offers) if self._desk.market else []
        cards = self._desk.wish.cards
        place = {card: number for number, card in enumerate(cards)}
        rows = sorted(offers, key=lambda one: place.get(one.id, len(place)))
        moved, self._cards = cards != self._cards, cards
        self.show(rows)
        if moved and rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, 3))

    def text(self, row: Offer, column: int) -> str:
        cards = self._desk.wish.cards
        order = f"{cards.index(row.id) + 1}. " if row.id in cards and len(cards) > 1 else ""
        free = STOCK.get(row.stock, row.stock.lower())
        return (f"{order}{row.name}", f"{row.memory} GB", f"${row.usd_per_hour:.2f}", free)[column]

    def tip(self, row: Offer) -> str:
        return f"{row.id}\n{row.cloud} cloud; a tick puts it behind the others to be tried"

    def flags(self, index: Index) -> Qt.ItemFlag:
        checkable = Qt.ItemFlag.ItemIsUserCheckable if index.column() == 0 else Qt.ItemFlag(0)
        return super().flags(index) | checkable

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self.rows[index.row()] if 0 <= index.row() < len(self.rows) else None
        if row is not None and role == Qt.ItemDataRole.CheckStateRole and index.column() == 0:
            is_ticked = row.id in self._desk.wish.cards
            return Qt.CheckState.Checked if is_ticked else Qt.CheckState.Unchecked
        if row is not None and role == Qt.ItemDataRole.ForegroundRole and not row.is_free:
            return QGuiApplication.palette().placeholderText()
        return super().data(index, role)

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.CheckStateRole:
            return False
        ticked = Qt.CheckState(value) == Qt.CheckState.Checked
        self.ticked.emit(self.rows[index.row()].id, ticked)
        return True
