"""Would this package train? Judged like the trainer would, without extracting anything."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from bespoke_gui.core.config.doctor import check_config
from bespoke_gui.core.config.options import option_table
from bespoke_gui.core.config.train_data import TrainData, is_trainer_image, read_train_data
from bespoke_gui.core.config.trainer_config import TrainingConfig, decode
from bespoke_gui.core.dataset import caption_name, folder_repeats, natural_key
from bespoke_gui.core.errors import AppError, Problem, problem_from
from bespoke_gui.core.package_captions import borrowed_caption, caption_findings
from bespoke_gui.core.package_config import DEFAULT_EXTENSION, caption_extension
from bespoke_gui.core.package_images import Looks, PlanTree, look_at, seen
from bespoke_gui.core.package_inspection import Inspection
from bespoke_gui.core.package_integrity import integrity
from bespoke_gui.core.package_layout import Found, is_junk, locate
from bespoke_gui.core.package_names import Lookalikes, odd_names
from bespoke_gui.core.package_plan import PackagePlan
from bespoke_gui.core.package_script import Folder
from bespoke_gui.core.package_secrets import is_secret, secrets_in
from bespoke_gui.core.package_tree import Tree, ZipTree, folders, open_tree

Progress = Callable[[int, int, str], None]
Cancelled = Callable[[], bool]
ARCHIVES = (".zip", ".tar", ".gz", ".tgz", ".7z", ".rar", ".xz", ".bz2")
# Folders that the trainer makes itself.
_MADE_THERE = ("output_dir", "logging_dir", "tokenizer_cache_dir", "train_data_dir", "reg_data_dir")
MAX_CONFIG = 1 << 20


def verify_package(path: Path) -> list[Problem]:
    """Return every reason why a package (zip or folder) would not train, and what is odd."""
    return inspect_package(path).problems


def inspect_package(
    path: Path, progress: Progress | None = None, cancelled: Cancelled | None = None
) -> Inspection:
    """Verify a package and count what it holds.

    progress is told images judged, images in all and a name. Raises AppError only when nothing is
    there, or with kind "cancelled" when `cancelled()` says so.
    """
    try:
        tree = open_tree(path)
    except AppError as error:
        if not Path(path).exists():
            raise
        return Inspection([problem_from(error, "broken_zip")])
    watch = _Watch(progress, cancelled)
    try:
        return _inspect(tree, watch)
    finally:
        if isinstance(tree, ZipTree):
            tree.close()


def inspect_plan(
    plan: PackagePlan,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
    memory: Looks | None = None,
) -> Inspection:
    """Judge what would be packed as `inspect_package` will judge the package.

    memory: of images judged before, so that those which did not change are not decoded again.
    """
    return _inspect(PlanTree(plan, {} if memory is None else memory), _Watch(progress, cancelled))


@dataclass
class _Watch:
    """Tells how far the work is and ends it when asked."""

    progress: Progress | None
    cancelled: Cancelled | None

    def step(self, done: int, total: int, name: str) -> None:
        if self.cancelled is not None and self.cancelled():
            raise AppError("cancelled", kind="cancelled")
        if self.progress is not None:
            self.progress(done, total, name)


def _inspect(tree: Tree, watch: _Watch) -> Inspection:
    found = Inspection(list(tree.problems))
    names = tree.names()
    if not names:
        if not tree.problems:
            message = "holds no files"
            found.problems.append(Problem("empty_package", "error", message, str(tree.path)))
        return found
    place = locate(names)
    config = found.config = _config(tree, place, found)
    if config:
        place = locate(names, str(config.get("train_data_dir") or ""))
    data = found.data = _data(names, place)
    _look_at_images(tree, place, config, found, watch)
    found.folders = _folders(data, place.data, config, names)
    if config:
        _judge_config(tree, config, place, data, found)
    found.problems += [*_archives(names), *_junk(names), *odd_names(names)]
    found.problems += Lookalikes(names).pairs()
    integrity(tree, found)
    return found


def _judge_config(
    tree: Tree, config: TrainingConfig, place: Found, data: TrainData, found: Inspection
) -> None:
    names = tree.names()
    there = folders(names)
    _look_at_regularisation(tree, config, data, found)
    found.problems += check_config(
        config,
        data=data,
        captions=found.texts,
        sizes=found.sizes,
        workspace=there,
        file=place.config,
    )
    found.problems += _paths(config, place.config, names, there)
    found.problems += _secrets(config, place.config)


def _paths(
    config: TrainingConfig, file: str, names: list[str], there: frozenset[str]
) -> Iterator[Problem]:
    """Files that the config names inside the package must be there."""
    present = set(names) | there
    tops = {name.split("/")[0] for name in names}
    for key, value in config.values.items():
        path = PurePosixPath(value) if isinstance(value, str) else PurePosixPath()
        if path.parts[:2] != ("/", "workspace") or key in _MADE_THERE or key not in option_table():
            continue
        inside = "/".join(path.parts[2:])
        if path.parts[2:3] and path.parts[2] in tops and inside not in present:
            message = f"{key} = {value} is not in the package"
            hint = "put the file into the package, or take the line out"
            yield Problem("path_will_not_exist", "error", message, file, hint, key)


def _secrets(config: TrainingConfig, file: str) -> Iterator[Problem]:
    """Keys and passwords that would travel with the package."""
    hint = "take it out: whoever has the package has it too"
    for key, value in config.values.items():
        if is_secret(key, value):
            message = f"{key} holds a key or password"
            yield Problem("secret", "warning", message, file, hint, key)
    if not any(is_secret(key, value) for key, value in config.values.items()):
        for where in secrets_in(config.text()):
            yield Problem("secret", "warning", f"{where} holds a key", file, hint, where)


def _archives(names: list[str]) -> Iterator[Problem]:
    for name in names:
        if name.lower().endswith(ARCHIVES) and not is_junk(name):
            message = "is an archive inside the package; the trainer does not look into it"
            yield Problem("archive_inside", "warning", message, name, "pack what is in it instead")


def _folders(
    data: TrainData, base: str, config: TrainingConfig | None, names: list[str]
) -> list[Folder]:
    """Return what the trainer finds, folder by folder."""
    present = set(names)
    prefix, extension = f"{base}/" if base else "", _extension(config)
    found = []
    for name in sorted(data.folders, key=natural_key):
        start = f"{prefix}{name}/"
        inside = [n for n in names if n.startswith(start) and n.count("/") == start.count("/")]
        images = [n for n in inside if is_trainer_image(n) and not is_junk(n)]
        captions = sum(caption_name(image, extension) in present for image in images)
        repeats, _ = folder_repeats(name) or (0, "")
        found.append(Folder(name, repeats, len(images), captions))
    return found


def _extension(config: TrainingConfig | None) -> str:
    """What captions end with; where the config says nothing a rule of its own does."""
    extension = caption_extension(config) if config else DEFAULT_EXTENSION
    return ".txt" if extension == DEFAULT_EXTENSION else extension


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
    tree: Tree, place: Found, config: TrainingConfig | None, found: Inspection, watch: _Watch
) -> None:
    """Decode every image on all cores (Pillow leaves the lock meanwhile) and read its caption."""
    prefix = f"{place.data}/" if place.data else ""
    extension = _extension(config)
    names = tree.names()
    present, alike = set(names), Lookalikes(n for n in names if not is_trainer_image(n))
    images = [n for n in names if n.startswith(prefix) and is_trainer_image(n)]
    images = sorted((n for n in images if not is_junk(n)), key=natural_key)
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        pending = pool.map(lambda name: seen(tree, name), images)
        try:
            for done, (name, look) in enumerate(zip(images, pending, strict=True), 1):
                watch.step(done, len(images), name)
                found.images += 1
                found.take(look)
                caption = caption_name(name, extension)
                there = caption if caption in present else ""
                found.problems += caption_findings(tree, name, caption, there, alike, found)
                if not there:
                    found.problems += borrowed_caption(name, extension, present)
        except AppError:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


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
            look = look_at(tree, prefix + name)
            found.problems += look.problems
            found.bytes += look.bytes
    found.apart = _folders(kept_apart, prefix.removesuffix("/"), config, tree.names())


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
