"""Saving captions: tells what became of it, and asks where another program was faster."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from bespoke_gui.qtmodels.caption_model import SaveReport
from bespoke_gui.qtmodels.session import Session

Then = Callable[[], object]


def save(session: Session, names: Iterable[str], then: Then | None = None) -> None:
    """Save captions; `then` is called when all of them are safely on disk."""
    session.captions.save(names, lambda report: _after(session, report, then))


def _after(session: Session, report: SaveReport, then: Then | None) -> None:
    if report.failed:
        lines = [str(error) for error in report.failed.values()]
        text = lines[0] if len(lines) == 1 else f"{len(lines)} captions could not be saved."
        session.notify("error", text, "\n".join(lines))
    if report.conflicts:
        _ask(session, report.conflicts, then if not report.failed else None)
    elif not report.failed and then is not None:
        then()


def _ask(session: Session, names: list[str], then: Then | None) -> None:
    what = names[0] if len(names) == 1 else f"{len(names)} captions"
    text = (
        "Nothing was overwritten. Keep the text of this window, or take the one from disk? "
        "Undo brings the other one back."
    )
    choices = [("reload", "Take the text on disk"), ("overwrite", "Keep mine")]
    answer = session.ask.choose(f"{what} changed in another program", text, choices)
    if answer == "overwrite":
        session.captions.overwrite(names, lambda report: _after(session, report, then))
    elif answer == "reload":
        session.captions.reload(names)
        if then is not None:
            then()
    else:
        session.notify(
            "warning", f"{what} changed in another program; not saved.", "\n".join(names)
        )
