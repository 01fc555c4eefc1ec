"""Rules about kinds of values: the trainer converts nothing that comes from a config file."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

from bespoke_gui.core.config.case import Case, rule
from bespoke_gui.core.config.options import Option, nearest
from bespoke_gui.core.errors import Problem

WORDS = {
    "str": "a text in quotes",
    "int": "a whole number without quotes",
    "float": "a number without quotes",
    "int_or_float": "a number without quotes",
    "bool": "true or false without quotes",
}


def _is_int(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


FITS: dict[str, Callable[[Any], bool]] = {
    "str": lambda value: isinstance(value, str),
    "int": _is_int,
    "float": _is_number,
    "int_or_float": _is_number,
    "bool": lambda value: isinstance(value, bool),
}


@rule
def wrong_kind(case: Case) -> Iterator[Problem]:
    """A value of the wrong kind stops the trainer, or means the opposite ("false" counts as on)."""
    for key, value in case.values.items():
        if key in case.table and not _fits(case.table[key], value):
            yield case.finding(
                "wrong_type",
                _severity(case, key, value),
                key,
                f"{key} = {_shown(value)} must be {_wanted(case.table[key])}; "
                "the trainer converts nothing",
                f"write {_repaired(case.table[key], value)}",
            )


def _fits(option: Option, value: Any) -> bool:
    fits = FITS[option.kind]
    if not option.many:
        return fits(value)
    if isinstance(value, list):
        return all(fits(entry) for entry in value)
    # A single number works in place of a list; a text would be read letter by letter.
    return option.kind == "float" and fits(value)


def _severity(case: Case, key: str, value: Any) -> str:
    """0 and 1 work for true and false, and the reverse, except where the dataset's schema looks."""
    harmless = isinstance(value, (bool, int)) and value in (0, 1)
    tolerant = case.table[key].kind != "str" and not case.table.is_dataset_key(key)
    return "warning" if harmless and tolerant else "error"


def _wanted(option: Option) -> str:
    return 'a list of texts: ["name=value"]' if option.many else WORDS[option.kind]


def _shown(value: Any) -> str:
    text = " ".join(repr(value).split())
    return text if len(text) <= 60 else f"{text[:57]}..."


def _repaired(option: Option, value: Any) -> str:
    name, text = option.name, str(value).strip()
    if option.many:
        return f'{name} = ["{text}"]' if isinstance(value, str) else f"{name} as a list of texts"
    if option.kind == "bool" and text.casefold() in ("true", "false", "0", "1"):
        return f"{name} = {'true' if text.casefold() in ('true', '1') else 'false'}"
    if option.kind == "str" and isinstance(value, (int, float)):
        return f'{name} = "{text}"'
    if option.kind == "str" and _is_pair(value):
        return f'{name} = "{value[0]},{value[1]}"'
    if _reads_as(option.kind, text):
        return f"{name} = {text}"
    return f"{name} as {WORDS[option.kind]}"


def _is_pair(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(_is_int(entry) for entry in value)


def _reads_as(kind: str, text: str) -> bool:
    if kind not in ("int", "float", "int_or_float"):
        return False
    try:
        (int if kind == "int" else float)(text)
    except ValueError:
        return False
    return True


@rule
def bad_choice(case: Case) -> Iterator[Problem]:
    """Choices are not checked by the trainer either; it stops later, or does something else."""
    for key, value in case.values.items():
        option = case.table.options.get(key)
        if option is None or not option.choices or not _fits(option, value):
            continue
        if value not in option.choices:
            yield _not_offered(case, option, value)


def _not_offered(case: Case, option: Option, value: Any) -> Problem:
    choices = ", ".join(str(choice) for choice in option.choices)
    if option.name == "max_token_length" and value == 75:
        return case.finding(
            "bad_choice",
            "warning",
            option.name,
            "max_token_length = 75 is not offered; it works and means the same as leaving it out",
            "take it out",
        )
    near = nearest(str(value), [str(choice) for choice in option.choices])
    return case.finding(
        "bad_choice",
        "error",
        option.name,
        f"{option.name} = {value!r} is not one of {choices}",
        f"did you mean {near}?" if near else f"write one of {choices}",
    )


LEAST = {
    "train_batch_size": 1,
    "gradient_accumulation_steps": 1,
    "max_train_epochs": 1,
    "network_dim": 1,
    "save_every_n_epochs": 1,
    "save_every_n_steps": 1,
    "bucket_reso_steps": 1,
    "lr_warmup_steps": 0,
    "keep_tokens": 0,
}


@rule
def out_of_range(case: Case) -> Iterator[Problem]:
    """Numbers with which no step can be taken."""
    for key, least in LEAST.items():
        value = case.number(key)
        if case.given(key) and value is not None and value < least:
            message = f"{key} = {value} must be {least} or more"
            yield case.finding("out_of_range", "error", key, message, "correct it")
    for key in ("caption_dropout_rate", "caption_tag_dropout_rate", "network_dropout"):
        value = case.number(key)
        if value is not None and not 0 <= value <= 1:
            message = f"{key} = {value} must lie between 0 and 1"
            yield case.finding("out_of_range", "error", key, message, "correct it")
    for key, value in case.values.items():
        if isinstance(value, float) and not math.isfinite(value):
            message = f"{key} = {value} cannot be worked with"
            yield case.finding("out_of_range", "error", key, message, "write a number")
    steps = case.number("max_train_steps")
    if not case.given("max_train_epochs") and steps is not None and steps < 1:
        message = "max_train_steps is below 1 and there is no max_train_epochs: nothing is trained"
        hint = "set max_train_epochs"
        yield case.finding("out_of_range", "error", "max_train_steps", message, hint)
