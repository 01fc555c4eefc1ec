"""Folders of text files: read from any, written whole into a new one."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from bespoke_gui.core import atomic
from bespoke_gui.core import captions as store
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.exchange.base import Entry, Row, Table
from bespoke_gui.core.excluded import FILE_NAME, split
from bespoke_gui.core.pairs.names import copy_new


def read_texts(path: Path, suffix: str) -> Table:
    """Read every caption file below a folder with its exact form. Raises AppError."""
    table = Table(path)
    for name, caption in store.read_folder(path, suffix).items():
        if caption.unreadable:
            table.problems += caption.problems
        elif split(name)[1] != FILE_NAME:
            table.rows.append(Row(name, caption.text, caption.form, name))
    return table


def require_new(out: Path) -> None:
    """Raise AppError (conflict) when `out` holds anything already."""
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        hint = "name a new folder"
        raise AppError("is there already", file=out, hint=hint, kind="conflict")


def write_folder(out: Path, copies: Mapping[str, Path], texts: Mapping[str, bytes]) -> None:
    """Make a new folder with files copied and texts written, all of it or nothing. AppError."""
    require_new(out)
    partial = out.with_name(f".{out.name}.{os.getpid()}.tmp")
    try:
        partial.mkdir(parents=True)
        for name, source in copies.items():
            copy_new(source, partial / name)
        for name, data in texts.items():
            (partial / name).parent.mkdir(parents=True, exist_ok=True)
            (partial / name).write_bytes(data)
        if out.is_dir():
            out.rmdir()
        partial.rename(out)
    except OSError as error:
        raise atomic.write_error(out, error) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def encoded(entry: Entry) -> bytes:
    """Return the bytes of a caption. Raises AppError when its encoding lacks a letter."""
    try:
        return entry.encoded()
    except UnicodeEncodeError as error:
        letter = error.object[error.start : error.start + 1]
        hint = "convert the caption to UTF-8 first"
        message = f"{letter!a} cannot be written in {entry.caption.encoding}"
        raise AppError(message, file=entry.name, hint=hint) from error
