"""Config comparison: what differs between the open config and its file, its past, or another."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from bespoke_gui.core.config.compare import Change, ConfigDiff, compare_configs
from bespoke_gui.core.config.files import read_bytes
from bespoke_gui.core.config.history import config_versions
from bespoke_gui.core.config.trainer_config import TrainingConfig, decode
from bespoke_gui.core.errors import AppError
from bespoke_gui.qtmodels.config_desk import ConfigDesk
from bespoke_gui.qtmodels.tasks import run_task

SAVED = "The saved file"
DELAY_MS = 200


@dataclass(frozen=True)
class Side:
    """What the open config is compared with: a text, or the file that has it (read when needed)."""

    title: str
    text: str | None = None
    path: Path | None = None

    def read(self) -> TrainingConfig:
        """Return it as the trainer reads it; raises AppError."""
        text = self.text
        if text is None and self.path is not None:
            text = decode(read_bytes(self.path) or b"", self.path)
        return TrainingConfig(text or "")


class ConfigComparison(QObject):
    """Compares soon after each edit, in the background. `updated` when there is a new result."""

    updated = Signal()
    sides_changed = Signal()

    def __init__(self, desk: ConfigDesk, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self.sides: list[Side] = []
        self.side: Side | None = None
        self.since_saved: ConfigDiff = ConfigDiff()
        self.diff: ConfigDiff = ConfigDiff()
        self.problem = ""
        self._timer = QTimer(self, singleShot=True, interval=DELAY_MS)
        self._timer.timeout.connect(self.look)
        desk.opened.connect(self._on_opened)
        desk.edited.connect(self._timer.start)
        desk.listed.connect(self._timer.start)
        self._on_opened()

    def read_sides(self) -> None:
        """Read in the background what the open config can be compared with."""
        document, paths = self._desk.document, list(self._desk.paths)
        if document is None:
            self._take_sides([], None)
            return
        path = document.path
        others = [Side(other.stem, path=other) for other in paths if other != path]
        run_task(
            lambda: [*_past(path), *others],
            lambda found: self._take_sides(found, document), self._desk.session.show_error,
            parent=self,
        )  # fmt: skip

    def compare_with(self, side: Side | None) -> None:
        """Compare with another side; None is the saved file."""
        self.side = side
        self.look()

    def look(self) -> None:
        """Compare now."""
        self._timer.stop()
        document = self._desk.document
        if document is None or document.bad_line is not None:
            self._take((ConfigDiff(), ConfigDiff(), ""))
            return
        text, saved, side = document.text, document.saved, self.side

        def done(found: tuple[ConfigDiff, ConfigDiff, str]) -> None:
            if self._desk.document is document and self.side is side:
                self._take(found)

        run_task(lambda: _compare(text, saved, side), done, parent=self)

    def put_back(self, change: Change) -> None:
        """Give one option the value that the other side has."""
        other = self.side.read() if self.side else None
        value: Any = change.before
        if other is not None:
            value = other.get(change.key)
        if change.kind == "added":
            self._desk.attempt(lambda document: document.unset(change.key))
        else:
            self._desk.attempt(lambda document: document.set_value(change.key, value))

    def _on_opened(self) -> None:
        self.side = None
        self.read_sides()
        self.look()

    def _take_sides(self, found: list[Side], document: object) -> None:
        if document is self._desk.document:
            self.sides = found
            self.sides_changed.emit()

    def _take(self, found: tuple[ConfigDiff, ConfigDiff, str]) -> None:
        self.since_saved, self.diff, self.problem = found
        self.updated.emit()


def _past(path: Path) -> list[Side]:
    """Return the earlier texts of a config, the newest first, without the one in the file."""
    versions = config_versions(path)
    now = (read_bytes(path) or b"").decode("utf-8", "replace")
    return [
        Side(f"{_when(version.created)} · {version.source}", version.text)
        for version in versions
        if version.text != now
    ]


def _when(created: str) -> str:
    return f"{datetime.datetime.fromisoformat(created).astimezone():%d %b %H:%M}"


def _compare(text: str, saved: str, side: Side | None) -> tuple[ConfigDiff, ConfigDiff, str]:
    now = TrainingConfig(text)
    try:
        since = compare_configs(TrainingConfig(saved), now)
    except AppError:
        since = ConfigDiff()
    if side is None:
        return since, since, ""
    try:
        return since, compare_configs(side.read(), now), ""
    except AppError as error:
        return since, ConfigDiff(), str(error)
