"""Gallery work: opening, measuring, importing and deciding, as functions for background tasks."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtGui import QColor

from bespoke_gui.core.errors import AppError
from bespoke_gui.core.gallery import Gallery, image_files, open_gallery
from bespoke_gui.qtmodels.gallery_facts import asked_colour
from bespoke_gui.qtmodels.gallery_model import GalleryFigures, MeasureView

if TYPE_CHECKING:
    from bespoke_gui.core.gallery_decision import Decision
    from bespoke_gui.core.measures import Measure
    from bespoke_gui.core.project import Project
    from bespoke_gui.core.protocol import Protocol
    from bespoke_gui.core.reference import Reference
    from bespoke_gui.core.score import ScoreReport


@dataclass
class OpenedGallery:
    """A gallery with what is needed to show it. `expected`: whose prompts are taken to hold;
    missing: how many images were asked for and never made."""

    gallery: Gallery
    expected: Protocol | None
    assumed: str
    measures: list[Measure]
    downsamplers: list[tuple[str, str, str]]
    native_size: int
    downsampler: str
    swatches: dict[str, QColor] = field(default_factory=dict)
    decision: Decision | None = None
    missing: int = 0


def gallery_folders(project: Project | None) -> list[Path]:
    """Return the project's galleries that hold pictures, by name."""
    if project is None or not project.galleries_dir.is_dir():
        return []
    found = [path for path in project.galleries_dir.iterdir() if path.is_dir()]
    return sorted(path for path in found if not path.name.startswith(".") and _has_image(path))


def newest(folders: Sequence[Path]) -> Path:
    """Return the folder that was changed last."""

    def changed(folder: Path) -> float:
        try:
            return folder.stat().st_mtime
        except OSError:
            return 0.0

    return max(folders, key=changed)


def _has_image(folder: Path) -> bool:
    """Say whether there is a picture yet: a gallery is made before its first one is."""
    return next(image_files(folder), None) is not None


def read_gallery(folder: Path) -> OpenedGallery:
    """Open a gallery folder; raises AppError when there is none in it."""
    from bespoke_gui.core.downsample import DOWNSAMPLERS
    from bespoke_gui.core.gallery_decision import read_decision
    from bespoke_gui.core.generation import missing_images
    from bespoke_gui.core.measures import ordered
    from bespoke_gui.core.score import expectations, look_of

    gallery = open_gallery(folder)
    expected, notes = expectations(gallery, None)
    look = look_of(gallery, expected)
    swatches = {}
    for prompt in expected.prompts if expected else ():
        colour = asked_colour(prompt.background)
        if colour is not None:
            swatches[prompt.name] = colour
    return OpenedGallery(
        gallery, expected, " ".join(notes), ordered(),
        [(item.name, item.title, item.hint) for item in DOWNSAMPLERS.values()],
        look.native_size, look.downsampler, swatches, read_decision(folder),
        missing_images(gallery),
    )  # fmt: skip


def measure_gallery(
    opened: OpenedGallery, reference: Reference | None, progress: Callable[[int, int], None]
) -> ScoreReport:
    """Measure every image and write scores.json; raises AppError."""
    from bespoke_gui.core.score import score_gallery

    report = score_gallery(opened.gallery, reference=reference, progress=progress)
    report.save(opened.gallery.folder)
    return report


class References:
    """Training sets read before, by folder and way of looking: reading 200 images takes a while."""

    def __init__(self) -> None:
        self._known: dict[tuple[Path, int, str], Reference | None] = {}
        self._one_at_a_time = threading.Lock()

    def get(self, folder: Path | None, opened: OpenedGallery) -> Reference | None:
        """Return the images of a folder, None where no image in it can be read."""
        from bespoke_gui.core.look import Look
        from bespoke_gui.core.reference import load_reference

        if folder is None:
            return None
        key = (folder, opened.native_size, opened.downsampler)
        with self._one_at_a_time:
            if key not in self._known:
                try:
                    self._known[key] = load_reference(folder, Look(*key[1:]))
                except AppError:
                    self._known[key] = None
            return self._known[key]


def figures_of(report: ScoreReport) -> GalleryFigures:
    """Return the figures a grid shows."""
    return GalleryFigures(report.images)


def measure_view(measure: Measure, limits: dict[str, float]) -> MeasureView:
    """Return how the grid shows a measure."""
    return MeasureView(
        measure.name, measure.title, measure.better, limits.get(measure.name), measure.decimals
    )


def free_folder(parent: Path, name: str) -> Path:
    """Return a folder below `parent` that is not there yet, named after `name`."""
    safe = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.") or "gallery"
    names = [safe, *(f"{safe}-{number}" for number in range(2, 1000))]
    return next(parent / one for one in names if not (parent / one).exists())


def export(opened: OpenedGallery, report: ScoreReport | None, out: Path) -> Path:
    """Write a report, collage or table with what people said by now; the suffix of `out` says
    which. Raises AppError."""
    from bespoke_gui.core.report import write_report
    from bespoke_gui.core.score import judged_anew

    chosen = opened.decision.epoch if opened.decision else None
    now = judged_anew(opened.gallery, report) if report else None
    return write_report(opened.gallery, out, now, chosen=chosen)
