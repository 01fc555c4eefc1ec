"""The system's bin for pairs: files go there through Qt, and come back from where it put them."""

from __future__ import annotations

import contextlib
from pathlib import Path

from PySide6.QtCore import QFile

from bespoke_gui.core.errors import AppError
from bespoke_gui.core.pairs import bin as own_bin
from bespoke_gui.core.pairs.bin import Removed
from bespoke_gui.core.pairs.operation import Operation, carry_out, move
from bespoke_gui.core.pairs.target import Pairs


def to_bin(pairs: Pairs, names: list[str]) -> Removed:
    """Move pairs to the system's bin, or to our own where it has none. Raises AppError.

    `folder` of what is returned says which: None is the system's.
    """
    files = own_bin.files_of(pairs, names)
    edits, excluded = own_bin.without(pairs, files)
    moved: list[tuple[Path, Path]] = []
    for path in [path for paths in files.values() for path in paths]:
        place = _trashed(path)
        if place is None:
            _put_back(moved)
            return own_bin.remove(pairs, names)
        moved.append((path, place))
    try:
        if edits:
            carry_out(pairs.home, Operation("remove", edits=edits))
    except AppError:
        _put_back(moved)
        raise
    return Removed(list(files), moved, excluded)


def from_bin(pairs: Pairs, removed: Removed) -> None:
    """Bring pairs back from whichever bin holds them. Raises AppError; nothing is overwritten."""
    own_bin.bring_back(pairs, removed)
    if removed.folder is None:
        for _, place in removed.files:
            _forget(place)


def _trashed(path: Path) -> Path | None:
    """Move a file to the bin; where it is now, None when it could not be moved or followed."""
    file = QFile(str(path))
    if not file.moveToTrash():
        return None
    place = Path(file.fileName())
    return place if place != path and place.exists() else None


def _put_back(moved: list[tuple[Path, Path]]) -> None:
    for was, now in moved:
        with contextlib.suppress(OSError):
            move(now, was)
            _forget(now)


def _forget(place: Path) -> None:
    """Remove the bin's note on a file that is no longer in it (freedesktop.org trash)."""
    note = place.parent.parent / "info" / f"{place.name}.trashinfo"
    with contextlib.suppress(OSError):
        note.unlink(missing_ok=True)
