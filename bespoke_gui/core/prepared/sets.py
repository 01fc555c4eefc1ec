"""The prepared sets of a project: what each was made with, and whether it still is what it says."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bespoke_gui.core.dataset import Item, caption_finder
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.prepared.decided import source_of
from bespoke_gui.core.prepared.folder import JOURNAL, MANIFEST, read_journal, read_manifest
from bespoke_gui.core.prepared.one import sha256_of
from bespoke_gui.core.prepared.records import PreparedImage, Settings, settings_from

Cancelled = Callable[[], bool]


@dataclass(frozen=True)
class Recipe:
    """What a set was made of, as its manifest or journal says. names: None means all images."""

    folder: Path
    source: Path
    captions: Path | None
    settings: Settings
    images: Mapping[str, PreparedImage]
    left_out: Mapping[str, str]
    names: frozenset[str] | None
    summary: Mapping[str, Any]


@dataclass(frozen=True)
class SetState:
    """How a prepared set is now. Names are those of source images, files those of the set.

    made: seconds since 1970; problem: why nothing more is known. changed: files that somebody
    changed by hand; missing: files that are gone; source_changed, source_gone, source_new:
    images changed, gone or added where the set came from; captions: those whose text changed.
    """

    folder: Path
    made: float
    settings: Settings | None = None
    images: int = 0
    summary: Mapping[str, Any] = field(default_factory=dict)
    problem: str = ""
    unfinished: bool = False
    no_source: bool = False
    changed: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    source_changed: tuple[str, ...] = ()
    source_gone: tuple[str, ...] = ()
    source_new: tuple[str, ...] = ()
    captions: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether every file is there as it was written and the source is what it was."""
        return not self.words()

    def words(self) -> list[str]:
        """Return what is not as it was, each in a few words; empty when all is well."""
        said = [
            (self.problem, bool(self.problem)),
            ("not finished", self.unfinished),
            (f"{len(self.missing)} files missing", self.missing),
            (f"{len(self.changed)} files changed by hand", self.changed),
            ("its source is gone", self.no_source),
            (f"{len(self.source_changed)} images changed since", self.source_changed),
            (f"{len(self.source_gone)} images gone since", self.source_gone),
            (f"{len(self.source_new)} images new since", self.source_new),
            (f"{len(self.captions)} captions changed since", self.captions),
        ]
        return [text.replace("1 files", "1 file") for text, holds in said if holds]


def find_sets(prepared: Path) -> list[Path]:
    """Return the folders of prepared sets, unfinished ones too, by name."""
    if not prepared.is_dir():
        return []
    folders = (path for path in prepared.iterdir() if path.is_dir())
    return sorted(f for f in folders if (f / MANIFEST).exists() or (f / JOURNAL).exists())


def read_recipe(place: Path) -> Recipe:
    """Read what a set was made of: `place` is its folder, or its manifest wherever it lies.

    Raises AppError when there is nothing of the kind or it cannot be read.
    """
    folder = place if place.is_dir() else place.parent
    if place.is_dir() and not (place / MANIFEST).exists() and (place / JOURNAL).exists():
        data, images, names = *read_journal(place), None
    else:
        data, images = read_manifest(place)
        names = frozenset({*images, *_left_out(data)})
    settings = settings_from(data.get("settings"))
    source = data.get("source")
    if settings is None or not isinstance(source, str):
        raise AppError("does not say what it was made of", file=place)
    captions = data.get("captions")
    summary = data.get("summary")
    return Recipe(
        folder,
        Path(folder, source).resolve(),
        Path(folder, captions).resolve() if isinstance(captions, str) and captions else None,
        settings,
        images,
        _left_out(data),
        names,
        summary if isinstance(summary, dict) else {},
    )


def set_state(folder: Path, cancelled: Cancelled = lambda: False) -> SetState:
    """Compare a set with its manifest and its source. A set that cannot be read says why."""
    made = _made(folder)
    try:
        recipe = read_recipe(folder)
    except AppError as error:
        return SetState(folder, made, problem=error.message)
    state: dict[str, Any] = {
        "settings": recipe.settings,
        "images": len(recipe.images),
        "summary": recipe.summary,
        "unfinished": (folder / JOURNAL).exists(),
    }
    state |= _files(recipe, cancelled)
    try:
        state |= _source(recipe, cancelled)
    except AppError:
        state["no_source"] = True
    return SetState(folder, made, **state)


def _files(recipe: Recipe, cancelled: Cancelled) -> dict[str, tuple[str, ...]]:
    changed, missing = [], []
    for file, digest in written_files(recipe.images):
        if cancelled():
            break
        now = sha256_of(recipe.folder / file)
        if not now:
            missing.append(file)
        elif now != digest:
            changed.append(file)
    return {"changed": tuple(changed), "missing": tuple(missing)}


def written_files(images: Mapping[str, PreparedImage]) -> list[tuple[str, str]]:
    """Return file and hash of every image and caption that a set wrote."""
    captions = [(i.caption, i.caption_sha256) for i in images.values() if i.caption]
    return [(image.file, image.sha256) for image in images.values()] + captions


def _source(recipe: Recipe, cancelled: Cancelled) -> dict[str, tuple[str, ...]]:
    dataset, _ = source_of(recipe.source)
    items = {item.name: item for item in dataset.used}
    known = {**{name: i.source_sha256 for name, i in recipe.images.items()}, **recipe.left_out}
    changed = [
        name
        for name, digest in known.items()
        if name in items and not cancelled() and sha256_of(items[name].image) != digest
    ]
    gone = [name for name in known if name not in items]
    new = [name for name in items if name not in known] if recipe.names is not None else []
    return {
        "source_changed": tuple(changed),
        "source_gone": tuple(gone),
        "source_new": tuple(new),
        "captions": tuple(_captions(recipe, items)),
    }


def _captions(recipe: Recipe, items: Mapping[str, Item]) -> list[str]:
    """Return the images whose caption is another one by now."""
    named, beside = caption_finder(recipe.captions), caption_finder(None)
    found = {}
    for name in recipe.images.keys() & items.keys():
        path = named(items[name]) or beside(items[name])
        found[name] = sha256_of(path) if path is not None else ""
    return sorted(n for n, digest in found.items() if digest != recipe.images[n].caption_sha256)


def _left_out(data: Mapping[str, Any]) -> dict[str, str]:
    found = data.get("left_out")
    return {str(k): str(v) for k, v in found.items()} if isinstance(found, dict) else {}


def _made(folder: Path) -> float:
    for name in (MANIFEST, JOURNAL):
        with contextlib.suppress(OSError):
            return (folder / name).stat().st_mtime
    return 0.0
