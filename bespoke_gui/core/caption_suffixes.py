"""Captions under another suffix than the one that is read: the trainer would not find them."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from bespoke_gui.core.errors import Problem

SUFFIXES = (".txt", ".caption", ".cap", ".tags", ".text")


def wrong_suffixes(missing: Iterable[tuple[str, Path]], suffix: str) -> dict[str, Problem]:
    """Return a problem for each missing caption that is there under another suffix.

    missing: name and path of captions that should be there. Every folder is read once.
    """
    folders: dict[Path, set[str]] = {}
    found = {}
    for name, path in missing:
        stem = path.name.removesuffix(suffix)
        beside = folders.setdefault(path.parent, _names(path.parent))
        other = next((stem + s for s in SUFFIXES if s != suffix and stem + s in beside), None)
        if other is not None:
            message = f"is {other}, and captions are read from {suffix} files: it is not found"
            hint = f"rename it, or set caption_extension = {Path(other).suffix!r}"
            found[name] = Problem("wrong_extension", "error", message, name, hint)
    return found


def orphaned_suffixes(folder: Path, suffix: str, known: Iterable[str]) -> list[Problem]:
    """Return a problem for each caption file of another suffix below a folder without images.

    known: captions that are there, by path relative to the folder.
    """
    stems = {name.removesuffix(suffix) for name in known}
    paths = (path for other in SUFFIXES if other != suffix for path in folder.rglob(f"*{other}"))
    found = []
    for path in sorted(paths):
        name = path.relative_to(folder).as_posix()
        hidden = any(part.startswith(".") for part in Path(name).parts)
        if not hidden and name.removesuffix(path.suffix) not in stems:
            message = f"ends in {path.suffix}, and captions are read from {suffix} files"
            hint = f"rename it, or set caption_extension = {path.suffix!r}"
            found.append(Problem("wrong_extension", "error", message, name, hint))
    return found


def _names(folder: Path) -> set[str]:
    try:
        with os.scandir(folder) as entries:
            return {entry.name for entry in entries}
    except OSError:
        return set()
