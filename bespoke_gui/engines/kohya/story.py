"""Story: what sd-scripts prints, as stages, steps, checkpoints and the reason of a failure.

Wording and formats as measured on sd-scripts 48d368f (v0.10): its bar restarts at 0 after a resume
while its epochs go on, so a step is counted from the epoch's line.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import Any

from bespoke_gui.core.events import HELD_OUT_LOSS
from bespoke_gui.engines.kohya.lines import Lines

BAR = re.compile(
    r"steps:\s+(\d+)%\|[^|]*\|\s*(\d+)/(\d+) \[[\d:?]+<[\d:?]+,\s*([\d.?]+)(it/s|s/it)"
    r"(?:,\s*([^\]]*))?\]"
)
MEASURED = re.compile(
    r"epoch validation steps:\s+(\d+)%\|[^|]*\|[^\[]*\["
    r"(?:[^\]]*val_epoch_avg_loss=([\w.+-]+))?[^\]]*\]"
)
EPOCH = re.compile(r"^epoch (\d+)/(\d+)\s*$")
SAVING = re.compile(r"saving checkpoint: (.+?)\s*$")
COUNTS = {
    "batches": re.compile(r"num batches per epoch / .*: (\d+)"),
    "epochs": re.compile(r"num epochs / .*: (\d+)"),
    "total": re.compile(r"total optimization steps / .*: (\d+)"),
    "batch": re.compile(r"batch size per device / .*: (\d+)"),
    "accumulation": re.compile(r"gradient accumulation steps / .* = (\d+)"),
}
STAGES = (
    ("prepare images", "preparing the images"),
    ("loading StableDiffusion", "loading the base model"),
    ("load StableDiffusion", "loading the base model"),
    ("Loading pipeline components", "loading the base model"),
    ("caching latents", "caching the latents"),
    ("running training", "training"),
)
LOSS = re.compile(r"avr_loss=([\w.+-]+)")
RAISED = re.compile(r"^(?:\w+\.)*(\w*(?:Error|Exception|Invalid|Interrupt|Found))(?:: (.*))?$")
REFUSED = re.compile(r"^\S+\.py: error: (.*)$")
LAUNCHER = "CalledProcessError"  # accelerate's own end, which says nothing of the reason
KEPT = 12


@dataclass
class Told:
    """One event to pass on: its kind and fields."""

    event: str
    fields: dict[str, Any] = field(default_factory=dict)


class Story:
    """Reads the output of one training. `counts` holds what it said of its plan."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}
        self.epoch = 0
        self.step = 0
        self.loss_is_nan = False
        self.errors: list[str] = []
        self.said: list[str] = []
        self._lines = Lines()
        self._stage = ""
        self._bar = 0
        self._bar_at_epoch = 0
        self._told_bar = 0
        self._waiting: re.Match[str] | None = None
        self._held_out: dict[int, float] = {}
        self._measuring = False

    def feed(self, chunk: bytes, last: bool = False) -> list[Told]:
        """Return the events that a chunk of output tells."""
        found: list[Told] = []
        for level, text in self._lines.feed(chunk, last):
            found += self._record(level, text) if level else self._plain(text)
        return found + (self._last_step() + self._held_out_loss() if last else [])

    def _last_step(self) -> list[Told]:
        waiting, self._waiting = self._waiting, None
        return self._tell(waiting) if waiting else []

    def _validation(self, text: str) -> list[Told]:
        """The bar of a validation: it prints its last state twice, and once more when the next one
        begins or the trainer ends, which is no new measurement. What follows it may be glued on."""
        bar = MEASURED.search(text)
        if bar is None:
            return []
        found = self._last_step()
        loss = _number(bar.group(2) or "")
        if bar.group(1) != "100":
            self._measuring = True
        elif self._measuring and loss is not None:
            self._held_out = {max(1, self.epoch): loss}
        rest = text[bar.end() :]
        return found + (self._held_out_loss() + self._fact(rest) if rest.strip() else [])

    def _held_out_loss(self) -> list[Told]:
        """The loss that the last validation ended with, once."""
        found = [
            Told("metric", {"name": HELD_OUT_LOSS, "value": loss, "epoch": epoch})
            for epoch, loss in self._held_out.items()
        ]
        self._held_out.clear()
        self._measuring = self._measuring and not found
        return found

    @property
    def steps_per_epoch(self) -> int:
        """Optimiser steps of an epoch, 0 while unknown."""
        batches = self.counts.get("batches", 0)
        return math.ceil(batches / max(1, self.counts.get("accumulation", 1)))

    def _record(self, level: str, text: str) -> list[Told]:
        self._remember(text)
        if level in ("ERROR", "CRITICAL"):
            self.errors.append(text)
            return [Told("log", {"level": "error", "text": text})]
        if level == "WARNING":
            return [Told("log", {"level": "warning", "text": text})]
        return self._fact(text)

    def _plain(self, text: str) -> list[Told]:
        if "validation steps:" in text:
            return self._validation(text)
        found: list[Told] = self._held_out_loss()
        bar = None
        for bar in BAR.finditer(text):
            found += self._progress(bar)
        rest = text[bar.end() :] if bar else text
        if not rest.strip():
            return found
        self._remember(rest)
        if LAUNCHER not in rest and (RAISED.match(rest) or REFUSED.match(rest)):
            self.errors.append(rest.strip())
        return found + self._fact(rest)

    def _fact(self, text: str) -> list[Told]:
        epoch = EPOCH.match(text)
        if epoch:
            before = self._last_step()
            self.epoch, self.counts["epochs"] = int(epoch.group(1)), int(epoch.group(2))
            self._bar_at_epoch = self._bar
            return before
        saving = SAVING.search(text)
        if saving:
            return [Told("saving", {"path": saving.group(1)})]
        for name, pattern in COUNTS.items():
            count = pattern.search(text)
            if count:
                self.counts[name] = int(count.group(1))
        return self._new_stage(text)

    def _new_stage(self, text: str) -> list[Told]:
        for words, stage in STAGES:
            if words in text and stage != self._stage:
                self._stage = stage
                return [Told("stage", {"name": stage})]
        return []

    def _progress(self, bar: re.Match[str]) -> list[Told]:
        """A step is printed up to three times: with the loss before it, with its own, at the end.

        It is told with the second, or when the next step shows that there was only one (tqdm
        leaves the first out where steps are quick).
        """
        count = int(bar.group(2))
        if not count or count == self._told_bar:
            self._bar = count
            return []
        waiting, self._waiting = self._waiting, None
        again = count == self._bar
        found = self._tell(waiting) if waiting and not again else []
        self._bar = count
        if not again:
            self._waiting = bar
            return found
        return self._tell(bar)

    def _tell(self, bar: re.Match[str]) -> list[Told]:
        self._told_bar = int(bar.group(2))
        said = LOSS.search(bar.group(6) or "")
        if not said:
            return []
        loss = _number(said.group(1))
        self.loss_is_nan = loss is None
        total = self.counts.setdefault("total", int(bar.group(3)))
        self.step = max(self.step, self._counted(self._told_bar))
        rate = _rate(bar.group(4), bar.group(5))
        fields: dict[str, Any] = {
            "step": self.step, "total": total, "epoch": max(1, self.epoch),
            "epochs": self.counts.get("epochs", 0), "loss": loss,
        }  # fmt: skip
        if rate:
            images = self.counts.get("batch", 1) * self.counts.get("accumulation", 1)
            fields["images_per_s"] = round(rate * images, 3)
            fields["eta_s"] = round((total - self.step) / rate, 1)
        return [Told("progress", fields)]

    def _counted(self, count: int) -> int:
        """The step in the whole training, also after a resume."""
        if not self.epoch or not self.steps_per_epoch:
            return count
        return (self.epoch - 1) * self.steps_per_epoch + count - self._bar_at_epoch

    def _remember(self, text: str) -> None:
        if LAUNCHER not in text:
            self.said = [*self.said[1 - KEPT :], text.strip()]


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _rate(text: str, unit: str) -> float:
    """Steps a second of "2.25", "it/s" or "s/it"; 0 while the bar does not know."""
    value = _number(text) or 0.0
    if unit == "s/it" and value:
        return 1 / value
    return value
