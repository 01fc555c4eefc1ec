"""Rule sets: a TOML file of ordered rules, read with clear errors."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bespoke_gui.core.errors import AppError
from bespoke_gui.core.resources import resource
from bespoke_gui.core.rules.base import ACTIONS, Action, Edit, Option, Target
from bespoke_gui.core.rules.engine import RuleResult, preview, run, unstable
from bespoke_gui.core.rules.matching import Matcher

__all__ = [
    "Rule",
    "RuleResult",
    "RuleSet",
    "load_rules",
    "parse_rules",
    "preview",
    "run",
    "shipped",
    "unstable",
]
SCHEMA = 1
TOP_KEYS = ("schema", "name", "description", "synonyms", "rules")
RULE_KEYS = ("name", "action", "on", "note", "synonyms")
HEADER = re.compile(r"^[^\S\n]*\[\[[^\S\n]*rules[^\S\n]*\]\]", re.MULTILINE)


@dataclass
class Rule:
    """One rule, checked: `options` has a value for every option of the action."""

    name: str
    action: Action
    options: dict[str, Any]
    on: bool = True
    note: str = ""
    synonyms: dict[str, str] = field(default_factory=dict)
    matcher: Matcher | None = None

    def edits(self, text: str, separator: str) -> list[Edit]:
        """Return what the rule would do to a caption."""
        if self.matcher is not None and self.matcher.misses(text, separator):
            return []
        return self.action.run(Target(text, separator, self.options, self.matcher))


@dataclass
class RuleSet:
    """Ordered rules with the synonyms that all of them may use."""

    name: str
    rules: list[Rule] = field(default_factory=list)
    synonyms: dict[str, str] = field(default_factory=dict)
    description: str = ""

    @property
    def active(self) -> list[Rule]:
        """The rules that are on."""
        return [rule for rule in self.rules if rule.on]

    def synonyms_of(self, fired: Iterable[str]) -> dict[str, str]:
        """Return the declared synonyms that count when these rules fired."""
        names = set(fired)
        found = dict(self.synonyms) if names else {}
        for rule in self.rules:
            if rule.name in names:
                found |= rule.synonyms
        return found

    def start(self) -> None:
        """Give every regex its full time again, for a new run over all captions."""
        for rule in self.rules:
            if rule.matcher is not None:
                rule.matcher.restart()


def load_rules(path: Path) -> RuleSet:
    """Read a rule set; raises AppError naming file, line and rule when something is wrong."""
    path = Path(path)
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise AppError(f"cannot be read: {reason}", file=path, hint="check the path") from error
    except UnicodeDecodeError as error:
        raise AppError("is not UTF-8", file=path, hint="save it again as UTF-8") from error
    return parse_rules(text, path)


def parse_rules(text: str, path: Path | str = "rules.toml") -> RuleSet:
    """Read a rule set from its text, as while it is typed; errors as in `load_rules`."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        hint = "write it as TOML: [[rules]] and key = value"
        raise AppError(f"is no valid TOML: {error}", file=path, hint=hint) from error
    try:
        return _ruleset(data, text, Path(path).stem)
    except AppError as error:
        raise AppError(error.message, file=path, hint=error.hint) from error


def shipped() -> dict[str, Path]:
    """Return the rule sets that travel with Bespoke, by file name without suffix."""
    return {path.stem: path for path in sorted(resource("rules").glob("*.toml"))}


def _ruleset(data: dict[str, Any], text: str, name: str) -> RuleSet:
    result = parse_top(data, name)
    tables = data.get("rules", [])
    if not isinstance(tables, list) or not tables:
        raise AppError("holds no rules", hint="begin each rule with a line [[rules]]")
    lines = [text.count("\n", 0, match.start()) + 1 for match in HEADER.finditer(text)]
    for number, table in enumerate(tables, 1):
        line = f" (line {lines[number - 1]})" if len(lines) == len(tables) else ""
        try:
            result.rules.append(parse_rule(table, number, result.rules))
        except AppError as error:
            raise AppError(f"rule {number}{line}: {error.message}", hint=error.hint) from error
    return result


def parse_top(data: Mapping[str, Any], name: str) -> RuleSet:
    """Return a rule set without its rules; raises AppError for a key or value it cannot hold."""
    _known(data, TOP_KEYS, "the rule set")
    if data.get("schema", SCHEMA) != SCHEMA:
        raise AppError(f"schema {data['schema']!r} is not known", hint=f"use schema = {SCHEMA}")
    description = _str(data, "description")
    return RuleSet(str(data.get("name", name)), [], _synonyms(data), description)


def parse_rule(table: Any, number: int, earlier: list[Rule]) -> Rule:
    """Return the rule that a table says; `earlier` rules have taken their names.

    Raises AppError for what is missing, unknown or no valid regex.
    """
    if not isinstance(table, dict):
        raise AppError("is no table", hint="begin each rule with a line [[rules]]")
    action = _action(table)
    _known(table, (*RULE_KEYS, *(option.name for option in action.options)), action.name)
    name = _str(table, "name") or f"{number} {action.title.lower()}"
    if any(rule.name == name for rule in earlier):
        raise AppError(f"the name {name!r} is used twice", hint="give each rule its own name")
    options = {option.name: _value(table, option) for option in action.options}
    needs_matcher = any(option.name == "match" for option in action.options)
    return Rule(
        name,
        action,
        options,
        _flag(table, "on", True),
        _str(table, "note"),
        _synonyms(table),
        Matcher(options) if needs_matcher else None,
    )


def _action(table: Mapping[str, Any]) -> Action:
    name = _str(table, "action")
    if not name:
        raise AppError("says no action", hint=f"add action = one of: {', '.join(ACTIONS)}")
    return ACTIONS[name]


def _value(table: Mapping[str, Any], option: Option) -> Any:
    if option.name not in table:
        if option.default is None:
            raise AppError(f"needs `{option.name}`", hint=option.hint)
        return option.default
    value = table[option.name]
    if option.kind == "flag":
        return _flag(table, option.name, False)
    if option.kind == "list":
        if not isinstance(value, list) or not all(isinstance(part, str) for part in value):
            raise AppError(f"`{option.name}` must be a list of texts")
        return value
    text = _str(table, option.name)
    if option.kind == "choice" and text not in option.choices:
        hint = f"choose one of: {', '.join(option.choices)}"
        raise AppError(f"`{option.name}` cannot be {text!r}", hint=hint)
    if option.default is None and not text.strip() and option.name != "with":
        raise AppError(f"`{option.name}` is empty", hint=option.hint)
    return text


def _synonyms(table: Mapping[str, Any]) -> dict[str, str]:
    value = table.get("synonyms", {})
    if not isinstance(value, dict) or not all(isinstance(word, str) for word in value.values()):
        raise AppError("`synonyms` must be a table", hint='as in { shades = "sunglasses" }')
    return value


def _str(table: Mapping[str, Any], key: str) -> str:
    value = table.get(key, "")
    if not isinstance(value, str):
        raise AppError(f"`{key}` must be a text", hint="put it in quotes")
    return value


def _flag(table: Mapping[str, Any], key: str, default: bool) -> bool:
    value = table.get(key, default)
    if not isinstance(value, bool):
        raise AppError(f"`{key}` must be true or false")
    return value


def _known(table: Mapping[str, Any], allowed: tuple[str, ...], what: str) -> None:
    unknown = sorted(set(table) - set(allowed))
    if unknown:
        hint = f"{what} knows: {', '.join(allowed)}"
        raise AppError(f"there is no key {unknown[0]!r} here", hint=hint)
