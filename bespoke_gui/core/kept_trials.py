"""Kept trials: what was tried before, with its settings, read back and made into galleries."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from bespoke_gui.core.errors import AppError
from bespoke_gui.core.gallery import LORA_OFF
from bespoke_gui.core.protocol import Protocol
from bespoke_gui.core.rundir import read_json
from bespoke_gui.core.runs import JOB
from bespoke_gui.core.trial import RECORD, TrialImage


@dataclass(frozen=True)
class KeptTrial:
    """A trial as its try.json tells it. `sources`: the runs or LoRA files that were tried."""

    folder: Path
    prompts: tuple[str, ...]
    negative: str
    epochs: tuple[int, ...]
    strengths: tuple[float, ...]
    seeds: tuple[int, ...]
    base: str
    sources: tuple[Path, ...]
    native_size: int
    downsampler: str
    images: tuple[TrialImage, ...]

    def made(self) -> list[TrialImage]:
        """Return the images that are there."""
        return [image for image in self.images if (self.folder / image.path).is_file()]


def read_trial(folder: Path) -> KeptTrial:
    """Read a trial's folder; raises AppError where try.json is missing or no record of a trial."""
    path = Path(folder) / RECORD
    data = read_json(path)
    if data is None:
        raise AppError("is missing or cannot be read", file=path, hint="try that prompt again")
    try:
        return _trial(Path(folder), data)
    except (KeyError, TypeError, ValueError) as error:
        hint = "try that prompt again"
        raise AppError(f"is no record of a trial: {error}", file=path, hint=hint) from error


def kept_trials(parent: Path) -> list[KeptTrial]:
    """Return the trials below a folder, the newest first; what is none is passed over."""
    try:
        records = sorted(parent.glob(f"*/{RECORD}"), key=_changed, reverse=True)
    except OSError:
        return []
    found = []
    for record in records:
        try:
            found.append(read_trial(record.parent))
        except AppError:
            continue
    return found


def send_to_galleries(trial: KeptTrial, strength: float, target: Path) -> Path:
    """Copy the images of one strength into the new folder `target`, a gallery; return it.

    Where several strengths were tried the LoRA off is not among them: it was made at strength 0.
    Raises AppError where nothing was made, `target` is there already, or a copy fails.
    """
    several = not (trial.folder / "gallery.json").is_file()
    source = trial.folder / f"strength_{strength:g}" if several else trial.folder
    if not any(_is_part(image, strength) for image in trial.made()):
        raise AppError(f"holds no image of strength {strength:g} yet", file=trial.folder)
    if target.exists():
        raise AppError("is there already", file=target, hint="name another", kind="conflict")
    partial = target.with_name(f".{target.name}.tmp")
    try:
        shutil.rmtree(partial, ignore_errors=True)
        shutil.copytree(source, partial, ignore=shutil.ignore_patterns(JOB, RECORD))
        partial.rename(target)
    except OSError as error:
        shutil.rmtree(partial, ignore_errors=True)
        raise AppError(f"cannot be written: {error.strerror}", file=target) from error
    return target


def _is_part(image: TrialImage, strength: float) -> bool:
    return image.epoch != LORA_OFF and image.strength == strength


def _changed(path: Path) -> float:
    return path.stat().st_mtime


def _trial(folder: Path, data: Mapping[str, Any]) -> KeptTrial:
    images = tuple(TrialImage(**_inside(item)) for item in data["images"])
    return KeptTrial(
        folder, tuple(map(str, data["prompts"])), str(data.get("negative", "")),
        tuple(map(int, data["epochs"])), tuple(map(float, data["strengths"])),
        tuple(map(int, data["seeds"])), str(data.get("base", "")),
        tuple(map(Path, data.get("sources", []))),
        int(data.get("native_size", Protocol.native_size)),
        str(data.get("downsampler", Protocol.downsampler)), images,
    )  # fmt: skip


def _inside(item: Mapping[str, Any]) -> Mapping[str, Any]:
    """Refuse an image that would lie outside the trial's folder."""
    path = PurePosixPath(item["path"])
    if path.is_absolute() or ".." in path.parts:
        raise ValueError(f"{path} lies elsewhere")
    return item
