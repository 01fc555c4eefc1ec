"""Fake engine: plausible events and small real LoRA files without torch, for tests and demos.

spec.options: seconds_per_step (0.02), epochs, steps_per_epoch (10), width (8; of the LoRA, a file
has 32 bytes for each), fail (a failure kind), fail_at (step), stubborn (ignores every polite
request to end), child (starts a grandchild).
"""

from __future__ import annotations

import errno
import json
import math
import random
import signal
import struct
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bespoke_gui.core.atomic import write_bytes, write_json
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.lorafile import kohya_hashes, write_tensors
from bespoke_gui.core.rundir import read_json
from bespoke_gui.core.runspec import LoraFile
from bespoke_gui.engines.catalogue import ENGINES, Engine
from bespoke_gui.engines.checkpoints import DEFAULT_NAME, announce, epoch_name, step_name
from bespoke_gui.engines.context import Cancelled, RunContext
from bespoke_gui.engines.png import encode_png

MODULES = (
    "lora_te_text_model_encoder_layers_0_mlp_fc1",
    "lora_te_text_model_encoder_layers_0_self_attn_q_proj",
    "lora_unet_down_blocks_0_attentions_0_proj_in",
    "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q",
)
WIDTH = 8
ASK_EVERY_S = 0.02


@dataclass
class Pace:
    """How long the pretended training is."""

    epochs: int
    steps_per_epoch: int
    seconds_per_step: float
    learning_rate: float

    @property
    def total(self) -> int:
        return self.epochs * self.steps_per_epoch


def pace_of(context: RunContext) -> Pace:
    """Read the length from the options, else the config."""
    options, config = context.spec.options, context.spec.config
    return Pace(
        int(options.get("epochs") or config.get("max_train_epochs") or 3),
        int(options.get("steps_per_epoch") or 10),
        float(options.get("seconds_per_step", 0.02)),
        float(config.get("unet_lr") or config.get("learning_rate") or 1e-4),
    )


def run(context: RunContext) -> dict[str, Any]:
    """Pretend to train, or to generate where the spec names LoRA files."""
    _misbehave(context)
    if context.spec.loras:
        return _generate(context)
    return FakeTraining(context).run()


class FakeTraining:
    """One pretended training; every control of the run protocol is honoured."""

    def __init__(self, context: RunContext) -> None:
        self.context = context
        self.pace = pace_of(context)
        self.name = str(context.spec.config.get("output_name") or DEFAULT_NAME)
        self.state_path = context.folder / "state" / "fake.json"
        self.step = self._resumed()
        self.started = time.monotonic()
        self.first = self.step

    @property
    def epoch(self) -> int:
        """Epochs completed so far."""
        return self.step // self.pace.steps_per_epoch

    def run(self) -> dict[str, Any]:
        """Take every step; return fields for exit.json."""
        for name in ("loading", "caching", "training"):
            self.context.stage(name)
        while self.step < self.pace.total:
            self._controls()
            self._step()
            if self.step % self.pace.steps_per_epoch == 0:
                self._end_epoch()
        return {"epochs": self.pace.epochs, "steps": self.pace.total}

    def _resumed(self) -> int:
        if not self.context.spec.resume:
            return 0
        return int((read_json(self.state_path) or {}).get("step", 0))

    def _step(self) -> None:
        _sleep(self.context, self.pace.seconds_per_step)
        self.step += 1
        _fail_here(self.context, self.step, self.pace.total)
        done = self.step - self.first
        per_step = (time.monotonic() - self.started) / max(done, 1)
        self.context.emit(
            "progress", step=self.step, total=self.pace.total, epoch=self._running_epoch(),
            epochs=self.pace.epochs, loss=_loss(self.step), lr=self._rate(),
            images_per_s=round(4 / max(per_step, 1e-6), 2),
            eta_s=round((self.pace.total - self.step) * per_step, 1),
        )  # fmt: skip

    def _running_epoch(self) -> int:
        return (self.step - 1) // self.pace.steps_per_epoch + 1

    def _rate(self) -> float:
        warmup = max(1, self.pace.total // 8)
        if self.step < warmup:
            return self.pace.learning_rate * self.step / warmup
        share = (self.step - warmup) / max(1, self.pace.total - warmup)
        return self.pace.learning_rate * 0.5 * (1 + math.cos(math.pi * share))

    def _controls(self) -> None:
        context = self.context
        if context.pausing:
            self._save_state()
            context.wait_while_paused()
            context.stage("training")
        if context.take("save"):
            self._checkpoint(step_name(self.name, self.step))
        if context.take("sample"):
            _draw(context, LoraFile(self.epoch), "preview", "preview", 42)
        if context.stopping and not context.spec.options.get("stubborn"):
            self._checkpoint(step_name(self.name, self.step))
            self._save_state()
            raise Cancelled(f"stopped at step {self.step} of {self.pace.total}, saved")

    def _end_epoch(self) -> None:
        self._checkpoint(epoch_name(self.name, self.epoch, self.pace.epochs))
        self._save_state()
        if self.context.take("stop_after_epoch") and self.epoch < self.pace.epochs:
            raise Cancelled(f"stopped after epoch {self.epoch} of {self.pace.epochs}, as asked")

    def _checkpoint(self, name: str) -> None:
        tensors = _weights(self.step, int(self.context.spec.options.get("width", WIDTH)))
        metadata = {
            "ss_epoch": str(self.epoch), "ss_num_epochs": str(self.pace.epochs),
            "ss_steps": str(self.step), "ss_network_dim": "2", "ss_network_alpha": "1.0",
            "ss_output_name": self.name, "ss_network_module": "networks.lora",
            **kohya_hashes(tensors),
        }  # fmt: skip
        path = self.context.run_dir.outputs / name
        path.parent.mkdir(parents=True, exist_ok=True)
        write_tensors(path, tensors, metadata)
        announce(self.context, path, self.epoch, self.step, self.step >= self.pace.total)

    def _save_state(self) -> None:
        self.state_path.parent.mkdir(exist_ok=True)
        write_json(self.state_path, {"step": self.step, "epoch": self.epoch})


def _loss(step: int) -> float:
    wobble = random.Random(step).uniform(-0.01, 0.01)
    return round(0.08 + 0.12 * math.exp(-step / 40) + wobble, 5)


def _weights(seed: int, width: int) -> dict[str, tuple[str, tuple[int, ...], bytes]]:
    draw = random.Random(seed)
    tensors: dict[str, tuple[str, tuple[int, ...], bytes]] = {}
    for module in MODULES:
        values = [draw.gauss(0, 0.02) for _ in range(2 * width)]
        raw = struct.pack(f"<{len(values)}e", *values)
        tensors[f"{module}.lora_down.weight"] = ("F16", (2, width), raw)
        tensors[f"{module}.lora_up.weight"] = ("F16", (width, 2), raw)
        tensors[f"{module}.alpha"] = ("F16", (), struct.pack("<e", 1.0))
    return tensors


def _sleep(context: RunContext, seconds: float) -> None:
    """Sleep in short pieces, so that a request to stop is heard at once."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        time.sleep(min(left, ASK_EVERY_S))
        if context.stopping and not context.spec.options.get("stubborn"):
            return


def _generate(context: RunContext) -> dict[str, Any]:
    """Draw every epoch x prompt x seed of the protocol as coloured cells."""
    protocol = context.spec.protocol
    prompts = protocol.get("prompts") or [{"name": "preview", "text": "preview"}]
    seeds = protocol.get("seeds") or [42]
    jobs = [(lora, p, seed) for lora in context.spec.loras for p in prompts for seed in seeds]
    context.stage("generating")
    for number, (lora, prompt, seed) in enumerate(jobs, 1):
        context.check(f"stopped after {number - 1} of {len(jobs)} images")
        _sleep(context, float(context.spec.options.get("seconds_per_step", 0.02)))
        suffix = f"_{seed}" if len(seeds) > 1 else ""
        _draw(context, lora, f"{prompt['name']}{suffix}", prompt["name"], int(seed),
              text=str(prompt.get("text", "")))  # fmt: skip
        context.emit("progress", step=number, total=len(jobs), epoch=lora.epoch, eta_s=0.0)
    return {"images": len(jobs)}


def _draw(
    context: RunContext, lora: LoraFile, stem: str, prompt: str, seed: int, **more: str
) -> None:
    """Write one picture of coloured cells with the metadata of a generated image."""
    root = context.resolve(context.spec.output or "outputs/samples") / lora.folder
    path = root / f"epoch_{lora.epoch:02d}" / f"{stem}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    identity = lora.generation_id or str(context.spec.options.get("generation_id", ""))
    facts = {
        "epoch": lora.epoch, "prompt": prompt, "seed": seed, "base": context.spec.base,
        "generation_id": identity, "lora_sha256": lora.sha256, **more,
    }  # fmt: skip
    drawn = f"{prompt}/{lora.epoch}/{seed}" + (f"/{lora.strength}" if lora.folder else "")
    write_bytes(path, encode_png(24, 24, _cells(drawn), {"bespoke": json.dumps(facts)}))
    context.emit("sample", path=str(path), prompt=prompt, epoch=lora.epoch, seed=seed)


def _cells(seed: str) -> bytes:
    """24x24 RGB: a mirrored blob of three colours on a background, different for each seed."""
    draw = random.Random(seed)
    colours = [bytes(draw.randrange(256) for _ in range(3)) for _ in range(3)]
    rows = []
    for y in range(24):
        half = [colours[_pick(draw, x, y)] for x in range(12)]
        rows.append(b"".join(half + half[::-1]))
    return b"".join(rows)


def _pick(draw: random.Random, x: int, y: int) -> int:
    inside = (x - 12) ** 2 + (y - 13) ** 2 < 60
    return draw.choice((1, 1, 1, 2)) if inside else 0


def _misbehave(context: RunContext) -> None:
    options = context.spec.options
    if options.get("stubborn"):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if options.get("child"):
        code = "import time\nwhile True: time.sleep(1)"
        child = subprocess.Popen([sys.executable, "-c", code])
        write_json(Path(context.folder) / "child.json", {"pid": child.pid})


def _fail_here(context: RunContext, step: int, total: int) -> None:
    """Fail as the options ask, each kind the way the real thing fails."""
    options = context.spec.options
    kind = options.get("fail")
    if not kind or step != int(options.get("fail_at") or max(1, total // 2)):
        return
    real: dict[str, BaseException] = {
        "oom": RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB"),
        "disk_full": OSError(errno.ENOSPC, "No space left on device"),
        "missing_package": ModuleNotFoundError("No module named 'torch'", name="torch"),
        "network": ConnectionError("connection refused"),
        "engine_crash": RuntimeError("something nobody thought of"),
        "cancelled": Cancelled("stopped"),
    }
    raise real.get(kind) or AppError(f"pretended failure: {kind}", hint="try again", kind=kind)


ENGINES.add("fake", Engine("fake", "Pretended training (tests)", (), run))
