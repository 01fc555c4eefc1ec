"""Descent: optimiser and schedule through accelerate, and what they need to go on after a stop."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator

from bespoke_gui.engines.context import RunContext
from bespoke_gui.engines.lora import optim, state
from bespoke_gui.engines.lora.parts import Parts
from bespoke_gui.engines.lora.save import Plan
from bespoke_gui.engines.lora.settings import TrainSettings


class Descent:
    """Takes the gradients of one or several batches, then a step with them."""

    def __init__(
        self, context: RunContext, parts: Parts, settings: TrainSettings, plan: Plan
    ) -> None:
        self._adapters, self._most = parts.adapters, settings.max_grad_norm
        self.accelerator = Accelerator(
            mixed_precision=parts.precision, cpu=parts.device.type == "cpu"
        )
        self._plain = optim.make_optimizer(context, parts.adapters, settings)
        self._schedule = optim.make_scheduler(self._plain, settings, plan.total, plan.warmup)
        self._optimizer: Any = self.accelerator.prepare(self._plain)
        self._weights = parts.adapters.parameters()

    def rates(self) -> dict[str, float]:
        """The learning rates of the next step."""
        return optim.rates(self._plain, self._adapters)

    def backward(self, loss: torch.Tensor) -> None:
        """Add the gradients of a loss, a tensor of no dimensions."""
        self.accelerator.backward(loss)

    def step(self) -> None:
        """Change the weights along the gradients, and forget these."""
        if self._most > 0:
            self.accelerator.clip_grad_norm_(self._weights, self._most)
        self._optimizer.step()
        self._schedule.step()
        self._optimizer.zero_grad(set_to_none=True)

    def save(self, root: Path, facts: dict[str, Any]) -> None:
        """Write a state below `root`; `facts` must hold "step"."""
        scaler = self.accelerator.scaler
        facts = facts | {
            "rate": _plain(self._schedule.state_dict()),
            "scaler": scaler.state_dict() if scaler else None,
        }
        state.save_state(root, facts, self._adapters.tensors(), self._plain)

    def restore(
        self, facts: dict[str, Any], weights: dict[str, torch.Tensor], folder: Path
    ) -> None:
        """Take over a state as `state.latest` read it; AppError when it is of another training."""
        self._adapters.load(weights)
        state.load_moments(folder, self._plain)
        self._schedule.load_state_dict(facts["rate"])
        rates = facts["rate"]["_last_lr"]
        for group, rate in zip(self._plain.param_groups, rates, strict=True):
            group["lr"] = rate
        if self.accelerator.scaler is not None and facts.get("scaler"):
            self.accelerator.scaler.load_state_dict(facts["scaler"])


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    """The part of a schedule's state that JSON can hold; its functions are made anew."""
    kept = {k: v for k, v in values.items() if isinstance(v, (int, float, bool, list))}
    kept["lr_lambdas"] = [None] * len(values.get("lr_lambdas", []))
    return kept
