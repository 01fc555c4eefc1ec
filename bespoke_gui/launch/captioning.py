"""Captioning: a local model describes images in the engine process; each text is kept at once."""

from __future__ import annotations

import contextlib
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from bespoke_gui.core.errors import AppError
from bespoke_gui.core.events import Event
from bespoke_gui.core.run_request import new_run_id, write_run
from bespoke_gui.core.rundir import RunDir
from bespoke_gui.core.runs import read_run, run_state
from bespoke_gui.core.runspec import RunSpec
from bespoke_gui.core.suggest import prompt
from bespoke_gui.core.suggest.answer import Answer
from bespoke_gui.core.suggest.answers import Answers, key_of
from bespoke_gui.core.suggest.batch import Asking, BatchReport, Job, Outcome, Told
from bespoke_gui.launch.base import BACKENDS, Backend

POLL_S = 0.1


class LocalBatch:
    """Has images described by the model in `asking.options.folder`. One object is one run.

    The run lies in `.bespoke/suggest/` of `home`. cancelled: set it to end the engine. `detached`
    is asked whether to leave the engine alone and return: what it says is kept at the next start.
    """

    def __init__(
        self,
        home: Path,
        answers: Answers,
        asking: Asking,
        cancelled: threading.Event,
        detached: Callable[[], bool] = lambda: False,
        backend: Backend | None = None,
    ) -> None:
        self._home = Path(home)
        self._answers = answers
        self._asking = asking
        self._cancelled = cancelled
        self._detached = detached
        self._backend = backend or BACKENDS["local"]

    def run(self, jobs: Sequence[Job], told: Told | None = None) -> BatchReport:
        """Describe; `told` hears of each outcome on the calling thread. No caption is written.

        Raises AppError when the engine cannot be started, the prompt is wrong, or answers cannot
        be kept.
        """
        prompt.require_known(self._asking.options.prompt)
        self._answers.require_writable()
        take_left_over(self._home, self._answers)
        report = BatchReport()

        def tell(outcome: Outcome) -> None:
            report.outcomes.append(outcome)
            if told is not None:
                told(outcome)

        items = list(self._items(jobs, tell))
        if items:
            self._describe(items, report, tell)
        report.cancelled = self._cancelled.is_set()
        return report

    def _items(self, jobs: Sequence[Job], tell: Told) -> Iterator[dict[str, str]]:
        """Yield what the engine is asked; what was answered before is told at once."""
        for job in jobs:
            words = self._asking.words(job)
            try:
                key = key_of(job.image, words, self._asking.options)
            except AppError as error:
                tell(Outcome(job.name, error=error))
                continue
            known = self._asking.earlier(self._answers, job, key)
            if known is not None:
                tell(Outcome(job.name, known, kept=True))
                continue
            image = str(Path(job.image).absolute())
            yield {"name": job.name, "key": key, "image": image, "prompt": words}

    def _describe(self, items: list[dict[str, str]], report: BatchReport, tell: Told) -> None:
        run_dir = write_run(runs_folder(self._home) / new_run_id("captions"), self._spec(items))
        self._backend.start(run_dir)
        try:
            state = self._follow(run_dir, tell)
        except BaseException:
            self._backend.stop(run_dir)
            raise
        if state in ("failed", "lost"):
            report.stopped = _why(run_dir)
        elif state != "running":
            shutil.rmtree(run_dir.folder, ignore_errors=True)

    def _spec(self, items: list[dict[str, str]]) -> RunSpec:
        options = self._asking.options
        wanted: dict[str, Any] = {
            "items": items, "image": options.image, "native_size": self._asking.native_size,
            "max_tokens": options.max_tokens,
        }  # fmt: skip
        folder = str(Path(options.folder).absolute())
        return RunSpec(run="", engine="caption", base=folder, output="outputs", options=wanted)

    def _follow(self, run_dir: RunDir, tell: Told) -> str:
        """Take the events until the engine ends; return its state."""
        offset = 0
        while True:
            state = self._backend.state(run_dir)
            events, offset = self._backend.read(run_dir, offset)
            for event in events:
                _take(event, self._answers, tell, self._asking.options.folder)
            if state != "running" or self._detached():
                return state
            if self._cancelled.is_set():
                self._backend.stop(run_dir)
            time.sleep(POLL_S)


def runs_folder(home: Path) -> Path:
    """Return where runs of the captioning engine lie."""
    return Path(home) / ".bespoke" / "suggest"


def take_left_over(home: Path, answers: Answers) -> int:
    """Keep what engines said while nobody listened; returns how many texts. Ended runs go."""
    found = 0
    folder = runs_folder(home)
    for path in sorted(folder.glob("*")) if folder.is_dir() else ():
        run_dir = RunDir(path)
        if not run_dir.spec_path.is_file():
            continue
        base = str(read_run(path).spec.get("base", ""))
        for event in run_dir.tail()[0]:
            found += _take(event, answers, None, base)
        if run_state(run_dir) != "running":
            with contextlib.suppress(OSError):
                shutil.rmtree(path)
    return found


def _take(event: Event, answers: Answers, tell: Told | None, model: str) -> bool:
    """Keep one suggestion of the engine and tell of it; whether it was a new one."""
    name, key, text = event.get("name"), event.get("key"), event.get("text", "")
    if event.event != "suggestion" or not all(isinstance(x, str) for x in (name, key, text)):
        return False
    if not text:
        if tell is not None:
            tell(Outcome(name, error=AppError(str(event.get("problem", "no words came")))))
        return False
    answer = Answer(text, str(event.get("note", "")))
    if answers.knows(key) and tell is None:
        return False
    answers.keep(key, name, answer, Path(model).name)
    if tell is not None:
        tell(Outcome(name, answer))
    return True


def _why(run_dir: RunDir) -> AppError:
    failure = read_run(run_dir.folder).failure or {}
    message = failure.get("message") or "the engine ended without a word"
    hint = failure.get("hint", "")
    if not hint or failure.get("kind") == "lost":
        hint = f"the end of {run_dir.log_path} may say why"
    return AppError(message, hint=hint, kind=failure.get("kind") or "engine_crash")
