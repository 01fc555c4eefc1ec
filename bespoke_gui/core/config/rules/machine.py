"""Rules about the machine: base model, precision, attention, memory, disk, packages it needs."""

from __future__ import annotations

from collections.abc import Iterator

from bespoke_gui.core.config.case import Case, rule
from bespoke_gui.core.config.disk import disk_needed
from bespoke_gui.core.config.schedule import plan
from bespoke_gui.core.errors import AppError, Problem

WITHDRAWN = {"runwayml/stable-diffusion-v1-5": "stable-diffusion-v1-5/stable-diffusion-v1-5"}
PATH_KEYS = (
    "pretrained_model_name_or_path", "vae", "network_weights", "reg_data_dir", "resume",
    "sample_prompts", "tokenizer_cache_dir",
)  # fmt: skip


@rule
def withdrawn_model(case: Case) -> Iterator[Problem]:
    """A base model that was taken from the hub loads only where a copy is left."""
    name = str(case.get("pretrained_model_name_or_path") or "")
    if name.startswith("runwayml/"):
        message = f"{name} was withdrawn from the hub in 2024; a fresh machine may not find it"
        hint = f'write "{WITHDRAWN[name]}"' if name in WITHDRAWN else "name another base model"
        yield case.finding(
            "withdrawn_model", "warning", "pretrained_model_name_or_path", message, hint
        )


@rule
def own_model(case: Case) -> Iterator[Problem]:
    """Bespoke's own base is known to Bespoke's engine only."""
    if case.embedded:
        message = '"embedded" is Bespoke\'s own small base; sd-scripts does not know it'
        hint = "train it with `bespoke train`, or name a Stable Diffusion 1.5 model"
        yield case.finding("embedded_model", "info", "pretrained_model_name_or_path", message, hint)


@rule
def attention(case: Case) -> Iterator[Problem]:
    """xformers wins over sdpa, and must be installed."""
    if case.get("xformers") is True and case.get("sdpa") is True:
        message = "sdpa is ignored, since xformers is on"
        yield case.finding("ignored_value", "info", "sdpa", message, "keep one of them")
    if case.get("xformers") is True:
        message = (
            "xformers = true needs the package xformers to match the machine's torch "
            '("No xformers" stops the trainer)'
        )
        hint = "sdpa = true is as fast with torch 2 and needs no package"
        yield case.finding("needs_xformers", "warning", "xformers", message, hint)
    elif not any(case.get(key) is True for key in ("sdpa", "mem_eff_attn")):
        message = "neither sdpa nor xformers is on: training takes more time and memory"
        yield case.finding("slow_attention", "info", "sdpa", message, "set sdpa = true")


@rule
def optimiser(case: Case) -> Iterator[Problem]:
    """Optimisers that come in packages of their own."""
    name = str(case.get("optimizer_type") or "").lower()
    needs = {
        "bitsandbytes": name.endswith("8bit") or name.startswith("pagedadamw"),
        "lion_pytorch": name == "lion",
        "dadaptation": name.startswith("dadapt"),
        "prodigyopt": name == "prodigy",
        "schedulefree": name.endswith("schedulefree"),
    }
    for package, needed in needs.items():
        if needed:
            message = (
                f"optimizer_type {case.get('optimizer_type')} needs {package} on the machine; "
                "where it is missing the trainer stops"
            )
            hint = f'check that {package} is installed there, or use "AdamW"'
            yield case.finding(f"needs_{package}", "warning", "optimizer_type", message, hint)


@rule
def precision(case: Case) -> Iterator[Problem]:
    """Precisions that must agree, and what a GPU must be able to do."""
    mixed = case.get("mixed_precision")
    for key, wanted in (("full_fp16", "fp16"), ("full_bf16", "bf16")):
        if case.get(key) is True and mixed != wanted:
            message = f'{key} requires mixed_precision = "{wanted}"; the trainer stops'
            yield case.finding("conflict", "error", key, message, "change one of them")
    if (case.get("fp8_base") or case.get("fp8_base_unet")) and mixed == "no":
        message = "fp8_base requires mixed_precision fp16 or bf16; the trainer stops"
        yield case.finding("conflict", "error", "fp8_base", message, "change one of them")
    if mixed == "bf16":
        message = 'mixed_precision "bf16" needs a GPU of the Ampere generation (2020) or newer'
        yield case.finding("needs_bf16", "info", "mixed_precision", message)


@rule
def cached_latents(case: Case) -> Iterator[Problem]:
    """Cached latents cannot be varied, and a cache on disk lies beside the images."""
    if case.get("cache_latents") is True:
        for key in ("color_aug", "random_crop"):
            if case.get(key) is True:
                message = f"cache_latents cannot be used with {key}; the trainer stops"
                yield case.finding("conflict", "error", key, message, "turn one of them off")
    if case.get("cache_latents_to_disk") is True:
        message = "cache_latents_to_disk leaves .npz files beside the images, used again later"
        hint = "after changing an image take its .npz away"
        yield case.finding("cache_on_disk", "info", "cache_latents_to_disk", message, hint)


@rule
def disk_for_states(case: Case) -> Iterator[Problem]:
    """A saved state holds the LoRA and the optimiser's memory in full precision."""
    if case.get("save_state") is not True:
        return
    try:
        # Their number does not depend on how many images there are.
        course = plan(case.values, case.data.images if case.data and case.data.images else 1)
    except AppError:
        return  # The values that do not fit are named by other rules.
    disk = disk_needed(case.values, course)
    states = "1 state" if disk.kept_states == 1 else f"{disk.kept_states} states"
    message = f"save_state keeps {states}, about {disk.states / 1e9:.1f} GB of disk"
    hint = "set save_last_n_epochs_state = 1 to keep only the newest"
    yield case.finding(
        "disk_for_states", "info", "save_state", message, hint if disk.kept_states > 2 else ""
    )


@rule
def local_paths(case: Case) -> Iterator[Problem]:
    """A file of this machine is not there on a rented one."""
    for key in PATH_KEYS if case.workspace is not None else ():
        name = case.get(key)
        if isinstance(name, str) and _is_local(name):
            message = f"{key} = {name} lies on this machine, not on the rented one"
            hint = "name a hub id" if key == PATH_KEYS[0] else "take it out"
            hint += ", or copy the file into /workspace there"
            yield case.finding("local_path", "warning", key, message, hint)


def _is_local(name: str) -> bool:
    absolute = name.startswith(("/", "~", ".")) or "\\" in name or name[1:2] == ":"
    return absolute and not name.startswith("/workspace/")
