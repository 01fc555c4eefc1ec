"""Folder of .txt files: the same bytes under the same names."""

from __future__ import annotations

from pathlib import Path

from bespoke_gui.core.dataset import caption_name
from bespoke_gui.core.exchange.base import FORMATS, Export, Format, Table, with_text
from bespoke_gui.core.exchange.formats._folders import encoded, read_texts, write_folder


def write_with_suffix(export: Export, suffix: str) -> None:
    """Write one file a caption, named as its image; images too where they are asked for."""
    entries = export.entries
    texts = {caption_name(e.name, suffix): encoded(e) for e in with_text(entries)}
    images = {e.name: e.image for e in entries if e.image is not None}
    write_folder(export.out, images if export.images else {}, texts)


def _read(path: Path) -> Table:
    return read_texts(path, ".txt")


def _write(export: Export) -> None:
    write_with_suffix(export, ".txt")


FORMATS.add("txt", Format("txt", "Folder of .txt files", "", _read, _write))
