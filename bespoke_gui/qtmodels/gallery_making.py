"""Gallery making: images that are missing of the open gallery, and a baseline made like it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from bespoke_gui.core.errors import AppError
from bespoke_gui.core.gallery import image_files
from bespoke_gui.core.generation import new_generation, run_of
from bespoke_gui.core.rundir import RunDir
from bespoke_gui.qtmodels import wording
from bespoke_gui.qtmodels.gallery_work import free_folder
from bespoke_gui.qtmodels.run_follower import RunFollower
from bespoke_gui.qtmodels.run_starter import RunStarter
from bespoke_gui.qtmodels.run_story import RunStory

if TYPE_CHECKING:
    from bespoke_gui.core.gallery import Gallery
    from bespoke_gui.qtmodels.gallery_desk import GalleryDesk


class GalleryMaking(QObject):
    """One generation at a time, by an engine process that outlives the window.

    progressed: it went on; made: (folder, is a baseline) it has ended with images. `engine` and
    `options` go into new specs.
    """

    progressed = Signal()
    made = Signal(object, bool)

    def __init__(self, desk: GalleryDesk) -> None:
        super().__init__(desk)
        self._desk, self._session = desk, desk.session
        self.engine = "sample"
        self.options: Mapping[str, Any] = {}
        self.title = ""
        self.starter = RunStarter(desk.session, self)
        self.follower = RunFollower(self)
        self._is_baseline = False
        self.starter.started.connect(lambda run_dir, *_: self._on_started(run_dir))
        self.follower.sampled.connect(lambda _: self.progressed.emit())
        self.follower.ended.connect(self._on_ended)
        for signal in (self.starter.changed, self.follower.stopping):
            signal.connect(self.progressed)

    @property
    def is_busy(self) -> bool:
        """Whether images are being made, or are about to be."""
        return self.follower.run is not None or self.starter.is_busy

    @property
    def story(self) -> RunStory:
        """What the generation has told so far."""
        return self.follower.story

    def make_missing(self) -> None:
        """Make what is missing of the open gallery; what is there stays."""
        opened = self._desk.opened
        if opened is not None:
            gallery = opened.gallery
            self._start(gallery, lambda: [run_of(gallery)], gallery.folder, "Missing images")

    def make_baseline(self, sources: Sequence[Path], name: str) -> None:
        """Ask runs or LoRA files exactly what the open gallery was asked, into a new gallery."""
        project, opened = self._session.project, self._desk.opened
        if project is not None and opened is not None:
            out = free_folder(project.galleries_dir, name)
            self._start(opened.gallery, lambda: list(sources), out, f"Baseline {out.name}", True)

    def make_again(self, gallery: Gallery) -> None:
        """Make another gallery's epochs anew, under the protocol of the open one."""
        project, opened = self._session.project, self._desk.opened
        if project is not None and opened is not None:
            out = free_folder(project.galleries_dir, f"{gallery.folder.name}-again")
            self._start(
                opened.gallery, lambda: [run_of(gallery)], out, f"Baseline {out.name}", True
            )

    def cancel(self) -> None:
        """End what is going on; the images so far are kept."""
        if self.follower.run is not None:
            self.follower.stop()
        else:
            self.starter.cancel_install()
        self.progressed.emit()

    def words(self) -> str:
        """Return how far it is, in one line."""
        if self.follower.run is None:
            return f"{self.title}: starting the engine"
        if self.follower.is_stopping:
            return f"{self.title}: cancelling, the images so far are kept"
        if not self.story.total:
            return f"{self.title}: {self.story.stage or 'waiting for the engine'}"
        left = self.story.remaining_s()
        tail = f" · {wording.duration(left)} left" if left is not None else ""
        count = wording.count(self.story.total, "image")
        return f"{self.title}: {self.story.step} of {count}{tail}"

    # -- inside -------------------------------------------------------------------------------

    def _start(
        self, like: Gallery, sources: Callable[[], list[Path]], out: Path, title: str,
        baseline: bool = False,
    ) -> None:  # fmt: skip
        """Generate `out` under the protocol of `like`."""
        if self.is_busy:
            return
        protocol, engine, options = like.protocol, self.engine, dict(self.options)
        if protocol is None or like.info.declared:
            hint = "only a gallery that was generated here can be made again"
            error = AppError("nothing proves how it was made", file=like.folder, hint=hint)
            self._session.show_error(error)
            return
        self.title, self._is_baseline = title, baseline

        def make() -> RunDir:
            made = new_generation(sources(), protocol, out, engine=engine, options=options)
            return made.run_dir

        self.starter.start(engine, make, title, True)

    def _on_started(self, run_dir: RunDir) -> None:
        self.follower.follow(run_dir)
        self.progressed.emit()

    def _on_ended(self, run_dir: RunDir, state: str) -> None:
        if state == "failed":
            told = self.follower.failure_of(run_dir)
            words = str(told.get("message") or "it failed")
            self._session.notify("error", f"{self.title}: {words}", str(told.get("hint") or ""))
        elif state != "finished":
            self._session.notify("warning", f"{self.title}: {state}; the images so far are kept")
        self.progressed.emit()
        out = run_dir.folder.parent
        if next(image_files(out), None) is not None:
            self.made.emit(out, self._is_baseline)
