"""Training: the trainer's process, its output and files as events, controls as signals."""

from __future__ import annotations

import contextlib
import os
import queue
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO, Any

from bespoke_gui.core.errors import AppError
from bespoke_gui.core.lorafile import complete, inspect
from bespoke_gui.engines.checkpoints import announce
from bespoke_gui.engines.context import Cancelled, RunContext
from bespoke_gui.engines.kohya.failures import failure
from bespoke_gui.engines.kohya.rate import Rate
from bespoke_gui.engines.kohya.request import ENVIRONMENT, checkout_of, command, prepare
from bespoke_gui.engines.kohya.story import Story, Told

POLL_S = 0.2
PATIENCE_S = 20.0
CHUNK = 1 << 16


def train(context: RunContext) -> dict[str, Any]:
    """Run sd-scripts to its end; raises AppError or Cancelled, judged by the file it must write."""
    checkout = checkout_of(context)
    context.run_dir.outputs.mkdir(exist_ok=True)
    config = prepare(context)
    return _Training(context, command(context, checkout, config), checkout).run()


class _Training:
    """One process of sd-scripts and what is known of it."""

    def __init__(self, context: RunContext, words: list[str], folder: Path) -> None:
        self.context = context
        self.story = Story()
        self._rate = Rate(context.spec.config)
        self.outputs = context.run_dir.outputs
        self.name = str(context.spec.config.get("output_name") or "last")
        self._announced = {
            path.name: path.stat().st_mtime_ns for path in self.outputs.glob("*.safetensors")
        }
        self._paused = False
        self._ended_epoch = 0
        self._asked_at: int | None = None
        self._chunks: queue.Queue[bytes | None] = queue.Queue()
        context.emit("log", level="info", text="$ " + " ".join(words))
        self.process = _start(words, folder)
        self._reader = threading.Thread(target=self._read, name="trainer-output", daemon=True)
        self._reader.start()

    def _read(self) -> None:
        """Pass output on as it comes; None at its end."""
        stream: IO[bytes] = self.process.stdout  # pyright: ignore[reportAssignmentType]
        with stream:
            while chunk := os.read(stream.fileno(), CHUNK):
                self._chunks.put(chunk)
        self._chunks.put(None)

    def run(self) -> dict[str, Any]:
        try:
            self._follow()
        finally:
            self._end_group()
        self._look_for_files()
        return self._verdict()

    # -- following ----------------------------------------------------------------------------

    def _follow(self) -> None:
        while self._take_output():
            self._look_for_files()
            self._controls()
        self.process.wait()

    def _take_output(self) -> bool:
        """Handle what came within POLL_S; False at the end of the output."""
        try:
            chunk = self._chunks.get(timeout=POLL_S)
        except queue.Empty:
            return self.process.poll() is None
        if chunk is None:
            self._tell(self.story.feed(b"", last=True))
            return False
        _log(chunk)
        self._tell(self.story.feed(chunk))
        return True

    def _tell(self, found: list[Told]) -> None:
        for told in found:
            if told.event == "progress":
                told.fields.update(self._rate.at(told.fields["step"], told.fields["total"]))
            if told.event != "saving":
                self.context.emit(told.event, **told.fields)

    def _look_for_files(self) -> None:
        """Announce checkpoints that are complete, oldest first."""
        new = [path for path in self.outputs.glob("*.safetensors") if self._is_new(path)]
        for path in sorted(new, key=lambda path: path.stat().st_mtime_ns):
            with contextlib.suppress(AppError):  # still being written
                complete(path)
                epoch, final = self._epoch_of(path)
                announce(self.context, path, epoch, self.story.step, final)
                self._announced[path.name] = path.stat().st_mtime_ns
                if "-step" not in path.stem:
                    self._ended_epoch = max(self._ended_epoch, epoch)

    def _is_new(self, path: Path) -> bool:
        with contextlib.suppress(OSError):
            return self._announced.get(path.name) != path.stat().st_mtime_ns
        return False

    def _epoch_of(self, path: Path) -> tuple[int, bool]:
        """The epoch of a file and whether it is the last: only that one has no number."""
        if path.stem == self.name:
            return inspect(path).epoch or self.story.counts.get("epochs", 0), True
        number = re.search(r"-(\d{6})$", path.stem)
        return int(number.group(1)) if number else max(0, self.story.epoch - 1), False

    # -- controls -----------------------------------------------------------------------------

    def _controls(self) -> None:
        context = self.context
        if context.stopping:
            self._stop(f"stopped at step {self.story.step}; whole epochs are kept")
        for control in ("save", "sample"):
            if context.take(control):
                context.warn(f"sd-scripts cannot {control} between epochs; it does so at their end")
        if context.pausing != self._paused:
            self._pause(context.pausing)
        if context.run_dir.requested("stop_after_epoch"):
            self._stop_after_epoch()

    def _stop_after_epoch(self) -> None:
        """End when an epoch is saved that was not when this was asked."""
        if self._asked_at is None:
            self._asked_at = self._ended_epoch
        if self._ended_epoch > self._asked_at:
            self.context.take("stop_after_epoch")
            self._stop(f"stopped after epoch {self._ended_epoch}, as asked")

    def _pause(self, wanted: bool) -> None:
        """Hold the trainer still; it keeps its memory on the card."""
        if not hasattr(signal, "SIGSTOP"):
            self.context.warn("a training with sd-scripts cannot be paused on this system")
        else:
            self._signal(signal.SIGSTOP if wanted else signal.SIGCONT)
            self.context.stage("paused" if wanted else "training")
        self._paused = wanted

    def _stop(self, words: str) -> None:
        self._end_group()
        self._look_for_files()
        raise Cancelled(words)

    def _signal(self, number: int) -> None:
        # accelerate alone would leave the trainer running: the whole group is meant.
        with contextlib.suppress(OSError):
            if os.name == "posix":
                os.killpg(self.process.pid, number)
            else:
                self.process.send_signal(number)

    def _end_group(self) -> None:
        """End the trainer and everything it started: ask, then force."""
        if self.process.poll() is None:
            if self._paused and hasattr(signal, "SIGCONT"):
                self._signal(signal.SIGCONT)
            self._signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(PATIENCE_S)
        if os.name == "posix":
            self._signal(signal.SIGKILL)
        elif self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._reader.join(PATIENCE_S)

    # -- the end ------------------------------------------------------------------------------

    def _verdict(self) -> dict[str, Any]:
        """Success is the last file, new and complete; an exit code proves nothing."""
        final = self.outputs / f"{self.name}.safetensors"
        if self._written(final):
            epochs = self.story.counts.get("epochs", 0)
            return {"steps": self.story.step, "epochs": epochs, "final": f"outputs/{final.name}"}
        raise failure(self.story, self.process.returncode, final.name)

    def _written(self, final: Path) -> bool:
        try:
            complete(final)
            return final.stat().st_mtime >= self._began() - 2
        except (AppError, OSError):
            return False

    def _began(self) -> float:
        return (self.context.folder / "trainer_config.toml").stat().st_mtime


def _start(words: list[str], folder: Path) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            words, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, env={**os.environ, **ENVIRONMENT},
            start_new_session=os.name == "posix",
        )  # fmt: skip
    except OSError as error:
        raise AppError("cannot be started", file=words[0], kind="missing_package",
                       hint="name the Python of sd-scripts' environment") from error  # fmt: skip


def _log(chunk: bytes) -> None:
    """The raw output belongs to log.txt, where this process prints."""
    sys.stdout.buffer.write(chunk)
    sys.stdout.buffer.flush()
