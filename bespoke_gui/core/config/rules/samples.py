"""Rules about sample images: made while training, they can stop it after the first epoch."""

from __future__ import annotations

from collections.abc import Iterator

from bespoke_gui.core.config.case import Case, rule
from bespoke_gui.core.errors import Problem

RHYTHMS = ("sample_every_n_epochs", "sample_every_n_steps")
SUFFIXES = (".txt", ".toml", ".json")


@rule
def samples(case: Case) -> Iterator[Problem]:
    """Samples need prompts and a rhythm; without prompts the trainer stops at the first one."""
    rhythm = next((key for key in RHYTHMS if (case.number(key) or 0) > 0), "")
    if case.get("sample_at_first") is True:
        rhythm = rhythm or "sample_at_first"
    if rhythm and not case.get("sample_prompts"):
        when = "before the first step" if case.get("sample_at_first") else "at the first sample"
        message = f"{rhythm} is set and sample_prompts is not: the trainer stops {when}"
        hint = "name a file of prompts, or take it out: the gallery is made from the checkpoints"
        yield case.finding("no_sample_prompts", "error", rhythm, message, hint)
    elif case.given("sample_prompts") and not rhythm:
        message = "sample_prompts has no effect, since sample_every_n_epochs is not set"
        yield case.finding("ignored_value", "info", "sample_prompts", message, "take it out")


@rule
def prompt_file(case: Case) -> Iterator[Problem]:
    """Prompts stand in a file of their own; a table in the config stops the trainer."""
    prompts = case.get("sample_prompts")
    if isinstance(prompts, str) and prompts and not prompts.endswith(SUFFIXES):
        message = f'sample_prompts = "{prompts}" is no .txt, .toml or .json file: the trainer stops'
        hint = "write the prompts into a .txt file, one a line"
        yield case.finding("bad_sample_prompts", "error", "sample_prompts", message, hint)


@rule
def negative_rhythm(case: Case) -> Iterator[Problem]:
    """0 and less turn samples off, with a warning in the log."""
    for key in RHYTHMS:
        rhythm = case.number(key)
        if case.given(key) and rhythm is not None and rhythm <= 0:
            message = f"{key} has no effect, since it is {rhythm:g}"
            yield case.finding("ignored_value", "info", key, message, "take it out")
