"""Failures of sd-scripts: the kind, one line and what to do, from the last things it said."""

from __future__ import annotations

import re

from bespoke_gui.core.errors import AppError
from bespoke_gui.engines.kohya.story import Story

# (kind, words to look for, message or "" for the trainer's own, hint)
RULES: tuple[tuple[str, str, str, str], ...] = (
    ("no_data", r"No data found|No images? found", "the trainer found no images",
     "every image folder must be named <repeats>_<class> inside train_data_dir"),
    ("oom", r"out of memory|OutOfMemoryError|DefaultCPUAllocator", "the memory is not enough",
     "lower train_batch_size or the resolution, or turn gradient_checkpointing on"),
    ("disk_full", r"No space left on device|Disk quota exceeded", "the disk is full",
     "free some space and resume from the last saved state"),
    ("missing_package", r"No (xformers|bitsandbytes|[\w-]+) / ", "",
     "install the package in sd-scripts' environment, or take the option out of the config"),
    ("missing_package", r"ModuleNotFoundError|ImportError", "",
     "install the package in sd-scripts' environment"),
    ("missing_package", r"transformer_engine|MS-AMP", "", 'use mixed_precision = "bf16" or "fp16"'),
    ("network", r"ConnectionError|Max retries exceeded|Name or service not known|offline mode", "",
     "check the connection, or give the base model as a file on this machine"),
    ("missing_model", r"is not a local folder|RepositoryNotFound|Repository Not Found|"
     r"GatedRepo|401 Client Error|404 Client Error", "the base model cannot be fetched",
     "give a folder, a file or another hub id as pretrained_model_name_or_path"),
    ("nan_loss", r"\bnan\b.*loss|loss.*\bnan\b|NaN detected", "the loss is no number",
     "lower the learning rate, or use bf16 instead of fp16"),
    ("bad_config", r"in_json|no metadata", "",
     "take in_json out: it switches to another kind of training"),
    ("bad_config", r"unrecognized arguments|invalid choice|expected one argument", "",
     "`bespoke config check` names every option the trainer does not know"),
    ("bad_config", r"bucket_reso|resolution|sample_prompts|voluptuous|MultipleInvalid|"
     r"SchedulerType|has no attribute 'split'|must be (tuple|str|int|real number)|"
     r"(expected|should be) (bool|str|string|int|float)|size' \(position", "",
     "`bespoke config check` says what the trainer expects"),
)  # fmt: skip
SHOWN = 300


def failure(story: Story, code: int | None, expected: str) -> AppError:
    """Return why a training without its last file ended; `expected` names that file."""
    said = [*story.errors, *story.said]
    for kind, words, message, hint in RULES:
        hit = next((line for line in said if re.search(words, line)), "")
        if hit:
            return AppError(message or _short(hit), hint=hint, kind=kind)
    if story.loss_is_nan:
        return AppError("the loss is no number", hint="lower the learning rate", kind="nan_loss")
    if story.errors:
        hint = "the end of log.txt has the trainer's own words"
        return AppError(_short(story.errors[-1]), hint=hint, kind="engine_crash")
    return _silent(code, expected)


def _silent(code: int | None, expected: str) -> AppError:
    if code is not None and code < 0:
        words = f"the trainer was killed by signal {-code} before it wrote {expected}"
        hint = "often too little memory (RAM); see the end of log.txt"
    else:
        words = f"the trainer ended with code {code} but wrote no {expected}"
        hint = "see the end of log.txt"
    return AppError(words, hint=hint, kind="engine_crash")


def _short(line: str) -> str:
    """The English half of a line, at most SHOWN characters."""
    english = re.split(r" / (?=[^\x00-\x7f])", line)[0]
    return english.strip()[:SHOWN]
