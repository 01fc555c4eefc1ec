"""Folders `<N>_<name>` as sd-scripts and kohya_ss read them: flat, with repeats in the name."""

from __future__ import annotations

from pathlib import Path

from bespoke_gui.core.dataset import caption_name
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.exchange.base import FORMATS, Export, Format, Table, with_text
from bespoke_gui.core.exchange.formats._folders import encoded, read_texts, write_folder
from bespoke_gui.core.package_sources import flat_name, sources_of
from bespoke_gui.core.project import free_name


def _read(path: Path) -> Table:
    table = read_texts(path, ".txt")
    found = {row.where for row in table.rows}
    other = read_texts(path, ".caption")
    table.rows += [row for row in other.rows if caption_name(row.where, ".txt") not in found]
    table.problems += other.problems
    return table


def _write(export: Export) -> None:
    """Write captions, and images where asked, into one folder for each number of repeats."""
    names = _names(export)
    texts = {
        caption_name(names[entry.name], entry.caption.path.suffix): encoded(entry)
        for entry in with_text(export.entries)
        if entry.name in names
    }
    images = {
        names[entry.name]: entry.image
        for entry in export.entries
        if export.images and entry.image is not None and entry.name in names
    }
    write_folder(export.out, images, texts)


def _names(export: Export) -> dict[str, str]:
    """Return where each image goes; what the trainer does not read stays out."""
    by_image = {entry.image: entry for entry in export.entries if entry.image is not None}
    if not by_image:
        hint = "export to txt instead"
        raise AppError("holds captions only, repeats need images", file=export.source, hint=hint)
    suffix = next(iter(by_image.values())).caption.path.suffix
    used: dict[str, set[str]] = {}
    names: dict[str, str] = {}
    for source in sources_of(export.source, 0, "", suffix, []):
        taken = used.setdefault(source.folder, set())
        for item in source.items:
            entry = by_image.get(item.image)
            if entry is not None:
                names[entry.name] = f"{source.folder}/{free_name(flat_name(item.name), taken)}"
    return names


FORMATS.add("kohya", Format("kohya", "Folders <N>_<name>", "", _read, _write))
