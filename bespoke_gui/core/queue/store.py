"""Queue file: .bespoke/queue.json, written whole or not at all, by one program at a time."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bespoke_gui.core.atomic import write_json
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.filelock import locked
from bespoke_gui.core.queue.entry import Entry, entry_from

if TYPE_CHECKING:
    from bespoke_gui.core.project import Project

SCHEMA = 1
NAME, LOCK = "queue.json", "queue.lock"


@dataclass
class Queue:
    """The line: entries in the order in which they start. paused: nothing new is started."""

    entries: list[Entry] = field(default_factory=list)
    paused: bool = False
    next_id: int = 1

    def find(self, number: int) -> Entry | None:
        """Return the entry with this id."""
        return next((entry for entry in self.entries if entry.id == number), None)

    def put(self, entry: Entry) -> None:
        """Put an entry in the place of the one with its id."""
        self.entries = [entry if old.id == entry.id else old for old in self.entries]

    def change(self, number: int, **values: Any) -> Entry:
        """Change some values of an entry; AppError kind "usage" when there is none."""
        entry = replace(require(self, number), **values)
        self.put(entry)
        return entry


class QueueFile:
    """The queue of one project; reading needs no lock, every change holds it."""

    def __init__(self, project: Project) -> None:
        self.path = project.bespoke_dir / NAME

    def read(self) -> Queue:
        """Return the queue; an empty one where there is no file. AppError when it is broken."""
        try:
            text = self.path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return Queue()
        except (OSError, UnicodeDecodeError) as error:
            raise _broken(self.path) from error
        return _parse(text, self.path)

    @contextlib.contextmanager
    def edit(self) -> Iterator[Queue]:
        """Yield the queue to change; it is written when the block ends without an error.

        Nothing is written where nothing changed. Raises AppError as `read`, for a full disk, and
        when another program holds the queue for long.
        """
        with locked(self.path.with_name(LOCK)):
            queue = self.read()
            before = _as_dict(queue)
            yield queue
            after = _as_dict(queue)
            if after != before:
                write_json(self.path, after)

    def add(self, entry: Entry) -> Entry:
        """Put an entry at the end under the next id."""
        with self.edit() as queue:
            found = replace(entry, id=queue.next_id, added=entry.added or time.time())
            queue.entries.append(found)
            queue.next_id += 1
        return found


def require(queue: Queue, number: int) -> Entry:
    """Return the entry with this id; raises AppError kind "usage" when there is none."""
    entry = queue.find(number)
    if entry is None:
        known = ", ".join(str(one.id) for one in queue.entries) or "it is empty"
        raise AppError(f"the queue has no entry {number}", hint=f"it has: {known}", kind="usage")
    return entry


def _as_dict(queue: Queue) -> dict[str, Any]:
    entries = [entry.as_dict() for entry in queue.entries]
    return {"schema": SCHEMA, "paused": queue.paused, "next": queue.next_id, "entries": entries}


def _parse(text: str, path: Path) -> Queue:
    try:
        data = json.loads(text)
        if int(data["schema"]) > SCHEMA:
            raise AppError("was written by a newer Bespoke", file=path, hint="update Bespoke")
        found = [entry_from(item) for item in data["entries"]]
        entries = [entry for entry in found if entry is not None]
        if len(entries) != len(found):
            raise _broken(path)
        last = max((entry.id for entry in entries), default=0)
        return Queue(entries, data.get("paused") is True, max(int(data["next"]), last + 1))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise _broken(path) from error


def _broken(path: Path) -> AppError:
    hint = "nothing is started from it; mend it, or move it away to begin a new one"
    return AppError("is no readable queue", file=path, hint=hint)
