"""Pairs taken away and brought back; our own bin, `.bespoke/trash`, where the system has none.

The window moves files to the system's bin, which it reaches through Qt, and here where there is
none. The command line always moves them here: it runs without Qt and on machines without a
desktop, and a script that brings images back must know where they are.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bespoke_gui.core import atomic
from bespoke_gui.core.dataset import Dataset, Item, scan_folder
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.pairs import names as pair_names
from bespoke_gui.core.pairs.exclude import plan_exclude, plan_include
from bespoke_gui.core.pairs.operation import Operation, TextEdit, carry_out
from bespoke_gui.core.pairs.target import NO_SUCH_IMAGE, Pairs

INFO = "info.json"


@dataclass
class Removed:
    """Pairs that were taken away: where each file was and where it is now.

    names: the images. excluded: those of them that were excluded. folder: our bin's folder, None
    when the system's bin holds the files.
    """

    names: list[str]
    files: list[tuple[Path, Path]]
    excluded: list[str] = field(default_factory=list)
    folder: Path | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return what is written beside the files, for people and for `restore`."""
        files = [[str(was), str(now)] for was, now in self.files]
        return {"names": self.names, "files": files, "excluded": self.excluded}


def trash_folder(home: Path) -> Path:
    """Return our own bin."""
    return home / ".bespoke" / "trash"


def new_folder(home: Path) -> Path:
    """Return a new folder in our own bin, named by the time."""
    base = trash_folder(home)
    stamp = time.strftime("%Y-%m-%d %H-%M-%S")
    numbered = (base / (f"{stamp} {n}" if n > 1 else stamp) for n in range(1, 10_000))
    folder = next(path for path in numbered if not path.exists())
    folder.mkdir(parents=True)
    return folder


def files_of(pairs: Pairs, names: Iterable[str]) -> dict[str, list[Path]]:
    """Return the files of each pair, the image first; a caption that two images use stays.

    Raises AppError (usage) for an image that is not there.
    """
    items = pairs.items()
    chosen = {name: _item(pairs, items, name) for name in dict.fromkeys(names)}
    staying = [item for name, item in items.items() if name not in chosen]
    found: dict[str, list[Path]] = {}
    for name, item in chosen.items():
        shared = pair_names.shares_stem(item, staying)
        beside = [] if shared else pair_names.members(item, pair_names.siblings(item.image))
        taken = {path for files in found.values() for path in files}
        found[name] = [item.image, *(path for path in beside if path not in taken)]
    return found


def remove(pairs: Pairs, names: Iterable[str]) -> Removed:
    """Move pairs into our own bin, all or none. Raises AppError."""
    files = files_of(pairs, names)
    edits, excluded = without(pairs, files)
    folder = new_folder(pairs.home)
    removed = Removed(list(files), [], excluded, folder)
    for name, paths in files.items():
        place, inside = pairs.find(name)
        below = Path(place.prefix or "files", inside).parent
        removed.files += [(path, folder / below / path.name) for path in paths]
    atomic.write_json(folder / INFO, removed.as_dict())
    try:
        carry_out(pairs.home, Operation("remove", removed.files, edits))
    except AppError:
        _forget(folder)
        raise
    return removed


def without(pairs: Pairs, names: Iterable[str]) -> tuple[list[TextEdit], list[str]]:
    """Return the edits that take names out of the lists, and which of them were excluded."""
    edits: list[TextEdit] = []
    excluded: list[str] = []
    for dataset, named in _by_folder(pairs, names):
        states = {item.name: item.excluded for item in dataset.items}
        out = {name: inside for name, inside in named.items() if states.get(inside)}
        excluded += out
        edits += plan_include(dataset, out.values())
    return edits, excluded


def bring_back(pairs: Pairs, removed: Removed) -> None:
    """Move the files back to where they were and exclude again what was excluded.

    Raises AppError, with nothing changed, when something lies there by now or a file is gone.
    """
    moves = [(now, was) for was, now in removed.files]
    edits: list[TextEdit] = []
    for dataset, named in _by_folder(pairs, removed.excluded):
        edits += plan_exclude(dataset, named.values())
    carry_out(pairs.home, Operation("restore", moves, edits))
    if removed.folder is not None:
        _forget(removed.folder)


def removed_before(home: Path) -> list[Removed]:
    """Return what our own bin holds, the newest first; a folder without its note is left out."""
    found = []
    for path in sorted(trash_folder(home).glob(f"*/{INFO}"), reverse=True):
        try:
            data = json.loads(path.read_text("utf-8"))
            files = [(Path(was), Path(now)) for was, now in data["files"]]
            one = Removed(list(data["names"]), files, list(data["excluded"]), path.parent)
        except (OSError, ValueError, KeyError, TypeError):
            continue
        if all(now.exists() for _, now in one.files):
            found.append(one)
    return found


def _by_folder(pairs: Pairs, names: Iterable[str]) -> list[tuple[Dataset, dict[str, str]]]:
    """Sort names by their dataset folder; each with its name inside it."""
    named: dict[Path, dict[str, str]] = {}
    for name in names:
        place, inside = pairs.find(name)
        named.setdefault(place.folder, {})[name] = inside
    return [(scan_folder(folder, pairs.extension), inside) for folder, inside in named.items()]


def _item(pairs: Pairs, items: dict[str, Item], name: str) -> Item:
    if name not in items:
        message = f"there is no image {name}"
        raise AppError(message, file=pairs.home, hint=NO_SUCH_IMAGE, kind="usage")
    return items[name]


def _forget(folder: Path) -> None:
    """Remove the note and the empty folders; a file that is still there stays."""
    (folder / INFO).unlink(missing_ok=True)
    below = sorted((p for p in folder.rglob("*") if p.is_dir()), reverse=True)
    for path in [*below, folder]:
        if not any(path.iterdir()):
            path.rmdir()
