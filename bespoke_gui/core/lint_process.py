"""Lint process: a linter in a process of its own, so that a window paints while it works.

A thread would share Python's lock with the window: looking at 100,000 captions takes a minute, and
every frame of it comes late. The process keeps the texts, so that what only all of them together
show can be asked again after an edit.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import TYPE_CHECKING, Any, NamedTuple

from bespoke_gui.core.errors import AppError
from bespoke_gui.core.lint_ignored import Ignored

if TYPE_CHECKING:
    from bespoke_gui.core.lints import Context, Finding, Linter

    Coded = tuple[str, Finding]

ROWS = 400  # findings of so many captions come in one piece: taking it takes a millisecond
NICE = 5  # the window comes first where there are few cores


class Looked(NamedTuple):
    """Codes of all that one caption's text shows, and what its words show beside its image."""

    codes: list[str]
    of_image: list[Coded]


class ProcessEnded(AppError):
    """The linter's process is no longer there, and nobody closed it."""


class LintProcess:
    """Looks at captions elsewhere. Images are not looked at. One call at a time, from any thread.

    The process begins with the first call and ends with `close`, or with this process.
    Calls raise AppError: kind "cancelled" after `close`, ProcessEnded when the process has died.
    """

    def __init__(self, context: Context, ignored: Ignored) -> None:
        self._settings = (replace(context, native=None), ignored)
        self._lock = threading.Lock()
        self._process: BaseProcess | None = None
        self._pipe: Connection | None = None
        self._is_closed = False

    def look(self, texts: Mapping[str, str]) -> dict[str, Looked]:
        """Look at captions one by one, and know them from now on."""
        return dict(zip(texts, self._ask("look", list(texts.items())), strict=True))

    def look_at_set(self, changed: Mapping[str, str | None]) -> Iterator[tuple[str, list[Coded]]]:
        """Yield what only all known captions together show, by name; to be read to the end.

        changed: texts that are other ones than those looked at, None for captions that are gone.
        """
        with self._lock:
            self._send("set", dict(changed))
            while rows := self._receive():
                yield from rows

    def close(self) -> None:
        """End the process, whatever it is doing."""
        self._is_closed = True
        if self._process is not None:
            self._process.kill()

    def _ask(self, what: str, data: Any) -> Any:
        with self._lock:
            self._send(what, data)
            return self._receive()

    def _send(self, what: str, data: Any) -> None:
        with self._told():
            self._connection().send((what, data))

    def _connection(self) -> Connection:
        if self._pipe is None:
            # Never fork: the window has threads, and a forked lock may never open again.
            spawn = multiprocessing.get_context("spawn")
            self._pipe, theirs = spawn.Pipe()
            args = (theirs, *self._settings)
            process = self._process = spawn.Process(target=_serve, args=args, daemon=True)
            process.start()
            theirs.close()
        if self._is_closed and self._process is not None:
            self._process.kill()  # closed while it was starting
        return self._pipe

    def _receive(self) -> Any:
        with self._told():
            answer = self._connection().recv()
        if isinstance(answer, Exception):
            raise answer
        return answer

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (OSError, EOFError) as error:
            if self._is_closed:
                raise AppError("the linter was ended", kind="cancelled") from error
            raise ProcessEnded("the linter's process ended by itself") from error


def _serve(pipe: Connection, context: Context, ignored: Ignored) -> None:
    """Answer until the window closes its end, or is no longer there."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "nice"):
        os.nice(NICE)
    # Loaded here: the window's process imports this file without any check.
    from bespoke_gui.core import breathing
    from bespoke_gui.core.lints import Linter

    breathing.WORK = float("inf")  # nobody waits for this process
    linter, texts = Linter(context, ignored=ignored), dict[str, str]()
    with contextlib.suppress(EOFError, OSError):
        while True:
            what, data = pipe.recv()
            try:
                if what == "look":
                    texts.update(data)
                    pipe.send([_look(linter, name, text) for name, text in data])
                else:
                    texts |= data
                    texts = {name: text for name, text in texts.items() if text is not None}
                    for rows in _look_at_set(linter, texts):
                        pipe.send(rows)
                    pipe.send([])
            except AppError as error:
                pipe.send(error)


def _look(linter: Linter, name: str, text: str) -> Looked:
    of_image = linter.of_image(name, text, False)
    found = [*linter.of_text(name, text), *of_image]
    return Looked([check.code for check, _ in found], [(c.code, f) for c, f in of_image])


def _look_at_set(
    linter: Linter, texts: Mapping[str, str]
) -> Iterator[Sequence[tuple[str, list[Coded]]]]:
    found: dict[str, list[Coded]] = {}
    for name, check, finding in linter.of_set(texts):
        found.setdefault(name, []).append((check.code, finding))
    rows = list(found.items())
    for start in range(0, len(rows), ROWS):
        yield rows[start : start + ROWS]
