"""Import as a preview: what each row would change, compared with the working set."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bespoke_gui.core import worddiff
from bespoke_gui.core.dataset import natural_key
from bespoke_gui.core.errors import Problem
from bespoke_gui.core.exchange.base import FORMATS, Table
from bespoke_gui.core.exchange.detect import detect
from bespoke_gui.core.exchange.entries import WorkingSet
from bespoke_gui.core.exchange.match import match
from bespoke_gui.core.package_sources import flat_names
from bespoke_gui.core.textcodec import Form
from bespoke_gui.core.worddiff import TextDiff


@dataclass(frozen=True)
class Change:
    """What an import would do to one caption; `before` is None where there is none yet."""

    name: str
    before: str | None
    after: str
    diff: TextDiff
    form: Form | None = None
    where: str = ""

    @property
    def lossy(self) -> bool:
        """Whether content words would be gone."""
        return self.diff.lossy

    def as_dict(self) -> dict[str, Any]:
        """Return the change as the command line prints it."""
        told = {"status": self.diff.status, "before": self.before, "after": self.after}
        words = {"lost": self.diff.lost, "gained": self.diff.gained, "lossy": self.lossy}
        return {**told, **words, "where": self.where}


@dataclass
class Preview:
    """Everything an import would do. Nothing is written by making one."""

    source: Path
    format: str
    changes: dict[str, Change] = field(default_factory=dict)
    unchanged: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def summary(self) -> dict[str, int]:
        """Return how many captions would be added, changed, and lose words."""
        changes = self.changes.values()
        return {
            "added": sum(change.diff.status == "added" for change in changes),
            "changed": sum(change.diff.status == "changed" for change in changes),
            "unchanged": len(self.unchanged),
            "lossy": sum(change.lossy for change in changes),
        }


def preview(found: WorkingSet, source: Path, format_name: str = "") -> Preview:
    """Read `source` and compare it with the working set. Raises AppError, see `detect`."""
    source = Path(source)
    chosen = FORMATS[format_name] if format_name else detect(source)
    table = chosen.read(source)
    return compare(found.texts(), table, chosen.name, aliases_of(found), found.separator)


def compare(
    texts: Mapping[str, str | None],
    table: Table,
    format_name: str,
    aliases: Mapping[str, str] | None = None,
    separator: str = ",",
) -> Preview:
    """Compare rows with texts by name; None is a caption that is not there."""
    rows = match(table, texts, aliases)
    result = Preview(table.path, format_name)
    for name in texts:
        row = rows.get(name)
        if row is None:
            continue
        before, after = texts[name], row.text
        if before == after:
            result.unchanged.append(name)
            continue
        diff = worddiff.compare(before, after, separator=separator)
        result.changes[name] = Change(name, before, after, diff, row.form, row.where)
    result.problems = sorted(table.problems, key=lambda problem: natural_key(problem.where))
    if table.left_out:
        message = f"has {table.left_out} more rows that cannot be used"
        result.problems.append(Problem("bad_row", "error", message, str(table.path)))
    return result


def aliases_of(found: WorkingSet) -> dict[str, str]:
    """Return the names that images get in a folder `<N>_<name>`, which knows no sub-folders."""
    names: Iterable[str] = found.entries
    return {flat: name for name, flat in flat_names(names).items()}
