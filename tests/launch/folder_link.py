"""Folder link: a `Link` to this very computer, for tests of what is done over one."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from bespoke_gui.core.errors import AppError
from bespoke_gui.launch.remote.link import MOST_OUTPUT, PIECE, LinkLost, Ran, Told

POLL_S = 0.02


class FolderLink:
    """`home` is the home folder there; `lose` breaks the connection, as often as asked.

    `commands` holds every command line with what it was given on standard input; `env` is added
    to their environment.
    """

    def __init__(self, home: Path) -> None:
        self.home = Path(home)
        self.home.mkdir(parents=True, exist_ok=True)
        self.env: dict[str, str] = {}
        self.commands: list[tuple[list[str], bytes]] = []
        self.sent: list[str] = []
        self.lost = False
        self.lose_after: int | None = None
        """Bytes of the next upload after which the connection is lost."""

    def _path(self, path: str) -> Path:
        if self.lost:
            raise LinkLost("the connection is gone")
        return self.home / path

    async def run(self, argv: Sequence[str], *, stdin: bytes = b"", timeout_s: float = 60) -> Ran:
        self._path("")
        self.commands.append((list(argv), stdin))
        env = {**os.environ, "HOME": str(self.home), **self.env}
        env.pop("PYTHONPATH", None)
        done = await asyncio.to_thread(
            subprocess.run, list(argv), input=stdin, capture_output=True, cwd=self.home, env=env,
            timeout=timeout_s, check=False,
        )  # fmt: skip
        return Ran(done.returncode, done.stdout[:MOST_OUTPUT], done.stderr[:MOST_OUTPUT])

    async def read(self, path: str, offset: int = 0, limit: int = PIECE) -> bytes:
        try:
            with self._path(path).open("rb") as file:
                file.seek(offset)
                return file.read(limit)
        except FileNotFoundError:
            return b""

    async def write(self, path: str, data: bytes) -> None:
        target = self._path(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = target.with_name(f"{target.name}.tmp")
        temporary.write_bytes(data)
        temporary.replace(target)

    async def size(self, path: str) -> int | None:
        try:
            return self._path(path).stat().st_size
        except (FileNotFoundError, NotADirectoryError):
            return None

    async def put(self, local: Path, remote: str, told: Told | None = None) -> None:
        target = self._path(remote)
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f"{target.name}.part")
        self.sent.append(local.name)
        total = local.stat().st_size
        with local.open("rb") as source, part.open("ab") as file:
            source.seek(file.tell())
            while piece := source.read(PIECE if self.lose_after is None else self.lose_after):
                file.write(piece)
                if told is not None:
                    told(file.tell(), total)
                if self.lose_after is not None:
                    self.lost, self.lose_after = True, None
                    raise LinkLost("the connection is gone")
        part.replace(target)

    async def get(self, remote: str, local: Path, offset: int, told: Told | None = None) -> None:
        source = self._path(remote)
        if not source.is_file():
            raise AppError("is not on the machine", file=remote)
        with source.open("rb") as reader, local.open("ab") as writer:
            reader.seek(offset)
            shutil.copyfileobj(reader, writer)
        if told is not None:
            told(source.stat().st_size, source.stat().st_size)

    async def remove(self, path: str) -> None:
        self._path(path).unlink(missing_ok=True)

    async def follow(self, path: str, offset: int) -> AsyncIterator[bytes]:
        while True:
            piece = await self.read(path, offset)
            offset += len(piece)
            if piece:
                yield piece
            else:
                await asyncio.sleep(POLL_S)

    async def close(self) -> None:
        with contextlib.suppress(OSError):
            self.lost = True
