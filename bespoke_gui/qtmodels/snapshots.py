"""Snapshots: keeps the state of all captions under a name, in the background."""

from __future__ import annotations

from bespoke_gui.core.history import History, Snapshot
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.qtmodels.tasks import run_task


def take_snapshot(session: Session, name: str) -> None:
    """Keep all captions as they are in the window, saved or not."""
    project = session.project
    if project is None:
        return
    texts = session.captions.texts()

    def work() -> Snapshot:
        with History(project.folder) as history:
            return history.snapshot(name, texts)

    def done(made: Snapshot) -> None:
        session.notify("good", f'Snapshot "{made.name}" holds {made.count} captions.')
        session.snapshots_changed.emit()

    run_task(work, done, session.show_error, parent=session)
