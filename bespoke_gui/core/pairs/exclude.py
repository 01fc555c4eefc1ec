"""Exclude and include images: lines of excluded.txt are added and taken out, the rest stays."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from bespoke_gui.core import captions, excluded
from bespoke_gui.core.dataset import Dataset, scan_folder
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.pairs.operation import Operation, TextEdit, carry_out
from bespoke_gui.core.pairs.target import NO_SUCH_IMAGE, Pairs

Lines = list[str]


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
    folders = {place.folder for _, place, _ in named}
    datasets = {folder: scan_folder(folder, pairs.extension) for folder in folders}
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
    plan = plan_exclude if to_exclude else plan_include
    edits = [
        edit for folder, inside in by_folder.items() for edit in plan(datasets[folder], inside)
    ]
    if edits:
        carry_out(pairs.home, Operation("exclude" if to_exclude else "include", edits=edits))
    return changed


def plan_exclude(dataset: Dataset, names: Iterable[str]) -> list[TextEdit]:
    """Return the edits that exclude images, each in the list of its own folder. AppError."""
    wanted: dict[str, list[str]] = {}
    for name in names:
        prefix, last = excluded.split(name)
        _require_writable(name, last)
        if prefix not in wanted:
            _require_a_list(dataset, prefix)
        wanted.setdefault(prefix, []).append(last)
    return [
        _edit(dataset, prefix, lambda lines, last=last: [*(lines or [excluded.HEADER]), *last])
        for prefix, last in wanted.items()
    ]


def plan_include(dataset: Dataset, names: Iterable[str]) -> list[TextEdit]:
    """Return the edits that take away the lines which mean these images, wherever they stand."""
    return _plan_lines(dataset, dict.fromkeys(names))


def plan_rename(dataset: Dataset, old: str, new: str) -> list[TextEdit]:
    """Return the edits that name an image anew in the lists it stands in."""
    return _plan_lines(dataset, {old: new})


def _plan_lines(dataset: Dataset, changes: dict[str, str | None]) -> list[TextEdit]:
    meanings = _meanings(dataset)

    def after(prefix: str, lines: Lines) -> Lines:
        return [new for line in lines for new in _kept(line, prefix, meanings, changes)]

    prefixes = sorted({prefix for name in changes for prefix in _folders_above(name)})
    edits = [
        _edit(dataset, prefix, lambda lines, prefix=prefix: after(prefix, lines))
        for prefix in prefixes
    ]
    return [edit for edit in edits if edit.before != edit.after]


def _edit(dataset: Dataset, prefix: str, change: Callable[[Lines], Lines]) -> TextEdit:
    """Return how a list changes; one that holds only our own first line is no longer needed."""
    path = dataset.folder / prefix / excluded.FILE_NAME
    found = captions.read(path)
    before = None if found.missing else found.text
    old = found.text.rstrip("\n").split("\n") if found.text.strip() else []
    text = "\n".join(line.rstrip("\n") for line in change(old))
    if text.strip() in ("", excluded.HEADER.strip()):
        return TextEdit(path, before, None)
    # A file without a line end gets one, so that the next line can simply be added to it.
    return TextEdit(path, before, text if found.form.final_newline else text + "\n")


def _meanings(dataset: Dataset) -> dict[str, Lines]:
    """Return which images each possible entry means: a name, or a name without suffix."""
    found: dict[str, Lines] = {}
    for item in dataset.items:
        for entry in excluded.spellings(item.name):
            found.setdefault(entry, []).append(item.name)
    return found


def _kept(
    line: str, prefix: str, meanings: dict[str, Lines], changes: dict[str, str | None]
) -> Lines:
    """Return what becomes of a line: a stem may mean further images, which then are named."""
    entry = line.strip().replace("\\", "/")
    if not entry or excluded.is_comment(entry):
        return [line]
    full = excluded.joined(prefix, entry)
    meant = meanings.get(full, [])
    if changes.keys().isdisjoint(meant):
        return [line]
    now = [changes.get(name, name) for name in meant]
    return [name.removeprefix(f"{prefix}/") for name in now if name is not None]


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


def _require_writable(name: str, last: str) -> None:
    if "\n" in name or "\r" in name or last != last.strip() or excluded.is_comment(last):
        hint = "rename it first"
        raise AppError(f"{name!r} cannot be written in a list", hint=hint, kind="conflict")
