"""Rules about what must be there: options without which the trainer stops or does nothing."""

from __future__ import annotations

from collections.abc import Iterator

from bespoke_gui.core.config.case import Case, rule
from bespoke_gui.core.errors import Problem

NEEDED = {
    "pretrained_model_name_or_path": ("no base model is named", "name a folder, file or hub id"),
    "network_module": ("the trainer stops without it", 'write network_module = "networks.lora"'),
    "output_dir": ("there is no place for the checkpoints", "name a folder"),
}


@rule
def missing_option(case: Case) -> Iterator[Problem]:
    """Options without which nothing can be trained or saved."""
    for key, (why, hint) in NEEDED.items():
        if case.values.get(key, "") == "":
            message = f"{key} is missing: {why}"
            yield case.finding("missing_option", "error", key, message, hint)
    if not case.given("dataset_config"):
        yield from _data_options(case)


def _data_options(case: Case) -> Iterator[Problem]:
    if case.values.get("train_data_dir", "") == "":
        message = "train_data_dir is missing: the trainer finds no data and ends without an error"
        hint = "name the folder that holds the <N>_<name> folders"
        yield case.finding("missing_option", "error", "train_data_dir", message, hint)
    if not case.given("resolution"):
        message = 'resolution is missing: the trainer stops with "resolution is required"'
        yield case.finding(
            "missing_option", "error", "resolution", message, 'write resolution = "512,512"'
        )


@rule
def default_taken(case: Case) -> Iterator[Problem]:
    """Options that are better said than left to the trainer's default."""
    if not case.given("max_train_epochs") and not case.given("max_train_steps"):
        message = "neither max_train_epochs nor max_train_steps is set: 1600 steps are trained"
        yield case.finding(
            "default_taken", "warning", "max_train_epochs", message, "set max_train_epochs"
        )
    rates = ("learning_rate", "unet_lr", "text_encoder_lr")
    if not any(case.given(key) for key in rates):
        message = "no learning rate is set: the trainer takes 2e-06, far too low for a LoRA"
        yield case.finding(
            "default_taken", "warning", "learning_rate", message, "set learning_rate = 1e-4"
        )
    if not case.given("network_dim"):
        message = "network_dim is not set: rank 4 is trained"
        hint = "set network_dim = 32, or write 4 to say that it is meant"
        yield case.finding("default_taken", "info", "network_dim", message, hint)
    if not case.given("seed"):
        message = "seed is not set: the same training cannot be repeated"
        yield case.finding("default_taken", "info", "seed", message, "set seed = 42")


@rule
def few_checkpoints(case: Case) -> Iterator[Problem]:
    """Without a checkpoint for each epoch there is nothing to compare."""
    saving = ("save_every_n_epochs", "save_every_n_steps", "save_n_epoch_ratio")
    if not any(case.given(key) for key in saving):
        message = "only the last epoch is saved, so epochs cannot be compared"
        yield case.finding(
            "few_checkpoints", "warning", saving[0], message, "set save_every_n_epochs = 1"
        )
