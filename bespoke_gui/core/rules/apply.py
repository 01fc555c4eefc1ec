"""Applying a rule set to caption files: snapshot first, then only the chosen captions, then log."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bespoke_gui.core import atomic
from bespoke_gui.core import captions as store
from bespoke_gui.core.bulk import BulkReport, write_all
from bespoke_gui.core.captions import Caption
from bespoke_gui.core.errors import AppError, problem_from
from bespoke_gui.core.history import History
from bespoke_gui.core.rules.audit import markdown
from bespoke_gui.core.rules.engine import RuleResult, preview
from bespoke_gui.core.rules.record import write_record
from bespoke_gui.core.rules.ruleset import RuleSet


@dataclass(frozen=True)
class Applied:
    """What was done: `results` of every caption looked at, `skipped` by choice, and the log."""

    results: dict[str, RuleResult]
    report: BulkReport
    skipped: list[str]
    log: Path | None = None


def apply_rules(
    ruleset: RuleSet,
    captions: Mapping[str, Caption],
    history: History,
    separator: str = ",",
    choose: Callable[[str, RuleResult], bool] = lambda _name, result: result.changed,
) -> Applied:
    """Run the rules and write the captions that `choose` picks among those that change.

    Raises AppError before anything is written when a rule fails or no snapshot can be kept.
    """
    readable = {n: c for n, c in captions.items() if not c.unreadable}
    results = preview(ruleset, store.texts(readable), separator)
    return write_results(ruleset.name, readable, results, history, choose)


def write_results(
    title: str,
    captions: Mapping[str, Caption],
    results: Mapping[str, RuleResult],
    history: History,
    choose: Callable[[str, RuleResult], bool],
) -> Applied:
    """Write what a preview showed; a caption whose text is no longer the one shown is refused."""
    changing = [name for name, result in results.items() if result.changed]
    chosen = [name for name in changing if choose(name, results[name])]
    _require_same(captions, results, chosen)
    texts = {name: results[name].after for name in chosen}
    report = write_all(captions, texts, history, f"rules: {title}")
    skipped = [name for name in changing if name not in texts]
    log = None
    if report.written:
        log = _write_log(title, {n: results[n] for n in report.written}, report, history)
    return Applied(dict(results), report, skipped, log)


def _require_same(
    captions: Mapping[str, Caption], results: Mapping[str, RuleResult], chosen: Iterable[str]
) -> None:
    for name in chosen:
        if captions[name].text != results[name].before:
            raise AppError(
                "changed since the preview; nothing was written",
                file=name,
                hint="look at the preview again",
                kind="conflict",
            )


def keep_log(
    title: str, results: Mapping[str, RuleResult], snapshot: str, history: History
) -> Path:
    """Write the audit log beside the history and return where; raises AppError."""
    now = datetime.now()
    folder = history.path.parent / "audit"
    name = "".join(char if char.isalnum() else "_" for char in title)[:60]
    path = folder / f"{now.strftime('%Y%m%d-%H%M%S-%f')}_{name}.md"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise AppError(f"cannot be made: {error.strerror or error}", file=folder) from error
    atomic.write_text(path, markdown(title, results, snapshot, now))
    write_record(path.with_suffix(".json"), title, results, now)
    return path


def _write_log(
    title: str, results: Mapping[str, RuleResult], report: BulkReport, history: History
) -> Path | None:
    """Keep the log; a failure to do so is a problem, not an error."""
    try:
        return keep_log(title, results, report.snapshot, history)
    except AppError as error:
        report.problems.append(problem_from(error, "no_audit_log"))
        return None
