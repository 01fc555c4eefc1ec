"""Folder of .caption files, the suffix that sd-scripts looks for when it is told none."""

from __future__ import annotations

from pathlib import Path

from bespoke_gui.core.exchange.base import FORMATS, Export, Format, Table
from bespoke_gui.core.exchange.formats._folders import read_texts
from bespoke_gui.core.exchange.formats.txt import write_with_suffix

SUFFIX = ".caption"


def _read(path: Path) -> Table:
    return read_texts(path, SUFFIX)


def _write(export: Export) -> None:
    write_with_suffix(export, SUFFIX)


FORMATS.add("caption", Format("caption", "Folder of .caption files", "", _read, _write))
