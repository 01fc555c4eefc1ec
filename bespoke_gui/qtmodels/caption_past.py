"""Past texts of the desk's current caption, read in the background, and the way back to each."""

from __future__ import annotations

from pathlib import PurePosixPath

from PySide6.QtCore import QObject, Signal

from bespoke_gui.core import worddiff
from bespoke_gui.core.history import History, Version
from bespoke_gui.core.worddiff import TextDiff
from bespoke_gui.qtmodels.caption_desk import CaptionDesk
from bespoke_gui.qtmodels.tasks import Task, run_task


class CaptionPast(QObject):
    """The past texts of the current caption, the newest first; `changed` when they are new."""

    changed = Signal()

    def __init__(self, desk: CaptionDesk, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk, self._session = desk, desk.session
        self._task: Task | None = None
        self.name = ""
        self.versions: list[Version] = []
        desk.current_changed.connect(self._on_current)
        self._session.recorder.recorded.connect(self._on_recorded)
        self._session.snapshots_changed.connect(self.read)
        self._session.captions.changed.connect(self._on_edited)
        self._on_current(desk.current())

    def read(self) -> None:
        """Read the history of the current caption."""
        project, name = self._session.project, self.name
        if self._task is not None:
            self._task.cancel()
        if project is None or not name:
            self._take([])
            return

        def work() -> list[Version]:
            with History(project.folder) as history:
                return history.timeline(name)

        self._task = run_task(work, self._take, self._session.show_error, parent=self)

    def now(self) -> str:
        """Return the text of the caption as it is now."""
        return self._session.captions.text(self.name)

    def made(self, number: int) -> TextDiff | None:
        """Return what changed when a past text was written; None for the first that is known."""
        if number + 1 >= len(self.versions):
            return None
        return self._compare(self.versions[number + 1].text, self.versions[number].text)

    def against_now(self, number: int) -> TextDiff:
        """Return what changed from a past text until now."""
        return self._compare(self.versions[number].text, self.now())

    def put_back(self, number: int) -> None:
        """Make a past text the caption of now, as a step that can be undone."""
        if 0 <= number < len(self.versions):
            label = f"put an earlier text of {PurePosixPath(self.name).stem} back"
            self._session.captions.edit(self.name, self.versions[number].text, label)

    def _compare(self, older: str, newer: str) -> TextDiff:
        separator = self._session.project.separator if self._session.project else ","
        return worddiff.compare(older, newer, separator=separator)

    def _on_current(self, name: str) -> None:
        self.name = name
        self.read()

    def _on_recorded(self, names: list[str]) -> None:
        if self.name in names:
            self.read()

    def _on_edited(self, names: list[str]) -> None:
        if self.name in names:
            self.changed.emit()

    def _take(self, versions: list[Version]) -> None:
        self.versions = versions
        self.changed.emit()
