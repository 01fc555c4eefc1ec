"""Gallery import: what a folder of images made elsewhere would become, seen before it is copied."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from bespoke_gui.core.gallery import Gallery, epoch_title, import_gallery, open_gallery
from bespoke_gui.qtmodels import wording
from bespoke_gui.qtmodels.gallery_work import free_folder
from bespoke_gui.qtmodels.tasks import run_task

if TYPE_CHECKING:
    from bespoke_gui.core.protocol import Protocol
    from bespoke_gui.qtmodels.session import Session

SETTLE_MS = 250
SHOWN = 200


@dataclass(frozen=True)
class ImportWish:
    """source: the folder; pattern: how its names are to be read, "" for by themselves; protocol:
    the file whose prompts and settings a person vouches for, None for what the images say."""

    source: Path
    pattern: str = ""
    protocol: Path | None = None


@dataclass(frozen=True)
class ImportPreview:
    """summary: how much it is; rows: (file, epoch, prompt, seed), the first ones; problems: what
    could not be placed, in words."""

    summary: str
    rows: list[tuple[str, str, str, str]]
    problems: list[str]


class GalleryImport(QObject):
    """previewed carries an ImportPreview or None with the reason why there is none; imported the
    new folder."""

    previewed = Signal(object, str)
    imported = Signal(object)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._wish: ImportWish | None = None
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settle.timeout.connect(self._read)

    def ask(self, wish: ImportWish) -> None:
        """Have a preview made soon."""
        self._wish = wish
        self._settle.start()

    def take(self, wish: ImportWish) -> None:
        """Copy the images into the project as a gallery."""
        project = self._session.project
        if project is None:
            return
        target = free_folder(project.galleries_dir, wish.source.name)

        def done(_: object) -> None:
            self._session.notify("good", f"Imported as gallery {target.name}")
            self.imported.emit(target)

        run_task(
            lambda: import_gallery(wish.source, target, _declared(wish), wish.pattern),
            done, self._session.show_error, parent=self,
        )  # fmt: skip

    def _read(self) -> None:
        wish = self._wish
        if wish is None:
            return

        def done(found: ImportPreview) -> None:
            if wish == self._wish:
                self.previewed.emit(found, "")

        def failed(error: Exception) -> None:
            if wish == self._wish:
                self.previewed.emit(None, str(error))

        run_task(lambda: preview(wish), done, failed, parent=self)


def preview(wish: ImportWish) -> ImportPreview:
    """Read names and metadata of a folder; raises AppError where nothing could be imported."""
    gallery = open_gallery(wish.source, names=_declared(wish), pattern=wish.pattern)
    images = gallery.images()
    rows = [
        (one.name, wording.epoch(one.epoch), one.prompt, "–" if one.seed is None else str(one.seed))
        for one in images[:SHOWN]
    ]
    problems = [
        f"{one.file}: {one.message}" if one.file else one.message for one in gallery.problems
    ]
    return ImportPreview(_summary(gallery), rows, problems)


def _summary(gallery: Gallery) -> str:
    parts = (
        (len(gallery.epochs), "epoch"), (len(gallery.prompts), "prompt"),
        (len(gallery.seeds), "seed"),
    )  # fmt: skip
    whole = " × ".join(wording.count(number, word) for number, word in parts)
    first, last = epoch_title(gallery.epochs[0]), epoch_title(gallery.epochs[-1])
    span = f", {first} to {last}" if first != last else f", {first}"
    return f"{wording.count(len(gallery.cells), 'image')}: {whole}{span}"


def _declared(wish: ImportWish) -> Protocol | None:
    from bespoke_gui.core.protocol import load_protocol

    return load_protocol(wish.protocol) if wish.protocol else None
