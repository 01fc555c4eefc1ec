"""Package: one zip that a trainer can use, the same bytes from the same input."""

from __future__ import annotations

import hashlib
import json
import zipfile
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from bespoke_gui import __version__
from bespoke_gui.core.atomic import replacing
from bespoke_gui.core.config.train_data import is_trainer_image
from bespoke_gui.core.config.trainer_config import TrainingConfig
from bespoke_gui.core.errors import AppError, Problem
from bespoke_gui.core.package_layout import (
    CONFIG_NAME,
    DATA_NAME,
    LAYOUTS,
    MANIFEST_NAME,
    REG_NAME,
    WORKSPACE,
    safe_name,
)
from bespoke_gui.core.package_open import PackageContents, open_package
from bespoke_gui.core.package_sources import members_of, regularisation_of, sources_of
from bespoke_gui.core.package_verify import verify_package
from bespoke_gui.core.project import is_project, open_project

__all__ = [
    "PackageContents",
    "PackageReport",
    "build_package",
    "open_package",
    "verify_package",
]

SCHEMA = 1
FIXED_DATE = (1980, 1, 1, 0, 0, 0)
PLAIN_FILE = 0o100644 << 16
UNIX = 3
Entry = dict[str, str | int]


@dataclass(frozen=True)
class PackageReport:
    """What was written. sha256 and bytes are the zip's; files are the names inside it."""

    package: Path
    sha256: str
    bytes: int
    files: list[str]
    images: int
    captions: int
    regularisation: int = 0
    problems: list[Problem] = field(default_factory=list)


def build_package(
    dataset_dir: Path,
    config_path: Path,
    out: Path,
    layout: str = "runpod",
    name: str = "",
    *,
    repeats: int = 0,
    class_word: str = "",
    caption_extension: str = ".txt",
) -> PackageReport:
    """Write the package of a dataset (or project) folder and a training config to `out`.

    Images and captions go in byte for byte; in the config only the paths are rewritten to where
    the package will lie, everything else stays as written. Nothing but images, captions, config
    and manifest is taken. repeats and class_word: for images that lie in no `<N>_<name>` folder.
    Regularisation images of the project go into a folder of their own. Raises AppError; the old
    `out` then stays as it was.
    """
    dataset_dir, out = Path(dataset_dir), Path(out)
    top = safe_name(name or _layout_name(layout))
    config = TrainingConfig.load(Path(config_path))
    problems: list[Problem] = []
    sources = sources_of(dataset_dir, repeats, class_word, caption_extension, problems)
    if not any(source.items for source in sources):
        raise AppError("holds no images", file=dataset_dir, kind="no_data")
    _require_outside(out, dataset_dir, config_path)
    apart = regularisation_of(dataset_dir, problems)
    _rewrite_paths(config, top, any(source.items for source in apart))
    members = members_of(sources, f"{top}/{DATA_NAME}")
    members |= members_of(apart, f"{top}/{REG_NAME}")
    files, digest = _write(out, top, config, members)
    images = sum(len(source.items) for source in sources)
    captions = sum(item.has_caption for source in sources for item in source.items)
    kept_apart = sum(len(source.items) for source in apart)
    size = out.stat().st_size
    return PackageReport(out, digest, size, sorted(files), images, captions, kept_apart, problems)


def _layout_name(layout: str) -> str:
    if layout not in LAYOUTS:
        hint = f"choose one of: {', '.join(LAYOUTS)}"
        raise AppError(f"there is no layout {layout!r}", hint=hint, kind="usage")
    return LAYOUTS[layout]


def _require_outside(out: Path, dataset_dir: Path, config_path: Path) -> None:
    """Never write into what is being packed, nor over it."""
    target, source = out.resolve(), dataset_dir.resolve()
    if target.is_dir():
        raise AppError("is a folder", file=out, hint="name a zip file with --out")
    if target == Path(config_path).resolve():
        raise AppError("is the config itself", file=out, hint="name another file", kind="usage")
    inside_data = any(target.is_relative_to(folder) for folder in _data_folders(source))
    if inside_data:
        hint = "name a place outside the images"
        raise AppError("lies inside the data to be packed", file=out, hint=hint, kind="usage")
    if target.exists() and not _is_package(target):
        hint = "name another file with --out"
        raise AppError("is there already and no package", file=out, hint=hint, kind="conflict")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise AppError(f"the folder cannot be made: {reason}", file=out.parent) from error


def _is_package(path: Path) -> bool:
    """Say whether a zip holds the manifest of a package, so that a new one may replace it."""
    try:
        with zipfile.ZipFile(path) as source:
            names = [PurePosixPath(name) for name in source.namelist()]
    except (OSError, zipfile.BadZipFile, ValueError):
        return False
    return any(name.name == MANIFEST_NAME and len(name.parts) == 2 for name in names)


def _data_folders(source: Path) -> list[Path]:
    if is_project(source):
        project = open_project(source)
        return [folder.resolve() for folder, _ in [*project.dataset_dirs, *project.reg_dirs]]
    return [source]


def _rewrite_paths(config: TrainingConfig, top: str, regularisation: bool) -> None:
    if config.get("dataset_config") is not None:
        raise AppError(
            "names a dataset_config, which a package cannot carry",
            file=config.path or "",
            hint="take dataset_config out: the package brings <N>_<name> folders",
            kind="bad_config",
        )
    base = f"{WORKSPACE}/{top}"
    config.set("train_data_dir", f"{base}/{DATA_NAME}")
    if regularisation:
        config.set("reg_data_dir", f"{base}/{REG_NAME}")
    config.set("output_dir", f"{base}/output")
    if config.get("logging_dir") is not None:
        config.set("logging_dir", f"{base}/logs")


def _write(
    out: Path, top: str, config: TrainingConfig, members: dict[str, Path]
) -> tuple[dict[str, Entry], str]:
    """Write and verify the zip; returns what is in it by name, and the zip's SHA-256."""
    with replacing(out) as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as target:
            files = _fill(target, top, config, members)
        _read_back(file, files, out)
        file.seek(0)
        return files, hashlib.file_digest(file, "sha256").hexdigest()


def _fill(
    target: zipfile.ZipFile, top: str, config: TrainingConfig, members: dict[str, Path]
) -> dict[str, Entry]:
    """Add all files; returns each one's SHA-256 and size, by its name in the zip."""
    files: dict[str, Entry] = {}
    for name in sorted([*members, f"{top}/{CONFIG_NAME}"]):
        path = members.get(name)
        data = config.text().encode("utf-8") if path is None else _bytes(path)
        files[name] = _entry(data)
        _add(target, name, data)
    manifest = _manifest(top, files, members)
    _add(target, f"{top}/{MANIFEST_NAME}", manifest)
    files[f"{top}/{MANIFEST_NAME}"] = _entry(manifest)
    return files


def _add(target: zipfile.ZipFile, name: str, data: bytes) -> None:
    """Add a file with a fixed date and mode, stored: no library version changes the bytes."""
    entry = zipfile.ZipInfo(name, FIXED_DATE)
    entry.external_attr = PLAIN_FILE
    entry.create_system = UNIX
    target.writestr(entry, data, zipfile.ZIP_STORED)


def _entry(data: bytes) -> Entry:
    return {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}


def _manifest(top: str, files: dict[str, Entry], members: dict[str, Path]) -> bytes:
    """Describe the package; names are relative to its top folder."""
    kept_apart = _count(members, f"{top}/{REG_NAME}/")
    manifest = {
        "schema": SCHEMA,
        "bespoke": __version__,
        "package": top,
        "images": _count(members, f"{top}/{DATA_NAME}/"),
        **({"regularisation": kept_apart} if kept_apart else {}),
        "files": {name.removeprefix(f"{top}/"): entry for name, entry in files.items()},
    }
    return (json.dumps(manifest, indent=1, ensure_ascii=False) + "\n").encode("utf-8")


def _count(members: dict[str, Path], prefix: str) -> int:
    return sum(is_trainer_image(name) for name in members if name.startswith(prefix))


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise AppError(f"cannot be read: {reason}", file=path, hint="check your rights") from error


def _read_back(file: BinaryIO, files: dict[str, Entry], out: Path) -> None:
    """Read the zip again and compare every file, before it takes the place of an older one."""
    with zipfile.ZipFile(file) as source:
        for name, entry in files.items():
            if _entry(source.read(name)) != entry:
                text = f"{name} was not written as read, the package was not made"
                raise AppError(text, file=out, hint="check the disk")
