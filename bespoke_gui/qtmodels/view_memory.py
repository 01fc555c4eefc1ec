"""View memory: how a person looked at a project, such as the order of its list; cache only."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QObject

from bespoke_gui.core.atomic import write_json
from bespoke_gui.core.errors import AppError
from bespoke_gui.qtmodels.tasks import run_task

FILE_NAME = "view.json"
MAX_BYTES = 100_000
V = TypeVar("V", str, bool)


class ViewMemory(QObject):
    """Texts and switches by name, kept in `.bespoke/view.json` of the open project.

    A value of another kind, or a file that cannot be read or written, is as good as none.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._path: Path | None = None
        self._values: dict[str, object] = {}
        self._is_writing = False
        self._is_stale = False

    def use(self, folder: Path | None, may_write: bool = True) -> None:
        """Read what is known of a project whose `.bespoke` this is; None for no project."""
        path = folder / FILE_NAME if folder is not None else None
        self._values = _read(path) if path is not None else {}
        self._path = path if may_write else None

    def get(self, name: str, default: V) -> V:
        """Return a value that was kept, the default where there is none of its kind."""
        value = self._values.get(name)
        return value if isinstance(value, type(default)) else default

    def set(self, name: str, value: str | bool) -> None:
        """Keep a value; it is written in the background."""
        if self._values.get(name) != value:
            self._values[name] = value
            self._is_stale = True
            self._write()

    def _write(self) -> None:
        """Write, one write after the other, so that the newest comes last."""
        if self._path is None or self._is_writing or not self._is_stale:
            return
        path, values = self._path, dict(self._values)
        self._is_writing, self._is_stale = True, False

        def ended() -> None:
            self._is_writing = False
            self._write()

        run_task(lambda: _write(path, values), parent=self, ended=ended)


def _read(path: Path) -> dict[str, object]:
    try:
        if path.stat().st_size > MAX_BYTES:
            return {}
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}


def _write(path: Path, values: dict[str, object]) -> None:
    with contextlib.suppress(OSError, AppError):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_json(path, values)
