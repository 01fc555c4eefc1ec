"""Values that are set and never looked at, since another option is not as it would have to be."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from bespoke_gui.core.config.case import Case, rule
from bespoke_gui.core.errors import Problem

CYCLES = ("cosine_with_restarts", "cosine_with_min_lr", "warmup_stable_decay")
LOWEST = ("cosine_with_min_lr", "warmup_stable_decay")
Unused = Callable[[Case], bool]


def _off(*keys: str) -> Unused:
    """Return whether none of the options is on or above 0."""
    return lambda case: not any(case.get(key) for key in keys)


def _other_scheduler(*names: str) -> Unused:
    return lambda case: case.get("lr_scheduler") not in names or bool(case.get("lr_scheduler_type"))


def _on(key: str) -> Unused:
    return lambda case: case.get(key) is True


# Option, whether it is unused, and why, as it goes on after "has no effect, since".
TABLE: tuple[tuple[str, Unused, str], ...] = (
    ("lr_scheduler_num_cycles", _other_scheduler(*CYCLES), "this lr_scheduler has no cycles"),
    ("lr_scheduler_power", _other_scheduler("polynomial"), "lr_scheduler is not polynomial"),
    ("lr_scheduler_min_lr_ratio", _other_scheduler(*LOWEST), "this lr_scheduler goes down to 0"),
    ("lr_scheduler_timescale", _other_scheduler("inverse_sqrt"), "lr_scheduler is another one"),
    ("lr_decay_steps", _other_scheduler("warmup_stable_decay"), "this lr_scheduler knows none"),
    ("multires_noise_discount", _off("multires_noise_iterations"), "multires noise is off"),
    ("noise_offset_random_strength", _off("noise_offset"), "noise_offset is off"),
    ("ip_noise_gamma_random_strength", _off("ip_noise_gamma"), "ip_noise_gamma is off"),
    ("huber_c", lambda case: case.get("loss_type") not in ("huber", "smooth_l1"),
     "loss_type is not huber"),
    ("huber_schedule", lambda case: case.get("loss_type") not in ("huber", "smooth_l1"),
     "loss_type is not huber"),
    ("unet_lr", _on("network_train_text_encoder_only"), "the UNet is not trained"),
    ("text_encoder_lr", _on("network_train_unet_only"), "the text encoder is not trained"),
    ("learning_rate", lambda case: case.given("unet_lr") and case.given("text_encoder_lr")
     and case.get("unet_lr") != case.get("learning_rate"),
     "unet_lr and text_encoder_lr are both set"),
    ("save_last_n_epochs", _off("save_every_n_epochs", "save_n_epoch_ratio"),
     "no epoch but the last is saved"),
    ("save_last_n_epochs_state", _off("save_state"), "save_state is off"),
    ("save_last_n_steps", _off("save_every_n_steps"), "save_every_n_steps is off"),
    ("save_last_n_steps_state", _off("save_state"), "save_state is off"),
    ("keep_tokens_separator", _off("shuffle_caption", "caption_tag_dropout_rate"),
     "shuffle_caption is off"),
    ("sample_sampler", _off("sample_prompts"), "there are no sample_prompts"),
    ("skip_cache_check", _off("cache_latents_to_disk"), "cache_latents_to_disk is off"),
    ("log_prefix", _off("logging_dir"), "logging_dir is not set"),
    ("sample_every_n_steps", lambda case: (case.number("sample_every_n_epochs") or 0) > 0,
     "sample_every_n_epochs is set"),
)  # fmt: skip


@rule
def unused_values(case: Case) -> Iterator[Problem]:
    """Each of these is read only together with another option."""
    for key, unused, reason in TABLE:
        if case.given(key) and case.get(key) is not False and unused(case):
            message = f"{key} has no effect, since {reason}"
            yield case.finding("ignored_value", "info", key, message, "take it out")
