"""Run follower: one run at a time, its story as it is written, its end, and how it is ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from bespoke_gui.qtmodels.run_desk import RunDesk, state_of
from bespoke_gui.qtmodels.run_story import RunStory
from bespoke_gui.qtmodels.run_watcher import RunWatcher

if TYPE_CHECKING:
    from bespoke_gui.core.events import Event
    from bespoke_gui.core.rundir import RunDir


class RunFollower(QObject):
    """Follows a run that outlives the window.

    sampled: it went on, with the images (SampleRow) made since; stopping: the ladder was climbed;
    ended: (run folder, state), after which no run is followed and the story stays.
    """

    sampled = Signal(list)
    stopping = Signal()
    ended = Signal(object, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.run: RunDir | None = None
        self.story = RunStory()
        self._watcher: RunWatcher | None = None
        self._ladder = RunDesk(self)
        self._ladder.ladder_changed.connect(lambda _: self.stopping.emit())

    def follow(self, run_dir: RunDir) -> None:
        """Follow this run from now on, and go on with its end where one was begun."""
        self.leave()
        self.run, self.story = run_dir, RunStory()
        self._watcher = RunWatcher(run_dir, state_of, parent=self)
        self._watcher.events_read.connect(self._on_events)
        self._watcher.state_changed.connect(self._on_state)
        self._watcher.start()
        self._ladder.resume_ladder(run_dir)

    def leave(self) -> None:
        """Follow no run; the one that was followed goes on."""
        self.run = None
        if self._watcher is not None:
            self._watcher.stop()
            self._watcher.deleteLater()
            self._watcher = None

    def stop(self) -> None:
        """End the run, step by step."""
        if self.run is not None:
            self._ladder.stop(self.run)

    @property
    def is_stopping(self) -> bool:
        """Whether the run is being ended."""
        return self.run is not None and self._ladder.is_stopping(self.run)

    def failure_of(self, run_dir: RunDir) -> dict[str, Any]:
        """Return why a run failed (message, hint): as its events told it, else its exit.json."""
        return self.story.failure or run_dir.read_exit() or {}

    def _on_events(self, events: list[Event]) -> None:
        before = len(self.story.samples)
        self.story.apply(events)
        self.sampled.emit(self.story.samples[before:])

    def _on_state(self, state: str) -> None:
        run_dir = self.run
        if state == "running" or run_dir is None:
            return
        self._ladder.forget(run_dir)
        self.leave()
        self.ended.emit(run_dir, state)
