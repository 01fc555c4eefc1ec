"""Resources: where the files that travel with Bespoke lie (checkout, wheel or frozen app)."""

from __future__ import annotations

from pathlib import Path

from bespoke_gui.core.errors import AppError


def resource(name: str) -> Path:
    """Return the path of a file or folder under resources/; raises AppError when it is gone."""
    package = Path(__file__).resolve().parent.parent
    for folder in (package / "resources", package.parent / "resources"):
        if (folder / name).exists():
            return folder / name
    raise AppError(
        "is missing from this installation",
        file=f"resources/{name}",
        hint="install Bespoke again",
    )
