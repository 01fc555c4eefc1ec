"""A dataset_config file: its schema is strict, so an unknown key or kind stops the trainer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from bespoke_gui.core.config.options import nearest, option_table
from bespoke_gui.core.config.trainer_config import TrainingConfig, parse
from bespoke_gui.core.errors import Problem


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _pair(value: Any, fits: Callable[[Any], bool]) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(fits(entry) for entry in value)


KINDS: dict[str, Callable[[Any], bool]] = {
    "bool": lambda value: isinstance(value, bool),
    "str": lambda value: isinstance(value, str),
    "dict": lambda value: isinstance(value, dict),
    "int": _whole,
    "float": lambda value: isinstance(value, float),
    "float or int": _number,
    "int or [int,int]": lambda value: _whole(value) or _pair(value, _whole),
    "[float,float]": lambda value: _pair(value, lambda entry: isinstance(entry, float)),
}


def is_dataset_config(config: TrainingConfig) -> bool:
    """Whether the file describes datasets instead of a training."""
    return isinstance(config.get("datasets"), list)


def check_dataset_config(config: TrainingConfig) -> list[Problem]:
    """Return what stops the trainer in a file for --dataset_config."""
    data = parse(config.text(), config.path)
    file = str(config.path or "")
    return [_in_file(problem, file) for problem in _levels(data)]


def _levels(data: dict[str, Any]) -> Iterator[Problem]:
    for key in set(data) - {"general", "datasets"}:
        yield _unknown(key, "the top", ["general", "datasets"])
    yield from _check("general", data.get("general", {}))
    for dataset in _tables(data.get("datasets")):
        yield from _check("datasets", {k: v for k, v in dataset.items() if k != "subsets"})
        subsets = _tables(dataset.get("subsets"))
        if not subsets:
            yield Problem("no_data", "error", "a dataset has no subset", where="datasets.subsets")
        for subset in subsets:
            yield from _check("subsets", subset)
            if "image_dir" not in subset and "metadata_file" not in subset:
                message = "a subset names no image_dir"
                yield Problem("no_data", "error", message, where="datasets.subsets.image_dir")


def _check(level: str, values: Any) -> Iterator[Problem]:
    known = option_table().dataset_config[level]
    if not isinstance(values, dict):
        yield Problem("wrong_type", "error", f"[{level}] must be a section", where=level)
        return
    for key, value in values.items():
        if key not in known:
            yield _unknown(key, f"[{level}]", known)
        elif not KINDS[known[key]](value):
            message = f"{key} = {value!r} in [{level}] must be {known[key]}; the trainer stops"
            yield Problem("wrong_type", "error", message, hint="correct it", where=key)


def _unknown(key: str, level: str, known: Any) -> Problem:
    near = nearest(key, known)
    message = f"{key} is not known in {level}; the trainer stops: extra keys not allowed"
    hint = f"did you mean {near}?" if near else "take it out"
    return Problem("unknown_key", "error", message, hint=hint, where=key)


def _tables(value: Any) -> list[dict[str, Any]]:
    return [e for e in value if isinstance(e, dict)] if isinstance(value, list) else []


def _in_file(problem: Problem, file: str) -> Problem:
    return Problem(**{**problem.as_dict(), "file": file})
