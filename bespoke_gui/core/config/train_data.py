"""Training data as the trainer finds it: only `<N>_<name>` folders inside train_data_dir count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from bespoke_gui.core.dataset import IMAGE_SUFFIXES, TRAINER_SUFFIXES, folder_repeats, named_repeats

NO_DATA = (
    "No data found. Please verify arguments "
    "(train_data_dir must be the parent of folders with images)"
)


@dataclass
class TrainData:
    """What lies in one train_data_dir.

    folders: images in each `<N>_<name>` folder; flat: images directly inside; skipped: images in
    folders without a number; deep: images below an `<N>_<name>` folder; other: images in a format
    or spelling of the suffix that the trainer does not look for; regularisation: images in each
    `<N>_<name>` folder of reg_data_dir.
    """

    name: str
    folders: dict[str, int] = field(default_factory=dict)
    flat: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    deep: int = 0
    other: list[str] = field(default_factory=list)
    regularisation: dict[str, int] = field(default_factory=dict)

    @property
    def images(self) -> int:
        """How many images an epoch shows: images times the repeats of their folder."""
        taught = sum(count * _repeats(name) for name, count in self.folders.items())
        return taught + regularisation_shown(taught, self.regularisation)

    @property
    def meant(self) -> int:
        """How many images an epoch would show if those outside numbered folders were in one."""
        return self.images or self.flat + sum(self.skipped.values())

    def merge(self, other: TrainData) -> None:
        """Add the images of another folder."""
        for name, count in other.folders.items():
            self.folders[name] = self.folders.get(name, 0) + count
        self.other += other.other
        for name, count in other.regularisation.items():
            self.regularisation[name] = self.regularisation.get(name, 0) + count


def regularisation_shown(taught: int, folders: Mapping[str, int]) -> int:
    """Return how many regularisation images an epoch shows beside `taught` images.

    Method: sd-scripts train_util.py, DreamBoothDataset: images are taken with the repeats of their
    folder, then once more each, until there are as many as taught ones.
    """
    shown = 0
    for name, count in folders.items():
        for _ in range(count):
            if shown >= taught:
                return shown
            shown += _repeats(name)
    return max(shown, taught) if shown else 0


def as_packaged(name: str, images: Iterable[str], repeats: int = 1) -> TrainData:
    """What the trainer gets once a dataset folder called `name` is packaged.

    Numbered folders keep their number; all other images go into one, with the number of the
    dataset folder's own name, or `repeats`.
    """
    data, own = TrainData(name), named_repeats(name)
    rest = name if own and repeats == 1 else f"{repeats}_{name}"
    for image in images:
        top = image.split("/")[0] if "/" in image else ""
        folder = top if named_repeats(top) else rest
        if is_trainer_image(image):
            data.folders[folder] = data.folders.get(folder, 0) + 1
        else:
            data.other.append(image)
    return data


def read_train_data(name: str, files: Iterable[str]) -> TrainData:
    """Sort the files of a train_data_dir called `name`; `files` are relative, with `/`."""
    data = TrainData(name)
    for file in files:
        path = PurePosixPath(file)
        if path.suffix.lower() in IMAGE_SUFFIXES:
            _add(data, path)
    return data


def read_train_folder(folder: Path) -> TrainData:
    """Sort the files of a folder on this machine."""
    files = (p.relative_to(folder).as_posix() for p in Path(folder).rglob("*") if p.is_file())
    return read_train_data(Path(folder).resolve().name, files)


def is_trainer_image(name: str) -> bool:
    """Whether the trainer looks for this file: it knows suffixes in all lower or all upper case."""
    # Plain text work: this is asked of every file of large sets.
    stem, dot, suffix = name.rpartition("/")[2].rpartition(".")
    known = bool(stem) and f"{dot}{suffix.lower()}" in TRAINER_SUFFIXES
    return known and suffix in (suffix.lower(), suffix.upper())


def _add(data: TrainData, path: PurePosixPath) -> None:
    top = path.parts[0]
    if not is_trainer_image(path.name):
        data.other.append(str(path))
    elif len(path.parts) == 1:
        data.flat += 1
    elif folder_repeats(top) is None:
        data.skipped[top] += 1
    elif len(path.parts) > 2:
        data.deep += 1
    else:
        data.folders[top] = data.folders.get(top, 0) + 1


def _repeats(name: str) -> int:
    found = folder_repeats(name)
    return found[0] if found else 0
