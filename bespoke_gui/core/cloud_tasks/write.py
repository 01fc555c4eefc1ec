"""Writing the files of a task into a folder, none over another."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from bespoke_gui.core.atomic import write_text
from bespoke_gui.core.errors import AppError


def write_task(files: Mapping[str, str], folder: Path) -> list[Path]:
    """Write all files into `folder`; returns their paths, the task's first.

    A file that is there already with the same text is left as it is. Raises AppError kind
    "conflict", and writes nothing, where another one is there.
    """
    folder = Path(folder)
    for name, text in files.items():
        path = folder / name
        if path.exists() and path.read_bytes() != text.encode("utf-8"):
            hint = "choose another folder, or move that file away"
            raise AppError("is there already", file=path, hint=hint, kind="conflict")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise AppError(f"cannot be made: {error.strerror}", file=folder) from error
    for name, text in files.items():
        write_text(folder / name, text)
    return [folder / name for name in files]
