"""Exclude and include images: lines of excluded.txt are added and taken out, the rest stays."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from bespoke_gui.core import captions, excluded
from bespoke_gui.core.dataset import Dataset, scan_folder
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.pairs.target import NO_SUCH_IMAGE, Pairs


def exclude(pairs: Pairs, names: Iterable[str]) -> list[str]:
    """Exclude images; return those that were not excluded before. Raises AppError, see `change`."""
    return change(pairs, names, True)


def include(pairs: Pairs, names: Iterable[str]) -> list[str]:
    """Include images again; return those that were excluded before. Raises AppError."""
    return change(pairs, names, False)


def change(pairs: Pairs, names: Iterable[str], to_exclude: bool) -> list[str]:
    """Exclude or include images by name; return those whose state changed.

    Raises AppError before anything is written: kind "usage" for an image that is not there,
    "conflict" where excluded.txt is the caption of an image; else when a list cannot be written.
    """
    by_folder: dict[Path, list[str]] = {}
    changed: list[str] = []
    named = [(name, *pairs.find(name)) for name in dict.fromkeys(names)]
    datasets = {place.folder: scan_folder(place.folder, pairs.extension) for _, place, _ in named}
    states = {
        folder: {item.name: item.excluded for item in dataset.items}
        for folder, dataset in datasets.items()
    }
    for name, place, inside in named:
        state = states[place.folder].get(inside)
        if state is None:
            message = f"there is no image {name}"
            raise AppError(message, file=place.folder, hint=NO_SUCH_IMAGE, kind="usage")
        if state != to_exclude:
            changed.append(name)
            by_folder.setdefault(place.folder, []).append(inside)
    for folder, inside in by_folder.items():
        (_add if to_exclude else _remove)(datasets[folder], inside)
    return changed


def _add(dataset: Dataset, names: list[str]) -> None:
    """Write each name into the list of its own folder, so that the folder may be used alone."""
    _require_writable_names(names)
    wanted: dict[str, list[str]] = {}
    for name in names:
        prefix, last = excluded.split(name)
        wanted.setdefault(prefix, []).append(last)
    for prefix in wanted:
        _require_a_list(dataset, prefix)
    for prefix, last in wanted.items():
        found = captions.read(dataset.folder / prefix / excluded.FILE_NAME)
        text = found.text if found.text.strip() else excluded.HEADER.rstrip("\n")
        end = "" if found.form.final_newline else "\n"
        captions.write(found, "\n".join([text.rstrip("\n"), *last]) + end)


def _remove(dataset: Dataset, names: list[str]) -> None:
    """Take the lines away that mean these images, in whichever list above them they stand."""
    gone = set(names)
    prefixes = {prefix for name in names for prefix in _folders_above(name)}
    for prefix in sorted(prefixes):
        path = dataset.folder / prefix / excluded.FILE_NAME
        found = captions.read(path)
        kept = [
            line for old in found.text.split("\n") for line in _kept(old, prefix, dataset, gone)
        ]
        text = "\n".join(kept)
        if text.strip() == excluded.HEADER.strip():
            path.unlink(missing_ok=True)
        elif not found.missing:
            captions.write(found, text)


def _kept(line: str, prefix: str, dataset: Dataset, gone: set[str]) -> list[str]:
    """Return what is left of a line: a stem may mean further images, which then are named."""
    entry = line.strip().replace("\\", "/")
    if not entry or excluded.is_comment(entry):
        return [line]
    full = excluded.joined(prefix, entry)
    meant = [item.name for item in dataset.items if excluded.names(full, item.name)]
    if gone.isdisjoint(meant):
        return [line]
    return [name.removeprefix(f"{prefix}/") for name in meant if name not in gone]


def _folders_above(name: str) -> list[str]:
    """Return "a/b", "a" and "" for "a/b/image.png"."""
    found = []
    prefix = name
    while prefix:
        prefix = excluded.split(prefix)[0]
        found.append(prefix)
    return found


def _require_a_list(dataset: Dataset, prefix: str) -> None:
    for item in dataset.items:
        folder, last = excluded.split(item.name)
        if folder == prefix and Path(last).stem.casefold() == "excluded":
            hint = f"rename {last} first"
            message = f"belongs to the image {last}, so nothing can be excluded here"
            path = dataset.folder / prefix / excluded.FILE_NAME
            raise AppError(message, file=path, hint=hint, kind="conflict")


def _require_writable_names(names: list[str]) -> None:
    for name in names:
        last = excluded.split(name)[1]
        if "\n" in name or "\r" in name or last != last.strip() or excluded.is_comment(last):
            hint = "rename it first"
            raise AppError(f"{name!r} cannot be written in a list", hint=hint, kind="conflict")
