"""Queue rows: the line as a table whose waiting rows can be dragged to another place."""

from __future__ import annotations

import datetime
from typing import Any

from PySide6.QtCore import QMimeData, QObject, Qt, Signal

from bespoke_gui.core.queue.entry import PENDING, Entry
from bespoke_gui.qtmodels import wording
from bespoke_gui.qtmodels.rows import Index
from bespoke_gui.qtmodels.rows_model import RowsModel

STATE_WORDS = {
    "waiting": "waiting", "running": "running", "done": "finished", "failed": "failed",
    "paused": "paused", "cancelled": "stopped",
}  # fmt: skip
STATE_TONES = {
    "waiting": "plain", "running": "accent", "done": "good", "failed": "danger",
    "paused": "warning", "cancelled": "warning",
}  # fmt: skip
MIME = "application/x-bespoke-queue-entry"
STATE_COLUMN = 2


class QueueRows(RowsModel):
    """Rows are Entry. `dropped` carries an entry's id and its new place among those that wait."""

    headings = ("", "Training", "State", "Machine", "When", "Note")
    right = (0,)
    dropped = Signal(int, int)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._progress: dict[int, str] = {}

    def show_progress(self, progress: dict[int, str]) -> None:
        """Say how far the running entries are, by their id."""
        if progress != self._progress:
            self._progress = progress
            last = self.columnCount() - 1
            self.dataChanged.emit(self.index(0, last), self.index(len(self.rows) - 1, last))

    def text(self, row: Entry, column: int) -> str:
        place = self.place(row)
        cells = (
            str(place) if place else "", row.title, STATE_WORDS[row.state], machine_words(row),
            when(row), self.note(row),
        )  # fmt: skip
        return cells[column]

    def note(self, row: Entry) -> str:
        """Return how far it is, why it failed, or where it comes from."""
        running = self._progress.get(row.id, "") if row.state == "running" else ""
        return row.note or running or (row.sweep and f"sweep of {row.sweep}")

    def tip(self, row: Entry) -> str:
        lines = [row.title, row.config, f"run {row.run}" if row.run else "", row.note]
        return "\n".join(line for line in lines if line)

    def place(self, row: Entry) -> int:
        """Return the place of an entry among those that wait, 1 the next; 0 for others."""
        pending = [one.id for one in self.rows if one.state in PENDING]
        return pending.index(row.id) + 1 if row.id in pending else 0

    def row_of(self, number: int) -> int:
        """Return the row of an entry, -1 when it is not there."""
        return next((i for i, one in enumerate(self.rows) if one.id == number), -1)

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.ItemIsDropEnabled
        found = super().flags(index)
        if self.rows[index.row()].state in PENDING:
            found |= Qt.ItemFlag.ItemIsDragEnabled
        return found

    def supportedDropActions(self) -> Qt.DropAction:
        return Qt.DropAction.MoveAction

    def mimeTypes(self) -> list[str]:
        return [MIME]

    def mimeData(self, indexes: Any) -> QMimeData:
        data = QMimeData()
        data.setData(MIME, str(self.rows[indexes[0].row()].id).encode())
        return data

    def dropMimeData(
        self, data: QMimeData, action: Qt.DropAction, row: int, column: int, parent: Index
    ) -> bool:
        """Take a drop between rows; the table itself moves nothing, the queue does."""
        if not data.hasFormat(MIME):
            return False
        number = int(bytes(data.data(MIME).data()))
        at = row if row >= 0 else parent.row() if parent.isValid() else len(self.rows)
        above = [one for one in self.rows[:at] if one.state in PENDING and one.id != number]
        self.dropped.emit(number, len(above) + 1)
        return False

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if section == 0 and role == Qt.ItemDataRole.ToolTipRole:
            return "Place in the line: 1 is the next to start"
        return super().headerData(section, orientation, role)


def machine_words(entry: Entry) -> str:
    """Return the machine in words."""
    words = {"local": "this computer", "runpod": "RunPod"}
    return words.get(entry.machine, entry.machine.removeprefix("ssh:"))


def when(entry: Entry) -> str:
    """Return how long it took, when it was started, or when it was added."""
    if entry.ended and entry.started:
        return f"took {wording.duration(entry.ended - entry.started)}"
    if entry.state == "running":
        return f"since {_clock(entry.started)}"
    return f"added {_clock(entry.added)}" if entry.added else ""


def _clock(stamp: float) -> str:
    found = datetime.datetime.fromtimestamp(stamp)
    today = found.date() == datetime.datetime.now().date()
    return f"{found:%H:%M}" if today else f"{found:%Y-%m-%d %H:%M}"


def summary(rows: list[Entry], is_paused: bool) -> str:
    """Return the line in one sentence."""
    counts = {state: sum(one.state == state for one in rows) for state in STATE_WORDS}
    told = ("running", "waiting", "paused", "failed", "done", "cancelled")
    parts = [f"{counts[state]} {STATE_WORDS[state]}" for state in told if counts[state]]
    words = "  ·  ".join(parts)
    return f"{words}  ·  nothing new starts" if is_paused and words else words
