"""Rules about the base model and the kind of network that is trained on it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bespoke_gui.core.config.case import Case, rule
from bespoke_gui.core.config.options import nearest
from bespoke_gui.core.errors import Problem

KEY = "pretrained_model_name_or_path"
WITHDRAWN = {"runwayml/stable-diffusion-v1-5": "stable-diffusion-v1-5/stable-diffusion-v1-5"}
# Families by what their names say; train_network.py trains Stable Diffusion 1 and 2 only. The last
# ones are names that people give to files of that family, so they are only a guess.
SCRIPTS = (
    (re.compile(r"sdxl|stable-diffusion-xl", re.I), "SDXL", "sdxl_train_network.py", "error"),
    (re.compile(r"stable-diffusion-3", re.I), "SD3", "sd3_train_network.py", "error"),
    (re.compile(r"flux\.?1", re.I), "Flux", "flux_train_network.py", "error"),
    (re.compile(r"[-_ ]xl(?![a-z])|pony|illustrious|noobai", re.I), "SDXL",
     "sdxl_train_network.py", "warning"),
)  # fmt: skip
SECOND = re.compile(r"stable-diffusion-2|[-_/]sd-?2[.-]?[01]?(?![0-9])", re.I)
NETWORKS = ("networks.lora", "networks.lora_fa", "networks.dylora", "networks.oft")


@rule
def withdrawn_model(case: Case) -> Iterator[Problem]:
    """A base model that was taken from the hub loads only where a copy is left."""
    name = str(case.get(KEY) or "")
    if name.startswith("runwayml/"):
        message = f"{name} was withdrawn from the hub in 2024; a fresh machine may not find it"
        hint = f'write "{WITHDRAWN[name]}"' if name in WITHDRAWN else "name another base model"
        yield case.finding("withdrawn_model", "warning", KEY, message, hint)


@rule
def own_model(case: Case) -> Iterator[Problem]:
    """Bespoke's own base is known to Bespoke's engine only."""
    if case.embedded:
        message = '"embedded" is Bespoke\'s own small base; sd-scripts does not know it'
        hint = 'train it with "bespoke train", or name a Stable Diffusion 1.5 model'
        yield case.finding("embedded_model", "info", KEY, message, hint)


@rule
def other_family(case: Case) -> Iterator[Problem]:
    """A model of another family needs another script; this one stops while loading it."""
    name = _model_name(str(case.get(KEY) or ""))
    for pattern, family, script, severity in SCRIPTS:
        if pattern.search(name):
            message = f"{name} looks like {family}, which train_network.py cannot train"
            hint = f"name a Stable Diffusion 1.5 model; {family} needs {script}"
            yield case.finding("other_family", severity, KEY, message, hint)
            return
    if SECOND.search(name) and case.get("v2") is not True:
        message = f"{name} looks like Stable Diffusion 2, which needs v2 = true; loading it fails"
        yield case.finding("conflict", "error", "v2", message, "set v2 = true")


def _model_name(name: str) -> str:
    """Return a hub id as it is, and of a path the last part: folders say nothing about a file."""
    parts = name.replace("\\", "/").split("/")
    return name if len(parts) == 2 and parts[0] not in ("", ".", "~") else parts[-1]


@rule
def prediction(case: Case) -> Iterator[Problem]:
    """Options that only fit, or do not fit, v_parameterization."""
    v = case.get("v_parameterization") is True
    if case.get("scale_v_pred_loss_like_noise_pred") is True and not v:
        key = "scale_v_pred_loss_like_noise_pred"
        message = f"{key} requires v_parameterization; the trainer stops"
        yield case.finding("conflict", "error", key, message, "take it out")
    if case.get("v_pred_like_loss") and v:
        message = "v_pred_like_loss cannot be used with v_parameterization; the trainer stops"
        yield case.finding("conflict", "error", "v_pred_like_loss", message, "take it out")
    if case.get("zero_terminal_snr") is True and not v:
        message = "zero_terminal_snr without v_parameterization gives odd results"
        yield case.finding("conflict", "warning", "zero_terminal_snr", message, "take it out")
    if case.get("v2") is True and case.given("clip_skip"):
        message = "clip_skip is not meant for v2 models"
        yield case.finding("conflict", "warning", "clip_skip", message, "take it out")


@rule
def network(case: Case) -> Iterator[Problem]:
    """Kinds of network that the trainer brings, and one that comes in a package of its own."""
    name = case.get("network_module")
    if not isinstance(name, str) or not name or name in NETWORKS:
        return
    if name.startswith("lycoris"):
        message = "network_module lycoris needs the package lycoris_lora on the machine"
        hint = 'check that it is installed there, or use "networks.lora"'
        yield case.finding("needs_lycoris", "warning", "network_module", message, hint)
    elif name.startswith("networks."):
        near = nearest(name, NETWORKS) or "networks.lora"
        message = f'network_module = "{name}" is no network for Stable Diffusion 1.5'
        yield case.finding(
            "bad_choice", "error", "network_module", message, f"did you mean {near}?"
        )


@rule
def weak_network(case: Case) -> Iterator[Problem]:
    """The LoRA's strength is alpha / rank, and the trainer's alpha is 1."""
    rank = case.number("network_dim") or 4
    if case.given("network_dim") and not case.given("network_alpha") and rank > 1:
        message = f"network_alpha is not set: the trainer takes 1, a strength of 1/{rank:g}"
        hint = f"set network_alpha = {max(1, int(rank) // 2)}, half the rank"
        yield case.finding("default_taken", "warning", "network_alpha", message, hint)
