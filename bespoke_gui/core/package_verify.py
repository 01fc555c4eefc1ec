"""Would this package train? Judged like the trainer would, without extracting anything."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any

from bespoke_gui.core.config.doctor import check_config
from bespoke_gui.core.config.train_data import TrainData, is_trainer_image, read_train_data
from bespoke_gui.core.config.trainer_config import TrainingConfig, decode
from bespoke_gui.core.dataset import caption_name, natural_key
from bespoke_gui.core.errors import AppError, Problem, problem_from
from bespoke_gui.core.package_layout import MANIFEST_NAME, Found, is_junk, locate
from bespoke_gui.core.package_tree import Tree, ZipTree, folders, open_tree

MAX_CAPTION = 1_000_000
MAX_CONFIG = 1 << 20


@dataclass
class Inspection:
    """What verifying found: problems, and the figures of the data."""

    problems: list[Problem] = field(default_factory=list)
    images: int = 0
    captions: int = 0
    sizes: Counter[tuple[int, int]] = field(default_factory=Counter)
    formats: Counter[str] = field(default_factory=Counter)
    bytes: int = 0
    texts: dict[str, str | None] = field(default_factory=dict)
    regularisation: int = 0

    @property
    def ok(self) -> bool:
        """Whether it would train: no finding is an error."""
        return not any(problem.severity == "error" for problem in self.problems)


def verify_package(path: Path) -> list[Problem]:
    """Return every reason why a package (zip or folder) would not train, and what is odd."""
    return inspect_package(path).problems


def inspect_package(path: Path) -> Inspection:
    """Verify a package and count what it holds; raises AppError only when nothing is there."""
    try:
        tree = open_tree(path)
    except AppError as error:
        if not Path(path).exists():
            raise
        return Inspection([problem_from(error, "broken_zip")])
    try:
        return _inspect(tree)
    finally:
        if isinstance(tree, ZipTree):
            tree.close()


def _inspect(tree: Tree) -> Inspection:
    found = Inspection(list(tree.problems))
    names = tree.names()
    if not names:
        if not tree.problems:
            message = "holds no files"
            found.problems.append(Problem("empty_package", "error", message, str(tree.path)))
        return found
    place = locate(names)
    config = _config(tree, place, found)
    if config:
        place = locate(names, str(config.get("train_data_dir") or ""))
    data = _data(names, place)
    _look_at_images(tree, place, config, found)
    if config:
        _look_at_regularisation(tree, config, data, found)
        found.problems += check_config(
            config,
            data=data,
            captions=found.texts,
            sizes=found.sizes,
            workspace=folders(names),
            file=place.config,
        )
    found.problems += [*_junk(names), *_same_but_for_case(names), *_manifest(tree, names)]
    return found


def _config(tree: Tree, place: Found, found: Inspection) -> TrainingConfig | None:
    if not place.config:
        message, hint = "holds no training_config.toml", "package it with `bespoke package`"
        found.problems.append(Problem("no_config", "error", message, str(tree.path), hint))
        return None
    for other in place.other_configs:
        message = f"is a second config; {place.config} is judged"
        found.problems.append(Problem("second_config", "info", message, other))
    try:
        data = tree.read(place.config, MAX_CONFIG)
        return TrainingConfig(decode(data, Path(place.config)), Path(place.config))
    except AppError as error:
        found.problems.append(problem_from(error, "bad_config"))
        return None


def _data(names: list[str], place: Found) -> TrainData:
    prefix = f"{place.data}/" if place.data else ""
    inside = [name.removeprefix(prefix) for name in names if name.startswith(prefix)]
    return read_train_data(PurePosixPath(place.data).name or "the package", inside)


def _look_at_images(
    tree: Tree, place: Found, config: TrainingConfig | None, found: Inspection
) -> None:
    prefix = f"{place.data}/" if place.data else ""
    extension = str((config.get("caption_extension") if config else "") or ".txt")
    present = set(tree.names())
    images = [n for n in present if n.startswith(prefix) and is_trainer_image(n)]
    for name in sorted((n for n in images if not is_junk(n)), key=natural_key):
        found.images += 1
        found.problems += _image(tree, name, found)
        caption = caption_name(name, extension)
        found.problems += _caption(tree, name, caption, caption in present, found)


def _look_at_regularisation(
    tree: Tree, config: TrainingConfig, data: TrainData, found: Inspection
) -> None:
    """Judge the images of reg_data_dir; without a caption the trainer takes the class word."""
    path = str(config.get("reg_data_dir") or "")
    prefix = "/".join(PurePosixPath(path).parts[2:]) + "/"
    if not path.startswith("/workspace/"):
        return
    inside = [name.removeprefix(prefix) for name in tree.names() if name.startswith(prefix)]
    kept_apart = read_train_data(PurePosixPath(path).name, inside)
    data.regularisation = kept_apart.folders
    if not kept_apart.folders:
        message = f"reg_data_dir = {path} holds no <N>_<name> folder with images"
        found.problems.append(Problem("no_reg_data", "error", message, hint="package it anew"))
    for name in inside:
        if is_trainer_image(name) and not is_junk(name):
            found.regularisation += 1
            # Sizes and formats are those of what is taught.
            apart = Inspection()
            found.problems += _image(tree, prefix + name, apart)
            found.bytes += apart.bytes


def _image(tree: Tree, name: str, found: Inspection) -> list[Problem]:
    from bespoke_gui.core.imagefile import load_bytes

    try:
        data = tree.read(name)
        found.bytes += len(data)
        info = load_bytes(data, Path(name)).info
    except AppError as error:
        return [problem_from(error, "unreadable_image", name)]
    found.sizes[info.width, info.height] += 1
    found.formats[info.format] += 1
    return [replace(problem, file=name) for problem in info.problems]


def _caption(
    tree: Tree, image: str, caption: str, present: bool, found: Inspection
) -> Iterator[Problem]:
    if not present:
        found.texts[image] = None
        yield missing_caption(image, PurePosixPath(caption).name)
        return
    try:
        data = tree.read(caption, MAX_CAPTION)
    except AppError as error:
        yield problem_from(error, "unreadable_caption", caption)
        return
    found.captions += 1
    found.bytes += len(data)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        message = 'is not UTF-8; the trainer stops: "illegal char in file (not UTF-8)"'
        yield Problem("not_utf8", "error", message, caption, "save it as UTF-8")
        return
    found.texts[image] = text
    yield from _text(text, caption)


def _text(text: str, caption: str) -> Iterator[Problem]:
    if not text.strip():
        message = 'is empty; the trainer stops: "caption file is empty"'
        yield Problem("empty_caption", "error", message, caption, "write what the image shows")
    elif text.startswith("\ufeff"):
        message = "begins with a byte order mark, which becomes part of the first phrase"
        yield Problem("byte_order_mark", "warning", message, caption, "save it as plain UTF-8")
    elif len(text.strip().splitlines()) > 1:
        message = "has several lines; the trainer reads the first only"
        yield Problem("several_lines", "warning", message, caption, "put it on one line")


def missing_caption(image: str, expected: str) -> Problem:
    """Return the finding for an image without a caption."""
    return Problem(
        "missing_caption",
        "error",
        "has no caption; the trainer would use the folder's name instead",
        image,
        f"write {expected} beside it, or take the image out",
    )


def _junk(names: list[str]) -> Iterator[Problem]:
    for name in names:
        if is_junk(name):
            latent = name.lower().endswith(".npz")
            message = (
                "is an old latent cache, which the trainer may use instead of the image"
                if latent
                else "has no place in a package"
            )
            severity = "warning" if latent else "info"
            yield Problem("stray_file", severity, message, name, "take it out")


def _same_but_for_case(names: list[str]) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for name in names:
        other = seen.setdefault(name.casefold(), name)
        if other != name:
            message = f"differs from {other} only in upper and lower case"
            hint = "rename one: on Windows and macOS one would replace the other"
            yield Problem("same_but_for_case", "warning", message, name, hint)


def _manifest(tree: Tree, names: list[str]) -> Iterator[Problem]:
    """Compare every file with the manifest, where there is one."""
    for name in names:
        if PurePosixPath(name).name == MANIFEST_NAME and name.count("/") <= 1:
            yield from _against_manifest(tree, names, name)


def _against_manifest(tree: Tree, names: list[str], manifest: str) -> Iterator[Problem]:
    prefix = manifest.removesuffix(MANIFEST_NAME)
    try:
        listed = _listed(tree.read(manifest))
    except (AppError, ValueError) as error:
        yield Problem("bad_manifest", "warning", f"cannot be read: {error}", manifest)
        return
    inside = {name.removeprefix(prefix) for name in names if name.startswith(prefix)}
    for name in sorted(set(listed) | (inside - {MANIFEST_NAME})):
        if name not in inside:
            message = "is in the manifest but not in the package"
            yield Problem("lost_file", "error", message, prefix + name, "package it again")
        elif name not in listed:
            message = "was added after packaging"
            yield Problem("added_file", "info", message, prefix + name)
        else:
            yield from _compared(tree, prefix + name, listed[name])


def _compared(tree: Tree, name: str, digest: str) -> Iterator[Problem]:
    try:
        same = hashlib.sha256(tree.read(name)).hexdigest() == digest
    except AppError as error:
        yield problem_from(error, "damaged_file", name)
        return
    if not same:
        message, hint = "was changed after packaging", "package it again if you did not mean to"
        yield Problem("changed_file", "warning", message, name, hint)


def _listed(data: bytes) -> dict[str, str]:
    files: Any = json.loads(data.decode("utf-8"))
    try:
        return {str(name): str(entry["sha256"]) for name, entry in files["files"].items()}
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError("it is no manifest of Bespoke") from error
