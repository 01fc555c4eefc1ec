"""Package: one zip that a trainer can use, the same bytes from the same input."""

from __future__ import annotations

import hashlib
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, BinaryIO

from bespoke_gui import __version__
from bespoke_gui.core.atomic import replacing
from bespoke_gui.core.config.compare import Change
from bespoke_gui.core.errors import AppError, Problem
from bespoke_gui.core.package_layout import MANIFEST_NAME
from bespoke_gui.core.package_open import PackageContents, open_package
from bespoke_gui.core.package_plan import Content, PackagePlan, manifest_text, plan_package
from bespoke_gui.core.package_verify import verify_package
from bespoke_gui.core.package_zip import CHUNK, LARGEST, CanonicalZip, Member, first_difference
from bespoke_gui.core.project import is_project, open_project

__all__ = [
    "PackageContents",
    "PackageReport",
    "build_package",
    "open_package",
    "verify_package",
    "write_package",
]

Progress = Callable[[int, int, str], None]
Cancelled = Callable[[], bool]
Entry = dict[str, str | int]


@dataclass(frozen=True)
class PackageReport:
    """What was written. sha256 and bytes are the zip's; files are the names inside it.

    changes: what reads differently in the packed config; seconds: how long it took.
    """

    package: Path
    sha256: str
    bytes: int
    files: list[str]
    images: int
    captions: int
    regularisation: int = 0
    problems: list[Problem] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    seconds: float = 0.0


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
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> PackageReport:
    """Write the package of a dataset (or project) folder and a training config to `out`.

    Images and captions go in byte for byte; in the config paths are rewritten to where the package
    will lie, keys and private paths are left out, comments stay. A run script, a README and a
    manifest come on top, nothing else. repeats and class_word: for images that lie in no
    `<N>_<name>` folder. Regularisation images of the project go into a folder of their own.
    progress is told files done, files in all and the name. Raises AppError, kind "cancelled" when
    `cancelled()` says so; the old `out` then stays as it was and nothing is left beside it.
    """
    require_outside(Path(out), Path(dataset_dir), Path(config_path))
    plan = plan_package(
        dataset_dir,
        config_path,
        layout,
        name,
        repeats=repeats,
        class_word=class_word,
        caption_extension=caption_extension,
    )
    return write_package(plan, out, progress, cancelled)


def write_package(
    plan: PackagePlan,
    out: Path,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> PackageReport:
    """Write a planned package to `out` beside its final name, read it back, then give it the name.

    Streams: no more than one file is in memory. Raises as `build_package` does.
    """
    start, out = time.perf_counter(), Path(out)
    _make_folder(out.parent)
    with replacing(out) as file:
        target = CanonicalZip(file)
        hashes = _fill(target, plan, progress, cancelled)
        file.flush()
        _read_back(file, target, hashes, out, cancelled)
        size = file.seek(0, 2)
    names = sorted(member.name for member in target.members)
    return PackageReport(
        out,
        target.sha256,
        size,
        names,
        plan.images,
        plan.captions,
        plan.regularisation,
        plan.problems,
        plan.changes,
        time.perf_counter() - start,
    )


def require_outside(out: Path, dataset_dir: Path, config_path: Path) -> None:
    """Refuse, by AppError, to write into what is being packed, over it, or over other files."""
    target, source = out.resolve(), dataset_dir.resolve()
    if target.is_dir():
        raise AppError("is a folder", file=out, hint="name a zip file with --out")
    if target == Path(config_path).resolve():
        raise AppError("is the config itself", file=out, hint="name another file", kind="usage")
    inside_data = any(target.is_relative_to(folder) for folder in _data_folders(source))
    if inside_data:
        hint = "name a place outside the images"
        raise AppError("lies inside the data to be packed", file=out, hint=hint, kind="usage")
    if target.exists() and not is_package(target):
        hint = "name another file with --out"
        raise AppError("is there already and no package", file=out, hint=hint, kind="conflict")


def is_package(path: Path) -> bool:
    """Say whether a zip holds the manifest of a package, so that a new one may replace it."""
    try:
        with zipfile.ZipFile(path) as source:
            names = [PurePosixPath(name) for name in source.namelist()]
    except (OSError, zipfile.BadZipFile, ValueError):
        return False
    return any(name.name == MANIFEST_NAME and len(name.parts) == 2 for name in names)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise AppError(f"the folder cannot be made: {_reason(error)}", file=folder) from error


def _data_folders(source: Path) -> list[Path]:
    if is_project(source):
        project = open_project(source)
        return [folder.resolve() for folder, _ in [*project.dataset_dirs, *project.reg_dirs]]
    return [source]


def _stop_if(cancelled: Cancelled | None) -> None:
    if cancelled is not None and cancelled():
        raise AppError("cancelled, nothing was written", kind="cancelled")


def _fill(
    target: CanonicalZip, plan: PackagePlan, progress: Progress | None, cancelled: Cancelled | None
) -> dict[str, str]:
    """Add all files, then the manifest, which knows the hash of each; returns all hashes."""
    files: dict[str, Entry] = {}
    for done, (name, content) in enumerate(plan.members.items(), 1):
        _stop_if(cancelled)
        files[name.removeprefix(f"{plan.top}/")] = _add(target, name, content)
        if progress is not None:
            progress(done, len(plan.members), name)
    text = manifest_text(plan, files, __version__)
    files[MANIFEST_NAME] = _add(target, f"{plan.top}/{MANIFEST_NAME}", text.encode("utf-8"))
    target.close()
    return {f"{plan.top}/{name}": str(entry["sha256"]) for name, entry in files.items()}


def _add(target: CanonicalZip, name: str, content: Content) -> Entry:
    """Add one file; large ones are read twice, so that they never lie in memory whole."""
    if isinstance(content, bytes):
        target.add(name, content)
        return {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
    try:
        with content.open("rb") as file:
            data = file.read(CHUNK)
            if len(data) < CHUNK:
                return _add(target, name, data)
            return _add_large(target, name, file, content)
    except OSError as error:
        hint = "check your rights"
        raise AppError(f"cannot be read: {_reason(error)}", file=content, hint=hint) from error


def _add_large(target: CanonicalZip, name: str, file: BinaryIO, path: Path) -> Entry:
    file.seek(0)
    digest, crc, size = hashlib.sha256(), 0, 0
    for part in _parts(file):
        digest.update(part)
        crc, size = zlib.crc32(part, crc), size + len(part)
        if size > LARGEST:
            raise AppError(f"is larger than {LARGEST >> 20} MB", file=path, hint="leave it out")
    file.seek(0)
    target.add_parts(Member(name, crc, size), _parts(file))
    return {"sha256": digest.hexdigest(), "bytes": size}


def _parts(file: IO[bytes]) -> Iterator[bytes]:
    while part := file.read(CHUNK):
        yield part


def _read_back(
    file: BinaryIO,
    written: CanonicalZip,
    hashes: Mapping[str, str],
    out: Path,
    cancelled: Cancelled | None,
) -> None:
    """Read the zip again before it takes an older one's place.

    Every file as Python's own reader extracts it, and every byte between them.
    """
    place = first_difference(file, written.members)
    wrong = place[1] if place else ""
    with zipfile.ZipFile(file) as source:
        for entry in source.infolist():
            _stop_if(cancelled)
            if _sha256(source, entry) != hashes.get(entry.filename):
                wrong = entry.filename
        count = len(source.infolist())
    if wrong or count != len(written.members):
        text = f"{wrong or 'the directory'} was not written as read, the package was not made"
        raise AppError(text, file=out, hint="pack it again, or check the disk")


def _sha256(source: zipfile.ZipFile, entry: zipfile.ZipInfo) -> str:
    """Hash one file of a zip, "" where it cannot be read; large ones piece by piece."""
    try:
        if entry.file_size <= CHUNK:
            return hashlib.sha256(source.read(entry)).hexdigest()
        with source.open(entry) as file:
            digest = hashlib.sha256()
            for part in _parts(file):
                digest.update(part)
            return digest.hexdigest()
    except zipfile.BadZipFile:
        return ""


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
