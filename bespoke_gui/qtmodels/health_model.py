"""Dataset health in the window: looked at in the background, anew whenever the set has changed."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from bespoke_gui.core.dataset import Dataset, Item
from bespoke_gui.core.health.kept import settled_at
from bespoke_gui.qtmodels.pairs import PairsModel
from bespoke_gui.qtmodels.picture import to_qimage
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.qtmodels.tasks import Task, TaskContext, run_task

if TYPE_CHECKING:
    from bespoke_gui.core.health.facts import ImageFacts
    from bespoke_gui.core.health.near import NearPair
    from bespoke_gui.core.health.report import Health
    from bespoke_gui.core.health.set_palette import PaletteColour, SetPalette
    from bespoke_gui.core.health.spread import Spread


class HealthModel(QObject):
    """`health` is what was found, None before; `changed` follows each reading.

    `palette_changed` carries the palette when near colours are taken together or apart.
    """

    changed = Signal()
    palette_changed = Signal(object)
    users_found = Signal(int, list)
    progressed = Signal(int, int, str)
    busy_changed = Signal(bool)
    file_read = Signal(str, QImage)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._pairs = PairsModel(session, self)
        self._task: Task | None = None
        self._dataset: Dataset | None = None
        self._settled_then: tuple[int, ...] = ()
        self._facts: dict[str, ImageFacts] = {}
        self.health: Health | None = None
        self.palette: SetPalette | None = None

    @property
    def is_busy(self) -> bool:
        """Whether the set is being looked at."""
        return self._task is not None and self._task.is_running

    def look(self) -> None:
        """Look at the set unless this state of it was looked at already.

        What people settled elsewhere, as about pixels off the grid, is part of the state.
        """
        if self._session.dataset is not self._dataset or self._settled() != self._settled_then:
            self.look_again()

    def look_again(self) -> None:
        """Look at the set as it is on disk now; only what changed is read again."""
        project, self._dataset = self._session.project, self._session.dataset
        self._settled_then = self._settled()
        if self._task is not None:
            self._task.cancel()
        if project is None:
            self._take(None)
            return
        folder = project.folder

        def work(context: TaskContext) -> Health:
            from bespoke_gui.core.health.report import read_health

            return read_health(folder, 0, context.progress, lambda: context.cancelled)

        self.busy_changed.emit(True)
        task = run_task(
            work, self._take, self._session.show_error, self.progressed.emit, self, self._ended
        )
        self._task = task if task.is_running else None

    def stop(self) -> None:
        """End looking; what was found before stays."""
        if self._task is not None:
            self._task.cancel()

    def items(self, names: Iterable[str]) -> list[Item]:
        """Return the images of these names, as far as the set has them."""
        found = (self._session.item(name) for name in names)
        return [item for item in found if item is not None]

    def facts(self, name: str) -> ImageFacts | None:
        """Return what is known about an image; None for one that could not be read."""
        return self._facts.get(name)

    def image(self, name: str) -> QImage:
        """Return the native image, null where there is none."""
        facts = self._facts.get(name)
        return QImage() if facts is None else to_qimage(facts.cells())

    def read_file(self, name: str) -> None:
        """Read the image as it is in its file; `file_read` follows."""
        item = self._session.item(name)
        if item is None:
            return

        def work() -> QImage:
            import numpy as np

            from bespoke_gui.core.imagefile import open_image

            return to_qimage(np.asarray(open_image(item.image)))

        def done(image: QImage) -> None:
            self.file_read.emit(name, image)

        run_task(work, done, self._session.show_error, parent=self)

    def spread(self, kind: str) -> Spread | None:
        """Return the figure that outliers of a kind are found by; None where it is no number."""
        return self.health.spreads.get(kind) if self.health else None

    def exclude(self, name: str) -> None:
        """Keep an image out of all that trains: one step of undo."""
        self._pairs.exclude([name])

    def keep(self, pair: NearPair, kept: bool = True) -> None:
        """Note that both images of a pair are wanted, or ask about them again."""
        project = self._session.project
        if project is None:
            return

        def work() -> None:
            from bespoke_gui.core.health.kept import keep_pair

            keep_pair(project.folder, pair.a, pair.b, kept)

        run_task(work, lambda _: self.look_again(), self._session.show_error, parent=self)

    def show_palette(self, tau: float) -> None:
        """Have the palette with colours nearer than `tau` as one; `palette_changed` follows."""
        health = self.health
        if health is None:
            return

        def work() -> SetPalette:
            from bespoke_gui.core.health.set_palette import palette_of

            return palette_of(health.images, tau)

        run_task(work, self._take_palette, self._session.show_error, parent=self)

    def find_users(self, colour: PaletteColour) -> None:
        """Find the images that use a colour of the palette; `users_found` follows."""
        health = self.health
        if health is None:
            return

        def work() -> list[str]:
            from bespoke_gui.core.health.set_palette import images_with

            return images_with(health.images, colour)

        def done(names: list[str]) -> None:
            self.users_found.emit(colour.code, names)

        run_task(work, done, self._session.show_error, parent=self)

    def export_palette(self, path: Path) -> None:
        """Write the palette that is shown; the suffix says in which format."""
        palette, project = self.palette, self._session.project
        if palette is None or project is None:
            return

        def work() -> None:
            from bespoke_gui.core.health.set_palette import notes_of
            from bespoke_gui.core.pixels.palette_files import write_palette

            write_palette(path, palette.rgb(), project.name, notes_of(palette))

        def done(_: object) -> None:
            self._session.notify("good", f"Wrote {len(palette.colours)} colours to {path.name}.")

        run_task(work, done, self._session.show_error, parent=self)

    def _settled(self) -> tuple[int, ...]:
        project = self._session.project
        return settled_at(project.folder) if project else ()

    def _take(self, health: Health | None) -> None:
        self.health = health
        self._facts = {facts.name: facts for facts in health.images} if health else {}
        self.palette = health.palette if health else None
        self.changed.emit()

    def _take_palette(self, palette: SetPalette) -> None:
        self.palette = palette
        self.palette_changed.emit(palette)

    def _ended(self) -> None:
        if not self.is_busy:
            self.busy_changed.emit(False)
