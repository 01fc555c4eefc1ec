"""Ledger: every pod that was ever wished for, written down before it is asked for.

One small file a pod in the settings folder, so that no two couriers ever write the same one.
"""

from __future__ import annotations

import re
import secrets
import time
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from bespoke_gui.core import settings
from bespoke_gui.core.atomic import write_json
from bespoke_gui.core.rundir import read_json
from bespoke_gui.launch.runpod.pods import PREFIX

_NAME = re.compile(r"bespoke-[A-Za-z0-9_-]{1,80}")


@dataclass
class Entry:
    """One rented machine of one run. Times are seconds since 1970 by RunPod's clock.

    name: of the pod, the same for every try. asked: whether a creation was sent and not refused,
    so that there may be a pod; unclear: whether the answer to one never came. id: "" until one is
    known. usd_per_hour: what it costs now; price: while it runs; spent_usd: so far, up to
    `counted`. released: when it was seen to be gone. kept: only stopped, because that was asked.
    pinned: of which start (host, port, started) the host key is pinned. stopped: why Bespoke
    stopped it. billed_usd: what RunPod had booked at the end.
    """

    name: str
    run: str
    folder: str
    wished: float = 0.0
    asked: bool = False
    unclear: bool = False
    id: str = ""
    gpu: str = ""
    cloud: str = ""
    status: str = ""
    since: float | None = None
    usd_per_hour: float = 0.0
    price: float = 0.0
    spent_usd: float = 0.0
    counted: float | None = None
    max_usd: float | None = None
    max_hours: float | None = None
    pinned: list[Any] = field(default_factory=list)
    stopped: str = ""
    kept: bool = False
    released: float | None = None
    billed_usd: float | None = None

    @property
    def is_open(self) -> bool:
        """Whether there may still be a pod that costs money."""
        return self.asked and self.released is None

    @property
    def key_path(self) -> Path:
        """Where the private key of this machine lies."""
        return settings.home() / "keys" / self.name


def folder() -> Path:
    """Return where the entries are kept."""
    return settings.home() / "pods"


def new_entry(run: str, run_folder: Path) -> Entry:
    """Return a fresh entry; its name is unlike that of any other run's pod."""
    short = re.sub(r"[^A-Za-z0-9_-]+", "-", run).strip("-")[:60] or "run"
    name = f"{PREFIX}{short}-{secrets.token_hex(3)}"
    return Entry(name, run, str(run_folder), wished=time.time())


def save(entry: Entry) -> None:
    """Write an entry, atomically and to the disk."""
    folder().mkdir(parents=True, exist_ok=True)
    write_json(folder() / f"{entry.name}.json", asdict(entry))


def load(name: str) -> Entry | None:
    """Return the entry of a pod's name, or None."""
    if not _NAME.fullmatch(name):
        return None
    data = read_json(folder() / f"{name}.json")
    return _entry(data) if data else None


def entries() -> list[Entry]:
    """Return all entries, the oldest first; an unreadable file is passed over."""
    found = [read_json(path) for path in sorted(folder().glob(f"{PREFIX}*.json"))]
    return sorted((e for e in map(_entry, filter(None, found)) if e), key=lambda e: e.wished)


def _entry(data: dict[str, Any]) -> Entry | None:
    known = {item.name: data[item.name] for item in fields(Entry) if item.name in data}
    try:
        entry = Entry(**known)
    except TypeError:
        return None
    is_whole = all(isinstance(getattr(entry, key), str) for key in ("name", "run", "folder", "id"))
    return entry if is_whole and _NAME.fullmatch(entry.name) else None
