"""Side picker: which state of all captions to compare: now, the files, a snapshot, a folder."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox

from bespoke_gui.core.history import Snapshot
from bespoke_gui.qtmodels.caption_sides import FOLDER, Side, folder_side, now_side, snapshot_side
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.views.widgets.choice_box import ChoiceBox


class SidePicker(ChoiceBox):
    """`chosen` carries the side that the person chose; a folder is asked for."""

    chosen = Signal(object)

    def __init__(self, session: Session, name: str, tip: str, with_now: bool = True) -> None:
        super().__init__()
        self._session = session
        self._with_now = with_now
        self._current = Side()
        self._snapshots: list[Snapshot] = []
        self.setAccessibleName(name)
        self.setToolTip(tip)
        self.setMinimumContentsLength(8)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.activated.connect(self._on_activated)

    def fill(self, snapshots: Iterable[Snapshot], current: Side) -> None:
        """Offer these snapshots, beside what is always there."""
        self._snapshots, self._current = list(snapshots), current
        self.clear()
        if self._with_now:
            self.addItem("Now, as edited here", now_side())
        self.addItem("The saved files", Side())
        for snapshot in self._snapshots:
            self.addItem(snapshot.name, snapshot_side(snapshot.name))
            self.setItemData(self.count() - 1, described(snapshot), Qt.ItemDataRole.ToolTipRole)
        if current.kind == FOLDER:
            self.addItem(f"Folder {current.label}", current)
        self.addItem("Folder of caption files…", None)
        found = [self.itemData(i) == current for i in range(self.count())]
        self.setCurrentIndex(found.index(True) if True in found else 0)

    def _on_activated(self, index: int) -> None:
        side = self.itemData(index)
        if side is None:
            folder = self._session.ask.folder("Folder of caption files to compare with")
            if folder is None:
                self.fill(self._snapshots, self._current)
                return
            side = folder_side(folder)
        self.chosen.emit(side)


def when(created: str) -> str:
    """Return a time of the history as people read it, in local time."""
    try:
        return f"{datetime.fromisoformat(created).astimezone():%d %b %Y %H:%M}"
    except ValueError:
        return created


def described(snapshot: Snapshot) -> str:
    """Return a snapshot in words, for a tooltip."""
    kind = "automatic, " if snapshot.automatic else ""
    lines = [snapshot.name, f"{when(snapshot.created)}, {kind}{snapshot.count} captions"]
    return "\n".join([*lines, *([snapshot.note] if snapshot.note else [])])
