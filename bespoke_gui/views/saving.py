"""Saving captions because a person said so: tells what became of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from bespoke_gui.qtmodels.caption_model import SaveReport
from bespoke_gui.qtmodels.session import Session

Then = Callable[[], object]


def save(session: Session, names: Iterable[str], then: Then | None = None) -> None:
    """Save captions; `then` is called when all of them are safely on disk."""
    session.captions.save(names, lambda report: _after(session, report, then))


def _after(session: Session, report: SaveReport, then: Then | None) -> None:
    """Tell what failed, once; what clashes is shown in the window's clash bar, with both texts."""
    if report.failed:
        lines = [str(error) for error in report.failed.values()]
        text = lines[0] if len(lines) == 1 else f"{len(lines)} captions could not be saved."
        kept = "The text is kept here and in the journal."
        session.notify("error", f"{text} {kept}", "\n".join(lines))
    if report.is_complete and then is not None:
        then()
