"""Edits of the queue by its user: order, pause, resume, remove and bring back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from bespoke_gui.core.errors import AppError
from bespoke_gui.core.queue.entry import ENDED, PENDING, Entry
from bespoke_gui.core.queue.store import Queue, require


@dataclass(frozen=True)
class Removed:
    """An entry that was taken out, and the ids of those behind it, nearest first."""

    entry: Entry
    behind: tuple[int, ...]


def move(queue: Queue, number: int, position: int) -> None:
    """Make an entry the `position`-th of those that wait, 1 being the next to start."""
    entry = _pending(require(queue, number))
    rest = [one for one in queue.entries if one.id != number]
    places = [index for index, one in enumerate(rest) if one.state in PENDING]
    position = max(1, position)
    at = places[position - 1] if position <= len(places) else len(rest)
    queue.entries = [*rest[:at], entry, *rest[at:]]


def pause(queue: Queue, number: int) -> None:
    """Leave an entry in line without starting it."""
    queue.put(replace(_pending(require(queue, number)), state="paused"))


def resume(queue: Queue, number: int) -> None:
    """Let a paused entry start again; a failed or cancelled one goes on with its run."""
    entry = require(queue, number)
    if entry.state not in ("paused", "failed", "cancelled"):
        raise AppError(f"entry {number} is {entry.state}", hint="nothing to resume", kind="usage")
    queue.put(replace(entry, state="waiting", note="", ended=0.0))


def remove(queue: Queue, number: int) -> Removed:
    """Take an entry out; its run and its config stay. AppError while it runs."""
    entry = require(queue, number)
    if entry.state == "running":
        hint = f"bespoke runs stop {entry.run}"
        raise AppError(f"entry {number} is running", hint=hint, kind="conflict")
    at = queue.entries.index(entry)
    behind = tuple(one.id for one in queue.entries[at + 1 :])
    queue.entries = [one for one in queue.entries if one.id != number]
    return Removed(entry, behind)


def put_back(queue: Queue, removed: Iterable[Removed]) -> None:
    """Bring removed entries back before the first that stood behind them and is still there."""
    for item in removed:
        if queue.find(item.entry.id) is not None:
            continue
        ids = [one.id for one in queue.entries]
        at = next((ids.index(number) for number in item.behind if number in ids), len(ids))
        queue.entries = [*queue.entries[:at], item.entry, *queue.entries[at:]]


def remove_ended(queue: Queue) -> list[Removed]:
    """Take out everything that is done, failed or cancelled."""
    return [remove(queue, one.id) for one in list(queue.entries) if one.state in ENDED][::-1]


def _pending(entry: Entry) -> Entry:
    if entry.state not in PENDING:
        hint = f"bespoke runs pause {entry.run}" if entry.state == "running" else ""
        raise AppError(f"entry {entry.id} is {entry.state}", hint=hint, kind="usage")
    return entry


def position(queue: Queue, number: int) -> int:
    """Return the place of an entry among those that wait, 1 being the next; 0 when it does not."""
    pending = [one.id for one in queue.entries if one.state in PENDING]
    return pending.index(number) + 1 if number in pending else 0
