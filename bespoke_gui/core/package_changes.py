"""What changed between two packages, or between the last one and what would be packed now."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bespoke_gui.core.config.compare import ConfigDiff, compare_configs
from bespoke_gui.core.config.train_data import is_trainer_image
from bespoke_gui.core.config.trainer_config import TrainingConfig
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.package_integrity import read_manifest
from bespoke_gui.core.package_layout import (
    CONFIG_NAME,
    DATA_NAME,
    MANIFEST_NAME,
    README_NAME,
    REG_NAME,
    SCRIPT_NAME,
)
from bespoke_gui.core.package_plan import FileKey, PackagePlan
from bespoke_gui.core.package_tree import Tree, ZipTree, open_tree
from bespoke_gui.core.worddiff import compare

COLOURS_LOOKED_AT = 500  # changed images; of more only the sizes are told
MAX_TEXT = 1_000_000
Hashes = dict[FileKey, str]


@dataclass(frozen=True)
class CaptionChange:
    """One caption of both packages; "" where there was or is none. lossy: content words went."""

    name: str
    before: str
    after: str
    lossy: bool = False


@dataclass(frozen=True)
class ImageChange:
    """One image that is no longer the same: sizes in pixels, colours 0 where not counted."""

    name: str
    size_before: tuple[int, int]
    size_after: tuple[int, int]
    colours_before: int = 0
    colours_after: int = 0


@dataclass
class PackageChanges:
    """The difference of two packages; names are relative to the folder of all training data.

    folders: (`<N>_<class>` before, after), "" where there is none, of those that changed.
    """

    images: int = 0
    captions: int = 0
    images_added: list[str] = field(default_factory=list)
    images_removed: list[str] = field(default_factory=list)
    images_changed: list[ImageChange] = field(default_factory=list)
    captions_added: list[CaptionChange] = field(default_factory=list)
    captions_removed: list[CaptionChange] = field(default_factory=list)
    captions_changed: list[CaptionChange] = field(default_factory=list)
    folders: list[tuple[str, str]] = field(default_factory=list)
    config: ConfigDiff = field(default_factory=ConfigDiff)

    def __bool__(self) -> bool:
        return bool(self.parts)

    @property
    def parts(self) -> list[str]:
        """What changed, as counts: "12 captions changed", "1 image added"..."""
        counted = (
            (self.captions_changed, "caption", "changed"),
            (self.captions_added, "caption", "added"),
            (self.captions_removed, "caption", "removed"),
            (self.images_changed, "image", "changed"),
            (self.images_added, "image", "added"),
            (self.images_removed, "image", "removed"),
            (self.config.changes, "config key", "changed"),
            (self.folders, "folder", "renamed"),
        )
        return [
            f"{len(found)} {word}{'' if len(found) == 1 else 's'} {what}"
            for found, word, what in counted
            if found
        ]

    @property
    def words(self) -> str:
        """The difference in one line."""
        return ", ".join(self.parts) or "nothing changed"

    @property
    def sizes(self) -> Counter[tuple[tuple[int, int], tuple[int, int]]]:
        """Changed images by their sizes before and after."""
        return Counter((i.size_before, i.size_after) for i in self.images_changed)

    def as_dict(self) -> dict[str, Any]:
        """Return the difference as the command line prints it."""
        return {
            "words": self.words,
            "captions": {
                "changed": [vars(change) for change in self.captions_changed],
                "added": [change.name for change in self.captions_added],
                "removed": [change.name for change in self.captions_removed],
            },
            "images": {
                "changed": [vars(change) for change in self.images_changed],
                "added": self.images_added,
                "removed": self.images_removed,
            },
            "folders": self.folders,
            "config": self.config.as_dict(),
        }


@dataclass(frozen=True)
class Side:
    """One package to compare: SHA-256 of its files by name below its top folder."""

    hashes: Mapping[str, str]
    read: Callable[[str], bytes]


def changes_since(
    before: Path,
    after: PackagePlan | Path,
    known: Hashes | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> PackageChanges:
    """Compare a package with another, or with what would be packed now.

    Reads only files whose hash differs. known: hashes of files by what they were then; those of a
    plan that did not change are not read again. Raises AppError when a package cannot be read,
    kind "cancelled" when `cancelled()` says so.
    """
    old = open_tree(before)
    try:
        if isinstance(after, PackagePlan):
            return compare_sides(side_of_tree(old), side_of_plan(after, known, cancelled))
        new = open_tree(after)
        try:
            return compare_sides(side_of_tree(old), side_of_tree(new))
        finally:
            _close(new)
    finally:
        _close(old)


def side_of_tree(tree: Tree) -> Side:
    """Return a package as it lies on disk; hashes come from its manifest where it has one."""
    names = tree.names()
    manifest = read_manifest(tree)
    top = next((n.split("/")[0] for n in names if n.rpartition("/")[2] == CONFIG_NAME), "")
    start, present = f"{top}/" if top else "", set(names)
    listed = manifest.get("files") if manifest else None
    if isinstance(listed, dict):
        hashes = {str(n): str(e.get("sha256")) for n, e in listed.items() if isinstance(e, dict)}
        hashes = {name: value for name, value in hashes.items() if start + name in present}
    else:
        inside = [n for n in names if n.startswith(start)]
        hashes = {n.removeprefix(start): _sha256(tree.read(n)) for n in inside}
    return Side(hashes, lambda name: tree.read(start + name))


def side_of_plan(
    plan: PackagePlan,
    known: Hashes | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Side:
    """Return what would be packed, hashed from the files as they are now."""
    start, memory = f"{plan.top}/", {} if known is None else known
    hashes = {}
    for name in plan.members:
        if cancelled is not None and cancelled():
            raise AppError("cancelled", kind="cancelled")
        hashes[name.removeprefix(start)] = _hash(plan, name, memory)
    return Side(hashes, lambda name: plan.read(start + name))


def _hash(plan: PackagePlan, name: str, known: Hashes) -> str:
    key = plan.key(name)
    if key is None:
        return _sha256(plan.read(name))
    if key not in known:
        known[key] = _sha256(plan.read(name))
    return known[key]


def compare_sides(old: Side, new: Side) -> PackageChanges:
    """Compare two packages file by file; a file keeps its identity when its folder is renamed."""
    found = PackageChanges()
    before, after = _by_key(old), _by_key(new)
    found.images = sum(is_trainer_image(name) for name in after.values())
    found.captions = len(after) - found.images
    for key in sorted({*before, *after}):
        first, second = before.get(key), after.get(key)
        if first and second and old.hashes[first] == new.hashes[second]:
            continue
        if is_trainer_image(key):
            _image(found, key, old, first, new, second)
        else:
            _caption(found, key, old, first, new, second)
    found.folders = _folders(before.values(), after.values())
    found.config = _configs(old, new)
    return found


def _close(tree: Tree) -> None:
    if isinstance(tree, ZipTree):
        tree.close()


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _by_key(side: Side) -> dict[str, str]:
    """Return names by what stays the same when a folder gets other repeats or another class."""
    apart = (MANIFEST_NAME, CONFIG_NAME, SCRIPT_NAME, README_NAME)
    names = [n for n in side.hashes if n.startswith((f"{DATA_NAME}/", f"{REG_NAME}/"))]
    names = [n for n in names if n not in apart]
    short = {name: _short(name) for name in names}
    counts = Counter(short.values())
    return {s if counts[s] == 1 else n.partition("/")[2]: n for n, s in short.items()}


def _short(name: str) -> str:
    last = name.rpartition("/")[2]
    return last if name.startswith(f"{DATA_NAME}/") else f"{REG_NAME}/{last}"


def _image(
    found: PackageChanges, key: str, old: Side, first: str | None, new: Side, second: str | None
) -> None:
    if first is None:
        found.images_added.append(key)
    elif second is None:
        found.images_removed.append(key)
    else:
        count = len(found.images_changed) < COLOURS_LOOKED_AT
        before, after = _look(old.read(first), count), _look(new.read(second), count)
        found.images_changed.append(ImageChange(key, before[0], after[0], before[1], after[1]))


def _look(data: bytes, count: bool) -> tuple[tuple[int, int], int]:
    """Return size and number of colours of an image, zeros where it cannot be read."""
    import numpy as np

    from bespoke_gui.core.imagefile import load_bytes, to_rgb

    try:
        image = load_bytes(data, Path("image")).image
    except AppError:
        return (0, 0), 0
    if not count:
        return image.size, 0
    rgb = to_rgb(image).astype(np.uint32)
    return image.size, len(np.unique(rgb[..., 0] << 16 | rgb[..., 1] << 8 | rgb[..., 2]))


def _caption(
    found: PackageChanges, key: str, old: Side, first: str | None, new: Side, second: str | None
) -> None:
    before = _text(old.read(first)) if first else ""
    after = _text(new.read(second)) if second else ""
    if first is None:
        found.captions_added.append(CaptionChange(key, before, after))
    elif second is None:
        found.captions_removed.append(CaptionChange(key, before, after))
    else:
        lossy = compare(before, after).lossy
        found.captions_changed.append(CaptionChange(key, before, after, lossy))


def _text(data: bytes) -> str:
    return data[:MAX_TEXT].decode("utf-8", "replace").strip()


def _folders(before: Any, after: Any) -> list[tuple[str, str]]:
    old, new = (
        sorted({n.rpartition("/")[0].rpartition("/")[2] for n in side}) for side in (before, after)
    )
    gone, come = [n for n in old if n not in new], [n for n in new if n not in old]
    pairs = list(zip(gone, come, strict=False))
    pairs += [(name, "") for name in gone[len(come) :]]
    return pairs + [("", name) for name in come[len(gone) :]]


def _configs(old: Side, new: Side) -> ConfigDiff:
    try:
        texts = [side.read(CONFIG_NAME).decode("utf-8") for side in (old, new)]
        return compare_configs(TrainingConfig(texts[0]), TrainingConfig(texts[1]))
    except (AppError, KeyError, UnicodeDecodeError):
        return ConfigDiff()
