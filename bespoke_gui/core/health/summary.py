"""What the last look at a project's images found, in figures, and whether they changed since."""

from __future__ import annotations

import contextlib
import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from bespoke_gui.core import atomic
from bespoke_gui.core.dataset import Dataset
from bespoke_gui.core.errors import AppError

FILE_NAME = "health.json"


@dataclass(frozen=True)
class Summary:
    """Figures of a set; near: pairs nobody has settled yet. state: what the files were like."""

    state: str
    images: int
    unreadable: int
    twice: int
    near: int
    outliers: int


def state_of(dataset: Dataset) -> str:
    """Return a text that changes when an image comes, goes, is excluded or written anew.

    It costs one look at each file's date, and reads none.
    """
    digest = hashlib.sha256()
    for item in dataset.used:
        with contextlib.suppress(OSError):
            facts = Path(item.image_file).stat()
            digest.update(f"{item.name}|{facts.st_mtime_ns}|{facts.st_size}\n".encode())
    return digest.hexdigest()[:32]


def write_summary(folder: Path, summary: Summary) -> None:
    """Keep the figures in a project's .bespoke; where that cannot be written, go on without."""
    with contextlib.suppress(AppError, OSError):
        folder.mkdir(parents=True, exist_ok=True)
        atomic.write_json(folder / FILE_NAME, asdict(summary))


def read_summary(folder: Path, dataset: Dataset) -> Summary | None:
    """Return the figures, None when nobody has looked yet or the images changed since."""
    try:
        data = json.loads((folder / FILE_NAME).read_text(encoding="utf-8"))
        summary = Summary(str(data.pop("state")), **{key: int(data[key]) for key in data})
    except (OSError, ValueError, TypeError, LookupError, AttributeError):
        return None
    return summary if summary.state == state_of(dataset) else None
