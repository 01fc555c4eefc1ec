"""Open a package: extracted so that nothing in it can reach outside its own folder."""

from __future__ import annotations

import errno
import os
import shutil
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from bespoke_gui.core.config.train_data import NO_DATA, read_train_data
from bespoke_gui.core.config.trainer_config import TrainingConfig, decode
from bespoke_gui.core.dataset import folder_repeats
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.package_layout import is_junk, locate
from bespoke_gui.core.package_tree import FolderTree, Tree, ZipTree, open_tree
from bespoke_gui.core.runspec import DataFolder


@dataclass(frozen=True)
class PackageContents:
    """An opened package: its config, and the folders to train on (absolute paths)."""

    config: TrainingConfig
    data: list[DataFolder]
    folder: Path


def open_package(path: Path, into: Path) -> PackageContents:
    """Extract a zip to the new folder `into` and say what is in it; a folder is used in place.

    Raises AppError when the package is damaged, unsafe, or holds no config or no data; nothing is
    left in `into` then. Junk (latent caches, desktop leftovers) is not extracted.
    """
    tree = open_tree(path)
    if isinstance(tree, FolderTree):
        return _contents(tree, tree.base)
    assert isinstance(tree, ZipTree)
    with tree:
        return _extracted(tree, Path(into))


def _extracted(tree: ZipTree, into: Path) -> PackageContents:
    _require_safe(tree)
    contents = _contents(tree, into.absolute())
    if into.exists() and (not into.is_dir() or any(into.iterdir())):
        raise AppError("is not empty", file=into, hint="name a new folder")
    partial = into.with_name(f".{into.name}.{os.getpid()}.tmp")
    try:
        partial.mkdir(parents=True)
        for name in tree.names():
            if not is_junk(name):
                _write(partial, name, tree.read(name))
        if into.exists():
            into.rmdir()
        partial.rename(into)
    except OSError as error:
        raise _write_error(into, error) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return contents


def _require_safe(tree: Tree) -> None:
    for problem in tree.problems:
        if problem.severity == "error":
            message = f"is not safe to open: {problem.file} {problem.message}"
            raise AppError(message, file=tree.path, hint=problem.hint)


def _contents(tree: Tree, base: Path) -> PackageContents:
    names = tree.names()
    found = locate(names)
    if not found.config:
        raise AppError("holds no training config", file=tree.path, kind="bad_config")
    text = decode(tree.read(found.config), Path(found.config))
    config = TrainingConfig(text, base / found.config)
    found = locate(names, str(config.get("train_data_dir") or ""))
    prefix = f"{found.data}/" if found.data else ""
    inside = [name.removeprefix(prefix) for name in names if name.startswith(prefix)]
    data = read_train_data(PurePosixPath(found.data).name, inside)
    if not data.folders:
        hint = "put the images into a folder such as 1_portrait, or make the package again"
        raise AppError(NO_DATA, file=tree.path, hint=hint, kind="no_data")
    taught = _folders(base / found.data, sorted(data.folders))
    return PackageContents(config, taught + _regularisation(config, names, base), base)


def _regularisation(config: TrainingConfig, names: list[str], base: Path) -> list[DataFolder]:
    """The folders of reg_data_dir, where that lies in the package."""
    path = PurePosixPath(str(config.get("reg_data_dir") or ""))
    prefix = "/".join(path.parts[2:])
    if path.parts[:2] != ("/", "workspace") or not prefix:
        return []
    inside = [n.removeprefix(f"{prefix}/") for n in names if n.startswith(f"{prefix}/")]
    found = sorted(read_train_data(path.name, inside).folders)
    return [replace(folder, is_reg=True) for folder in _folders(base / prefix, found)]


def _folders(base: Path, names: list[str]) -> list[DataFolder]:
    found = []
    for name in names:
        repeats, word = folder_repeats(name) or (1, "")
        found.append(DataFolder(str(base / name), repeats, word))
    return found


def _write(base: Path, name: str, data: bytes) -> None:
    target = base / name
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)


def _write_error(into: Path, error: OSError) -> AppError:
    reason = (error.strerror or str(error)).lower()
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    return AppError(
        f"the package could not be extracted, nothing is left behind: {reason}",
        file=into,
        hint="free some space" if full else "check your rights to the folder",
        kind="disk_full" if full else "bad_input",
    )
