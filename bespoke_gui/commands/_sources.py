"""What to generate with: runs by folder, id or name, and LoRA files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

HELP = "a run's folder, id or name, a LoRA file, or a folder of them"


def sources_of(names: Sequence[Path], near: Path) -> list[Path]:
    """Return the folders and files meant; runs are looked for in the project around `near`, then
    in the one around the working folder. Raises AppError for a name that is nothing of that."""
    return [name if name.exists() else _run(str(name), near) for name in names]


def _run(name: str, near: Path) -> Path:
    from bespoke_gui.commands._runs_find import find_run
    from bespoke_gui.core.errors import AppError

    if not Path(name).suffix and len(Path(name).parts) == 1:
        for folder in (Path(near).absolute(), Path().absolute()):
            try:
                return find_run(name, folder).folder
            except AppError:
                continue
    raise AppError(
        "is no run, LoRA file or folder", file=name,
        hint="bespoke runs list PROJECT shows the runs; give --out inside the project",
        kind="usage",
    )  # fmt: skip
