"""List of the rules of a set: on or off, their order, their errors and what each does."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QMimeData,
    QObject,
    Qt,
    Signal,
)

from bespoke_gui.core.errors import AppError
from bespoke_gui.core.rules.base import ACTIONS
from bespoke_gui.core.rules.document import Checked
from bespoke_gui.core.rules.tally import Tally
from bespoke_gui.qtmodels import wording
from bespoke_gui.qtmodels.rows import NOWHERE, Index
from bespoke_gui.qtmodels.rules_editor import RuleSetEditor
from bespoke_gui.qtmodels.rules_preview import RulePreview

MIME = "application/x-bespoke-rule"


class Role(IntEnum):
    """What a row tells beside its name."""

    WHAT = Qt.ItemDataRole.UserRole
    TALLY = Qt.ItemDataRole.UserRole + 1
    ERROR = Qt.ItemDataRole.UserRole + 2


class RuleList(QAbstractListModel):
    """One row a rule, in the order they run. `moved` carries where a dragged rule came to stand."""

    moved = Signal(int)

    def __init__(
        self, editor: RuleSetEditor, preview: RulePreview, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._editor, self._preview = editor, preview
        self._rows: list[Checked] = list(editor.checked)
        editor.rebuilt.connect(self._on_rebuilt)
        editor.changed.connect(self._on_changed)
        preview.updated.connect(self._on_changed)

    def rule(self, row: int) -> Checked | None:
        """Return the rule of a row."""
        return self._rows[row] if 0 <= row < len(self._rows) else None

    def error(self, row: int) -> AppError | None:
        """Return what is wrong with a rule: its table, or how it ran."""
        rule = self.rule(row)
        if rule is None:
            return None
        return rule.error or self._preview.shown.live.errors.get(rule.name)

    def tally(self, row: int) -> Tally | None:
        """Return what the rule does to the captions looked at."""
        rule = self.rule(row)
        if rule is None or not rule.on or rule.error is not None:
            return None
        return self._preview.shown.live.rules.get(rule.name)

    def rowCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.ItemIsDropEnabled
        return (
            Qt.ItemFlag.ItemIsEnabled
            | Qt.ItemFlag.ItemIsSelectable
            | Qt.ItemFlag.ItemIsUserCheckable
            | Qt.ItemFlag.ItemIsDragEnabled
        )

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        rule = self.rule(index.row()) if index.isValid() else None
        if rule is None:
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return rule.name
            case Qt.ItemDataRole.CheckStateRole:
                return Qt.CheckState.Checked if rule.on else Qt.CheckState.Unchecked
            case Qt.ItemDataRole.AccessibleTextRole | Qt.ItemDataRole.ToolTipRole:
                return self._words(index.row(), rule)
            case Role.WHAT:
                return describe(rule)
            case Role.TALLY:
                return self.tally(index.row())
            case Role.ERROR:
                return self.error(index.row())
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.CheckStateRole or not index.isValid():
            return False
        self._editor.set(index.row(), "on", Qt.CheckState(value) == Qt.CheckState.Checked)
        return True

    def supportedDropActions(self) -> Qt.DropAction:
        return Qt.DropAction.MoveAction

    def mimeTypes(self) -> list[str]:
        return [MIME]

    def mimeData(self, indexes: Sequence[Index]) -> QMimeData:
        data = QMimeData()
        data.setData(MIME, str(indexes[0].row()).encode())
        return data

    def dropMimeData(
        self, data: QMimeData, action: Qt.DropAction, row: int, column: int, parent: Index
    ) -> bool:
        if not data.hasFormat(MIME):
            return False
        start = int(bytes(data.data(MIME).data()))
        to = row if row >= 0 else parent.row() if parent.isValid() else len(self._rows)
        self.moved.emit(self._editor.move(start, to - 1 if to > start else to))
        # Nothing for the view to take away: the rule has moved already.
        return False

    def _words(self, row: int, rule: Checked) -> str:
        error, tally = self.error(row), self.tally(row)
        lines = [rule.name, describe(rule), "" if rule.on else "switched off"]
        lines += [str(error)] if error is not None else []
        lines += [said(tally)] if tally is not None else []
        return "\n".join(line for line in lines if line)

    def _on_rebuilt(self) -> None:
        self.beginResetModel()
        self._rows = list(self._editor.checked)
        self.endResetModel()

    def _on_changed(self) -> None:
        self._rows = list(self._editor.checked)
        if self._rows:
            self.dataChanged.emit(self.index(0), self.index(len(self._rows) - 1))


def describe(rule: Checked) -> str:
    """Return a rule in a few words: Replace "hat" by "cap"."""
    try:
        title = ACTIONS[rule.action].title
    except AppError:
        return rule.action or "no action"
    find, new = rule.table.get("find"), rule.table.get("with", rule.table.get("text"))
    parts = [title]
    parts += [f"“{find}”"] if find else []
    if find and new is not None:
        parts.append(f"by “{new}”" if new else "by nothing")
    elif new:
        parts.append(f"“{new}”")
    return " ".join(parts)


def said(tally: Tally) -> str:
    """Return a tally in words."""
    if not tally.captions:
        return "no match"
    parts = [f"changes {wording.count(tally.captions, 'caption')}"]
    parts += [f"{tally.crossing} over a separator"] if tally.crossing else []
    if tally.lossy:
        words = ", ".join(f"{word} ×{n}" for word, n in tally.lost.most_common(12))
        parts.append(f"takes words out of {tally.lossy}: {words}")
    return ", ".join(parts)
