"""Applying a rule preview in the window: snapshot and log first, then one step of undo."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bespoke_gui.core.errors import AppError
from bespoke_gui.core.history import History, automatic_name
from bespoke_gui.core.rules.apply import keep_log
from bespoke_gui.core.rules.engine import RuleResult
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.qtmodels.tasks import run_task


@dataclass(frozen=True)
class Applied:
    """What was done; `skipped` captions were edited after the preview and left as they are."""

    names: list[str]
    skipped: list[str]
    snapshot: str
    log: Path


def apply_results(
    session: Session,
    title: str,
    results: dict[str, RuleResult],
    done: Callable[[Applied], object],
    ended: Callable[[], object],
) -> None:
    """Keep a snapshot of all captions, write the audit log, and change the captions.

    Nothing changes when either cannot be kept; the error is told as a notice.
    """
    project, store = session.project, session.captions
    if project is None or not results:
        ended()
        return
    texts = store.texts()
    fresh = {name: r for name, r in results.items() if texts.get(name) == r.before}

    def work() -> tuple[str, Path]:
        if not fresh:
            raise AppError("the captions changed since the preview", hint="look at it again")
        with History(project.folder) as history:
            made = history.snapshot(automatic_name(f"rules: {title}"), texts, automatic=True)
            return made.name, keep_log(title, fresh, made.name, history)

    def finish(kept: tuple[str, Path]) -> None:
        now = {name: r.after for name, r in fresh.items() if store.text(name) == r.before}
        store.edit_many(now, f"rules: {title}")
        skipped = [name for name in results if name not in now]
        session.snapshots_changed.emit()
        done(Applied(list(now), skipped, *kept))

    run_task(work, finish, session.show_error, parent=session, ended=ended)
