"""Fetching: finished files come into NAME.part, are checked against their hash, then renamed."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import Any

from bespoke_gui.core.atomic import sync_folder, write_error
from bespoke_gui.core.errors import AppError
from bespoke_gui.launch.remote.link import Link
from bespoke_gui.launch.remote.local_run import LocalRun
from bespoke_gui.launch.remote.manifest import Entry, Manifest

CHUNK = 1024 * 1024
MARGIN = 16 * 1024 * 1024
ASIDE = "aside"
"""Folder of the run for files whose hash stayed wrong."""


class Fetcher:
    """Keeps the run folder's files equal to the manifest; what is here and verified is remembered
    by `fetched` events, so that a new courier hashes nothing twice."""

    def __init__(self, local: LocalRun, remote_folder: str) -> None:
        self.local = local
        self.remote_folder = remote_folder
        self.manifest = Manifest()
        self.verified = _verified_before(local.dir.events_path)
        self._tries: dict[Entry, int] = {}

    @property
    def folder(self) -> Path:
        return self.local.dir.folder

    def missing(self) -> list[str]:
        """The names of finished files that are not here, verified, yet."""
        return [entry.name for entry in self.manifest.files.values() if not self._is_here(entry)]

    def unlisted(self) -> set[str]:
        """The checkpoints that the engine told of and the manifest does not know (yet)."""
        events, _ = self.local.dir.tail()
        told = {str(e.get("path")) for e in events if e.event == "checkpoint" and e.get("path")}
        return told - {*self.manifest.files, *self.manifest.gone}

    def forgive(self) -> None:
        """Try again what was given up."""
        self._tries.clear()

    def next(self) -> Entry | None:
        """The smallest file that is due: a picture need not wait for a checkpoint."""
        due = [
            entry
            for entry in self.manifest.files.values()
            if not self._is_here(entry) and self._tries.get(entry, 0) < self._most
        ]
        return min(due, key=lambda entry: (entry.size, entry.name), default=None)

    async def read_manifest(self, link: Link) -> None:
        """Read what the manifest says since the last look."""
        path = f"{self.remote_folder}/manifest.jsonl"
        while piece := await link.read(path, self.manifest.offset):
            before = self.manifest.offset
            refused = self.manifest.take(piece)
            self.manifest.restart()
            for words in refused[:5]:
                text = f"left out, for it cannot be a file of this run: {words}"
                await self.local.persist(lambda text=text: self.local.say(text, "warning"))
            if self.manifest.offset == before:
                return  # half a line; the rest comes with the next look

    async def fetch(self, link: Link, entry: Entry) -> bool:
        """Bring one file here; whether it is here and verified now.

        LinkLost when the connection goes: the next call goes on in the middle.
        """
        target = self.folder / entry.name
        await self.local.persist(lambda: self._make_room(target, entry))
        if await _digest(target) == (entry.size, entry.sha256):
            await self._accept(entry)
            return True
        part = target.with_name(f"{target.name}.part")
        if not await self._download(link, entry, part):
            return False
        if self.manifest.files.get(entry.name) != entry:
            part.unlink(missing_ok=True)  # it changed there meanwhile: this may be of either
            return False
        if await _digest(part) != (entry.size, entry.sha256):
            await self._wrong(entry, part)
            return False
        await self.local.persist(lambda: _put_in_place(part, target))
        await self._accept(entry)
        return True

    @property
    def _most(self) -> int:
        return self.local.waits.fetch_tries

    def _is_here(self, entry: Entry) -> bool:
        path = self.folder / entry.name
        return self.verified.get(entry.name) == entry and _size(path) == entry.size

    def _make_room(self, target: Path, entry: Entry) -> None:
        """Make the folder; AppError kind "disk_full" where the file will not fit."""
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            free = shutil.disk_usage(target.parent).free
        except OSError as error:
            raise write_error(target, error) from error
        left = entry.size - (_size(target.with_name(f"{target.name}.part")) or 0)
        if free < left + MARGIN:
            raise AppError("has no room on this computer's disk", file=target, kind="disk_full")

    async def _download(self, link: Link, entry: Entry, part: Path) -> bool:
        """Append to the part what it lacks; False when the machine refuses.

        A part that is too long begins anew."""

        def told(done: int, _total: int) -> None:
            self.local.beat()
            if done > entry.size:
                raise AppError("is longer on the machine than it said", file=entry.name)

        remote = f"{self.remote_folder}/{entry.name}"
        if (_size(part) or 0) > entry.size:
            part.unlink(missing_ok=True)
        while True:
            try:
                await link.get(remote, part, _size(part) or 0, told)
            except AppError as error:
                if error.kind != "disk_full":
                    await self._failed(entry, error)
                    return False
                await self.local.persist(lambda: self._make_room(part, entry))
                continue
            return True

    async def _failed(self, entry: Entry, error: AppError) -> None:
        """What the machine refused: one try is used up, and it is said."""
        self._tries[entry] = self._tries.get(entry, 0) + 1
        if self._tries[entry] == self._most:
            await self.local.persist(lambda: self.local.say(f"not fetched: {error}", "error"))

    async def _wrong(self, entry: Entry, part: Path) -> None:
        """A wrong hash: fetch it anew, and in the end keep what came aside."""
        self._tries[entry] = tries = self._tries.get(entry, 0) + 1
        text = f"{entry.name} came damaged ({tries} of {self._most} tries)"
        if tries >= self._most and part.exists():
            aside = self.folder / ASIDE / entry.name
            await self.local.persist(lambda: _put_in_place(part, aside))
            text += f"; what came is in {ASIDE}/, the run folder of the machine has the original"
        else:
            part.unlink(missing_ok=True)
        await self.local.persist(lambda: self.local.say(text, "warning"))

    async def _accept(self, entry: Entry) -> None:
        fields = {"path": entry.name, "sha256": entry.sha256, "size": entry.size}
        await self.local.persist(lambda: self.local.emit("fetched", **fields))
        self.verified[entry.name] = entry
        self._tries.pop(entry, None)


async def _digest(path: Path) -> tuple[int, str]:
    """Size and SHA-256 of a file, (-1, "") where there is none; the connection lives meanwhile."""
    return await asyncio.to_thread(_digest_now, path)


def _digest_now(path: Path) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    try:
        with path.open("rb") as file:
            while piece := file.read(CHUNK):
                digest.update(piece)
                size += len(piece)
    except OSError:
        return -1, ""
    return size, digest.hexdigest()


def _put_in_place(part: Path, target: Path) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        part.replace(target)
    except OSError as error:
        raise write_error(target, error) from error
    sync_folder(target.parent)


def _verified_before(events: Path) -> dict[str, Entry]:
    """What earlier couriers verified, from their `fetched` events."""
    found: dict[str, Entry] = {}
    try:
        with events.open("rb") as file:
            for line in file:
                if b'"fetched"' in line:
                    _remember(found, line)
    except OSError:
        return found
    return found


def _remember(found: dict[str, Entry], line: bytes) -> None:
    try:
        data: Any = json.loads(line)
        if data["event"] == "fetched":
            found[data["path"]] = Entry(data["path"], data["size"], data["sha256"])
    except (ValueError, KeyError, TypeError):
        return


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None
