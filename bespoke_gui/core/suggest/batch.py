"""Batch: many images asked about, several at a time; each answer is kept as soon as it comes."""

from __future__ import annotations

import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Protocol

from bespoke_gui.core.errors import AppError
from bespoke_gui.core.suggest import picture, prompt
from bespoke_gui.core.suggest.answer import Answer
from bespoke_gui.core.suggest.answers import Answers, key_of
from bespoke_gui.core.suggest.explain import EndpointError
from bespoke_gui.core.suggest.options import SuggestOptions, checked
from bespoke_gui.core.suggest.pace import Pace, Stopped

LOOK_S = 0.05
GRACE_S = 0.5
"""How long answers under way are waited for after a cancel; later ones are kept all the same."""


class Asks(Protocol):
    """Answers one question about one PNG picture (`client.Endpoint`)."""

    def ask(self, prompt: str, png: bytes) -> Answer:
        """Return the answer, or raise EndpointError."""
        ...


@dataclass(frozen=True)
class Job:
    """One image to ask about, and its caption as it is now."""

    name: str
    image: Path
    caption: str = ""


@dataclass(frozen=True)
class Outcome:
    """What became of one job: an answer or an error; both where an answer could not be kept.

    kept: it was answered earlier.
    """

    name: str
    answer: Answer | None = None
    error: AppError | None = None
    kept: bool = False


@dataclass
class BatchReport:
    """All outcomes; `stopped` is why no more were asked, `cancelled` that a person said so."""

    outcomes: list[Outcome] = field(default_factory=list)
    stopped: AppError | None = None
    cancelled: bool = False

    @property
    def answered(self) -> int:
        """How many images have an answer."""
        return sum(outcome.answer is not None for outcome in self.outcomes)


@dataclass(frozen=True)
class Asking:
    """How each image of a set is asked about. again: also what was answered before."""

    options: SuggestOptions
    trigger: str = ""
    native_size: int = 24
    again: bool = False

    def earlier(self, answers: Answers, job: Job, key: str) -> Answer | None:
        """Return what was answered to this question before, or is the caption by now."""
        known = None if self.again else answers.find(key)
        if known is not None:
            answers.offer(key, job.name)
            return known
        return None if self.again else answers.in_caption(job.name, key, job.caption)

    def words(self, job: Job) -> str:
        """Return the prompt for one image."""
        return prompt.fill(
            self.options.prompt,
            {
                "caption": job.caption,
                "trigger": self.trigger,
                "name": PurePosixPath(job.name).stem,
            },
        )


Told = Callable[[Outcome], object]


class Batch:
    """Asks about images, `options.concurrency` at a time. One object is one run."""

    def __init__(self, asker: Asks, answers: Answers, asking: Asking, pace: Pace) -> None:
        self._asker = asker
        self._answers = answers
        self._asking = asking
        self._pace = pace
        self._jobs: deque[Job] = deque()
        self._done: queue.SimpleQueue[Outcome] = queue.SimpleQueue()
        self._ended = threading.Event()

    def run(self, jobs: Sequence[Job], told: Told | None = None) -> BatchReport:
        """Ask; `told` hears of each outcome, on the calling thread. Nothing is written to captions.

        One image that fails does not stop the rest; an error that would be the same for every
        image does. Raises AppError when the prompt is wrong or answers cannot be kept.
        """
        prompt.require_known(self._asking.options.prompt)
        self._answers.require_writable()
        self._jobs.extend(jobs)
        count = min(self._asking.options.concurrency, len(jobs))
        workers = [threading.Thread(target=self._work, daemon=True) for _ in range(count)]
        for worker in workers:
            worker.start()
        report = BatchReport()
        try:
            self._collect(workers, report, told or (lambda outcome: None))
        finally:
            self._ended.set()
        report.cancelled = self._pace.cancelled.is_set()
        return report

    def _collect(self, workers: list[threading.Thread], report: BatchReport, told: Told) -> None:
        stopping = 0.0
        while any(worker.is_alive() for worker in workers) or not self._done.empty():
            try:
                outcome = self._done.get(timeout=LOOK_S)
            except queue.Empty:
                outcome = None
            if outcome is not None:
                report.outcomes.append(outcome)
                told(outcome)
                if _is_fatal(outcome.error):
                    report.stopped = report.stopped or outcome.error
            if self._pace.cancelled.is_set():
                stopping = stopping or time.monotonic()
                if time.monotonic() - stopping > GRACE_S:
                    return

    def _work(self) -> None:
        while not self._ended.is_set() and not self._pace.cancelled.is_set():
            try:
                job = self._jobs.popleft()
            except IndexError:
                return
            try:
                outcome = self._one(job)
            except Stopped:
                return
            if _is_fatal(outcome.error):
                self._ended.set()
            self._done.put(outcome)

    def _one(self, job: Job) -> Outcome:
        try:
            return self._ask(job)
        except AppError as error:
            return Outcome(job.name, error=error)
        except Stopped:
            raise
        except Exception as error:  # noqa: BLE001 - one image must not take the others along
            message = f"unexpected {type(error).__name__} while asking about {job.name}"
            return Outcome(job.name, error=AppError(message, hint="please report it"))

    def _ask(self, job: Job) -> Outcome:
        words, options = self._asking.words(job), self._asking.options
        key = key_of(job.image, words, options)
        known = self._asking.earlier(self._answers, job, key)
        if known is not None:
            return Outcome(job.name, known, kept=True)
        shown = picture.for_model(job.image, self._asking.native_size, options.image)
        answer = self._asker.ask(words, picture.png_bytes(shown))
        try:
            self._answers.keep(key, job.name, answer, options.model)
        except AppError as error:
            return Outcome(job.name, answer, _not_kept(error))
        return Outcome(job.name, answer)


def _not_kept(error: AppError) -> EndpointError:
    """Return the error that ends a batch: the next answer would be paid for and lost."""
    message = f"an answer could not be kept, so no more are asked for: {error.message}"
    return EndpointError(message, hint=error.hint, kind=error.kind, fatal=True)


def _is_fatal(error: AppError | None) -> bool:
    """Whether every other image would fail in the same way."""
    return isinstance(error, EndpointError) and error.fatal


def ready(options: SuggestOptions) -> SuggestOptions:
    """Return options that an endpoint can be asked with, or raise AppError kind "usage"."""
    prompt.require_known(options.prompt)
    return replace(checked(options), enabled=True)


def seconds_left(elapsed: float, asked: int, left: int) -> float | None:
    """Return how long the rest will take at the pace so far; None before the first answer."""
    return elapsed / asked * left if asked else None
