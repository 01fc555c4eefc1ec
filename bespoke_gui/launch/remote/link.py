"""Link: one connection to one machine, as everything that works there sees it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

PIECE = 256 * 1024
MOST_OUTPUT = 1024 * 1024
Told = Callable[[int, int], None]
"""Hears of bytes done and bytes in all."""


class LinkLost(Exception):
    """The connection is gone; what was running there goes on. Connect again and resume."""


@dataclass(frozen=True)
class Ran:
    """A command that ended: its exit code (-1 for a signal) and output, cut at MOST_OUTPUT."""

    code: int
    out: bytes
    err: bytes

    @property
    def text(self) -> str:
        """Its output as text, without the last newline."""
        return self.out.decode("utf-8", "replace").rstrip("\n")


class Link(Protocol):
    """One machine. Every method raises LinkLost when the connection is gone, and AppError in one
    line for what the machine refuses (disk full, no permission). Paths are absolute or relative
    to the home folder, with forward slashes.
    """

    async def run(self, argv: Sequence[str], *, stdin: bytes = b"", timeout_s: float = 60) -> Ran:
        """Run a command; each word arrives as it is. LinkLost when it takes too long."""
        ...

    async def read(self, path: str, offset: int = 0, limit: int = PIECE) -> bytes:
        """Return at most `limit` bytes from `offset`; b"" where there is no such file."""
        ...

    async def write(self, path: str, data: bytes) -> None:
        """Write a file atomically; missing folders are made."""
        ...

    async def size(self, path: str) -> int | None:
        """Return the bytes of a file, None where there is none."""
        ...

    async def put(self, local: Path, remote: str, told: Told | None = None) -> None:
        """Upload into REMOTE.part, going on where an earlier try stopped, then rename."""
        ...

    async def get(self, remote: str, local: Path, offset: int, told: Told | None = None) -> None:
        """Append the bytes of `remote` from `offset` on to `local`."""
        ...

    async def remove(self, path: str) -> None:
        """Delete a file; it may be gone already."""
        ...

    def follow(self, path: str, offset: int) -> AsyncIterator[bytes]:
        """Yield what is and will be written to a file from byte `offset` on, for ever.

        The file may not be there yet. LinkLost when the connection is gone.
        """
        ...

    async def close(self) -> None:
        """Give the connection up; never raises."""
        ...
