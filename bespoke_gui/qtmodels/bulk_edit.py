"""Bulk edits in the window: an automatic snapshot first, then one step that can be undone."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bespoke_gui.core.history import History, automatic_name
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.qtmodels.tasks import run_task


def bulk_edit(
    session: Session,
    texts: Mapping[str, str],
    label: str,
    done: Callable[[int], object] | None = None,
) -> None:
    """Give captions new texts; `done` gets how many changed.

    The state before is kept as an automatic snapshot; where that fails nothing is changed.
    """
    project, store = session.project, session.captions
    changed = {name: text for name, text in texts.items() if store.text(name) != text}
    if changed and store.read_only:
        store.refused.emit(store.read_only)
        changed = {}
    if project is None or not changed:
        if done is not None:
            done(0)
        return
    before, folder = store.texts(), project.folder
    shown = {name: store.text(name) for name in changed}

    def keep() -> None:
        with History(folder) as history:
            history.snapshot(automatic_name(label), before, automatic=True)

    def change(_: object) -> None:
        # What was typed while the snapshot was written is not written over.
        still = {name: text for name, text in changed.items() if store.text(name) == shown[name]}
        store.edit_many(still, label)
        session.snapshots_changed.emit()
        if done is not None:
            done(len(still))

    run_task(keep, change, session.show_error, parent=session)
