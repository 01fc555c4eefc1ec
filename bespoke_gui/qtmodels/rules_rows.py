"""Rows of the rule preview: the captions that would change, those that lose words first."""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from functools import lru_cache
from pathlib import Path
from typing import Any

from PySide6.QtCore import QAbstractListModel, QObject, Qt

from bespoke_gui.core import worddiff
from bespoke_gui.core.rules.engine import RuleResult
from bespoke_gui.core.worddiff import Op
from bespoke_gui.qtmodels.rows import NOWHERE, Index
from bespoke_gui.qtmodels.rules_preview import RulePreview
from bespoke_gui.qtmodels.session import Session


class Role(IntEnum):
    """What a row tells beside its words."""

    NAME = Qt.ItemDataRole.UserRole
    IMAGE = Qt.ItemDataRole.UserRole + 1
    RESULT = Qt.ItemDataRole.UserRole + 2
    OPS = Qt.ItemDataRole.UserRole + 3


FILTERS: dict[str, tuple[str, str, Callable[[RuleResult, bool], bool]]] = {
    "changed": ("Changed", "that would change", lambda result, ticked: True),
    "lossy": ("Lost words", "that would lose words", lambda result, ticked: result.lossy),
    "crossing": (
        "Crossing",
        "where a match reaches over a separator",
        lambda result, ticked: result.crosses_separator,
    ),
    "overlap": (
        "Overlap",
        "where a rule matches what another just wrote",
        lambda result, ticked: bool(result.overlaps),
    ),
    "unticked": ("Unticked", "that are not ticked", lambda result, ticked: not ticked),
}


class RuleRows(QAbstractListModel):
    """One row a caption that would change, filtered; the check state is the tick."""

    def __init__(
        self, session: Session, preview: RulePreview, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._preview = preview
        self._names: list[str] = []
        self._images: dict[str, Path] = {}
        self._by_path: dict[Path, str] = {}
        self._kind = "changed"
        self._rule = ""
        preview.updated.connect(self.fill)
        preview.warned.connect(self._on_warned)
        preview.ticked.connect(self._on_ticked)
        session.project_changed.connect(self._on_project_changed)
        session.thumbnails.loaded.connect(self._on_loaded)
        self._on_project_changed()

    def kind(self) -> str:
        """Return the filter in use: one of FILTERS or "unstable"."""
        return self._kind

    def show_only(self, kind: str) -> None:
        """Show only rows of this kind."""
        self._kind = kind
        self.fill()

    def narrow(self, rule: str) -> None:
        """Show only rows that a rule fired on; without a name those of all rules."""
        if rule != self._rule:
            self._rule = rule
            self.fill()

    def names(self) -> list[str]:
        """Return the captions shown, in order."""
        return list(self._names)

    def row_of(self, name: str) -> int:
        """Return the row of a caption, -1 when it is not shown."""
        return self._names.index(name) if name in self._names else -1

    def fill(self) -> None:
        """Take over the preview's results; rows that stay are only painted again."""
        names = [name for name in self._preview.shown.order if self._accepts(name)]
        if names == self._names:
            self._repaint()
            return
        self.beginResetModel()
        self._names = names
        self.endResetModel()

    def rowCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._names)

    def flags(self, index: Index) -> Qt.ItemFlag:
        plain = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return plain | Qt.ItemFlag.ItemIsUserCheckable if index.isValid() else plain

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self._names):
            return None
        name = self._names[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole | Role.NAME:
                return name
            case Qt.ItemDataRole.CheckStateRole:
                on = self._preview.is_ticked(name)
                return Qt.CheckState.Checked if on else Qt.CheckState.Unchecked
            case Qt.ItemDataRole.AccessibleTextRole | Qt.ItemDataRole.ToolTipRole:
                return self._words(name)
            case Role.IMAGE:
                path = self._images.get(name)
                return self._session.thumbnails.image(path) if path is not None else None
            case Role.RESULT:
                return self._preview.result(name)
            case Role.OPS:
                result = self._preview.result(name)
                return self.ops(result) if result is not None else ()
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.CheckStateRole or not index.isValid():
            return False
        on = Qt.CheckState(value) == Qt.CheckState.Checked
        self._preview.set_ticks([self._names[index.row()]], on)
        return True

    def ops(self, result: RuleResult) -> tuple[Op, ...]:
        """Return the word diff of a result."""
        project = self._session.project
        separator = project.separator if project is not None else ","
        return _ops(result.before, result.after, separator)

    def _words(self, name: str) -> str:
        result = self._preview.result(name)
        if result is None:
            return name
        lines = [name, f"rules: {', '.join(result.rules)}"]
        lines += [f"lost words: {', '.join(result.lost)}"] if result.lossy else []
        lines += ["a match reaches over a separator"] if result.crosses_separator else []
        lines += [f"rule over rule: {', '.join(result.overlaps)}"] if result.overlaps else []
        return "\n".join(lines)

    def _accepts(self, name: str) -> bool:
        result = self._preview.result(name)
        if result is None or (self._rule and self._rule not in result.rules):
            return False
        if self._kind == "unstable":
            return name in self._preview.unstable
        return FILTERS[self._kind][2](result, self._preview.is_ticked(name))

    def _on_warned(self) -> None:
        if self._kind == "unstable":
            self.fill()

    def _on_ticked(self) -> None:
        # Rows stay while they are ticked under the hand, also where they no longer fit.
        self._repaint()

    def _repaint(self) -> None:
        if self._names:
            self.dataChanged.emit(self.index(0), self.index(len(self._names) - 1))

    def _on_project_changed(self) -> None:
        items = self._session.dataset.items if self._session.dataset else []
        self._images = {item.name: item.image for item in items}
        self._by_path = {item.image: item.name for item in items}

    def _on_loaded(self, paths: list[Path]) -> None:
        if any(path in self._by_path for path in paths):
            self._repaint()


@lru_cache(maxsize=4096)
def _ops(before: str, after: str, separator: str) -> tuple[Op, ...]:
    return tuple(worddiff.diff(before, after, separator))
