"""Export of chosen images: true native PNGs, palette-locked when asked, upscales, a sheet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from bespoke_gui.core.cell_difference import difference
from bespoke_gui.core.errors import AppError, Problem, problem_from
from bespoke_gui.core.gallery import Gallery, GalleryImage
from bespoke_gui.core.imageset.native import write_png
from bespoke_gui.core.imageset.sheet import sheet_of
from bespoke_gui.core.look import GENERATION_TAU, Look, merge_tau, merged, read_cells
from bespoke_gui.core.pixels.colours import unique_colours
from bespoke_gui.core.pixels.palette import snap
from bespoke_gui.core.reference import Reference, load_reference
from bespoke_gui.core.resize.pixel import enlarge
from bespoke_gui.core.score import look_of, read_all

TRAINING = "training"
SHEET = "sheet.png"
MOST = 48


@dataclass(frozen=True)
class ExportWanted:
    """scales: px a cell of each upscale (1 is the true image); palette: uint8 (n, 3) to lock the
    colours to, None to keep them; merge: take away the jitter of generated colours, as the
    gallery is looked at; sheet: one picture of all, px a cell, 0 for none; columns of it, 0 for
    about square."""

    scales: tuple[int, ...] = (1,)
    palette: np.ndarray | None = None
    merge: bool = True
    sheet: int = 0
    columns: int = 0


@dataclass(frozen=True)
class Previewed:
    """One image before (its cells as they were made) and after (as they would be written), both
    uint8 (rows, columns, 3). changed: cells that differ at all; seen: by more than the jitter of
    generated colours, OKLab 0.025."""

    image: GalleryImage
    before: np.ndarray
    after: np.ndarray
    colours_before: int
    colours_after: int
    changed: int
    seen: int


@dataclass
class PreviewedExport:
    """What an export would write, one px a cell; sheet: of the previewed images, where wanted."""

    images: list[Previewed] = field(default_factory=list)
    sheet: np.ndarray | None = None
    problems: list[Problem] = field(default_factory=list)


@dataclass
class Exported:
    """files: relative to the folder -> columns, rows, scale, unique colours."""

    files: dict[str, dict[str, int]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def chosen_images(
    gallery: Gallery,
    epochs: Sequence[int] = (),
    prompts: Sequence[str] = (),
    seeds: Sequence[int] = (),
    names: Sequence[str] = (),
) -> list[GalleryImage]:
    """Return the images of some epochs, prompts and seeds; nothing given means all of them.

    names: only these, by path relative to the gallery. Raises AppError (kind "usage") when there
    is none, or not one of a name.
    """
    unknown = sorted(set(names) - {image.name for image in gallery.images()})
    if unknown:
        hint = "name images by their path in the gallery"
        raise AppError(f"there is no image {unknown[0]}", file=gallery.folder, hint=hint,
                       kind="usage")  # fmt: skip
    found = [
        image
        for image in gallery.images()
        if (not epochs or image.epoch in epochs)
        and (not prompts or image.prompt in prompts)
        and (not seeds or image.seed in seeds)
        and (not names or image.name in names)
    ]
    if not found:
        hint = f"epochs {gallery.epochs}, prompts {', '.join(gallery.prompts)}"
        raise AppError("there is no such image", file=gallery.folder, hint=hint, kind="usage")
    return found


def training_palette(reference: Path | Reference, look: Look) -> np.ndarray:
    """Return uint8 (n, 3): every colour of the training images. Raises AppError if unreadable."""
    known = load_reference(reference, look) if isinstance(reference, Path) else reference
    return known.colours


def export_images(
    gallery: Gallery, images: Sequence[GalleryImage], folder: Path, wanted: ExportWanted
) -> Exported:
    """Write images as `PROMPT[_SEED]_epoch08.png`, upscales into `x8/`, and sheet.png.

    Never writes over a file: raises AppError (kind "conflict") when one is there, before
    anything is written, and (kind "usage") for a wrong scale. An image that cannot be read is a
    finding and the rest goes on.
    """
    if any(scale < 1 or scale > 128 for scale in (*wanted.scales, wanted.sheet or 1)):
        raise AppError("a scale is 1 to 128", hint="give whole px a cell", kind="usage")
    names = {image.name: export_name(image) for image in images}
    _require_free(folder, names.values(), wanted)
    done, cells = Exported(), _cells(gallery, images, wanted)
    for image, found in cells.items():
        if isinstance(found, AppError):
            done.problems.append(problem_from(found, file=image))
            continue
        for scale in wanted.scales:
            _write(done, folder, _place(names[image], scale), found, scale)
    whole = [found for found in cells.values() if not isinstance(found, AppError)]
    if wanted.sheet and whole:
        _write(done, folder, SHEET, sheet_of(whole, wanted.columns), wanted.sheet)
    return done


def preview_export(
    gallery: Gallery, images: Sequence[GalleryImage], wanted: ExportWanted, most: int = MOST
) -> PreviewedExport:
    """Return what `export_images` would write of the first `most` images; writes nothing.

    An image that cannot be read is a finding. Raises AppError where none of a gallery can.
    """
    look, found = replace(look_of(gallery), palette=wanted.palette), PreviewedExport()
    images = images[:most]
    for image, after in zip(images, _cells(gallery, images, wanted).values(), strict=True):
        if isinstance(after, AppError):
            found.problems.append(problem_from(after, file=image.name))
        else:
            found.images.append(_previewed(image, read_cells(image.path, look).cells, after))
    if wanted.sheet and found.images:
        found.sheet = sheet_of([one.after for one in found.images], wanted.columns)
    return found


def _previewed(image: GalleryImage, before: np.ndarray, after: np.ndarray) -> Previewed:
    step = difference(before, after)
    assert step is not None  # one image, read in one way
    return Previewed(image, before, after, unique_colours(before), unique_colours(after),
                     step.changed, int((step.distance > GENERATION_TAU).sum()))  # fmt: skip


def export_name(image: GalleryImage) -> str:
    """Return "green_bg_lad_42_epoch08.png"."""
    seed = "" if image.seed is None else f"_{image.seed}"
    return f"{image.prompt}{seed}_epoch{image.epoch:02d}.png"


def _place(name: str, scale: int) -> str:
    return name if scale == 1 else f"x{scale}/{name}"


def _require_free(folder: Path, names: Iterable[str], wanted: ExportWanted) -> None:
    places = [_place(name, scale) for name in names for scale in wanted.scales]
    for place in [*places, *([SHEET] if wanted.sheet else [])]:
        if (Path(folder) / place).exists():
            hint = "choose another folder"
            raise AppError("is there already", file=Path(folder) / place, hint=hint,
                           kind="conflict")  # fmt: skip


def _cells(
    gallery: Gallery, images: Sequence[GalleryImage], wanted: ExportWanted
) -> dict[str, np.ndarray | AppError]:
    """Return the cells of each image, or why it cannot be read; merged as the gallery is."""
    look = replace(look_of(gallery), palette=wanted.palette)
    tau = _tau(gallery, look) if wanted.merge and wanted.palette is None else 0.0
    found: dict[str, np.ndarray | AppError] = {}
    for image in images:
        try:
            cells = merged(read_cells(image.path, look).cells, tau)
            found[image.name] = cells if wanted.palette is None else snap(cells, wanted.palette)
        except AppError as error:
            found[image.name] = error
    return found


def _tau(gallery: Gallery, look: Look) -> float:
    """Return by what the whole gallery is merged: decided by all its images at once."""
    if look.merge != "auto":
        return merge_tau((), look.merge)
    return merge_tau([entry.cells for entry in read_all(gallery, look)[0].values()], look.merge)


def _write(done: Exported, folder: Path, place: str, cells: np.ndarray, scale: int) -> None:
    rows, columns = cells.shape[:2]
    large = cells if scale == 1 else enlarge(cells, (columns * scale, rows * scale))
    write_png(Path(folder) / place, large)
    done.files[place] = {
        "columns": columns, "rows": rows, "scale": scale, "unique_colours": unique_colours(cells),
    }  # fmt: skip
