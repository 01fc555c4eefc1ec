"""Criteria: minimum, target and best case, and the words of the verdict (criteria.toml)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import tomlkit

from bespoke_gui.core.atomic import write_text
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.resources import resource

LEVELS = ("minimum", "target", "best")
KINDS = ("reduction", "improvement", "share", "better")


@dataclass(frozen=True)
class Words:
    """When an image is called clean, messy or defect. `defects`: measures that predict one."""

    clean_score: float = 7.0
    messy_score: float = 4.0
    messy_defects: int = 2
    percentile: float = 95.0
    impurity_floor: float = 0.01
    defects: tuple[str, ...] = ("strays", "anti_aliased", "cell_impurity")


@dataclass(frozen=True)
class Criterion:
    """One line of the verdict; None where that level asks for nothing. Shares run 0 to 1.

    kind: "reduction" and "improvement" are relative to the baseline, "share" is the figure
    itself, "better" counts epochs that beat the baseline's best. off: kept, but not judged.
    """

    name: str
    title: str
    kind: str
    better: str = "higher"
    minimum: float | None = None
    target: float | None = None
    best: float | None = None
    off: bool = False


@dataclass(frozen=True)
class Criteria:
    """What counts as success: words, the baseline's figures, and the lines of the verdict.

    weights: measure -> how much it counts in the weighted index; one that is not named counts 1.
    """

    words: Words = Words()
    baseline: dict[str, float] = field(default_factory=dict)
    lines: tuple[Criterion, ...] = ()
    weights: dict[str, float] = field(default_factory=dict)


def builtin_criteria() -> Criteria:
    """Return the criteria that travel with Bespoke."""
    return load_criteria(resource("criteria.toml"))


def criteria_for(folder: Path) -> Criteria:
    """Return the criteria of the project that `folder` lies in, else the built-in ones."""
    from bespoke_gui.core.project import find_project

    project = find_project(folder)
    if project and project.criteria_path.is_file():
        return load_criteria(project.criteria_path)
    return builtin_criteria()


def load_criteria(path: Path) -> Criteria:
    """Read criteria.toml; raises AppError when it is missing, broken or holds a wrong value."""
    path = Path(path)
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8-sig"))
        return criteria_from(data)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise AppError(f"is no valid TOML: {error}", file=path, hint="mend that line") from error
    except OSError as error:
        raise AppError(f"cannot be read: {error.strerror}", file=path) from error
    except (TypeError, ValueError, AttributeError) as error:
        raise AppError(f"holds a wrong value: {error}", file=path) from error


def criteria_from(data: dict[str, Any]) -> Criteria:
    """Build criteria from parsed TOML; raises TypeError or ValueError for a wrong value."""
    baseline = {key: float(value) for key, value in data.get("baseline", {}).items()}
    lines = tuple(_criterion(line) for line in data.get("criteria", []))
    weights = {key: float(value) for key, value in data.get("weights", {}).items()}
    if any(value < 0 for value in weights.values()):
        raise ValueError("weights are 0 or more")
    return Criteria(_words(data.get("words", {})), baseline, lines, weights)


def _words(data: dict[str, Any]) -> Words:
    known = {item.name for item in fields(Words)}
    unknown = sorted(set(data) - known)
    if unknown:
        raise ValueError(f"{unknown[0]} is none of {', '.join(sorted(known))}")
    values = {key: float(value) for key, value in data.items() if key != "defects"}
    if "messy_defects" in values:
        values["messy_defects"] = int(values["messy_defects"])
    defects = tuple(str(name) for name in data.get("defects", Words.defects))
    return Words(**values, defects=defects)  # type: ignore[arg-type]


def _criterion(data: dict[str, Any]) -> Criterion:
    if data.get("kind") not in KINDS:
        raise ValueError(f"kind {data.get('kind')!r} is none of {', '.join(KINDS)}")
    off = data.get("off", False)
    if not isinstance(off, bool):
        raise ValueError(f"off {off!r} is neither true nor false")
    levels = {key: float(data[key]) for key in LEVELS if key in data}
    rest = {key: str(value) for key, value in data.items() if key not in {*levels, "off"}}
    return Criterion(**rest, **levels, off=off)  # type: ignore[arg-type]


def write_weights(path: Path, weights: Mapping[str, float]) -> None:
    """Set the weights in criteria.toml and leave everything else in it as it stands.

    A file that is not there begins as the built-in one. Raises AppError where the file is
    broken, cannot be written, or a weight is below 0.
    """
    path = Path(path)
    if any(weight < 0 for weight in weights.values()):
        raise AppError("weights are 0 or more", file=path, kind="usage")
    with writing(path):
        write_text(path, _with_weights(path, weights))


def writing(path: Path) -> AbstractContextManager[None]:
    """Return what to hold while criteria.toml is read and written: its parts are written apart."""
    from bespoke_gui.core.filelock import locked
    from bespoke_gui.core.project import is_project

    folder = Path(path).parent
    return locked(folder / ".bespoke" / "criteria.lock") if is_project(folder) else nullcontext()


def _with_weights(path: Path, weights: Mapping[str, float]) -> str:
    source = path if path.is_file() else resource("criteria.toml")
    load_criteria(source)
    document = tomlkit.parse(source.read_text(encoding="utf-8-sig"))
    table = document.setdefault("weights", tomlkit.table())
    for name in [name for name in table if name not in weights]:
        del table[name]
    for name, weight in weights.items():
        table[name] = float(weight)
    return tomlkit.dumps(document)
