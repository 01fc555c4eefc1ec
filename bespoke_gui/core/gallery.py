"""Gallery: the images of every epoch, prompt and seed in one folder, ours or imported."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from bespoke_gui.core.atomic import write_json
from bespoke_gui.core.errors import AppError, Problem
from bespoke_gui.core.gallery_foreign import (
    LAST,
    Agreed,
    by_pattern,
    name_pattern,
    read_foreign,
)
from bespoke_gui.core.gallery_identical import identical_epochs
from bespoke_gui.core.gallery_info import (
    INFO,
    PROTOCOL,
    EpochInfo,
    GalleryInfo,
    read_info,
    record,
)
from bespoke_gui.core.gallery_names import (
    Place,
    epoch_of_folder,
    from_kohya,
    from_metadata,
    metadata,
    split_stem,
)
from bespoke_gui.core.protocol import Protocol, builtin_protocol, generation_id, load_protocol

__all__ = [
    "LORA_OFF", "NO_EPOCH", "EpochInfo", "Gallery", "GalleryImage", "GalleryInfo", "Key",
    "epoch_title", "identical_epochs", "image_files", "import_gallery", "natural_key",
    "open_gallery", "place_of", "record", "target_name",
]  # fmt: skip

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif"})
LORA_OFF = 0
"""The epoch number that stands for the base model with the LoRA off."""

NO_EPOCH = -1
"""Stands for an image that nothing gives an epoch to, in a folder opened loosely."""

Key = tuple[int, str, int | None]


@dataclass(frozen=True)
class GalleryImage:
    """One image: `path` absolute, `name` relative to the gallery with "/"."""

    path: Path
    epoch: int
    prompt: str
    seed: int | None
    name: str

    @property
    def key(self) -> Key:
        """Return (epoch, prompt, seed)."""
        return (self.epoch, self.prompt, self.seed)


@dataclass
class Gallery:
    """Images by (epoch, prompt, seed). protocol None: nothing says how they were made."""

    folder: Path
    protocol: Protocol | None
    info: GalleryInfo
    cells: dict[Key, GalleryImage]
    problems: list[Problem] = field(default_factory=list)

    @cached_property
    def epochs(self) -> list[int]:
        """Epochs present, ascending; 0 is the base with the LoRA off."""
        return sorted({image.epoch for image in self.cells.values()} - {NO_EPOCH})

    @cached_property
    def prompts(self) -> list[str]:
        """Prompt names present: in the order of the protocol (else the built-in one), then by
        name."""
        present = {image.prompt for image in self.cells.values()}
        known = [prompt.name for prompt in (self.protocol or builtin_protocol()).prompts]
        listed = [name for name in known if name in present]
        return listed + sorted(present - set(listed), key=natural_key)

    @cached_property
    def seeds(self) -> list[int | None]:
        """Seeds present, ascending; None for images whose seed nothing says."""
        present = {image.seed for image in self.cells.values()}
        numbers = sorted(seed for seed in present if seed is not None)
        return [*numbers, None] if None in present else [*numbers]

    def images(self) -> list[GalleryImage]:
        """Return all images by epoch, then prompt, then seed."""
        order = {name: place for place, name in enumerate(self.prompts)}
        seeds = {seed: place for place, seed in enumerate(self.seeds)}
        return sorted(self.cells.values(), key=lambda i: (i.epoch, order[i.prompt], seeds[i.seed]))

    def find(self, epoch: int, prompt: str, seed: int | None = None) -> GalleryImage | None:
        """Return one image; without a seed the first seed there is."""
        if seed is not None:
            return self.cells.get((epoch, prompt, seed))
        found = (self.cells.get((epoch, prompt, number)) for number in self.seeds)
        return next((image for image in found if image), None)

    def learning_rate(self, epoch: int) -> float | None:
        """Return the learning rate at the end of that epoch where it was recorded."""
        entry = self.info.epochs.get(epoch)
        return entry.learning_rate if entry else None

    def held_out_loss(self, epoch: int) -> float | None:
        """Return the loss on images that were not taught, where the training measured it."""
        entry = self.info.epochs.get(epoch)
        return entry.held_out_loss if entry else None

    @property
    def generation_id(self) -> str:
        """Return what was recorded when the images were made, else what the protocol says."""
        if self.info.generation_id:
            return self.info.generation_id
        return generation_id(self.protocol) if self.protocol else ""


def natural_key(text: str) -> list[tuple[int, int, str]]:
    """Return a sort key by which "a2" comes before "a10"."""
    parts = re.split(r"(\d+)", text.casefold())
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts]


def epoch_title(epoch: int) -> str:
    """Return "LoRA off" for 0, else "epoch 8"."""
    if epoch == NO_EPOCH:
        return "no epoch"
    return "LoRA off" if epoch == LORA_OFF else f"epoch {epoch}"


def open_gallery(
    folder: Path, *, loose: bool = False, names: Protocol | None = None, pattern: str = ""
) -> Gallery:
    """Open a gallery or any folder of images; raises AppError when it holds none.

    Folders `epoch_NN/PROMPT[_SEED].png` come first, then metadata written by Bespoke, then
    sample names of sd-scripts, then metadata of A1111 and ComfyUI: there the LoRA's name says the
    epoch, one without a number is the last, none is the LoRA off. pattern: how names are to be
    read in place of all that, like "run_{epoch}/{prompt}_{seed}.png". What fits nothing is named
    in `problems` and the rest goes on; with `loose` it is taken in without an epoch, its name
    standing for the prompt. `names`: a protocol that tells prompts from seeds in file names where
    the folder holds none.
    """
    folder = Path(folder).absolute()
    if not folder.is_dir():
        raise AppError(
            "is no folder", file=folder, hint="give a gallery or a folder with epoch_NN folders"
        )
    protocol_file = folder / PROTOCOL
    protocol = load_protocol(protocol_file) if protocol_file.is_file() else None
    gallery = Gallery(folder, protocol, read_info(folder / INFO), {})
    for path, place in _places(folder, protocol or names, pattern):
        _place(gallery, path, place, loose)
    if not gallery.cells:
        raise AppError(
            "holds no image of an epoch",
            file=folder,
            hint="images are looked for as epoch_NN/PROMPT[_SEED].png",
        )
    gallery.problems += _identical_problems(gallery) + _uneven_problems(gallery)
    return gallery


def _places(
    folder: Path, protocol: Protocol | None, pattern: str
) -> list[tuple[Path, Place | None]]:
    """Return every image with its place; the last epoch gets the number after the highest."""
    if pattern:
        reader = name_pattern(pattern)
        return [(path, by_pattern(path.relative_to(folder).as_posix(), reader))
                for path in image_files(folder)]  # fmt: skip
    found = [(path, place_of(path, protocol)) for path in image_files(folder)]
    last = 1 + max((place.epoch for _, place in found if place), default=0)
    return [
        (path, replace(place, epoch=max(1, last)) if place and place.epoch == LAST else place)
        for path, place in found
    ]


def image_files(folder: Path) -> Iterator[Path]:
    """Yield all images below a folder but hidden ones, in the order of their paths."""
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder)
        hidden = any(part.startswith(".") for part in relative.parts)
        if path.suffix.lower() in SUFFIXES and not hidden and path.is_file():
            yield path


def _place(gallery: Gallery, path: Path, place: Place | None, loose: bool) -> None:
    name = path.relative_to(gallery.folder).as_posix()
    if place is None and loose:
        place = Place(NO_EPOCH, name.removesuffix(path.suffix))
    if place is None:
        gallery.problems.append(_problem("no_epoch", "nothing says which epoch it is of", name))
        return
    seed = place.seed
    if (
        seed is None
        and place.epoch != NO_EPOCH
        and gallery.protocol
        and len(gallery.protocol.seeds) == 1
    ):
        seed = gallery.protocol.seeds[0]
    image = GalleryImage(path, place.epoch, place.prompt, seed, name)
    if image.key in gallery.cells:
        other = gallery.cells[image.key].name
        text = f"is the same epoch, prompt and seed as {other}; that one is used"
        gallery.problems.append(_problem("same_place", text, name))
        return
    gallery.cells[image.key] = image


def _problem(code: str, message: str, name: str, hint: str = "") -> Problem:
    hint = hint or "put it into a folder named like epoch_08"
    return Problem(code, "warning", message, name, hint)


def place_of(path: Path, protocol: Protocol | None = None) -> Place | None:
    """Return where one image file belongs; None when neither folder, name nor metadata says."""
    names = [prompt.name for prompt in protocol.prompts] if protocol else []
    seeds = protocol.seeds if protocol else ()
    epoch = epoch_of_folder(path.parent.name)
    if epoch is not None:
        place = split_stem(path.stem, names, seeds)
        return Place(epoch, place.prompt, place.seed)
    own = from_metadata(metadata(path)) or from_kohya(path.stem, names)
    if own:
        return own
    foreign = read_foreign(path)
    return foreign.place((protocol or builtin_protocol()).prompts) if foreign else None


def _identical_problems(gallery: Gallery) -> list[Problem]:
    hint = "check that the LoRA was loaded and that its strength is not 0"
    return [
        Problem(
            "identical_epochs",
            "warning",
            f"{epoch_title(one)} and {epoch_title(two)} hold the same images: no effect",
            hint=hint,
        )
        for one, two in identical_epochs(gallery)
    ]


def _uneven_problems(gallery: Gallery) -> list[Problem]:
    """Say which images are missing for a full grid of epochs, prompts and seeds."""
    missing = [
        f"{epoch_title(epoch)} {prompt}"
        for epoch in gallery.epochs
        for prompt in gallery.prompts
        if gallery.find(epoch, prompt) is None
    ]
    if not missing:
        return []
    text = f"{len(missing)} images are missing, the first is {missing[0]}"
    return [Problem("missing_images", "warning", text, hint="generate the gallery again")]


def import_gallery(
    src: Path, dest: Path, declared: Protocol | None = None, pattern: str = ""
) -> Gallery:
    """Copy the images of `src` to `dest`/epoch_NN/PROMPT[_SEED].suffix and open the copy.

    With `declared`, that protocol is recorded as a person's word ("declared"); a gallery that
    was recorded here keeps its own record; images in which A1111 or ComfyUI wrote one and the
    same settings are recorded as declared so; otherwise how it was made stays unknown. pattern:
    as for `open_gallery`. Raises AppError when `dest` is not empty or `src` holds no image of an
    epoch.
    """
    source = open_gallery(src, names=declared, pattern=pattern)
    dest = Path(dest).absolute()
    if dest.is_dir() and any(dest.iterdir()):
        raise AppError("is not empty", file=dest, hint="choose a new folder", kind="conflict")
    for image in source.images():
        _copy(image, dest / target_name(image))
    _record(source, dest, declared or _declared_inside(source))
    return open_gallery(dest)


def _declared_inside(source: Gallery) -> Protocol | None:
    """Return the protocol that metadata of other programs agree on, None where they do not."""
    if source.info.generation_id:
        return None
    read = [read_foreign(image.path) for image in source.images()]
    found = Agreed([one for one in read if one]).protocol() if all(read) else None
    if found is None:
        return None
    names = {
        one.text: image.prompt for one, image in zip(read, source.images(), strict=True) if one
    }
    prompts = tuple(replace(p, name=names.get(p.text, p.name)) for p in found.prompts)
    return replace(found, prompts=prompts)


def target_name(image: GalleryImage) -> str:
    """Return where an image lies in a gallery: "epoch_08/PROMPT_42.png"."""
    seed = "" if image.seed is None else f"_{image.seed}"
    return f"epoch_{image.epoch:02d}/{image.prompt}{seed}{image.path.suffix.lower()}"


def _copy(image: GalleryImage, target: Path) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(image.path, target)
    except OSError as error:
        hint = "check the free space and that you may write there"
        raise AppError(f"cannot be copied: {error.strerror}", file=image.path, hint=hint) from error


def _record(source: Gallery, dest: Path, declared: Protocol | None) -> None:
    if source.protocol and source.info.generation_id and declared is None:
        info = source.info
        record(dest, source.protocol, run=info.run, epochs=info.epochs, declared=info.declared)
    elif declared:
        record(dest, declared, epochs=source.info.epochs, declared=True)
    else:
        write_json(dest / INFO, GalleryInfo(epochs=source.info.epochs).as_dict())
