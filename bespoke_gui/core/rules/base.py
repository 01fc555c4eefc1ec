"""What an action of a caption rule is: options in, edits out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from bespoke_gui.core.registry import Registry
from bespoke_gui.core.rules.matching import Matcher


@dataclass(frozen=True)
class Edit:
    """Replace `text[start:end]` by `text`.

    `crosses`: the match reached over a separator. `may_go`: content words whose loss the action
    itself answers for, as a duplicate phrase of which the first is kept.
    """

    start: int
    end: int
    text: str
    crosses: bool = False
    may_go: tuple[str, ...] = ()


@dataclass(frozen=True)
class Option:
    """One key of a rule in TOML; `default` None means that the rule must give it."""

    name: str
    kind: Literal["text", "flag", "choice", "list"]
    hint: str
    default: Any = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Target:
    """What an action works on: one caption, and the options of the rule (checked, complete)."""

    text: str
    separator: str
    options: Mapping[str, Any]
    matcher: Matcher | None = None


@dataclass(frozen=True)
class Action:
    """One kind of rule. `run` returns edits in order, none reaching into another."""

    name: str
    title: str
    hint: str
    run: Callable[[Target], list[Edit]]
    options: tuple[Option, ...] = field(default=())


ACTIONS: Registry[Action] = Registry("rule action", "bespoke_gui.core.rules.actions")

FINDING = (
    Option("find", "text", "what to look for"),
    Option("match", "choice", "how `find` is read", "literal", ("literal", "regex")),
    Option("scope", "choice", "where a match may lie", "phrase", ("phrase", "caption")),
    Option("case", "flag", "tell capital and small letters apart", False),
    Option("words", "flag", "match whole words only (literal)", True),
)
CONDITIONS = (
    Option("where", "text", "only captions (or phrases) in which this regex is found", ""),
    Option("unless", "text", "not captions (or phrases) in which this regex is found", ""),
)
