"""The decision on a gallery: which epoch was picked, when and why; kept in its reviews.json."""

from __future__ import annotations

import datetime
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bespoke_gui.core.judgement import store
from bespoke_gui.core.judgement.store import REVIEWS


@dataclass(frozen=True)
class Decision:
    """One decision. `date`: local time, ISO 8601; epoch 0 is the base with the LoRA off."""

    epoch: int
    date: str
    reason: str = ""


def read_decision(folder: Path) -> Decision | None:
    """Return the newest decision of a gallery, None when none was made or it was withdrawn.

    Raises AppError when reviews.json is broken.
    """
    entries = _entries(Path(folder), store.read(folder))
    newest = entries[-1] if entries else None
    if newest is None or newest.get("epoch") is None:
        return None
    return Decision(int(newest["epoch"]), str(newest["date"]), str(newest.get("reason", "")))


def decide(folder: Path, epoch: int, reason: str = "") -> Decision:
    """Record that `epoch` was picked, with the date; earlier decisions and reviews are kept.

    Raises AppError when reviews.json is broken (it is then left as it is) or cannot be written.
    """
    decision = Decision(epoch, _now(), " ".join(reason.split()))
    _add(Path(folder), asdict(decision))
    return decision


def withdraw(folder: Path) -> None:
    """Record that no epoch is picked any more. Raises AppError as `decide` does."""
    _add(Path(folder), {"epoch": None, "date": _now(), "reason": ""})


def _add(folder: Path, entry: dict[str, Any]) -> None:
    def edit(data: store.Data) -> store.Data:
        return {**data, "decisions": [*_entries(folder, data), entry]}

    store.change(folder, edit)


def _now() -> str:
    return datetime.datetime.now().isoformat(timespec="seconds")


def _entries(folder: Path, data: store.Data) -> list[dict[str, Any]]:
    entries = data.get("decisions", [])
    if not _are_entries(entries):
        raise store.broken(folder / REVIEWS, "it holds no decisions as Bespoke writes them")
    return entries


def _are_entries(entries: object) -> bool:
    return isinstance(entries, list) and all(
        isinstance(entry, dict)
        and isinstance(entry.get("date"), str)
        and (entry.get("epoch") is None or isinstance(entry["epoch"], int))
        for entry in entries
    )
