"""Drafts of configs: edits that are not saved yet, kept in the project until they are."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from bespoke_gui.core import atomic

FILE = "config_drafts.json"


@dataclass(frozen=True)
class Draft:
    """A text that is not saved; `base`: the digest of the file it was made from."""

    text: str
    base: str


def digest(data: bytes | None) -> str:
    """Return what tells the bytes of a file from others, "" for no file."""
    return hashlib.sha256(data).hexdigest() if data is not None else ""


def keep_drafts(folder: Path, drafts: dict[str, Draft]) -> None:
    """Write all drafts of a project by the names of their files; raises AppError."""
    path = folder / FILE
    if drafts or path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        atomic.write_json(path, {name: vars(draft) for name, draft in drafts.items()})


def read_drafts(folder: Path) -> dict[str, Draft]:
    """Return the drafts of a project; a file that is none is as good as no file."""
    try:
        data = json.loads((folder / FILE).read_text("utf-8"))
        return {name: Draft(str(one["text"]), str(one["base"])) for name, one in data.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}
