"""Sides of a comparison: the captions of now, the files, a snapshot, or a folder of texts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from bespoke_gui.core import captions as caption_files
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.history import History
from bespoke_gui.core.project import Project
from bespoke_gui.qtmodels.caption_moment import CaptionMoment

NOW, DISK, SNAPSHOT, FOLDER = "now", "disk", "snapshot", "folder"


@dataclass(frozen=True)
class Side:
    """One side: the texts as edited, the files, a snapshot, or a folder of caption files."""

    kind: str = DISK
    name: str = ""
    label: str = "the saved files"


def now_side() -> Side:
    """Return the side that is the captions as they are in the window."""
    return Side(NOW, "", "now")


def snapshot_side(name: str) -> Side:
    """Return the side that is the snapshot of this name."""
    return Side(SNAPSHOT, name, name)


def folder_side(folder: Path) -> Side:
    """Return the side that is a folder of caption files."""
    return Side(FOLDER, str(folder), f"{folder.name}/")


def load_side(side: Side, project: Project, known: CaptionMoment) -> dict[str, str]:
    """Return the texts of a side by the names of today's captions; missing ones are left out.

    `known` is what the window knows without reading: all texts as edited, and as on disk.
    May take long (never on the GUI thread). Raises AppError when the side cannot be read.
    """
    if side.kind == NOW:
        return {name: text for name, text in known.now.items() if text is not None}
    if side.kind == DISK:
        return dict(known.saved)
    names = list(known.now)
    if side.kind == SNAPSHOT:
        with History(project.folder) as history:
            return history.load(side.name, names)
    return _load_folder(Path(side.name), names, project.caption_extension)


def _load_folder(folder: Path, names: list[str], suffix: str) -> dict[str, str]:
    """Match caption files to images by path without suffix, or by bare stem."""
    found = caption_files.texts(caption_files.read_folder(folder, suffix))
    if not found:
        hint = f"choose a folder with {suffix} files"
        raise AppError("holds no captions", file=folder, hint=hint)
    by_key = {_key(name): text for name, text in found.items() if text is not None}
    by_stem = {PurePosixPath(key).name: text for key, text in by_key.items()}
    pairs = ((n, by_key.get(_key(n), by_stem.get(PurePosixPath(n).stem))) for n in names)
    return {name: text for name, text in pairs if text is not None}


def _key(name: str) -> str:
    return PurePosixPath(name).with_suffix("").as_posix()
