"""The story of one run, told by its events: what the live view shows. No Qt in here."""

from __future__ import annotations

import posixpath
import time
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from bespoke_gui.core.events import HELD_OUT_LOSS, Event
from bespoke_gui.qtmodels import wording

SMOOTHING = 0.9
LOG_LIMIT = 20_000


@dataclass(frozen=True)
class CheckpointRow:
    """One saved file. `learning_rate`: at the moment of saving, None if unknown; `whole`: it ends
    an epoch and was not saved in the middle of one; `held_out_loss`: on images that are not taught,
    None where none are held out."""

    epoch: int
    path: str
    size: int = 0
    sha256: str = ""
    learning_rate: float | None = None
    step: int = 0
    whole: bool = True
    held_out_loss: float | None = None


@dataclass(frozen=True)
class SampleRow:
    """One picture made while training."""

    epoch: int
    path: str
    prompt: str = ""
    seed: int | None = None


@dataclass(frozen=True)
class GpuLoad:
    """How busy the card is: `percent` of its time, memory in use and in all in MB as
    nvidia-smi counts them (2^20 bytes)."""

    percent: float
    memory: float | None = None
    memory_total: float | None = None


@dataclass(frozen=True)
class LogRow:
    """One line of the log; `time` in seconds since 1970, 0 when unknown."""

    time: float
    level: str
    text: str


@dataclass
class Curve:
    """Loss and learning rate over steps, in machine numbers: four arrays of one length."""

    steps: array[int] = field(default_factory=lambda: array("q"))
    losses: array[float] = field(default_factory=lambda: array("d"))
    smoothed: array[float] = field(default_factory=lambda: array("d"))
    rates: array[float] = field(default_factory=lambda: array("d"))
    cuts: int = 0  # how often points were taken away: who follows the curve then starts again
    _mean: float = 0.0
    _weight: float = 0.0

    def add(self, step: int, loss: float | None, rate: float | None) -> None:
        """Add one step; a step seen before (the run was resumed) takes the later ones away."""
        if self.steps and step <= self.steps[-1]:
            self._cut(bisect_left(self.steps, step))
        self.steps.append(step)
        self.losses.append(_number(loss))
        self.rates.append(_number(rate))
        self.smoothed.append(self._smooth(_number(loss)))

    def _smooth(self, loss: float) -> float:
        if loss != loss:  # NaN: the mean stays what it was
            return loss
        self._mean = SMOOTHING * self._mean + (1 - SMOOTHING) * loss
        self._weight = SMOOTHING * self._weight + (1 - SMOOTHING)
        return self._mean / self._weight

    def _cut(self, length: int) -> None:
        for values in (self.steps, self.losses, self.smoothed, self.rates):
            del values[length:]
        self.cuts += 1
        if length and self.smoothed[-1] == self.smoothed[-1]:
            self._mean, self._weight = self.smoothed[-1], 1.0


@dataclass
class RunStory:
    """Everything known of a run. `apply` says which part changed, so that a view redraws little.

    here: the files that were brought from another machine and verified, as the events name them.
    """

    engine: str = ""
    stage: str = ""
    step: int = 0
    total: int = 0
    epoch: int = 0
    epochs: int = 0
    loss: float | None = None
    learning_rate: float | None = None
    images_per_s: float | None = None
    eta_s: float | None = None
    started: float = 0.0
    updated: float = 0.0
    curve: Curve = field(default_factory=Curve)
    checkpoints: list[CheckpointRow] = field(default_factory=list)
    samples: list[SampleRow] = field(default_factory=list)
    log: list[LogRow] = field(default_factory=list)
    log_dropped: int = 0
    problems: int = 0
    failure: dict[str, Any] | None = None
    outcome: str = ""
    held_out_losses: dict[int, float] = field(default_factory=dict)
    gpu: GpuLoad | None = None
    device: str = ""
    here: set[str] = field(default_factory=set)
    _sampled: set[str] = field(default_factory=set)

    def apply(self, events: Iterable[Event]) -> set[str]:
        """Take in events; return the names of the kinds that were among them."""
        changed: set[str] = set()
        for event in events:
            self.started = self.started or event.time
            self.updated = max(self.updated, event.time)
            apply = _APPLY.get(event.event)
            if apply is not None:
                apply(self, event)
            changed.add(event.event)
        return changed

    def epoch_marks(self) -> list[tuple[float, int]]:
        """Return (step, epoch) for the end of every epoch, the coming ones as well."""
        if self.total <= 0 or self.epochs <= 0:
            return []
        return [(self.total * n / self.epochs, n) for n in range(1, self.epochs + 1)]

    def remaining_s(self) -> float | None:
        """Return seconds to go: the engine's word, else from the pace so far."""
        if self.eta_s is not None:
            return self.eta_s
        spent = self.updated - self.started
        if self.step <= 0 or self.total <= 0 or spent <= 0:
            return None
        return spent / self.step * (self.total - self.step)

    def is_here(self, path: str) -> bool:
        """Say whether a file of another machine was brought here and verified."""
        return _plain(path) in self.here

    def _hello(self, event: Event) -> None:
        self.engine = str(event.get("engine", ""))
        self.failure, self.outcome = None, ""

    def _stage(self, event: Event) -> None:
        self.stage = str(event.get("name", ""))
        self._write_log(event, "stage", self.stage)

    def _progress(self, event: Event) -> None:
        self.step = _whole(event.get("step"), self.step)
        self.total = _whole(event.get("total"), self.total)
        self.epoch = _whole(event.get("epoch"), self.epoch)
        self.epochs = _whole(event.get("epochs"), self.epochs)
        self.images_per_s = _real(event.get("images_per_s"))
        self.eta_s = _real(event.get("eta_s"))
        loss, rate = _real(event.get("loss")), _real(event.get("lr"))
        if loss is not None or rate is not None:
            self.loss, self.learning_rate = loss, rate
            self.curve.add(self.step, loss, rate)

    def _checkpoint(self, event: Event) -> None:
        rate = _real(event.get("learning_rate"))
        row = CheckpointRow(
            epoch=_whole(event.get("epoch"), 0),
            path=str(event.get("path", "")),
            size=_whole(event.get("size"), 0),
            sha256=str(event.get("sha256", "")),
            learning_rate=self.learning_rate if rate is None else rate,
            step=_whole(event.get("step"), self.step),
            whole="-step" not in str(event.get("path", "")),
        )
        if row.whole:
            row = replace(row, held_out_loss=self.held_out_losses.get(row.epoch))
        self.checkpoints = [old for old in self.checkpoints if old.path != row.path] + [row]
        name = posixpath.basename(_plain(row.path))
        self._write_log(event, "info", f"saved {name} ({wording.size(row.size)})")

    def _sample(self, event: Event) -> None:
        seed = event.get("seed")
        row = SampleRow(
            epoch=_whole(event.get("epoch"), 0),
            path=str(event.get("path", "")),
            prompt=str(event.get("prompt", "")),
            seed=seed if isinstance(seed, int) else None,
        )
        if row.path in self._sampled:  # drawn again: the new picture lies in the same file
            self.samples = [old for old in self.samples if old.path != row.path]
        self._sampled.add(row.path)
        self.samples.append(row)

    def _fetched(self, event: Event) -> None:
        path = _plain(str(event.get("path", "")))
        self.here.add(path)
        if not path.endswith(".png"):
            self._write_log(event, "info", f"{posixpath.basename(path)} is here, verified")

    def _log_line(self, event: Event) -> None:
        self._write_log(event, str(event.get("level", "info")), str(event.get("text", "")))

    def _metric(self, event: Event) -> None:
        value = _real(event.get("value"))
        if event.get("name") == "gpu":
            # Every few seconds: a figure of the moment, no line of the log.
            memory, total = _real(event.get("memory")), _real(event.get("memory_total"))
            self.gpu = GpuLoad(value, memory, total) if value is not None else None
            return
        if event.get("name") == "device":
            self.device = str(event.get("value", ""))
        figure = event.get("value") if value is None else wording.figure(value)
        if event.get("name") == HELD_OUT_LOSS and value is not None:
            self.held_out_losses[_whole(event.get("epoch"), 0)] = value
        self._write_log(event, "metric", f"{event.get('name')} = {figure}")

    def _failed(self, event: Event) -> None:
        self.failure = dict(event.data)
        self._write_log(event, "error", str(event.get("message", "")))

    def _done(self, event: Event) -> None:
        self.outcome = str(event.get("outcome", ""))

    def _write_log(self, event: Event, level: str, text: str) -> None:
        stamp = event.time or time.time()
        lines = text.splitlines() or [""]
        self.log += [LogRow(stamp, level, line) for line in lines]
        if level in ("warning", "error"):
            self.problems += len(lines)
        if len(self.log) > LOG_LIMIT:
            extra = len(self.log) - LOG_LIMIT
            del self.log[:extra]
            self.log_dropped += extra


_APPLY: dict[str, Callable[[RunStory, Event], None]] = {
    "hello": RunStory._hello,
    "stage": RunStory._stage,
    "progress": RunStory._progress,
    "checkpoint": RunStory._checkpoint,
    "sample": RunStory._sample,
    "metric": RunStory._metric,
    "log": RunStory._log_line,
    "fetched": RunStory._fetched,
    "failed": RunStory._failed,
    "done": RunStory._done,
}


def _plain(path: str) -> str:
    """Return a path of the run folder in the one way in which it is compared."""
    return posixpath.normpath(path.replace("\\", "/"))


def _number(value: float | None) -> float:
    return float("nan") if value is None else value


def _real(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value) if value == value else None


def _whole(value: object, otherwise: int) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return otherwise
    try:
        return int(value)
    except (ValueError, OverflowError):
        return otherwise
