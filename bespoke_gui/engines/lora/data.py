"""Data: the images and captions of a run, their latents, and which come together in a batch."""

from __future__ import annotations

import random
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from bespoke_gui.core.buckets import Fit, Size, fit
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.held_out import held_out
from bespoke_gui.core.runspec import DataFolder
from bespoke_gui.engines.context import RunContext
from bespoke_gui.engines.lora.captions import read_caption
from bespoke_gui.engines.lora.settings import TrainSettings

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp")
MAX_PIXELS = 64_000_000
FILTERS = {
    "nearest": Image.Resampling.NEAREST, "lanczos": Image.Resampling.LANCZOS,
    "bilinear": Image.Resampling.BILINEAR, "linear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC, "cubic": Image.Resampling.BICUBIC,
    "area": Image.Resampling.BOX, "box": Image.Resampling.BOX,
}  # fmt: skip


@dataclass(frozen=True)
class Example:
    """One training image with its caption; `size` (width, height) is its bucket.

    is_reg: a regularisation image, whose loss counts with prior_loss_weight.
    """

    path: Path
    caption: str
    repeats: int
    folder: str
    fit: Fit
    is_reg: bool = False

    @property
    def size(self) -> Size:
        return self.fit.size


def find_examples(
    context: RunContext, settings: TrainSettings
) -> tuple[list[Example], list[Example]]:
    """All readable images of the run, in a fixed order: those to teach, and those held out.

    Unreadable ones are warned about and left out; raises AppError kind "no_data" when none is left
    to teach. Regularisation images are never held out.
    """
    found: list[Example] = []
    apart: list[Example] = []
    for data in context.spec.data:
        taught, held = _folder_examples(context, settings, data)
        found += taught
        apart += held
    if not any(not example.is_reg for example in found):
        where = ", ".join(data.folder for data in context.spec.data) or "no folder was given"
        kept = f", {len(apart)} are held out" if apart else ""
        raise AppError(
            f"no image to train on: {where}{kept}", kind="no_data",
            hint="lower validation_split" if apart else "give the folder with --data",
        )  # fmt: skip
    found = balanced(found)
    _tell_resizes(context, [*found, *apart])
    return found, apart


def _folder_examples(
    context: RunContext, settings: TrainSettings, data: DataFolder
) -> tuple[list[Example], list[Example]]:
    """The readable images of one folder: those to teach, and those held out, once each."""
    folder = context.resolve(data.folder)
    extension = _extension(context, settings, folder)
    paths = _images(folder, data.excluded)
    places = held_out(len(paths), settings.held_out, settings.held_out_seed)
    if data.is_reg:
        places = set()
    read = [_example(context, settings, path, extension, data) for path in paths]
    taught = [one for place, one in enumerate(read) if one and place not in places]
    held = [one for place, one in enumerate(read) if one and place in places]
    return taught, [replace(one, repeats=1) for one in held]


def balanced(examples: Sequence[Example]) -> list[Example]:
    """Show as many regularisation images as taught ones; those not needed are left out.

    Method: sd-scripts train_util.py, DreamBoothDataset: each is taken with its repeats, then once
    more, in order, until there are enough.
    """
    taught = [example for example in examples if not example.is_reg]
    apart = [example for example in examples if example.is_reg]
    wanted, shown = sum(example.repeats for example in taught), 0
    times = [0] * len(apart)
    first = True
    while apart and shown < wanted:
        for number, example in enumerate(apart):
            more = example.repeats if first else 1
            times[number] += more
            shown += more
            if shown >= wanted:
                break
        first = False
    return taught + [replace(e, repeats=n) for e, n in zip(apart, times, strict=True) if n]


def _images(folder: Path, excluded: Sequence[str]) -> list[Path]:
    if not folder.is_dir():
        raise AppError(
            "the training folder is not there", file=folder, hint="check train_data_dir or --data",
            kind="no_data",
        )  # fmt: skip
    left_out = set(excluded)
    found = (path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)
    return sorted(path for path in found if path.name not in left_out)


def _extension(context: RunContext, settings: TrainSettings, folder: Path) -> str:
    if settings.caption_extension:
        return settings.caption_extension
    if folder.is_dir() and not list(folder.glob("*.caption")) and list(folder.glob("*.txt")):
        context.warn("caption_extension is not set: took .txt (sd-scripts would look for .caption)")
        return ".txt"
    return ".caption"


def _example(
    context: RunContext, settings: TrainSettings, path: Path, extension: str, data: DataFolder
) -> Example | None:  # fmt: skip
    try:
        size = image_size(path)
        found = fit(size, settings)
    except AppError as error:
        context.warn(f"left out: {path.name} {error.message}")
        return None
    caption, remark = read_caption(path, extension, data.class_word, settings.wildcard)
    if remark:
        context.warn(f"{path.name}: {remark}")
    return Example(path, caption, max(1, data.repeats), path.parent.name, found, data.is_reg)


def image_size(path: Path) -> Size:
    """(width, height) of an image file; AppError when it is none or enormous."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(path) as image:
                size = image.size
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise AppError("is no readable image", file=path) from error
    if size[0] * size[1] > MAX_PIXELS:
        raise AppError(f"is far too large ({size[0]}x{size[1]})", file=path)
    return size


def _tell_resizes(context: RunContext, examples: Sequence[Example]) -> None:
    changed = [item for item in examples if image_size(item.path) != item.size]
    if changed:
        first = changed[0]
        context.warn(
            f"{len(changed)} of {len(examples)} images are resized while training "
            f"(first: {first.path.name} to {first.size[0]}x{first.size[1]}); "
            "`bespoke prepare` resizes without blurring"
        )


def read_pixels(example: Example, interpolation: str) -> torch.Tensor:
    """The image at its training size, float32 (3, height, width) in -1..1."""
    try:
        with Image.open(example.path) as file:
            image = _flat(file)
    except (OSError, ValueError, SyntaxError) as error:
        raise AppError("cannot be read", file=example.path, kind="no_data") from error
    if image.size != example.fit.resized:
        method = FILTERS.get(interpolation, Image.Resampling.NEAREST)
        image = image.resize(example.fit.resized, method)
    width, height = example.size
    left, top = (image.width - width) // 2, (image.height - height) // 2
    image = image.crop((left, top, left + width, top + height))
    pixels = np.asarray(image, dtype=np.float32) / 127.5 - 1.0
    return torch.from_numpy(pixels).permute(2, 0, 1).contiguous()


def _flat(image: Image.Image) -> Image.Image:
    """RGB; what is transparent becomes white."""
    if "A" not in image.getbands() and "transparency" not in image.info:
        return image.convert("RGB")
    layer = image.convert("RGBA")
    white = Image.new("RGBA", layer.size, (255, 255, 255, 255))
    return Image.alpha_composite(white, layer).convert("RGB")


class Latents:
    """The VAE's view of every image, computed once: mean and deviation, unscaled, on the CPU.

    With `sampled` one draw from each is kept for the whole training, as cached latents are in
    sd-scripts; without it every use draws anew.
    """

    def __init__(self, means: list[torch.Tensor], deviations: list[torch.Tensor]) -> None:
        self.means = means
        self.deviations = deviations

    def sample_once(self, generator: torch.Generator) -> None:
        """Draw now, and from then on always return the same."""
        for index, deviation in enumerate(self.deviations):
            noise = torch.randn(deviation.shape, generator=generator)
            self.means[index] = self.means[index] + deviation * noise
            self.deviations[index] = torch.zeros(())

    def batch(self, indices: Sequence[int], generator: torch.Generator) -> torch.Tensor:
        """Latents of several examples of one size, float32 (n, channels, height, width)."""
        means = torch.stack([self.means[index] for index in indices])
        if all(self.deviations[index].dim() == 0 for index in indices):
            return means
        deviations = torch.stack([self.deviations[index] for index in indices])
        return means + deviations * torch.randn(means.shape, generator=generator)


def encode_latents(
    context: RunContext, vae: Any, examples: Sequence[Example], interpolation: str, batch: int = 8
) -> Latents:
    """Encode every example once, in batches of one size."""
    means: list[torch.Tensor] = [torch.empty(0)] * len(examples)
    deviations: list[torch.Tensor] = [torch.empty(0)] * len(examples)
    weight = next(vae.parameters())
    for indices in _runs_of_one_size(examples, batch):
        context.check("stopped while preparing the images")
        pixels = torch.stack([read_pixels(examples[i], interpolation) for i in indices])
        with torch.no_grad():
            mean, deviation = _posterior(vae, pixels.to(weight.device, weight.dtype))
        for row, index in enumerate(indices):
            means[index], deviations[index] = mean[row], deviation[row]
    return Latents(means, deviations)


def _posterior(vae: Any, pixels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    encoded = vae.encode(pixels)
    if hasattr(encoded, "latent_dist"):
        spread = encoded.latent_dist
        return spread.mean.float().cpu(), spread.std.float().cpu()
    mean = encoded.latents.float().cpu()
    return mean, torch.zeros_like(mean)


def _runs_of_one_size(examples: Sequence[Example], batch: int) -> list[list[int]]:
    groups = by_size(examples)
    return [
        group[start : start + batch]
        for group in groups.values()
        for start in range(0, len(group), batch)
    ]


def by_size(examples: Sequence[Example]) -> dict[Size, list[int]]:
    """Indices of the examples of each bucket."""
    groups: dict[Size, list[int]] = {}
    for index, example in enumerate(examples):
        groups.setdefault(example.size, []).append(index)
    return dict(sorted(groups.items()))


def batches_for(examples: Sequence[Example], batch: int, seed: int, epoch: int) -> list[list[int]]:
    """The batches of one epoch: one bucket each, incomplete ones kept, order from seed + epoch."""
    rng = random.Random(seed + epoch)
    found: list[list[int]] = []
    for group in by_size(examples).values():
        indices = [index for index in group for _ in range(examples[index].repeats)]
        rng.shuffle(indices)
        found += [indices[start : start + batch] for start in range(0, len(indices), batch)]
    rng.shuffle(found)
    return found
