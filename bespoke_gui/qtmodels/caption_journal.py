"""Journal: unsaved caption texts on disk, so that a crash loses at most the last second."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bespoke_gui.core import atomic


@dataclass(frozen=True)
class Entry:
    """An unsaved text and the digest of the file it was typed over (None: no file)."""

    text: str
    digest: str | None


class Journal:
    """The unsaved captions of one project; may be written from any thread, newest wins."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "captions.json"
        self._lock = threading.Lock()
        self._newest = 0

    def read(self) -> dict[str, Entry]:
        """Return what was unsaved when the project was last open; empty when all was saved.

        A journal that cannot be read is put aside, never deleted.
        """
        try:
            data = json.loads(self.path.read_text(encoding="utf-8"))
            return {
                str(name): Entry(str(entry["text"]), entry["digest"])
                for name, entry in data["captions"].items()
            }
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            with contextlib.suppress(OSError):
                self.path.replace(self.path.with_suffix(".unreadable"))
            return {}

    def write(self, entries: Mapping[str, Entry], number: int) -> None:
        """Replace the journal unless a later `number` was written already."""
        with self._lock:
            if number < self._newest:
                return
            self._newest = number
            if entries:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                texts = {n: {"text": e.text, "digest": e.digest} for n, e in entries.items()}
                atomic.write_json(self.path, {"schema": 1, "captions": texts})
            else:
                self.path.unlink(missing_ok=True)
