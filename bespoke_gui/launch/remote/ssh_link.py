"""SSH link: one asyncssh connection with pinned host keys; commands, files and growing files."""

from __future__ import annotations

import asyncio
import contextlib
import shlex
import uuid
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import asyncssh

from bespoke_gui.core.errors import AppError
from bespoke_gui.launch.remote.link import MOST_OUTPUT, PIECE, LinkLost, Ran, Told

BIG_PIECE = 4 * 1024 * 1024
MOST_EARLY = 1024
LITTLE_ROOM = 1024 * 1024
GONE = (
    asyncssh.DisconnectError, asyncssh.ChannelOpenError, asyncssh.SFTPConnectionLost,
    asyncssh.SFTPNoConnection, OSError, asyncio.TimeoutError, asyncio.IncompleteReadError,
)  # fmt: skip


class SshLink:
    """The `Link` of an open asyncssh connection; made by `remote.connect.connect`."""

    def __init__(self, connection: asyncssh.SSHClientConnection, sftp: asyncssh.SFTPClient) -> None:
        self._connection = connection
        self._sftp = sftp

    async def run(self, argv: Sequence[str], *, stdin: bytes = b"", timeout_s: float = 60) -> Ran:
        """Run a command; output beyond MOST_OUTPUT is read and dropped."""
        with losing(), _patience(timeout_s, argv[0]):
            async with asyncio.timeout(timeout_s), self._process(shlex.join(argv)) as process:
                feeding = asyncio.ensure_future(_feed(process, stdin))
                try:
                    output = await asyncio.gather(_capped(process.stdout), _capped(process.stderr))
                    await process.wait_closed()
                finally:
                    feeding.cancel()
            self._require_open()
            code = process.exit_status
            return Ran(-1 if code is None else code, *output)
        raise AssertionError("unreachable")

    @contextlib.asynccontextmanager
    async def _process(self, command: str) -> AsyncIterator[asyncssh.SSHClientProcess[bytes]]:
        """A command that is ended there, not waited for, when it is not needed any more."""
        process = await self._connection.create_process(command, encoding=None)
        try:
            yield process
        finally:
            with contextlib.suppress(*GONE, asyncssh.Error):
                if process.exit_status is None:
                    process.terminate()
                process.close()

    def _require_open(self) -> None:
        """A connection that is lost ends its commands as if they had ended by themselves."""
        if self._connection.is_closed():
            raise LinkLost("the connection is gone")

    async def read(self, path: str, offset: int = 0, limit: int = PIECE) -> bytes:
        """Return bytes of a file, b"" where there is none."""
        with losing(path):
            try:
                async with self._sftp.open(path, "rb") as file:
                    return bytes(await file.read(limit, offset))
            except asyncssh.SFTPNoSuchFile:
                return b""
        raise AssertionError("unreachable")

    async def size(self, path: str) -> int | None:
        """Return the bytes of a file, None where there is none."""
        with losing(path):
            try:
                return (await self._sftp.stat(path)).size
            except asyncssh.SFTPNoSuchFile:
                return None
        raise AssertionError("unreachable")

    async def write(self, path: str, data: bytes) -> None:
        """Write a file beside its place and rename it there."""
        temporary = f"{path}.{uuid.uuid4().hex[:8]}.tmp"
        with losing(path):
            try:
                async with self._opened(temporary, "wb") as file:
                    await file.write(data)
                await self._sftp.posix_rename(temporary, path)
            except asyncssh.SFTPFailure as error:
                raise await self._refused(path, error) from error

    async def put(self, local: Path, remote: str, told: Told | None = None) -> None:
        """Upload into REMOTE.part from where it ends, then rename."""
        part = f"{remote}.part"
        total = local.stat().st_size
        offset = await self.size(part) or 0
        if offset > total:
            await self.remove(part)
            offset = 0
        with losing(remote):
            try:
                await self._append(local, part, offset, total, told)
                await self._sftp.posix_rename(part, remote)
            except asyncssh.SFTPFailure as error:
                raise await self._refused(remote, error) from error

    async def _append(
        self, local: Path, part: str, offset: int, total: int, told: Told | None
    ) -> None:
        async with self._opened(part, "ab") as file:
            with local.open("rb") as source:
                source.seek(offset)
                while piece := source.read(BIG_PIECE):
                    await file.write(piece, offset)
                    offset += len(piece)
                    if told is not None:
                        told(offset, total)

    async def get(self, remote: str, local: Path, offset: int, told: Told | None = None) -> None:
        """Append `remote` from `offset` on to `local`, many pieces under way at once.

        AppError kind "disk_full" when this computer has no room, "bad_input" for no such file.
        """
        with losing(remote):
            async with self._sftp.open(remote, "rb") as file:
                total = (await file.stat()).size or 0
                with local.open("ab") as target:
                    async for piece in _pieces(file, offset, max(0, total - offset)):
                        _write_here(target, piece, local)
                        offset += len(piece)
                        if told is not None:
                            told(offset, total)

    async def remove(self, path: str) -> None:
        """Delete a file; it may be gone already."""
        with losing(path), contextlib.suppress(asyncssh.SFTPNoSuchFile):
            await self._sftp.remove(path)

    async def follow(self, path: str, offset: int) -> AsyncIterator[bytes]:
        """Yield a growing file; `tail -F` there, which outlives nothing."""
        command = f"exec tail -c +{offset + 1} -F {shlex.quote(path)} 2>/dev/null"
        with losing(path):
            async with self._process(command) as process:
                while piece := await process.stdout.read(PIECE):
                    yield bytes(piece)
            if process.exit_status == 127:
                raise AppError("has no `tail` program", hint="install coreutils there")
            raise LinkLost("the file is not followed any more")

    async def close(self) -> None:
        """Close the connection, with little patience for the other side."""
        self._connection.close()
        with contextlib.suppress(Exception):
            async with asyncio.timeout(1):
                await self._connection.wait_closed()

    @contextlib.asynccontextmanager
    async def _opened(self, path: str, mode: str) -> AsyncIterator[asyncssh.SFTPClientFile]:
        """Open a file for writing; its folder is made when it is missing."""
        try:
            file = await self._sftp.open(path, mode)
        except asyncssh.SFTPNoSuchFile:
            await self._sftp.makedirs(str(PurePosixPath(path).parent), exist_ok=True)
            file = await self._sftp.open(path, mode)
        async with file:
            yield file

    async def _refused(self, path: str, error: asyncssh.SFTPFailure) -> AppError:
        """OpenSSH says only "Failure" for a full disk; look how much room there is."""
        with contextlib.suppress(asyncssh.SFTPError):
            room = await self._sftp.statvfs(str(PurePosixPath(path).parent))
            if room.bavail * room.frsize < LITTLE_ROOM:
                hint = "free some space on that machine"
                return AppError("the disk of the machine is full", file=path, hint=hint,
                                kind="disk_full")  # fmt: skip
        return AppError(f"the machine cannot write this: {error.reason or 'refused'}", file=path)


@contextlib.contextmanager
def losing(path: str = "") -> Iterator[None]:
    """Turn what asyncssh raises into LinkLost, or AppError about `path`."""
    try:
        yield
    except asyncssh.SFTPNoSuchFile as error:
        raise AppError("is not on the machine", file=path) from error
    except asyncssh.SFTPPermissionDenied as error:
        hint = "check who may write there"
        raise AppError("the machine does not allow this", file=path, hint=hint) from error
    except GONE as error:
        raise LinkLost(str(error) or type(error).__name__) from error
    except asyncssh.Error as error:
        raise AppError(f"the machine refused: {error.reason}", file=path) from error


@contextlib.contextmanager
def _patience(timeout_s: float, name: str) -> Iterator[None]:
    try:
        yield
    except TimeoutError as error:
        raise LinkLost(f"{name} did not answer within {timeout_s:.0f} s") from error


async def _feed(process: asyncssh.SSHClientProcess[bytes], data: bytes) -> None:
    with contextlib.suppress(*GONE, asyncssh.Error):
        for start in range(0, len(data), PIECE):
            process.stdin.write(data[start : start + PIECE])
            await process.stdin.drain()
        process.stdin.write_eof()


async def _capped(reader: asyncssh.SSHReader[bytes]) -> bytes:
    kept = bytearray()
    while piece := await reader.read(PIECE):
        kept += piece[: max(0, MOST_OUTPUT - len(kept))]
    return bytes(kept)


async def _pieces(file: asyncssh.SFTPClientFile, offset: int, size: int) -> AsyncIterator[bytes]:
    """Yield `size` bytes from `offset` on; pieces come in any order and leave in the right one."""
    early: dict[int, bytes] = {}
    async for place, data in await file.read_parallel(size, offset):
        early[place] = bytes(data)
        while piece := early.pop(offset, b""):
            offset += len(piece)
            yield piece
        if len(early) > MOST_EARLY:
            raise LinkLost("pieces of a file come in an order that makes no sense")


def _write_here(target: Any, piece: bytes, local: Path) -> None:
    from bespoke_gui.core.atomic import write_error

    try:
        target.write(piece)
    except OSError as error:
        raise write_error(local, error) from error
