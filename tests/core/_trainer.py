"""A trainer to test with: reads a package by sd-scripts' documented rules, with no code of ours.

Rules: kohya-ss/sd-scripts 48d368fa. Config: one level of sections is dissolved, later values win
(train_util.py read_config_from_file). Data: sub-folders whose name starts with an integer of 1 or
more before "_" (config_util.py generate_dreambooth_subsets_config_by_subdirs). Images: suffix all
in lower or all in upper case, not in folders below. Captions: line 1 of NAME + caption_extension,
or of the name without its last four parts; none: the class tokens; no line at all: it stops
(train_util.py read_caption). Regularisation images are repeated to as many as taught ones.
"""

from __future__ import annotations

import math
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

import toml

NO_DATA = "No data found. Please verify arguments"
SUFFIXES = {
    f(s) for s in (".png", ".jpg", ".jpeg", ".webp", ".bmp") for f in (str.lower, str.upper)
}


class TrainerStops(Exception):
    """The trainer would end here; in words of its own."""


@dataclass
class Subset:
    """One folder: images in order with the text each is trained on."""

    repeats: int
    class_tokens: str
    is_reg: bool
    captions: dict[str, str] = field(default_factory=dict)


@dataclass
class Session:
    """What the trainer works with. epoch_images: how many images an epoch shows."""

    arguments: dict
    subsets: dict[str, Subset]

    @property
    def taught(self) -> int:
        return sum(s.repeats * len(s.captions) for s in self.subsets.values() if not s.is_reg)

    @property
    def epoch_images(self) -> int:
        regularised = any(s.is_reg for s in self.subsets.values())
        return self.taught * (2 if regularised else 1)

    @property
    def steps(self) -> int:
        batches = math.ceil(self.epoch_images / self.arguments.get("train_batch_size", 1))
        updates = math.ceil(batches / self.arguments.get("gradient_accumulation_steps", 1))
        return updates * self.arguments["max_train_epochs"]


def train_from(zip_path: Path, workspace: Path) -> Session:
    """Do what a person does on the machine: extract, start with the config the README names."""
    with zipfile.ZipFile(zip_path) as source:
        source.extractall(workspace)
    readme = (workspace / "runpod_package" / "README.md").read_text("utf-8")
    named = readme.split("--config_file=", 1)[1].split()[0]
    return start(on_machine(named, workspace), workspace)


def on_machine(path: str, workspace: Path) -> Path:
    """Where a path of the rented machine is, with `workspace` in place of /workspace."""
    return Path(path.replace("/workspace", str(workspace), 1))


def start(config: Path, workspace: Path) -> Session:
    """Read config and data as the trainer does before its first step."""
    arguments: dict = {}
    for name, section in toml.load(config).items():
        arguments.update(section if isinstance(section, dict) else {name: section})
    extension = arguments.get("caption_extension", ".caption")
    subsets: dict[str, Subset] = {}
    for key, is_reg in (("train_data_dir", False), ("reg_data_dir", True)):
        if arguments.get(key):
            root = on_machine(arguments[key], workspace)
            for folder in sorted(root.iterdir()) if root.is_dir() else ():
                found = _subset(folder, is_reg, extension)
                if found is not None:
                    subsets[f"{root.name}/{folder.name}"] = found
    if not any(s.captions for s in subsets.values()):
        raise TrainerStops(NO_DATA)
    return Session(arguments, subsets)


def _subset(folder: Path, is_reg: bool, extension: str) -> Subset | None:
    number, *rest = folder.name.split("_")
    try:
        repeats = int(number)
    except ValueError:
        return None
    if repeats < 1 or not folder.is_dir():
        return None
    subset = Subset(repeats, "_".join(rest), is_reg)
    for image in sorted(p for p in folder.iterdir() if p.suffix in SUFFIXES):
        text = _caption(image, extension)
        subset.captions[image.name] = subset.class_tokens if text is None else text
    return subset


def _caption(image: Path, extension: str) -> str | None:
    parts = image.stem.split("_")
    stems = [image.stem] + (["_".join(parts[:-4])] if len(parts) >= 5 else [])
    for stem in stems:
        path = image.with_name(stem + extension)
        if path.is_file():
            lines = path.read_text("utf-8").splitlines()
            if not lines:
                raise TrainerStops(f"caption file is empty: {path.name}")
            return lines[0].strip()
    return None
