"""Criteria edit: levels, switches and baseline figures changed in criteria.toml; the rest stays."""

from __future__ import annotations

from dataclasses import asdict, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.items import AoT

from bespoke_gui.core.atomic import write_text
from bespoke_gui.core.criteria import (
    LEVELS,
    Criteria,
    Criterion,
    Words,
    builtin_criteria,
    criteria_from,
    load_criteria,
    writing,
)
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.judgement.outcomes import SHARES
from bespoke_gui.core.project import is_project
from bespoke_gui.core.resources import resource

WORDS = {"clean_score": (0.0, 10.0), "messy_score": (0.0, 10.0), "messy_defects": (1.0, 20.0)}
BEFORE = "criteria.before.toml"
MORE = (
    Criterion("pixel_defects", "Images with a pixel defect", "share", "lower"),
    Criterion("accessories", "Accessories rendered", "share"),
    Criterion("clean", "More clean images", "improvement"),
    Criterion("messy", "Fewer messy images", "reduction"),
)


def known_criteria() -> tuple[Criterion, ...]:
    """Return what can be judged: the reference criteria, then others that ask for nothing yet."""
    return (*builtin_criteria().lines, *MORE)


def key_of(criterion: Criterion) -> tuple[str, str]:
    """Return what tells one criterion from another: its name and its kind."""
    return criterion.name, criterion.kind


def addable(criteria: Criteria) -> list[Criterion]:
    """Return the known criteria that are not there yet."""
    there = set(map(key_of, criteria.lines))
    return [one for one in known_criteria() if key_of(one) not in there]


def with_line(criteria: Criteria, place: int, **values: Any) -> Criteria:
    """Return the criteria with one line changed: a level (None asks for nothing), or `off`."""
    lines = list(criteria.lines)
    lines[place] = replace(lines[place], **values)
    return replace(criteria, lines=tuple(lines))


def with_added(criteria: Criteria, criterion: Criterion) -> Criteria:
    """Return the criteria with one more at the end."""
    return replace(criteria, lines=(*criteria.lines, criterion))


def with_baseline(criteria: Criteria, name: str, figure: float | None) -> Criteria:
    """Return the criteria with another declared figure of the baseline, or without it."""
    figures = {key: value for key, value in criteria.baseline.items() if key != name}
    return replace(criteria, baseline=figures if figure is None else {**figures, name: figure})


def with_word(criteria: Criteria, name: str, value: float) -> Criteria:
    """Return the criteria with another bound of a word: `WORDS` name them."""
    whole = int(value) if name == "messy_defects" else float(value)
    return replace(criteria, words=replace(criteria.words, **{name: whole}))


def as_reference(criteria: Criteria) -> Criteria:
    """Return the criteria with the lines that travel with Bespoke; others are kept, but off.

    Words, weights and the baseline's figures stay: they are no criteria.
    """
    known = {key_of(one): one for one in builtin_criteria().lines}
    mine = [known.pop(key_of(one), replace(one, off=True)) for one in criteria.lines]
    return replace(criteria, lines=(*mine, *known.values()))


def trouble(criteria: Criteria) -> str:
    """Return what contradicts itself in the criteria, "" where nothing does."""
    found = [words for one in criteria.lines if (words := _line_trouble(one))]
    for name, figure in criteria.baseline.items():
        if name in SHARES and not 0 <= figure <= 1:
            found.append(f"the baseline's figure of {name} is a share from 0 to 100%")
    found += [words for words in [_word_trouble(criteria.words)] if words]
    return found[0] if found else ""


def _word_trouble(words: Words) -> str:
    for name, (low, high) in WORDS.items():
        if not low <= getattr(words, name) <= high:
            return f"{name} is from {low:g} to {high:g}"
    both = words.messy_score >= words.clean_score
    return "an image cannot be clean and messy by one score" if both else ""


def _line_trouble(one: Criterion) -> str:
    levels = [(name, value) for name in LEVELS if (value := getattr(one, name)) is not None]
    most = {"better": 1000.0, "improvement": 100.0}.get(one.kind, 1.0)
    lower = one.better == "lower" and one.kind == "share"
    for name, value in levels:
        if not 0 <= value <= most:
            upper = f"{most:g}" if one.kind == "better" else f"{most:.0%}"
            return f"{one.title}: {name} is from 0 to {upper}"
    for (easy, low), (hard, high) in pairwise(levels):
        if high > low if lower else high < low:
            return f"{one.title}: {hard} asks for less than {easy}"
    return ""


def save_criteria(path: Path, criteria: Criteria, before: Criteria | None = None) -> None:
    """Write lines, baseline figures and words into criteria.toml; comments and all else in it stay.

    A file that is not there begins as the built-in one. before: what was read; raises AppError
    (kind "conflict") where the file says something else by now, (kind "usage") where levels
    contradict each other, and as `load_criteria` does. In a project `undo_criteria` takes it back.
    """
    path = Path(path)
    words = trouble(criteria)
    if words:
        raise AppError(words, file=path, hint="change that level", kind="usage")
    with writing(path):
        _save(path, criteria, before)


def _save(path: Path, criteria: Criteria, before: Criteria | None) -> None:
    source = path if path.is_file() else resource("criteria.toml")
    found = load_criteria(source)
    if before is not None and _asked(before) != _asked(found):
        hint = "it was read again: make the change once more"
        raise AppError("was changed meanwhile", file=path, hint=hint, kind="conflict")
    if _asked(found) == _asked(criteria):
        return
    text = source.read_text(encoding="utf-8-sig")
    _write(path, edited(text, criteria), text)


def undo_criteria(path: Path) -> None:
    """Give criteria.toml the text it had before its last change here; again: that change.

    Raises AppError (kind "usage") where nothing was changed yet.
    """
    path = Path(path)
    kept = _kept(path)
    if not kept.is_file():
        raise AppError("nothing was changed here yet", file=path, hint="", kind="usage")
    load_criteria(kept)
    with writing(path):
        source = path if path.is_file() else resource("criteria.toml")
        _write(path, kept.read_text(encoding="utf-8"), source.read_text(encoding="utf-8-sig"))


def _kept(path: Path) -> Path:
    return path.parent / ".bespoke" / BEFORE


def _write(path: Path, text: str, before: str) -> None:
    if is_project(path.parent):  # beside any other file we leave nothing
        _kept(path).parent.mkdir(exist_ok=True)
        write_text(_kept(path), before)
    write_text(path, text)


def _asked(criteria: Criteria) -> tuple[tuple[Criterion, ...], dict[str, float], Words]:
    return criteria.lines, dict(criteria.baseline), criteria.words


def edited(text: str, criteria: Criteria) -> str:
    """Return the text of a criteria.toml with these lines, baseline figures and words in it.

    Lines are told by their place: those beyond the ones wanted are taken out at the end.
    """
    document = tomlkit.parse(text)
    _put_baseline(document, criteria.baseline)
    _put_words(document, criteria.words)
    entries = document.get("criteria")
    if entries is None:
        entries = document["criteria"] = tomlkit.aot()
    old = criteria_from(document.unwrap()).lines
    for place, line in enumerate(criteria.lines):
        if place < len(old):
            _put_line(entries[place], old[place], line)
        elif isinstance(entries, AoT):
            entries.append(tomlkit.item(_as_toml(line)))
        else:
            inline = tomlkit.inline_table()
            inline.update(_as_toml(line))
            entries.append(inline)
    for place in reversed(range(len(criteria.lines), len(old))):
        del entries[place]
    return tomlkit.dumps(document)


def _put_baseline(document: tomlkit.TOMLDocument, figures: dict[str, float]) -> None:
    if not figures and "baseline" not in document:
        return
    table = document.setdefault("baseline", tomlkit.table())
    for name in [name for name in table if name not in figures]:
        del table[name]
    for name, figure in figures.items():
        if name not in table or float(table[name]) != figure:
            table[name] = figure


def _put_words(document: tomlkit.TOMLDocument, words: Words) -> None:
    before = criteria_from(document.unwrap()).words
    for name in WORDS:
        value = getattr(words, name)
        if value != getattr(before, name):
            document.setdefault("words", tomlkit.table())[name] = value


def _put_line(entry: Any, old: Criterion, new: Criterion) -> None:
    """Change what differs in one entry, and leave the rest as a person wrote it."""
    before, after = _as_toml(old), _as_toml(new)
    for name in before.keys() - after.keys():
        del entry[name]
    for name, value in after.items():
        if before.get(name) != value:
            entry[name] = value


def _as_toml(line: Criterion) -> dict[str, Any]:
    """Return what is written of a criterion: levels that ask for something, `off` where it is."""
    found = {name: value for name, value in asdict(line).items() if value is not None}
    if line.kind == "better":
        found.update({name: int(found[name]) for name in LEVELS if name in found})
    if not line.off:
        del found["off"]
    return found
