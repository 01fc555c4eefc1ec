"""Would this package train? Judged like the trainer would, without extracting anything."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any

from bespoke_gui.core.config.doctor import check_config
from bespoke_gui.core.config.options import option_table
from bespoke_gui.core.config.train_data import TrainData, is_trainer_image, read_train_data
from bespoke_gui.core.config.trainer_config import TrainingConfig, decode
from bespoke_gui.core.dataset import caption_name, folder_repeats, natural_key
from bespoke_gui.core.errors import AppError, Problem, problem_from
from bespoke_gui.core.package_config import DEFAULT_EXTENSION, caption_extension
from bespoke_gui.core.package_integrity import integrity
from bespoke_gui.core.package_layout import Found, is_junk, locate
from bespoke_gui.core.package_names import Lookalikes, difference, odd_names
from bespoke_gui.core.package_plan import FileKey, PackagePlan
from bespoke_gui.core.package_script import Folder
from bespoke_gui.core.package_secrets import is_secret, secrets_in, without_secrets
from bespoke_gui.core.package_tree import MAX_MEMBER, Tree, ZipTree, folders, open_tree
from bespoke_gui.core.trainer_view import borrowed_stem

Progress = Callable[[int, int, str], None]
Cancelled = Callable[[], bool]
ARCHIVES = (".zip", ".tar", ".gz", ".tgz", ".7z", ".rar", ".xz", ".bz2")
# Folders that the trainer makes itself.
_MADE_THERE = ("output_dir", "logging_dir", "tokenizer_cache_dir", "train_data_dir", "reg_data_dir")
MAX_CAPTION = 1_000_000
MAX_CONFIG = 1 << 20


@dataclass(frozen=True)
class Seen:
    """One image as it was judged: size in pixels, None where it cannot be read."""

    problems: list[Problem]
    bytes: int = 0
    size: tuple[int, int] | None = None
    format: str = ""


Looks = dict[tuple[str, FileKey], Seen]


@dataclass
class Inspection:
    """What verifying found: problems, and the figures of the data.

    folders, apart: what the trainer finds to teach and to balance with; sha256: the zip's.
    """

    problems: list[Problem] = field(default_factory=list)
    images: int = 0
    captions: int = 0
    sizes: Counter[tuple[int, int]] = field(default_factory=Counter)
    formats: Counter[str] = field(default_factory=Counter)
    bytes: int = 0
    texts: dict[str, str | None] = field(default_factory=dict)
    regularisation: int = 0
    folders: list[Folder] = field(default_factory=list)
    apart: list[Folder] = field(default_factory=list)
    data: TrainData | None = None
    config: TrainingConfig | None = None
    sha256: str = ""

    @property
    def ok(self) -> bool:
        """Whether it would train: no finding is an error."""
        return not any(problem.severity == "error" for problem in self.problems)


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
    return _inspect(_PlanTree(plan, {} if memory is None else memory), _Watch(progress, cancelled))


class _PlanTree:
    """The files of a package that is not written yet."""

    def __init__(self, plan: PackagePlan, memory: Looks) -> None:
        self.path = Path(plan.top)
        self.problems: list[Problem] = []
        self._plan = plan
        self._memory = memory

    def looked_at(self, name: str, look: Callable[[], Seen]) -> Seen:
        """Return what an image looks like, from memory where its file is the same as then."""
        file = self._plan.key(name)
        if file is None:
            return look()
        key = name, file
        if key not in self._memory:
            self._memory[key] = look()
        return self._memory[key]

    def names(self) -> list[str]:
        return sorted(self._plan.members)

    def read(self, name: str, limit: int = MAX_MEMBER) -> bytes:
        data = self._plan.read(name)
        if len(data) > limit:
            raise AppError(f"is larger than {limit >> 20} MB", file=name)
        return data


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
        pending = pool.map(lambda name: _seen(tree, name), images)
        try:
            for done, (name, seen) in enumerate(zip(images, pending, strict=True), 1):
                watch.step(done, len(images), name)
                found.images += 1
                _take(seen, found)
                caption = caption_name(name, extension)
                there = caption if caption in present else ""
                found.problems += _caption(tree, name, caption, there, alike, found)
                if not there:
                    found.problems += _borrowed(name, extension, present)
        except AppError:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _seen(tree: Tree, name: str) -> Seen:
    if isinstance(tree, _PlanTree):
        return tree.looked_at(name, lambda: _look(tree, name))
    return _look(tree, name)


def _look(tree: Tree, name: str) -> Seen:
    from bespoke_gui.core.imagefile import load_bytes

    data = b""
    try:
        data = tree.read(name)
        picture = load_bytes(data, Path(name))
    except AppError as error:
        return Seen([problem_from(error, "unreadable_image", name)], len(data))
    info = picture.info
    problems = [replace(problem, file=name) for problem in info.problems]
    problems += _private_metadata(name, picture.image.info)
    return Seen(problems, len(data), (info.width, info.height), info.format)


def _private_metadata(name: str, metadata: Mapping[Any, Any]) -> Iterator[Problem]:
    """Texts inside an image (prompts, settings, paths) travel with it."""
    texts = [value for value in metadata.values() if isinstance(value, str)]
    hint = "prepare the set anew: prepared images carry no texts"
    if any(secrets_in(text) for text in texts):
        yield Problem("secret", "warning", "holds a key in its metadata", name, hint)
    elif any(without_secrets(text)[1] for text in texts):
        message = "names a folder of a computer in its metadata"
        yield Problem("private_metadata", "info", message, name, hint)


def _take(seen: Seen, found: Inspection) -> None:
    found.problems += seen.problems
    found.bytes += seen.bytes
    if seen.size:
        found.sizes[seen.size] += 1
        found.formats[seen.format] += 1


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
            seen = _look(tree, prefix + name)
            found.problems += seen.problems
            found.bytes += seen.bytes
    found.apart = _folders(kept_apart, prefix.removesuffix("/"), config, tree.names())


def _caption(
    tree: Tree, image: str, caption: str, there: str, alike: Lookalikes, found: Inspection
) -> Iterator[Problem]:
    if not there:
        found.texts[image] = None
        yield _without_caption(image, caption, alike.of(caption))
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
    if secrets_in(text):
        hint = "take it out: whoever has the package has it too"
        yield Problem("secret", "warning", "holds a key", caption, hint)
    if not text:
        message = 'is empty; the trainer stops: "caption file is empty"'
        yield Problem("empty_caption", "error", message, caption, "write what the image shows")
    elif not text.splitlines()[0].strip("\ufeff \t\r\n"):
        message = "has a blank first line, the only one the trainer reads: an empty caption"
        yield Problem("empty_caption", "error", message, caption, "write what the image shows")
    elif text.startswith("\ufeff"):
        message = "begins with a byte order mark, which becomes part of the first phrase"
        yield Problem("byte_order_mark", "warning", message, caption, "save it as plain UTF-8")
    elif len(text.strip().splitlines()) > 1:
        message = "has several lines; the trainer reads the first only"
        yield Problem("several_lines", "warning", message, caption, "put it on one line")


def _borrowed(image: str, extension: str, present: set[str]) -> Iterator[Problem]:
    """Without a caption of its own an image may get that of another, by the trainer's old rule."""
    path = PurePosixPath(image)
    stem = borrowed_stem(path.stem)
    other = str(path.with_name(f"{stem}{extension}")) if stem else ""
    if other in present:
        message = f"would be trained on {PurePosixPath(other).name}: the trainer tries the name "
        message += "without its last four parts"
        yield Problem("borrowed_caption", "warning", message, image, "write its own caption")


def _without_caption(image: str, caption: str, other: str) -> Problem:
    """Tell of a caption that is there under a name that only looks right."""
    problem = missing_caption(image, PurePosixPath(caption).name)
    if not other:
        return problem
    name, wanted = PurePosixPath(other).name, PurePosixPath(caption).name
    how = difference(name, wanted) if name != wanted else "in its folder's name"
    message = f"has no caption: {ascii(name)[1:-1]} differs from {ascii(wanted)[1:-1]} {how}"
    return replace(problem, message=message, hint=f"rename {ascii(name)[1:-1]}")


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
