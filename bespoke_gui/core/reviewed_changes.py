"""Changes a person looked at and accepted, kept in `.bespoke/reviewed_changes.json`."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from bespoke_gui.core import atomic
from bespoke_gui.core.caption_diff import Change

Key = tuple[str, str, str]


class ReviewedChanges:
    """Which changes were accepted, and in which captions.

    A change that turns up in one more caption is not accepted there: somebody has to look.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / ".bespoke" / "reviewed_changes.json"
        self._names = self._read()

    def holds(self, change: Change) -> bool:
        """Whether a change was accepted in every caption that it is in."""
        return self._names.get(change.key, set()).issuperset(change.names)

    def add(self, changes: Iterable[Change]) -> None:
        """Accept changes in all their captions."""
        for change in changes:
            self._names.setdefault(change.key, set()).update(change.names)

    def remove(self, changes: Iterable[Change]) -> None:
        """Let changes be open again."""
        for change in changes:
            self._names.pop(change.key, None)

    def save(self) -> None:
        """Write the file; raises AppError when that fails."""
        rows = [
            {"op": op, "before": before, "after": after, "names": sorted(names)}
            for (op, before, after), names in sorted(self._names.items())
        ]
        self.path.parent.mkdir(parents=True, exist_ok=True)
        atomic.write_json(self.path, {"schema": 1, "changes": rows})

    def _read(self) -> dict[Key, set[str]]:
        """Read the file; one that is no such file is put aside, never deleted."""
        try:
            rows = json.loads(self.path.read_text(encoding="utf-8"))["changes"]
            return {_key(row): {str(name) for name in row["names"]} for row in rows}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            with contextlib.suppress(OSError):
                self.path.replace(self.path.with_suffix(".unreadable"))
            return {}


def _key(row: dict[str, Any]) -> Key:
    return str(row["op"]), str(row["before"]), str(row["after"])
