"""A rule set while it is edited: its text, rule by rule, with comments and order kept."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import tomlkit

from bespoke_gui.core import atomic
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.rules.base import ACTIONS, Option
from bespoke_gui.core.rules.ruleset import (
    HEADER,
    RULE_KEYS,
    SCHEMA,
    Rule,
    RuleSet,
    parse_rule,
    parse_top,
)

NEW = f"# Rules for captions: run from top to bottom.\nschema = {SCHEMA}\nname = {{name}}\n"
TABLE = re.compile(r"^[^\S\n]*\[")
OF_RULE = re.compile(r"^[^\S\n]*\[[^\S\n]*rules[^\S\n]*\.")


@dataclass(frozen=True)
class Checked:
    """One rule of a document: what its table says, and the rule or the error it makes."""

    name: str
    action: str
    on: bool
    table: Mapping[str, Any]
    rule: Rule | None = None
    error: AppError | None = None


@dataclass
class RuleDocument:
    """The text of a rule set in pieces: `head`, one block a rule, `tail`.

    Each block is one [[rules]] table with the comment above it, so that a moved rule takes its
    comment along. `rewritten` says that the file had another form and its comments are lost.
    """

    head: str
    blocks: list[str] = field(default_factory=list)
    tail: str = ""
    rewritten: bool = False
    _known: dict[tuple[int, str], Checked] = field(default_factory=dict, compare=False, repr=False)

    @property
    def text(self) -> str:
        """The whole file."""
        parts = [self.head, *self.blocks, self.tail]
        return "\n".join(part.strip("\n") + "\n" for part in parts if part.strip())

    @property
    def name(self) -> str:
        """The name of the set."""
        return str(self.top("name", ""))

    def top(self, key: str, default: Any) -> Any:
        """Return what the set says beside its rules: name, description or synonyms."""
        return tomllib.loads(self.head + "\n" + self.tail).get(key, default)

    def set_top(self, key: str, value: Any) -> None:
        """Give the set another name, description or synonyms; an empty value takes it out."""
        in_tail = key in tomlkit.parse(self.tail)
        part = tomlkit.parse(self.tail if in_tail else self.head)
        if value and in_tail:
            # Behind the rules only a table with its own header belongs to the whole set.
            table: Any = part[key]
            table.clear()
            table.update(value)
        elif value:
            part[key] = _item(value)
        elif key in part:
            part.remove(key)
        if in_tail:
            self.tail = tomlkit.dumps(part)
        else:
            self.head = tomlkit.dumps(part)

    def table(self, index: int) -> dict[str, Any]:
        """Return what one rule says, as plain values."""
        return tomllib.loads(self.blocks[index])["rules"][0]

    def add(self, action: str, index: int | None = None, **values: Any) -> int:
        """Put a new rule in and return where it stands; the others keep their order."""
        table = {"name": self.free_name(ACTIONS[action].title.lower()), "action": action, **values}
        place = len(self.blocks) if index is None else index
        self.blocks.insert(place, _block(table))
        return place

    def duplicate(self, index: int) -> int:
        """Put a copy behind a rule and return where it stands."""
        self.blocks.insert(index + 1, self.blocks[index])
        self.set(index + 1, "name", self.free_name(str(self.table(index).get("name") or "rule")))
        return index + 1

    def delete(self, index: int) -> None:
        """Take a rule out, with its comment."""
        del self.blocks[index]

    def move(self, index: int, to: int) -> int:
        """Put a rule at another place, counted without it; return where it stands."""
        to = max(0, min(to, len(self.blocks) - 1))
        self.blocks.insert(to, self.blocks.pop(index))
        return to

    def set(self, index: int, key: str, value: Any) -> None:
        """Give one key of a rule a value; None, an empty table or the default takes it out."""
        document = tomlkit.parse(self.blocks[index])
        table: Any = document["rules"][0]  # type: ignore[index]
        if value is None or value == {} or (key not in table and value == _default(table, key)):
            if key in table:
                table.remove(key)
        else:
            table[key] = _item(value)
        self.blocks[index] = tomlkit.dumps(document)

    def set_action(self, index: int, action: str) -> None:
        """Let a rule do something else; keys that the new action does not know are taken out."""
        known = {*RULE_KEYS, *(option.name for option in ACTIONS[action].options)}
        for key in [key for key in self.table(index) if key not in known]:
            self.set(index, key, None)
        self.set(index, "action", action)

    def free_name(self, wish: str) -> str:
        """Return `wish`, with a number where that name is taken."""
        taken = {str(self.table(index).get("name")) for index in range(len(self.blocks))}
        stem = re.sub(r" \d+$", "", wish)
        names = [wish, *(f"{stem} {number}" for number in range(2, len(taken) + 3))]
        return next(name for name in names if name not in taken)

    def check(self) -> list[Checked]:
        """Return every rule with the error it has, if any; one bad rule spoils no other."""
        found: list[Checked] = []
        for index, block in enumerate(self.blocks):
            earlier = [item.rule for item in found if item.rule]
            known = self._known.get((index, block))
            # What was right is right still, unless its name was taken meanwhile.
            if known is None or known.rule is None or _takes(earlier, known.name):
                known = self._checked(index, earlier)
            found.append(known)
        self._known = {(i, self.blocks[i]): item for i, item in enumerate(found)}
        return found

    def ruleset(
        self, checked: Sequence[Checked] | None = None
    ) -> tuple[RuleSet, dict[int, AppError]]:
        """Return the rules that are right, and the errors of the others by their place.

        `checked` is what `check` returned, where that is known.
        """
        checked = self.check() if checked is None else checked
        ruleset = parse_top(tomllib.loads(self.head + "\n" + self.tail), "rules")
        ruleset.rules = [item.rule for item in checked if item.rule is not None]
        return ruleset, {i: item.error for i, item in enumerate(checked) if item.error is not None}

    def save(self, path: Path) -> None:
        """Write the file; raises AppError when that cannot be done."""
        atomic.write_text(path, self.text)

    def _checked(self, index: int, earlier: list[Rule]) -> Checked:
        table = self.table(index)
        name = str(table.get("name") or f"{index + 1} {table.get('action', 'rule')}")
        action, on = str(table.get("action", "")), table.get("on", True) is not False
        try:
            rule = parse_rule(table, index + 1, earlier)
        except AppError as error:
            return Checked(name, action, on, table, error=error)
        return Checked(rule.name, action, on, table, rule)


def _takes(rules: Sequence[Rule], name: str) -> bool:
    return any(rule.name == name for rule in rules)


def new_document(name: str) -> RuleDocument:
    """Return a rule set without rules."""
    return RuleDocument(NEW.format(name=tomlkit.string(name).as_string()))


def read_document(path: Path) -> RuleDocument:
    """Read a rule set for editing; a rule that is wrong stays in it, with its error.

    Raises AppError when the file cannot be read or is no TOML of rules at all.
    """
    try:
        text = Path(path).read_bytes().decode("utf-8-sig")
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise AppError(f"cannot be read: {reason}", file=path, hint="check the path") from error
    except UnicodeDecodeError as error:
        raise AppError("is not UTF-8", file=path, hint="save it again as UTF-8") from error
    try:
        return parse_document(text.replace("\r\n", "\n"))
    except AppError as error:
        raise AppError(error.message, file=path, hint=error.hint) from error


def parse_document(text: str) -> RuleDocument:
    """Cut the text of a rule set into its rules; errors as in `read_document`."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        hint = "write it as TOML: [[rules]] and key = value"
        raise AppError(f"is no valid TOML: {error}", hint=hint) from error
    parse_top(data, "rules")
    tables = data.get("rules", [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise AppError("`rules` are no tables", hint="begin each rule with a line [[rules]]")
    found = _cut(text)
    return found if _says(found, data) else _rewritten(data)


def _cut(text: str) -> RuleDocument:
    """Cut at the lines [[rules]]; the comment right above one belongs to it."""
    lines = text.splitlines(keepends=True)
    parts: list[list[str]] = [[]]
    tail: list[str] = []
    current = parts[0]
    for line in lines:
        if HEADER.match(line):
            above = _comment_above(current)
            current = [*above, line]
            parts.append(current)
        elif len(parts) > 1 and TABLE.match(line) and not OF_RULE.match(line):
            tail.extend(_comment_above(current))
            current = tail
            current.append(line)
        else:
            current.append(line)
    head, *blocks = ("".join(part) for part in parts)
    return RuleDocument(head, blocks, "".join(tail))


def _comment_above(lines: list[str]) -> list[str]:
    """Take the comment lines off the end, unless a file begins with them."""
    count = 0
    while count < len(lines) and lines[-1 - count].lstrip().startswith("#"):
        count += 1
    if count == 0 or count == len(lines):
        return []
    taken = lines[-count:]
    del lines[-count:]
    return taken


def _says(document: RuleDocument, data: Mapping[str, Any]) -> bool:
    """Return whether the pieces hold exactly what the whole held."""
    try:
        rules = [table for block in document.blocks for table in tomllib.loads(block)["rules"]]
        rest = tomllib.loads(document.head + "\n" + document.tail)
        whole = tomllib.loads(document.text)
    except (tomllib.TOMLDecodeError, KeyError):
        return False
    same = {**rest, "rules": rules} if rules or "rules" in data else rest
    return same == data == whole and len(rules) == len(document.blocks)


def _rewritten(data: Mapping[str, Any]) -> RuleDocument:
    """Write a set of another form, as `rules = [{...}]`, in the usual one."""
    top = {key: value for key, value in data.items() if key != "rules"}
    blocks = [_block(table) for table in data.get("rules", [])]
    return RuleDocument(tomlkit.dumps(top), blocks, rewritten=True)


def _block(table: Mapping[str, Any]) -> str:
    body = tomlkit.table()
    for key, value in table.items():
        body[key] = _item(value)
    array = tomlkit.aot()
    array.append(body)
    document = tomlkit.document()
    document["rules"] = array
    return tomlkit.dumps(document)


def _item(value: Any) -> Any:
    """Return a value as it is best read: patterns in '...', synonyms and lists in one line."""
    if isinstance(value, str):
        plain = "\\" in value and "'" not in value and value.isprintable()
        return tomlkit.string(value, literal=plain)
    if isinstance(value, Mapping):
        table = tomlkit.inline_table()
        table.update({str(key): _item(part) for key, part in value.items()})
        return table
    return tomlkit.item(list(value) if isinstance(value, (list, tuple)) else value)


def _default(table: Mapping[str, Any], key: str) -> Any:
    plain = {"on": True, "note": "", "synonyms": {}}
    if key in plain:
        return plain[key]
    try:
        options: tuple[Option, ...] = ACTIONS[str(table.get("action", ""))].options
    except AppError:
        return None
    return next((option.default for option in options if option.name == key), None)
