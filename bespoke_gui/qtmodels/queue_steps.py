"""Steps on the queue that can be undone: each returns what takes it back. No Qt."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bespoke_gui.core.queue import edit
from bespoke_gui.core.queue.entry import PENDING, Entry
from bespoke_gui.core.queue.store import Queue

Undo = Callable[[Queue], object]
Step = Callable[[Queue], Undo | None]


def moved(number: int, place: Callable[[int], int]) -> Step:
    """Move an entry; `place` is given where it stands among those that wait, 1 the next."""

    def step(queue: Queue) -> Undo | None:
        before = edit.position(queue, number)
        edit.move(queue, number, place(before))
        if edit.position(queue, number) == before:
            return None
        return lambda later: _if_pending(later, number, lambda: edit.move(later, number, before))

    return step


def paused(numbers: Sequence[int]) -> Step:
    """Leave entries in line without starting them; those that do not wait stay as they are."""

    def step(queue: Queue) -> Undo | None:
        chosen = _in_state(queue, numbers, "waiting")
        for entry in chosen:
            edit.pause(queue, entry.id)
        return _states_back(chosen, ("paused",))

    return step


def resumed(numbers: Sequence[int]) -> Step:
    """Let paused entries start, and failed or stopped ones go on with their runs."""

    def step(queue: Queue) -> Undo | None:
        chosen = _in_state(queue, numbers, "paused", "failed", "cancelled")
        for entry in chosen:
            edit.resume(queue, entry.id)
        return _states_back(chosen, ("waiting",))

    return step


def removed(numbers: Sequence[int]) -> Step:
    """Take entries out; one that runs stays."""

    def step(queue: Queue) -> Undo | None:
        there = [one for one in map(queue.find, numbers) if one and one.state != "running"]
        taken = [edit.remove(queue, entry.id) for entry in there]
        return (lambda later: edit.put_back(later, taken[::-1])) if taken else None

    return step


def whole(is_paused: bool) -> Step:
    """Start nothing new, or go on."""

    def step(queue: Queue) -> Undo | None:
        before, queue.paused = queue.paused, is_paused

        def back(later: Queue) -> None:
            later.paused = before

        return back if before != is_paused else None

    return step


def _in_state(queue: Queue, numbers: Sequence[int], *states: str) -> list[Entry]:
    return [one for one in map(queue.find, numbers) if one is not None and one.state in states]


def _states_back(before: Sequence[Entry], now: tuple[str, ...]) -> Undo | None:
    """Give entries back what they were, but only those that are still as the step left them."""

    def back(queue: Queue) -> None:
        for entry in before:
            found = queue.find(entry.id)
            if found is not None and found.state in now:
                queue.put(entry)

    return back if before else None


def _if_pending(queue: Queue, number: int, call: Callable[[], object]) -> None:
    entry = queue.find(number)
    if entry is not None and entry.state in PENDING:
        call()
