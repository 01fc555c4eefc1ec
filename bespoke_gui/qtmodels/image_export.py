"""Image export: which images of a gallery or trial, in what form, written in the background."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from bespoke_gui.core.gallery import Gallery, GalleryImage, open_gallery
from bespoke_gui.core.gallery_export import (
    TRAINING,
    Exported,
    ExportWanted,
    export_images,
    training_palette,
)
from bespoke_gui.qtmodels import wording
from bespoke_gui.qtmodels.tasks import run_task

if TYPE_CHECKING:
    from bespoke_gui.core.kept_trials import KeptTrial
    from bespoke_gui.core.score import ScoreReport
    from bespoke_gui.core.trial import TrialImage
    from bespoke_gui.qtmodels.session import Session

CLEAN = "clean"


@dataclass(frozen=True)
class Part:
    """Images that can be exported together, with words for the choice."""

    title: str
    gallery: Gallery
    images: tuple[GalleryImage, ...]


@dataclass(frozen=True)
class Wish:
    """palette: "" for the colours as they are, "training", or the path of a palette file.

    The rest as in `ExportWanted`.
    """

    scales: tuple[int, ...] = (1,)
    palette: str = ""
    merge: bool = True
    sheet: int = 0
    columns: int = 0

    @property
    def files(self) -> int:
        """How many files one image makes, the sheet aside."""
        return len(self.scales)


def gallery_parts(
    gallery: Gallery,
    current: GalleryImage | None,
    picked: int | None = None,
    report: ScoreReport | None = None,
    chosen: Sequence[GalleryImage] = (),
) -> list[Part]:
    """Return what can be chosen of a gallery: a free choice first, everything last.

    picked: the decided epoch. report: with what people say by now, which images are clean.
    """
    from bespoke_gui.core.score import judged_anew

    images = gallery.images()
    found = [_part(gallery, "Chosen in the grid", chosen)]
    if current is not None:
        seed = f", seed {current.seed}" if current.seed is not None else ""
        found.append(_part(gallery, f"{wording.epoch(current.epoch)}, {current.prompt}{seed}",
                           [current], False))  # fmt: skip
        found.append(_of_epoch(gallery, current.epoch, images))
    if picked is not None and (current is None or picked != current.epoch):
        found.append(_of_epoch(gallery, picked, images, ", the decided one"))
    if current is not None:
        same = [one for one in images if one.prompt == current.prompt]
        found.append(_part(gallery, f"{current.prompt}, every epoch", same))
    verdicts = judged_anew(gallery, report).verdicts if report else {}
    clean = [
        one for one in images
        if (said := verdicts.get(one.name)) and said.is_reviewed and said.verdict == CLEAN
    ]  # fmt: skip
    found.append(_part(gallery, "Clean, as people judged", clean))
    found.append(_part(gallery, "Every image", images))
    return [part for part in found if part.images]


def trial_parts(trial: KeptTrial, chosen: TrialImage) -> list[Part]:
    """Return what can be chosen of a trial: one image, or all of its strength. Reads the folder;
    raises AppError where nothing was made yet."""
    place = PurePosixPath(chosen.path)
    gallery = open_gallery(trial.folder.joinpath(*place.parts[:-2]))
    images = gallery.images()
    this = [one for one in images if one.path == (trial.folder / place).absolute()]
    how = f"strength {chosen.strength:g}" if chosen.strength else "LoRA off"
    title = f"{wording.epoch(chosen.epoch)}, seed {chosen.seed}"
    parts = [_part(gallery, title, this, False), _part(gallery, f"All of {how}", images)]
    return [part for part in parts if part.images]


def _of_epoch(gallery: Gallery, epoch: int, images: Sequence[GalleryImage], more: str = "") -> Part:
    return _part(
        gallery, f"{wording.epoch(epoch)}{more}", [one for one in images if one.epoch == epoch]
    )


def _part(
    gallery: Gallery, title: str, images: Sequence[GalleryImage], counted: bool = True
) -> Part:
    count = f" ({wording.count(len(images), 'image')})" if counted else ""
    return Part(f"{title}{count}", gallery, tuple(images))


def write(part: Part, wish: Wish, folder: Path, training: Path | None) -> Exported:
    """Write the images of a part into `folder`; training: the folder its palette comes from.

    Raises AppError where a file is there already, or the palette cannot be read.
    """
    return export_images(part.gallery, part.images, folder, wanted_of(part, wish, training))


def wanted_of(part: Part, wish: Wish, training: Path | None) -> ExportWanted:
    """Return a wish with its palette read. Raises AppError where that cannot be."""
    from bespoke_gui.core.errors import AppError
    from bespoke_gui.core.pixels.palette import read_palette
    from bespoke_gui.core.score import look_of

    palette = None
    if wish.palette == TRAINING:
        if training is None:
            raise AppError("there are no training images", hint="choose another palette")
        palette = training_palette(training, look_of(part.gallery))
    elif wish.palette:
        palette = read_palette(Path(wish.palette))
    return ExportWanted(wish.scales, palette, wish.merge, wish.sheet, wish.columns)


class ImageExport(QObject):
    """Reads and writes in the background. parts_read: a list of Part to choose from; a notice
    tells the outcome of writing, `written` carries the folder."""

    parts_read = Signal(list)
    written = Signal(object)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session

    def read_parts(
        self,
        gallery: Gallery,
        current: GalleryImage | None,
        picked: int | None,
        report: ScoreReport | None,
        chosen: Sequence[GalleryImage] = (),
    ) -> None:
        """Find out what can be exported of a gallery."""
        run_task(
            lambda: gallery_parts(gallery, current, picked, report, chosen),
            self.parts_read.emit, self._session.show_error, parent=self,
        )  # fmt: skip

    def start(self, part: Part, wish: Wish, folder: Path) -> None:
        """Write the images of a part into a folder."""
        dataset = self._session.dataset
        training = dataset.folder if dataset and dataset.items else None

        def done(found: Exported) -> None:
            broken = [f"{one.file}: {one.message}" for one in found.problems]
            words = f"{wording.count(len(found.files), 'file')} written to {folder}"
            level = "warning" if broken else "good"
            self._session.notify_written(words, folder, level, "\n".join(broken))
            self.written.emit(folder)

        run_task(
            lambda: write(part, wish, folder, training), done, self._session.show_error,
            parent=self,
        )  # fmt: skip
