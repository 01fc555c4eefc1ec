"""Expectations: what is written down before a run, and how it looks beside what was found."""

from __future__ import annotations

import datetime
import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bespoke_gui.core.atomic import write_json
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.measures import MEASURES
from bespoke_gui.core.rundir import read_json

FILE = "expected.json"
SHARES = ("pixel_defects", "accessories", "clean", "messy")
_NUMBER = r"(-?\d+(?:[.,]\d+)?)\s*(%?)"
_FORM = re.compile(
    rf"\s*(?P<name>[A-Za-z_ ]+?)[\s:]*{_NUMBER}\s*(?:->|→|to)\s*{_NUMBER}"
    rf"(?:\s*,?\s*(?:confidence)?\s*{_NUMBER}(?:\s*confidence)?)?\s*",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Expectation:
    """name: a share of the verdict or a measure; shares run 0 to 1. confidence: 0 to 1, None if
    not said. written: when, local ISO time. late: written after the run had begun."""

    name: str
    before: float
    after: float
    confidence: float | None = None
    text: str = ""
    written: str = ""
    late: bool = False
    id: str = ""


@dataclass(frozen=True)
class Outcome:
    """An expectation beside what was found. found None: nothing tells yet; met: as good as
    expected or better; basis: "reviewed", "predicted" or "measured"."""

    expected: Expectation
    found: float | None
    met: bool | None
    basis: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {**asdict(self.expected), "found": self.found, "met": self.met, "basis": self.basis}


def parse(text: str) -> Expectation:
    """Read "pixel defects 60% -> 30%, confidence 90%"; raises AppError (kind "usage")."""
    match = _FORM.fullmatch(text)
    if not match:
        hint = 'write it like "pixel defects 60% -> 30%, confidence 90%"'
        raise AppError(f"{text!r} cannot be read", hint=hint, kind="usage")
    name = _name(match["name"])
    numbers = [_value(match[place], match[place + 1]) for place in (2, 4, 6)]
    before, after, sure = numbers
    if before is None or after is None or before == after:
        hint = "say what it is now and what it will be"
        raise AppError(f"{text!r} expects no change", hint=hint, kind="usage")
    if sure is not None and sure > 1:
        sure /= 100
    stamp = datetime.datetime.now().isoformat(timespec="seconds")
    words = " ".join(text.split())
    return Expectation(name, before, after, sure, words, stamp, id=uuid.uuid4().hex)


def _name(words: str) -> str:
    name = "_".join(words.casefold().split())
    known = [*SHARES, *MEASURES]
    if name not in known:
        hint = f"name one of {', '.join(known)}"
        raise AppError(f"there is no figure {words.strip()!r}", hint=hint, kind="usage")
    return name


def _value(number: str | None, percent: str | None) -> float | None:
    if number is None:
        return None
    return round(float(number.replace(",", ".")) / (100 if percent else 1), 6)


def read_expected(folder: Path) -> list[Expectation]:
    """Return what is written down in a run folder, or for the next run in a project folder."""
    entries = (read_json(Path(folder) / FILE) or {}).get("expected", [])
    found = []
    for entry in entries if isinstance(entries, list) else []:
        try:
            found.append(Expectation(**entry))
        except TypeError:
            continue
    return found


def write_expected(folder: Path, expected: Sequence[Expectation]) -> None:
    """Write expectations down, in place of what is there; raises AppError."""
    entries = [asdict(one) for one in expected]
    write_json(Path(folder) / FILE, {"schema": 1, "expected": entries})


def hand_over(project: Path, run: Path) -> list[Expectation]:
    """Give what was written down for the next run to this one; returns it.

    The project's list is emptied last, so that nothing is lost on the way.
    """
    waiting = read_expected(project)
    if waiting:
        there = read_expected(run)
        known = {one.id for one in there}
        write_expected(run, [*there, *(one for one in waiting if one.id not in known)])
        (Path(project) / FILE).unlink(missing_ok=True)
    return waiting


def beside_found(
    expected: Sequence[Expectation], find: Callable[[str], tuple[float | None, str]]
) -> list[Outcome]:
    """Put expectations beside what `find` (name -> figure, basis) says."""
    return [_outcome(one, *find(one.name)) for one in expected]


def _outcome(one: Expectation, found: float | None, basis: str) -> Outcome:
    if found is None:
        return Outcome(one, None, None)
    met = found <= one.after if one.after < one.before else found >= one.after
    return Outcome(one, found, met, basis)


def finder(verdict: Mapping[str, Any], scores: Mapping[str, Any]) -> Callable:
    """Return how figures are found in a gallery's verdict.json and scores.json."""
    epoch = str(verdict.get("epoch"))
    figures = {line["name"]: line for line in verdict.get("lines", ()) if "name" in line}
    row = scores.get("epochs", {}).get(epoch, {})

    def find(name: str) -> tuple[float | None, str]:
        line = figures.get(name)
        if line is not None:
            return line.get("figure"), str(line.get("basis", "")).partition(",")[0]
        value = row.get(name)
        return (float(value), "measured") if isinstance(value, int | float) else (None, "")

    return find
