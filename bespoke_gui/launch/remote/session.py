"""Session: one connection to a running remote run, until that has ended or the link is lost."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine
from typing import Any, TypeVar

from bespoke_gui.core.errors import AppError
from bespoke_gui.launch.remote.controls import Controls
from bespoke_gui.launch.remote.fetching import Fetcher
from bespoke_gui.launch.remote.link import Link
from bespoke_gui.launch.remote.local_run import LocalRun
from bespoke_gui.launch.remote.mirror import EventMirror, LogMirror
from bespoke_gui.launch.remote.travel import Far, Travel

T = TypeVar("T")
UNLISTED_LOOKS = 5
"""How often to look for a checkpoint that was told of and is not in the manifest yet."""
TURNS = ("checkpoint", "sample", "failed", "done")
"""Events after which there is something to look for."""


class Mirrors:
    """What outlives a connection: how far events, log and files have come here."""

    def __init__(self, local: LocalRun, folder: str) -> None:
        self.local = local
        self.folder = folder
        self.events = EventMirror(local, folder)
        self.log = LogMirror(local)
        self.fetcher = Fetcher(local, folder)


class Session:
    """Follows a remote run over one link."""

    def __init__(self, link: Link, mirrors: Mirrors, travel: Travel) -> None:
        self.link = link
        self.mirrors = mirrors
        self.local = mirrors.local
        self.folder = mirrors.folder
        self.travel = travel
        self._turn = asyncio.Event()
        self._files = asyncio.Event()

    async def follow(self) -> dict[str, Any]:
        """Return the remote exit.json once the run has ended and all it wrote has been read.

        Raises LinkLost; AppError only for what can never get better.
        """
        ended = await first_of(
            self._watch(), self._follow_events(), self._follow_log(), self._controls(),
            self._contact(), self._fetch(),
        )  # fmt: skip
        await first_of(self._drain(), self._contact())
        return ended

    async def _watch(self) -> dict[str, Any]:
        """Look at the run and its manifest again and again, until exit.json is there."""
        while True:
            far = await self.travel.state(self.link, self.folder)
            self.local.saw(far.exit is None)
            # What cannot be written now is noted by a later look: that the run has ended must be
            # seen all the same.
            with contextlib.suppress(AppError):
                self._note(far)
            await self.mirrors.fetcher.read_manifest(self.link)
            self._files.set()
            if far.exit is not None:
                return far.exit
            if self.local.dir.requested("fetch"):
                await self._fetch_again()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self.local.waits.state):
                    await self._turn.wait()
            self._turn.clear()

    async def _fetch_again(self) -> None:
        """Somebody waits for what is finished: try what was given up, then say that it is done."""
        fetcher = self.mirrors.fetcher
        fetcher.forgive()
        for _ in range(UNLISTED_LOOKS):
            if not fetcher.unlisted():
                break
            await asyncio.sleep(self.local.waits.state)
            await fetcher.read_manifest(self.link)
        self._files.set()
        while fetcher.next() is not None:
            await asyncio.sleep(self.local.waits.controls)
        self.local.dir.withdraw("fetch")

    def _note(self, far: Far) -> None:
        """Take over what the supervisor tells of itself."""
        job = far.job
        words = {
            name: job[name] for name in ("rung", "self_stop") if isinstance(job.get(name), str)
        }
        if words.get("rung") not in (None, "", "asked", "terminated", "killed"):
            words.pop("rung")
        if not words.get("self_stop"):
            words.pop("self_stop", None)  # not tested yet: what was known before still holds
        self.local.note(**{name: text[:300] for name, text in words.items()})

    async def _follow_events(self) -> None:
        events = self.mirrors.events
        pieces = self.link.follow(f"{self.folder}/events.jsonl", events.restart())
        async with contextlib.aclosing(pieces):  # type: ignore[type-var]
            async for piece in pieces:
                found = await events.take(piece)
                self.local.beat()
                if any(event["event"] in TURNS for event in found):
                    self._turn.set()

    async def _follow_log(self) -> None:
        log = self.mirrors.log
        pieces = self.link.follow(f"{self.folder}/log.txt", log.offset)
        async with contextlib.aclosing(pieces):  # type: ignore[type-var]
            async for piece in pieces:
                await log.take(piece)

    async def _controls(self) -> None:
        controls = Controls(self.local.dir, self.folder)
        while True:
            await controls.pass_on(self.link)
            self.local.beat()
            await asyncio.sleep(self.local.waits.controls)

    async def _contact(self) -> None:
        """Show the supervisor that somebody here looks after the run."""
        while True:
            await self.link.write(f"{self.folder}/contact", b"")
            await asyncio.sleep(self.local.waits.contact)

    async def _fetch(self) -> None:
        """Bring finished files here as they come."""
        while True:
            await self._files.wait()
            self._files.clear()
            await self._fetch_all()

    async def _fetch_all(self) -> None:
        fetcher = self.mirrors.fetcher
        while (entry := fetcher.next()) is not None:
            await self._note_missing()
            await fetcher.fetch(self.link, entry)
        await self._note_missing()

    async def _note_missing(self) -> None:
        missing = sorted(self.mirrors.fetcher.missing())[:200]
        await self.local.persist(lambda: self.local.note(missing=missing))

    async def _drain(self) -> None:
        """Read to the end what the run has written, and bring every file here."""
        mirrors = self.mirrors
        offset = mirrors.events.restart()
        while piece := await self.link.read(f"{self.folder}/events.jsonl", offset):
            await mirrors.events.take(piece)
            offset += len(piece)
        while piece := await self.link.read(f"{self.folder}/log.txt", mirrors.log.offset):
            if mirrors.log.full:
                break
            await mirrors.log.take(piece)
        await mirrors.fetcher.read_manifest(self.link)
        if mirrors.fetcher.next() is not None:
            await self.local.persist(lambda: self.local.emit("stage", name="fetching"))
        await self._fetch_all()


async def first_of(main: Coroutine[Any, Any, T], *others: Coroutine[Any, Any, None]) -> T:
    """Return what `main` returns, or raise what the first of all raises; the others are ended."""
    leading = asyncio.ensure_future(main)
    tasks: list[asyncio.Future[Any]] = [leading, *map(asyncio.ensure_future, others)]
    try:
        waiting = set(tasks)
        while not leading.done():
            done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        return leading.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
