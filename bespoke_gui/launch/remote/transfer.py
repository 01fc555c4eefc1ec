"""Transfer: one file to another machine, with its progress told."""

from __future__ import annotations

import time
from pathlib import Path

from bespoke_gui.launch.remote.link import Link
from bespoke_gui.launch.remote.provider import Tell

TELL_EVERY_S = 0.5


async def upload(link: Link, local: Path, remote: str, told: Tell) -> None:
    """Send a file; an interrupted one goes on. Tells metric(name="upload", value=percent, ...)."""
    last = 0.0

    def tell(done: int, total: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= TELL_EVERY_S or done == total:
            last = now
            percent = round(100 * done / max(1, total), 1)
            told("metric", name="upload", value=percent, bytes=done, total=total, file=local.name)

    await link.put(local, remote, tell)
