"""Rule undo: what recorded rule runs did, taken back in the captions of now."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from bespoke_gui.core.rules.record import RuleRun, RuleUndone, rule_runs, undo_rule
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.qtmodels.snapshots import edit_after_snapshot
from bespoke_gui.qtmodels.tasks import run_task


class RuleUndo(QObject):
    """The recorded runs of the open project, the newest first."""

    changed = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.runs: list[RuleRun] = []

    def read(self) -> None:
        """Read the records; `changed` follows."""
        project = self._session.project
        if project is not None:
            run_task(
                lambda: rule_runs(project.folder), self._take, self._session.show_error, parent=self
            )

    def undo(self, run: RuleRun, rule: str = "") -> None:
        """Take a rule back (all of the run without one), as one step that can be undone.

        What other rules did and what was edited since stays.
        """
        project = self._session.project
        if project is None:
            return
        names = {_key(name): name for name in self._session.captions.names()}
        now = {n: text for n, text in self._session.captions.texts().items() if text is not None}
        # Records made by the command line name the caption files, not the images.
        captions = {names.get(_key(name), name): ran for name, ran in run.captions.items()}
        run = RuleRun(run.title, run.when, captions)

        def done(undone: RuleUndone) -> None:
            label = f"revert rule {rule}" if rule else f"revert rules {run.title}"
            edit_after_snapshot(
                self._session, undone.texts, label, lambda _: self._tell(rule or run.title, undone)
            )

        run_task(
            lambda: undo_rule(run, rule, now, project.separator),
            done,
            self._session.show_error,
            parent=self,
        )

    def _take(self, runs: list[RuleRun]) -> None:
        self.runs = runs
        self.changed.emit()

    def _tell(self, what: str, undone: RuleUndone) -> None:
        count, kept = len(undone.texts), len(undone.kept)
        text = f'"{what}" is taken back in {count} caption{"" if count == 1 else "s"}.'
        if kept:
            text += f" In {kept} some of it was edited since and stays."
        self._session.notify("warning" if kept else "good", text, "\n".join(undone.kept))


def _key(name: str) -> str:
    return name.rpartition(".")[0] or name
