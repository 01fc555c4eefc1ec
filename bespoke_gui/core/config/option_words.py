"""Words for the trainer's options: groups, labels and explanations, and the search in them."""

from __future__ import annotations

import functools
import tomllib
from dataclasses import dataclass
from typing import Any

from bespoke_gui.core.config.options import Option, option_table
from bespoke_gui.core.resources import resource


@dataclass(frozen=True)
class Described:
    """One option as a person meets it.

    `label` and `help` are empty words where nobody wrote any: then the name must do. `offers`:
    values people usually choose; the trainer's own choices where it names some.
    """

    option: Option
    label: str
    help: str
    group: str
    offers: tuple[Any, ...] = ()

    @property
    def key(self) -> str:
        """The option's name."""
        return self.option.name

    def matches(self, search: str) -> bool:
        """Whether every word of `search` stands in the name, label, explanation or group."""
        spaced = self.key.replace("_", " ")
        text = f"{self.key} {spaced} {self.label} {self.help} {self.group}".casefold()
        return all(word in text for word in search.casefold().split())


@dataclass(frozen=True)
class OptionGroup:
    """Options about one thing, those with words first."""

    name: str
    about: str
    options: tuple[Described, ...]


@functools.cache
def option_groups() -> tuple[OptionGroup, ...]:
    """Return all options of the trainer in groups, as resources/trainer_option_words.toml has them.

    Every option is in one group; raises KeyError for a name that the trainer does not know.
    """
    data = tomllib.loads(resource("trainer_option_words.toml").read_text(encoding="utf-8"))
    return tuple(_group(entry, data["offers"]) for entry in data["group"])


@functools.cache
def described_options() -> dict[str, Described]:
    """Return every option with its words, by name."""
    return {one.key: one for group in option_groups() for one in group.options}


def _group(entry: dict[str, Any], offers: dict[str, list[Any]]) -> OptionGroup:
    table, words = option_table(), dict(entry["options"])
    more = words.pop("more", [])
    pairs = [*words.items(), *((key, ["", ""]) for key in more)]
    described = [
        Described(table[key], label, text, entry["name"], _offers(table[key], offers))
        for key, (label, text) in pairs
    ]
    return OptionGroup(entry["name"], entry["about"], tuple(described))


def _offers(option: Option, offers: dict[str, list[Any]]) -> tuple[Any, ...]:
    return option.choices or tuple(offers.get(option.name, ()))
