"""Checks of a protocol's values before it is used: every finding, not only the first."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bespoke_gui.core.errors import Problem

PROMPT_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,79}")
"""Prompt names become file names: letters, digits, _ - and . only."""

LONG_PROMPTS = ("chunked", "truncate")
MERGES = ("auto", "on", "off")


def _whole(low: int, high: int, multiple: int = 1) -> Callable[[Any], bool]:
    def check(value: Any) -> bool:
        whole = isinstance(value, int) and not isinstance(value, bool)
        return whole and low <= value <= high and value % multiple == 0

    return check


def _number(low: float, high: float) -> Callable[[Any], bool]:
    def check(value: Any) -> bool:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        return number and math.isfinite(value) and low <= value <= high

    return check


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _seeds(value: Any) -> bool:
    if not isinstance(value, list | tuple) or not value:
        return False
    return all(_whole(0, 2**63 - 1)(seed) for seed in value) and len(set(value)) == len(value)


def _one_of(*words: str) -> Callable[[Any], bool]:
    return lambda value: value in words


def _thresholds(value: Any) -> bool:
    return isinstance(value, Mapping) and all(_number(-1e9, 1e9)(v) for v in value.values())


_RULES: dict[str, tuple[Callable[[Any], bool], str]] = {
    "schema": (_whole(1, 1), "1 (a higher one was written by a newer Bespoke)"),
    "base": (lambda value: _text(value) and bool(value.strip()), "a base model's name"),
    "base_digest": (_text, "text"),
    "negative": (_text, "text"),
    "seeds": (_seeds, "a list of different whole numbers from 0"),
    # 24x24 makes no picture worth having, but images made so must be declared as what they are.
    "width": (_whole(8, 4096, 8), "a multiple of 8 from 8 to 4096"),
    "height": (_whole(8, 4096, 8), "a multiple of 8 from 8 to 4096"),
    "steps": (_whole(1, 1000), "a whole number from 1 to 1000"),
    "guidance": (_number(0, 100), "a number from 0 to 100"),
    "scheduler": (lambda value: _text(value) and bool(value), 'a scheduler\'s name or "default"'),
    "lora_scale": (_number(-10, 10), "a number from -10 to 10"),
    "long_prompts": (_one_of(*LONG_PROMPTS), '"chunked" or "truncate"'),
    "native_size": (_whole(4, 512), "a whole number from 4 to 512"),
    "downsampler": (lambda value: _text(value) and bool(value), "a downsampler's name"),
    "merge": (_one_of(*MERGES), '"auto", "on" or "off"'),
    "thresholds": (_thresholds, "a table of measure = number"),
    "prompts": (lambda value: isinstance(value, list | tuple), "a list of [[prompts]]"),
}


def check_protocol(data: Mapping[str, Any]) -> list[Problem]:
    """Return every finding in a parsed protocol; an empty list when it can be used."""
    problems = _unknown(data, _RULES, "protocol setting")
    for key, (check, wanted) in _RULES.items():
        if key in data and not check(data[key]):
            problems.append(_wrong(f"{key} = {data[key]!r} is not {wanted}", key))
    prompts = data.get("prompts", [])
    if isinstance(prompts, list | tuple):
        problems += _check_prompts(prompts)
    return problems


def _wrong(message: str, where: str, hint: str = "change that value") -> Problem:
    return Problem("protocol_value", "error", message, hint=hint, where=where)


def _unknown(data: Mapping[str, Any], known: Mapping[str, Any], kind: str) -> list[Problem]:
    problems = []
    for key in data:
        if key in known:
            continue
        near = difflib.get_close_matches(key, list(known), 1)
        hint = f"did you mean {near[0]}?" if near else "take that line out"
        problems.append(_wrong(f"{key} is no {kind}", key, hint))
    return problems


def _check_prompts(prompts: Sequence[Any]) -> list[Problem]:
    if not prompts:
        return [_wrong("there is no prompt", "prompts", "add a [[prompts]] with name and text")]
    problems: list[Problem] = []
    names: set[str] = set()
    for number, prompt in enumerate(prompts, 1):
        if not isinstance(prompt, Mapping):
            problems.append(_wrong(f"prompt {number} is no table", "prompts"))
            continue
        problems += _check_prompt(prompt, number)
        name = str(prompt.get("name", "")).casefold()
        if name in names:
            problems.append(_wrong(f"two prompts are named {prompt['name']}", "prompts"))
        names.add(name)
    return problems


def _check_prompt(prompt: Mapping[str, Any], number: int) -> list[Problem]:
    known = {"name": 0, "text": 0, "negative": 0, "expect": 0}
    problems = _unknown(prompt, known, f"setting of prompt {number}")
    name, text = prompt.get("name"), prompt.get("text")
    if not isinstance(name, str) or not PROMPT_NAME.fullmatch(name):
        hint = "names become file names: use letters, digits, _ and -"
        problems.append(_wrong(f"prompt {number} has the name {name!r}", "prompts", hint))
    if not isinstance(text, str) or not text.strip():
        problems.append(_wrong(f"prompt {number} has no text", "prompts"))
    if not isinstance(prompt.get("negative", ""), str):
        problems.append(_wrong(f"the negative of prompt {number} is no text", "prompts"))
    return problems + _check_expect(prompt.get("expect", {}), number)


def _check_expect(expect: Any, number: int) -> list[Problem]:
    if not isinstance(expect, Mapping):
        return [_wrong(f"expect of prompt {number} is no table", "prompts")]
    problems = _unknown(expect, {"background": 0, "accessories": 0}, f"expectation of {number}")
    if not isinstance(expect.get("background", ""), str):
        problems.append(_wrong(f"the background of prompt {number} is no text", "prompts"))
    items = expect.get("accessories", [])
    if not isinstance(items, list | tuple) or not all(isinstance(item, str) for item in items):
        problems.append(_wrong(f"accessories of prompt {number} is no list of words", "prompts"))
    return problems
