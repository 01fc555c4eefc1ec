"""What a training will do: steps, checkpoint names, and the learning rate at every epoch's end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bespoke_gui.core.buckets import Size, images_a_bucket, options_of
from bespoke_gui.core.config.learning_rate import Multiplier, multiplier, steps_of, usable_number
from bespoke_gui.core.config.resolution import parse_resolution
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.held_out import held_out_share, taught_count

DEFAULT_STEPS = 1600
DEFAULT_RATE = 2e-6
LAST_STEM = "last"
EPOCH_STEM = "epoch"
STEP_STEM = "at"
UNEVEN = 20.0  # Epochs that end with rates further apart than this factor are not alike.
MOST_EPOCHS = 10_000
MOST_STEPS = 2_000_000


@dataclass(frozen=True)
class Plan:
    """The course of a training, computed as sd-scripts computes it.

    checkpoints: (epoch, file name), the last without a number; step_checkpoints: (step, name).
    lr_at_epoch: rate of the last step of each epoch; empty when `predicted` is False.
    `rate` is the UNet's full learning rate (the text encoder's if only that is trained).
    """

    images: int
    batches_per_epoch: int
    steps_per_epoch: int
    total_steps: int
    epochs: int
    warmup_steps: int
    rate: float
    scheduler: str
    checkpoints: list[tuple[int, str]]
    step_checkpoints: list[tuple[int, str]]
    factor: Multiplier | None

    @property
    def predicted(self) -> bool:
        """Whether the learning rate of this scheduler can be told in advance."""
        return self.factor is not None

    @property
    def lr_at_epoch(self) -> list[float]:
        """The learning rate of the last step of each epoch."""
        if self.factor is None:
            return []
        ends = [min(n * self.steps_per_epoch, self.total_steps) for n in range(1, self.epochs + 1)]
        return [self.rate * self.factor(end - 1) for end in ends]

    def lr_curve(self, points: int = 400) -> list[tuple[int, float]]:
        """Return up to `points` pairs (step from 1, learning rate) over the whole training."""
        if self.factor is None:
            return []
        count = max(1, min(points, self.total_steps))
        last = self.total_steps - 1
        steps = sorted({round(i * last / max(1, count - 1)) for i in range(count)})
        return [(step + 1, self.rate * self.factor(step)) for step in steps]


def plan(
    values: Mapping[str, Any], image_count: int, sizes: Mapping[Size, int] | None = None
) -> Plan:
    """Work out the course of a training.

    `values`: the config as the trainer reads it; `image_count`: sum of images x repeats; `sizes`:
    images by (width, height), since a batch holds images of one bucket. Raises AppError when a
    value cannot be used. Method: sd-scripts train_network.py:799-805, train_util.py:5265-5399 and
    1077-1084 (buckets).
    """
    image_count, sizes = _taught(values, image_count, sizes)
    if image_count < 1:
        raise AppError("there is no image to train on", kind="no_data")
    batch = _positive(values, "train_batch_size", 1)
    batches = sum(_ceil(count, batch) for count in _groups(values, image_count, sizes))
    per_epoch = _ceil(batches, _positive(values, "gradient_accumulation_steps", 1))
    total, epochs = _length(values, per_epoch)
    if epochs > MOST_EPOCHS or total > MOST_STEPS:
        message = f"{epochs} epochs of {per_epoch} steps are more than any training takes"
        raise AppError(message, hint="correct max_train_epochs", kind="bad_config")
    scheduler = str(values.get("lr_scheduler", "constant"))
    rate = full_rate(values)
    return Plan(
        images=image_count,
        batches_per_epoch=batches,
        steps_per_epoch=per_epoch,
        total_steps=total,
        epochs=epochs,
        warmup_steps=steps_of(values.get("lr_warmup_steps", 0), total),
        rate=rate,
        scheduler=scheduler,
        checkpoints=_checkpoints(values, epochs),
        step_checkpoints=_step_checkpoints(values, total),
        factor=multiplier(scheduler, values, total, rate),
    )


def annealed_epochs(rates: Sequence[float]) -> list[int]:
    """Return the epochs (from 1) that end near zero where others do not; the last alone may."""
    low = [n for n, rate in enumerate(rates, 1) if rate * UNEVEN < max(rates)]
    return [] if len(rates) < 2 or low == [len(rates)] else low


def uneven_words(rates: Sequence[float]) -> str:
    """Say that epochs end at very different learning rates, or "" when they do not."""
    low = annealed_epochs(rates)
    if not low:
        return ""
    full = max(range(len(rates)), key=lambda n: rates[n])
    return (
        f"the learning rate is near zero at the end of epochs {', '.join(str(n) for n in low)}, "
        f"while epoch {full + 1} ends at {rates[full]:.1e}: epochs differ for that reason too"
    )


def checkpoint_name(values: Mapping[str, Any], epoch: int | None = None) -> str:
    """Return the file name of an epoch's checkpoint; None is the last one, without a number."""
    stem = values.get("output_name") or (LAST_STEM if epoch is None else EPOCH_STEM)
    number = "" if epoch is None else f"-{epoch:06d}"
    return f"{stem}{number}{_suffix(values)}"


def _ceil(count: int, size: int) -> int:
    """Divide and round up, exact for numbers of any size."""
    return -(-count // size)


def _suffix(values: Mapping[str, Any]) -> str:
    return f".{values.get('save_model_as') or 'safetensors'}"


def _taught(
    values: Mapping[str, Any], image_count: int, sizes: Mapping[Size, int] | None
) -> tuple[int, Mapping[Size, int] | None]:
    """Leave out the images that are held out; of several sizes the same share of each."""
    share = held_out_share(values)
    if not share:
        return image_count, sizes
    known = sum(sizes.values()) if sizes else 0
    if not sizes or image_count % known:
        return taught_count(image_count, share), sizes
    taught = {size: taught_count(count, share) for size, count in sizes.items()}
    return image_count // known * sum(taught.values()), taught


def _groups(
    values: Mapping[str, Any], image_count: int, sizes: Mapping[Size, int] | None
) -> list[int]:
    """Return how many images each bucket shows in an epoch; all in one where that is not known."""
    known = sum(sizes.values()) if sizes else 0
    resolution = parse_resolution(values.get("resolution"))
    # Folders with different repeats would need each folder's own sizes.
    if not sizes or len(sizes) < 2 or resolution is None or image_count % known:
        return [image_count]
    try:
        found = images_a_bucket(sizes, options_of(values, resolution))
    except AppError:
        return [image_count]
    return [count * (image_count // known) for count in found.values()]


def _positive(values: Mapping[str, Any], key: str, default: int) -> int:
    value = values.get(key, default)
    if not isinstance(value, int) or value < 1:
        raise AppError(f"{key} = {value!r} must be a whole number of 1 or more", kind="bad_config")
    return value


def _length(values: Mapping[str, Any], per_epoch: int) -> tuple[int, int]:
    """Return total steps and epochs; a number of epochs overrides a number of steps."""
    if values.get("max_train_epochs") is not None:
        epochs = _positive(values, "max_train_epochs", 1)
        return epochs * per_epoch, epochs
    total = _positive(values, "max_train_steps", DEFAULT_STEPS)
    return total, _ceil(total, per_epoch)


def full_rate(values: Mapping[str, Any]) -> float:
    """Return the UNet's full learning rate (the text encoder's if only that is trained).

    Raises AppError kind "bad_config" when it is no number that a training can use.
    """
    only_text = values.get("network_train_text_encoder_only")
    rate = values.get("text_encoder_lr" if only_text else "unet_lr")
    if isinstance(rate, list):
        rate = rate[0] if rate else None
    if rate is None:
        rate = values.get("learning_rate", DEFAULT_RATE)
    if isinstance(rate, bool) or usable_number(rate, -1) < 0:
        raise AppError(f"the learning rate {rate!r} is no usable number", kind="bad_config")
    return float(usable_number(rate, 0))


def _checkpoints(values: Mapping[str, Any], epochs: int) -> list[tuple[int, str]]:
    every = _every(values, epochs)
    numbered = [e for e in range(1, epochs) if every and e % every == 0]
    kept = values.get("save_last_n_epochs")
    if isinstance(kept, int) and numbered and every:
        numbered = [e for e in numbered if e > numbered[-1] - every * kept]
    return [(e, checkpoint_name(values, e)) for e in numbered] + [(epochs, checkpoint_name(values))]


def _every(values: Mapping[str, Any], epochs: int) -> int:
    """How many epochs lie between two checkpoints; 0 saves the last one only."""
    ratio = values.get("save_n_epoch_ratio")
    if isinstance(ratio, int) and ratio > 0:
        return epochs // ratio or 1
    every = values.get("save_every_n_epochs")
    return every if isinstance(every, int) and every > 0 else 0


def _step_checkpoints(values: Mapping[str, Any], total: int) -> list[tuple[int, str]]:
    every = values.get("save_every_n_steps")
    if not isinstance(every, int) or every < 1:
        return []
    stem = values.get("output_name") or STEP_STEM
    suffix = _suffix(values)
    return [(n, f"{stem}-step{n:08d}{suffix}") for n in range(every, total + 1, every)]
