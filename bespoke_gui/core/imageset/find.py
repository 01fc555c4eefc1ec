"""Images under names: where they come from and where their results go."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from bespoke_gui.core.dataset import scan
from bespoke_gui.core.errors import AppError


def find_images(paths: Iterable[Path]) -> dict[str, Path]:
    """Return images by name: relative to a folder given, or as given for a file.

    A name that two folders share gets its folder in front. Raises AppError for a folder without
    images; a file is taken whatever its suffix.
    """
    found: dict[str, Path] = {}
    for path in paths:
        if not path.is_dir():
            found[path.as_posix()] = path
            continue
        items = scan(path).items
        if not items:
            raise AppError("holds no images", file=path, hint="check the path")
        for item in items:
            name = item.name if item.name not in found else (path / item.name).as_posix()
            found[name] = item.image
    return found


def require_none_of(images: dict[str, Path], out: Path) -> None:
    """Raise AppError (kind "usage") when `out` is one of the images that are read."""
    if out.resolve() in {path.resolve() for path in images.values()}:
        hint = "name another file"
        raise AppError("is one of the images themselves", file=out, hint=hint, kind="usage")


def targets_for(images: dict[str, Path], source: Path, out: Path) -> dict[str, Path]:
    """Return where each image goes: `out` itself for one file with a .png name, else below it.

    Raises AppError when `out` lies in the source folder, or two images would share a file.
    """
    if not source.is_dir() and out.suffix.lower() == ".png":
        return dict.fromkeys(images, out)
    if source.is_dir() and out.resolve().is_relative_to(source.resolve()):
        hint = "name a folder beside it"
        raise AppError("lies inside the source folder", file=out, hint=hint, kind="usage")
    names = {name: name if source.is_dir() else images[name].name for name in images}
    targets = {name: out / PurePosixPath(names[name]).with_suffix(".png") for name in images}
    if len(set(targets.values())) < len(targets):
        raise AppError("holds images that differ only in their suffix", file=source)
    return targets
