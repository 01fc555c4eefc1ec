"""Dataset index: the file names of a large project, kept so that it opens before they are read.

The folders are the truth. What the index says is shown at once and looked at again right after;
it is never more than cache, so a damaged, foreign or old one is as good as none.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bespoke_gui.core import atomic
from bespoke_gui.core.dataset import natural_key, require_folder
from bespoke_gui.core.dataset_files import Listing, list_files
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.project import Project
from bespoke_gui.core.project_data import prefixes

FILE_NAME = "dataset.index"
MAGIC = b"bespoke dataset index 1\n"
LARGE = 3000  # images; the names of fewer are read as quickly as an index
MAX_BYTES = 1 << 30
_DIGEST = 32


@dataclass(frozen=True)
class Checked:
    """File names as they are on disk now; `changed`: they are not those of the index."""

    listings: list[Listing]
    changed: bool


def read_index(project: Project) -> list[Listing] | None:
    """Return the files of each dataset folder as they were, images in order; None without one."""
    try:
        path = _path(project)
        if path.stat().st_size > MAX_BYTES:
            return None
        listings = _parsed(path.read_bytes(), project.caption_extension)
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    same = [listing.folder for listing in listings] == list(prefixes(project))
    return listings if same else None


def write_index(project: Project, listings: Sequence[Listing]) -> None:
    """Keep these files, images in order, for the next opening; a small set needs no index.

    Where it cannot be written there is none: it is cache.
    """
    path = _path(project)
    large = sum(len(listing.images) for listing in listings) > LARGE
    # Names that are no text, and folders that could not be read, are looked at anew each time.
    plain = not any(listing.odd or listing.problems for listing in listings)
    with contextlib.suppress(OSError, AppError):
        if large and plain:
            path.parent.mkdir(parents=True, exist_ok=True)
            data = _data(listings, project.caption_extension)
            atomic.write_bytes(path, data, flush=False)
        else:
            path.unlink(missing_ok=True)


def list_project(project: Project, known: Sequence[Listing] = ()) -> Checked:
    """Look through the dataset folders. Where a folder holds the files that were `known`, it
    comes back in that very listing. Raises AppError when one is no folder that can be read.
    """
    before = {listing.folder: listing for listing in known}
    found, changed = [], False
    for folder in prefixes(project):
        require_folder(folder)
        now, old = list_files(folder, project.caption_extension), before.get(folder)
        if old is not None and now.same_files(old) and now.problems == old.problems:
            found.append(old)
            continue
        now.images.sort(key=natural_key)
        found.append(now)
        changed = True
    return Checked(found, changed or len(before) != len(found))


def _path(project: Project) -> Path:
    return project.bespoke_dir / FILE_NAME


def _data(listings: Sequence[Listing], extension: str) -> bytes:
    """Return the file: what it is, a checksum, a line of JSON, then all names."""
    parts: list[bytes] = []
    folders: list[dict[str, Any]] = []
    for listing in listings:
        columns = [listing.images, sorted(listing.captions), sorted(listing.lists)]
        texts = ["\0".join(column).encode() for column in columns]
        sizes = [(len(c), len(t)) for c, t in zip(columns, texts, strict=True)]
        folders.append({"folder": str(listing.folder), "columns": sizes})
        parts += texts
    head = json.dumps({"extension": extension, "folders": folders}).encode() + b"\n"
    body = head + b"".join(parts)
    return MAGIC + hashlib.sha256(body).digest() + body


def _parsed(data: bytes, extension: str) -> list[Listing]:
    """Read the file; raises ValueError, KeyError or TypeError when it is not whole or not ours."""
    start = len(MAGIC) + _DIGEST
    body = data[start:]
    if data[:start] != MAGIC + hashlib.sha256(body).digest():
        raise ValueError("not whole")
    line, _, rest = body.partition(b"\n")
    head = json.loads(line)
    if head["extension"] != extension:
        raise ValueError("another suffix")
    listings, at = [], 0
    for entry in head["folders"]:
        columns = []
        for count, size in entry["columns"]:
            text = rest[at : at + size].decode()
            columns.append(text.split("\0") if count else [])
            at += size
        images, captions, lists = columns
        listings.append(Listing(Path(entry["folder"]), images, set(captions), set(lists)))
    return listings
