"""Records of rule runs, kept beside their logs, so that one rule can be taken back later."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from bespoke_gui.core import atomic
from bespoke_gui.core.caption_revert import undo_between
from bespoke_gui.core.rules.engine import RuleResult
from bespoke_gui.core.rules.step import Hit


@dataclass(frozen=True)
class Ran:
    """What one run did to one caption: its text before and after, and every hit in order."""

    before: str
    after: str
    hits: list[Hit] = field(default_factory=list)


@dataclass(frozen=True)
class RuleRun:
    """One run of a rule set that was written; `rules` counts the captions each rule changed."""

    title: str
    when: datetime
    captions: dict[str, Ran]

    @property
    def rules(self) -> dict[str, int]:
        """How many captions each rule changed, in the order in which they ran."""
        fired = (dict.fromkeys(hit.rule for hit in ran.hits) for ran in self.captions.values())
        return dict(Counter(rule for names in fired for rule in names))


@dataclass(frozen=True)
class RuleUndone:
    """New texts without what a rule did; `kept` names captions where part of it stays."""

    texts: dict[str, str]
    kept: list[str] = field(default_factory=list)


def write_record(path: Path, title: str, results: Mapping[str, RuleResult], when: datetime) -> None:
    """Keep what a run did to the captions that were changed; raises AppError."""
    captions = {
        name: asdict(Ran(result.before, result.after, list(result.hits)))
        for name, result in results.items()
    }
    data = {"schema": 1, "title": title, "when": when.isoformat(), "captions": captions}
    path.parent.mkdir(parents=True, exist_ok=True)
    atomic.write_json(path, data)


def rule_runs(home: Path) -> list[RuleRun]:
    """Return the recorded runs of a project, the newest first; a file that is none is left out."""
    found = [_read(path) for path in (home / ".bespoke" / "audit").glob("*.json")]
    return sorted((run for run in found if run is not None), key=lambda run: run.when, reverse=True)


def undo_rule(run: RuleRun, rule: str, now: Mapping[str, str], separator: str = ",") -> RuleUndone:
    """Take back what a rule ("" for the whole run) did, in the texts of now.

    What other rules did, and what was edited since, stays; captions that are gone are left out.
    """
    texts: dict[str, str] = {}
    kept: list[str] = []
    for name, ran in run.captions.items():
        text = now.get(name, "")
        if name not in now:
            continue
        for before, after in reversed(list(_steps(ran, rule))):
            undone = undo_between(before, after, text, separator)
            text = undone.text
            kept += [name] if undone.kept else []
        if text != now[name]:
            texts[name] = text
    return RuleUndone(texts, list(dict.fromkeys(kept)))


def _steps(ran: Ran, rule: str) -> Iterator[tuple[str, str]]:
    """Yield the text before and after a rule; the whole caption for every rule together."""
    if not rule:
        yield ran.before, ran.after
        return
    text = ran.before
    for name, hits in _together(ran.hits):
        before = text
        text = _after(text, hits)
        if name == rule:
            yield before, text


def _together(hits: list[Hit]) -> Iterator[tuple[str, list[Hit]]]:
    """Yield the hits of each rule in turn: places count in the text as that rule found it."""
    run: list[Hit] = []
    for hit in hits:
        if run and hit.rule != run[0].rule:
            yield run[0].rule, run
            run = []
        run.append(hit)
    if run:
        yield run[0].rule, run


def _after(text: str, hits: list[Hit]) -> str:
    for hit in reversed(hits):
        text = text[: hit.start] + hit.after + text[hit.start + len(hit.before) :]
    return text


def _read(path: Path) -> RuleRun | None:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        captions = {str(name): _ran(entry) for name, entry in data["captions"].items()}
        return RuleRun(str(data["title"]), datetime.fromisoformat(data["when"]), captions)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None


def _ran(entry: dict[str, Any]) -> Ran:
    return Ran(entry["before"], entry["after"], [Hit(**hit) for hit in entry["hits"]])
