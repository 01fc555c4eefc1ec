"""Rules about the machine: base model, precision, attention, memory, disk, packages it needs."""

from __future__ import annotations

from collections.abc import Iterator

from bespoke_gui.core.config.case import Case, rule
from bespoke_gui.core.config.disk import disk_needed
from bespoke_gui.core.config.schedule import plan
from bespoke_gui.core.config.speeds import memory_measured, shape_of
from bespoke_gui.core.errors import AppError, Problem

BF16_SINCE = 2020
SECRETS = ("huggingface_token", "wandb_api_key")
PATH_KEYS = (
    "pretrained_model_name_or_path", "vae", "network_weights", "reg_data_dir", "resume",
    "sample_prompts", "tokenizer_cache_dir", "dataset_config", "in_json", "log_tracker_config",
)  # fmt: skip


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
def precision(case: Case) -> Iterator[Problem]:
    """Precisions that must agree, and what a GPU must be able to do."""
    mixed = case.get("mixed_precision")
    for key, wanted in (("full_fp16", "fp16"), ("full_bf16", "bf16")):
        if case.get(key) is True and mixed != wanted:
            message = f'{key} requires mixed_precision = "{wanted}"; the trainer stops'
            yield case.finding("conflict", "error", key, message, "change one of them")
    eighth = next((k for k in ("fp8_base", "fp8_base_unet") if case.get(k) is True), "")
    if eighth and mixed in ("no", None):
        message = f"{eighth} requires mixed_precision fp16 or bf16; the trainer stops"
        yield case.finding("conflict", "error", eighth, message, "change one of them")
    elif eighth:
        message = f"{eighth} needs torch 2.1 or newer on the machine"
        hint = f"take {eighth} out: a LoRA on Stable Diffusion 1.5 fits without"
        yield case.finding("needs_torch_2_1", "info", eighth, message, hint)
    if not case.given("mixed_precision"):
        message = "mixed_precision is not set: training in full precision takes twice the memory"
        hint = 'set mixed_precision = "fp16", or "bf16" on a card of 2020 or newer'
        yield case.finding("default_taken", "info", "mixed_precision", message, hint)


@rule
def precision_on_card(case: Case) -> Iterator[Problem]:
    """What a card must be able to do: a condition, until the card is known."""
    mixed, key = case.get("mixed_precision"), "mixed_precision"
    if mixed == "bf16" and case.card is None:
        message = 'mixed_precision "bf16" needs a GPU of the Ampere generation (2020) or newer'
        yield case.finding("needs_bf16", "info", key, message, 'on an older card set "fp16"')
    elif mixed == "bf16" and case.card and case.card.year < BF16_SINCE:
        message = f'{case.card.name} ({case.card.year}) cannot compute in "bf16": the trainer stops'
        yield case.finding("no_bf16", "error", key, message, 'set mixed_precision = "fp16"')


@rule
def memory_on_card(case: Case) -> Iterator[Problem]:
    """Memory that a measured training of at most this size took, against the card's."""
    if case.card is None:
        return
    needed = memory_measured(shape_of(case.values))
    if needed > case.card.memory:
        message = (
            f"{case.card.name} has {case.card.memory:g} GB; a training of this size or less took "
            f"{needed:.1f} GB where it was measured"
        )
        hint = "lower train_batch_size, or set gradient_checkpointing = true"
        yield case.finding("too_little_memory", "warning", "train_batch_size", message, hint)


@rule
def loader_workers(case: Case) -> Iterator[Problem]:
    """Workers can only persist where there are any."""
    none = case.get("max_data_loader_n_workers") == 0
    if case.get("persistent_data_loader_workers") is True and none:
        message = "persistent_data_loader_workers needs max_data_loader_n_workers above 0: it stops"
        key = "persistent_data_loader_workers"
        yield case.finding("conflict", "error", key, message, f"take {key} out")


@rule
def only_looking(case: Case) -> Iterator[Problem]:
    """debug_dataset shows the data and ends."""
    if case.get("debug_dataset") is True:
        message = "debug_dataset shows the images and trains nothing"
        yield case.finding("nothing_trained", "error", "debug_dataset", message, "take it out")


@rule
def logging(case: Case) -> Iterator[Problem]:
    """Where logs go, and what that needs."""
    how = case.get("log_with")
    if how in ("tensorboard", "all") and not case.get("logging_dir"):
        message = f'log_with = "{how}" requires logging_dir; the trainer stops'
        hint = 'set logging_dir = "/workspace/logs", or take log_with out'
        yield case.finding("conflict", "error", "log_with", message, hint)
    if how in ("wandb", "all"):
        message = f'log_with = "{how}" needs the package wandb on the machine'
        yield case.finding("needs_wandb", "warning", "log_with", message, "take it out")


@rule
def secrets(case: Case) -> Iterator[Problem]:
    """A key in a config goes wherever the config goes."""
    for key in SECRETS:
        if case.get(key):
            message = f"{key} is a secret, and everyone who gets this file can use it"
            hint = "take it out, and give it to the machine as an environment variable"
            yield case.finding("secret_in_config", "warning", key, message, hint)


@rule
def output_name(case: Case) -> Iterator[Problem]:
    """Names that cannot be the name of a file on every system."""
    name = case.get("output_name")
    if isinstance(name, str) and (set(name) & set('/\\:*?"<>|') or name != name.strip(" .")):
        message = f"output_name = {name!r} is no name that a file can have everywhere"
        hint = "use letters, digits, - and _"
        yield case.finding("bad_output_name", "error", "output_name", message, hint)


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
        course = plan(case.values, (case.data.meant if case.data else 0) or 1)
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
