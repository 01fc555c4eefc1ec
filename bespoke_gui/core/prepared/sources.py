"""Where a prepared set came from, and which of its images have been excluded there since."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bespoke_gui.core.errors import AppError

MANIFEST = "manifest.json"


def excluded_files(prepared: Path) -> set[str]:
    """Return the files of a prepared set whose source images are excluded by now.

    Empty for any other folder, and where the source is gone.
    """
    path = Path(prepared) / MANIFEST
    if not path.is_file():
        return set()
    try:
        data = json.loads(path.read_text("utf-8"))
        files = {str(name): str(record["file"]) for name, record in data["images"].items()}
        listed = _excluded_in(Path(prepared, str(data["source"])).resolve(), data)
    except (AppError, OSError, ValueError, KeyError, TypeError, AttributeError):
        return set()
    return {file for name, file in files.items() if name in listed}


def _excluded_in(source: Path, data: dict[str, Any]) -> set[str]:
    from bespoke_gui.core.dataset import scan_folder
    from bespoke_gui.core.project import is_project, open_project
    from bespoke_gui.core.project_data import scan_project

    whole = is_project(source) and data["images"]
    dataset = scan_project(open_project(source)) if whole else scan_folder(source)
    return {item.name for item in dataset.items if item.excluded}
