"""Compare two configs as the trainer reads them: what changed, and which changes do something."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from bespoke_gui.core.config.doctor import check_config
from bespoke_gui.core.config.options import option_table
from bespoke_gui.core.config.trainer_config import TrainingConfig

ABSENT = object()


@dataclass(frozen=True)
class Change:
    """One value that differs; None where the config does not set it.

    kind: "changed", "added" or "removed". no_effect: why the trainer does the same before and
    after, in words; empty for a change that counts. meaning: what takes the place of a value that
    is not set.
    """

    key: str
    before: Any
    after: Any
    kind: str = "changed"
    no_effect: str = ""
    meaning: str = ""

    @property
    def counts(self) -> bool:
        """Whether the trainer does something else because of it."""
        return not self.no_effect

    def as_dict(self) -> dict[str, Any]:
        """Return the change as the command line prints it."""
        return {
            "key": self.key, "kind": self.kind, "before": self.before, "after": self.after,
            "counts": self.counts, "no_effect": self.no_effect, "meaning": self.meaning,
        }  # fmt: skip

    def __str__(self) -> str:
        words = f"{self.key}: {_shown(self.before)} -> {_shown(self.after)}"
        note = f"no effect: {self.no_effect}" if self.no_effect else self.meaning
        return f"{words} ({note})" if note else words


@dataclass(frozen=True)
class ConfigDiff:
    """All changes from one config to another, in the order of the first, then what is added."""

    changes: list[Change] = field(default_factory=list)

    @property
    def without_effect(self) -> list[Change]:
        """Changes that make no difference to the trainer."""
        return [change for change in self.changes if not change.counts]

    @property
    def words(self) -> str:
        """The difference in one line, as "4 changes, 2 of them without effect"."""
        count, idle = len(self.changes), len(self.without_effect)
        text = f"{count} change{'' if count == 1 else 's'}" if count else "no changes"
        if not idle:
            return text
        return f"{text}, without effect" if idle == count else f"{text}, {idle} without effect"

    def as_dict(self) -> dict[str, Any]:
        """Return the difference as the command line prints it."""
        return {
            "changes": [change.as_dict() for change in self.changes],
            "count": len(self.changes),
            "without_effect": len(self.without_effect),
            "words": self.words,
        }


def compare_configs(before: TrainingConfig, after: TrainingConfig) -> ConfigDiff:
    """Return what differs between two configs as the trainer reads them.

    1 and 1.0 are the same to the trainer's arithmetic but not to its checks, so they differ here.
    """
    first, second = before.values, after.values
    idle = [_idle(before), _idle(after)]
    keys = {**first, **second}
    return ConfigDiff(list(_changes(keys, first, second, idle)))


def compare_texts(before: str, after: str) -> ConfigDiff:
    """Compare two texts of a config; raises AppError (kind "bad_config") when one is no TOML."""
    return compare_configs(TrainingConfig(before), TrainingConfig(after))


def _changes(
    keys: Iterable[str],
    first: Mapping[str, Any],
    second: Mapping[str, Any],
    idle: list[dict[str, str]],
) -> Iterator[Change]:
    for key in keys:
        old, new = first.get(key, ABSENT), second.get(key, ABSENT)
        if type(old) is type(new) and old == new:
            continue
        kind = "added" if old is ABSENT else "removed" if new is ABSENT else "changed"
        reason = _no_effect(key, old, new, idle)
        meaning = "" if reason or kind == "changed" else _default_words(key, kind)
        yield Change(key, _value(old), _value(new), kind, reason, meaning)


def _no_effect(key: str, old: Any, new: Any, idle: list[dict[str, str]]) -> str:
    """Say why the trainer does the same with both values, or "" when it does not."""
    table = option_table()
    if key not in table:
        return "the trainer has no such option"
    default = table[key].default
    if ABSENT in (old, new) and _same(default, _value(old if new is ABSENT else new)):
        return "it is what the trainer takes anyway"
    sides = [
        reasons for reasons, value in zip(idle, (old, new), strict=True) if value is not ABSENT
    ]
    if all(key in reasons for reasons in sides):
        return sides[-1][key]
    return ""


def _default_words(key: str, kind: str) -> str:
    default = option_table()[key].default
    taken = "nothing" if default is None else repr(default)
    return f"before, the trainer took {taken}" if kind == "added" else f"the trainer takes {taken}"


def _idle(config: TrainingConfig) -> dict[str, str]:
    """Options that a config sets in vain, with the reason in words."""
    return {
        problem.where: _reason(problem.where, problem.message)
        for problem in check_config(config)
        if problem.code == "ignored_value"
    }


def _reason(key: str, message: str) -> str:
    """Shorten "KEY has no effect, since ..." to what follows; the key stands beside it anyway."""
    for start in (f"{key} has no effect, ", f"{key} has no effect ", f"{key} is ignored, "):
        message = message.removeprefix(start)
    return message.removeprefix("since ")


def _same(first: Any, second: Any) -> bool:
    return isinstance(first, bool) == isinstance(second, bool) and first == second


def _value(found: Any) -> Any:
    return None if found is ABSENT else found


def _shown(value: Any) -> str:
    return "not set" if value is None else repr(value)
