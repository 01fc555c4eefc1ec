"""Inputs of a run: every image's hash and every caption's text at its start, in inputs.json."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from bespoke_gui.core.atomic import write_json
from bespoke_gui.core.captions import read_safely
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.lorafile import file_hash
from bespoke_gui.core.rundir import read_json
from bespoke_gui.core.runspec import DataFolder

FILE = "inputs.json"
MANIFEST = "manifest.json"
SHORT = 16


@dataclass
class Inputs:
    """images: name -> start of the file's SHA-256; captions: name -> text. Names are relative to
    their data folder. repeats: data folder -> how often an epoch shows it. prepared: how the
    images were made, where they are a prepared set. package: SHA-256 where it was one."""

    images: dict[str, str] = field(default_factory=dict)
    captions: dict[str, str] = field(default_factory=dict)
    repeats: dict[str, int] = field(default_factory=dict)
    prepared: dict[str, Any] = field(default_factory=dict)
    package: str = ""


def record_inputs(run: Path, data: Sequence[DataFolder], package: Path | None = None) -> Inputs:
    """Write inputs.json into a run folder; an image or caption that cannot be read counts as "".

    Raises AppError when the file cannot be written.
    """
    found = Inputs()
    for item in data:
        folder = Path(item.folder) if Path(item.folder).is_absolute() else run / item.folder
        _add(found, folder, item)
    if package and package.is_file():
        found.package = file_hash(package)
    write_json(Path(run) / FILE, {"schema": 1, **asdict(found)})
    return found


def _add(found: Inputs, folder: Path, item: DataFolder) -> None:
    from bespoke_gui.core.dataset import scan

    label = ("reg/" if item.is_reg else "") + folder.name
    found.repeats[label] = item.repeats
    left_out = set(item.excluded)
    for one in scan(folder).used:
        if one.image.name in left_out:
            continue
        name = one.image.relative_to(folder).as_posix()
        name = f"{label}/{name}" if item.is_reg or name in found.images else name
        found.images[name] = _hash(one.image)
        if one.has_caption:
            found.captions[name] = read_safely(one.caption).text or ""
    found.prepared = found.prepared or _prepared(folder)


def _hash(path: Path) -> str:
    try:
        return file_hash(path)[:SHORT]
    except (AppError, OSError):
        return ""


def _prepared(folder: Path) -> dict[str, Any]:
    """Return the settings of the prepared set that a folder is, or lies in; {} when it is none."""
    for place in (folder, folder.parent):
        settings = (read_json(place / MANIFEST) or {}).get("settings")
        if isinstance(settings, dict):
            return {"name": place.name, **settings}
    return {}


def read_inputs(run: Path) -> Inputs | None:
    """Return what a run was made of; None for a run from before this was recorded, or damage."""
    data = read_json(Path(run) / FILE)
    if data is None:
        return None
    try:
        return Inputs(
            _texts(data["images"]), _texts(data["captions"]),
            {str(name): int(times) for name, times in data["repeats"].items()},
            dict(data.get("prepared", {})), str(data.get("package", "")),
        )  # fmt: skip
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def _texts(data: Mapping[str, Any]) -> dict[str, str]:
    return {str(name): str(text) for name, text in data.items()}


def digest(part: Mapping[str, str]) -> str:
    """Return a short fingerprint of all images or captions together."""
    import hashlib

    text = json.dumps(sorted(part.items()), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
