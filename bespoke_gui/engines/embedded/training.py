"""The two training loops: step-driven, seeded, resumable from a checkpoint file."""

from __future__ import annotations

import time
from pathlib import Path

import torch

from bespoke_gui.engines.embedded import stream, text, unet
from bespoke_gui.engines.embedded.schedule import alphas_sigmas, learning_rate
from bespoke_gui.engines.embedded.tokenizer import encode
from bespoke_gui.engines.embedded.vae import encode_cells

TEXT_BATCH, TEXT_RATE = 32, 2e-3
UNET_BATCH, UNET_RATE = 16, 1.2e-3
TEXT_SHARE = 0.3  # of the UNet's rate, for the text encoder in stage 2
READING_SHARE = 0.3  # weight of stage 1's loss in stage 2
EMPTY_CAPTIONS = 0.1


def save(state: dict, path: Path) -> None:
    """Write a checkpoint so that a crash leaves the old or the new one, never half of one."""
    torch.save(state, path.with_suffix(".part"))
    path.with_suffix(".part").replace(path)


def _load(path: Path, resume: bool) -> dict | None:
    if resume and path.is_file():
        return torch.load(path, map_location="cpu", weights_only=True)
    return None


def _set_rate(optimizer, rate: float) -> None:
    for group in optimizer.param_groups:
        group["lr"] = rate * group.get("scale", 1.0)


def _step(optimizer, loss, groups: list, rate: float) -> None:
    """One step; each group of parameters is clipped alone, so that none starves another."""
    _set_rate(optimizer, rate)
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    for parameters in groups:
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
    optimizer.step()


class Reading:
    """Stage 1's state: text encoder, throw-away head, optimizer and the step reached."""

    def __init__(self, tokenizer, seed: int) -> None:
        torch.manual_seed(seed)
        self.encoder, self.head = text.build_encoder(tokenizer), text.Head()
        self.parameters = [*self.encoder.parameters(), *self.head.parameters()]
        self.optimizer = torch.optim.AdamW(
            self.parameters, lr=TEXT_RATE, betas=(0.9, 0.98), weight_decay=0.01
        )
        self.step = 0

    def save(self, path: Path) -> None:
        """Write everything needed to go on as if never interrupted."""
        save(
            {
                "encoder": self.encoder.state_dict(),
                "head": self.head.state_dict(),
                "optimizer": self.optimizer.state_dict(),
                "step": self.step,
            },
            path,
        )

    def load(self, state: dict) -> None:
        """Take up a state written by `save`."""
        self.encoder.load_state_dict(state["encoder"])
        self.head.load_state_dict(state["head"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.step = state["step"]


def train_text(folder: Path, tokenizer, steps: int, seed: int, resume: bool, log) -> Reading:
    """Run stage 1; a checkpoint every 1000 steps."""
    reading, path = Reading(tokenizer, seed), folder / "stage1.pt"
    state = _load(path, resume)
    if state:
        reading.load(state)
    while reading.step < steps:
        traits, texts, cells = stream.batch(seed, 1, reading.step, TEXT_BATCH)
        ids = torch.from_numpy(encode(tokenizer, texts))
        states = reading.encoder(ids).last_hidden_state
        loss, parts = text.loss_of(reading.head, states, traits, cells)
        rate = learning_rate(reading.step, steps, TEXT_RATE)
        _step(reading.optimizer, loss, [reading.parameters], rate)
        reading.step += 1
        if reading.step % 100 == 0:
            told = " ".join(f"{k} {v:.4f}" for k, v in parts.items())
            log(f"text {reading.step}/{steps} {told}")
        if reading.step % 1000 == 0 or reading.step == steps:
            reading.save(path)
    return reading


class Drawing:
    """Stage 2's state: UNet, text encoder, their averages, the optimizer and the step reached.

    The encoder goes on learning at a lower rate, held to its task by the head of stage 1.
    """

    def __init__(self, reading: Reading, seed: int) -> None:
        torch.manual_seed(seed + 1)
        self.unet, self.encoder, self.head = unet.build_unet(), reading.encoder, reading.head
        self.average = unet.Average(self.unet)
        self.text_average = unet.Average(self.encoder)
        self.groups = [list(self.unet.parameters()), reading.parameters]
        groups = [
            {"params": p, "scale": s} for p, s in zip(self.groups, (1.0, TEXT_SHARE), strict=True)
        ]
        self.optimizer = torch.optim.AdamW(
            groups, lr=UNET_RATE, betas=(0.9, 0.99), weight_decay=0.01, fused=True
        )
        self.step = 0

    def _modules(self) -> dict:
        return {
            "unet": self.unet,
            "average": self.average.model,
            "encoder": self.encoder,
            "text_average": self.text_average.model,
            "head": self.head,
            "optimizer": self.optimizer,
        }

    def save(self, path: Path) -> None:
        """Write everything needed to go on as if never interrupted."""
        state = {name: module.state_dict() for name, module in self._modules().items()}
        save({**state, "step": self.step}, path)

    def load(self, state: dict) -> None:
        """Take up a state written by `save`."""
        for name, module in self._modules().items():
            module.load_state_dict(state[name])
        self.step = state["step"]

    def advance(self, loss, rate: float) -> None:
        """One optimizer step and its averages."""
        _step(self.optimizer, loss, self.groups, rate)
        self.average.update(self.unet, self.step)
        self.text_average.update(self.encoder, self.step)
        self.step += 1


def draw_loss(drawing: Drawing, tokenizer, steps: int, seed: int, schedule):
    """Drawing loss and reading loss of the batch that belongs to the current step."""
    traits, texts, cells = stream.batch(seed, 2, drawing.step, UNET_BATCH, EMPTY_CAPTIONS)
    generator = torch.Generator().manual_seed(seed * 1_000_003 + drawing.step)
    times = unet.sample_times(UNET_BATCH, drawing.step / steps, generator)
    latents = encode_cells(cells)
    noise = torch.randn(latents.shape, generator=generator)
    states = drawing.encoder(torch.from_numpy(encode(tokenizer, texts))).last_hidden_state
    reading, _ = text.loss_of(drawing.head, states, traits, cells)
    return unet.v_loss(drawing.unet, latents, states, times, noise, schedule), reading


def train_unet(
    folder: Path,
    reading: Reading,
    tokenizer,
    steps: int,
    seed: int,
    resume: bool,
    log,
    every: int = 250,
) -> Drawing:
    """Run stage 2; a checkpoint every `every` steps."""
    drawing, path = Drawing(reading, seed), folder / "stage2.pt"
    state = _load(path, resume)
    if state:
        drawing.load(state)
    schedule, total, started = alphas_sigmas(), torch.zeros(2), time.perf_counter()
    while drawing.step < steps:
        losses = draw_loss(drawing, tokenizer, steps, seed, schedule)
        drawing.advance(
            losses[0] + READING_SHARE * losses[1], learning_rate(drawing.step, steps, UNET_RATE)
        )
        total += torch.stack(losses).detach()
        if drawing.step % 100 == 0:
            pace = (time.perf_counter() - started) * 10 / UNET_BATCH
            log(
                f"unet {drawing.step}/{steps} loss {total[0] / 100:.4f} "
                f"reading {total[1] / 100:.4f} {pace:.1f} ms/img"
            )
            total, started = torch.zeros(2), time.perf_counter()
        if drawing.step % every == 0 or drawing.step == steps:
            drawing.save(path)
    return drawing
