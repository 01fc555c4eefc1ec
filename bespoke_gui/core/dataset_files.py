"""Which files a dataset folder holds: images, captions and lists of excluded images, by name."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bespoke_gui.core import excluded as exclusions
from bespoke_gui.core.errors import Problem

TRAINER_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".bmp"})
IMAGE_SUFFIXES = TRAINER_SUFFIXES | {".gif", ".tif", ".tiff"}


@dataclass
class Listing:
    """Names relative to `folder`, with `/` and suffix; `images` may be in any order.

    lists: the folder ("" on top) of each list of excluded images. odd: the real path of files
    whose names are no text and are therefore shown with escapes.
    """

    folder: Path
    images: list[str] = field(default_factory=list)
    captions: set[str] = field(default_factory=set)
    lists: set[str] = field(default_factory=set)
    odd: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def paths(self, names: list[str]) -> list[str]:
        """Return where these files are."""
        lead = os.path.join(self.folder, "")  # noqa: PTH118 - half the time
        if os.sep != "/":
            return [self.odd.get(name) or lead + name.replace("/", os.sep) for name in names]
        if self.odd:
            return [self.odd.get(name) or lead + name for name in names]
        return [lead + name for name in names]

    def same_files(self, other: Listing) -> bool:
        """Whether both hold the same files, in whatever order."""
        return (
            len(self.images) == len(other.images)
            and self.captions == other.captions
            and self.lists == other.lists
            and self.odd == other.odd
            and set(self.images) == set(other.images)
        )


def list_files(folder: Path, extension: str) -> Listing:
    """Look through a folder; hidden files and folders and links to folders are left out."""
    found = Listing(folder)
    ending = extension.lower()
    for path, lead, name in _files(folder, found.problems):
        whole = lead + name
        if not whole.isascii() and shown(whole) != whole:
            whole = shown(whole)
            found.odd[whole] = path
        lower = name.lower()
        if lower[lower.rfind(".") :] in IMAGE_SUFFIXES:
            found.images.append(whole)
        elif lower.endswith(ending):
            found.captions.add(whole)
        if name == exclusions.FILE_NAME:
            found.lists.add(exclusions.split(whole)[0])
    return found


def shown(name: str) -> str:
    """Return a file name as text that can be written; bytes that are no UTF-8 are escaped."""
    return name.encode("utf-8", "backslashreplace").decode("utf-8")


def reason(error: OSError) -> str:
    """Return what the system says, as part of a sentence."""
    return (error.strerror or str(error)).lower()


def _files(folder: Path, problems: list[Problem]) -> Iterator[tuple[str, str, str]]:
    """Yield path, folder ("" or with a slash at the end) and name of every visible file."""

    def report(error: OSError) -> None:
        where = _relative(str(error.filename), folder)
        message = f"cannot be read: {reason(error)}"
        problems.append(Problem("unreadable_folder", "error", message, where))

    for base, folders, names in os.walk(folder, onerror=report):
        folders[:] = [name for name in folders if not name.startswith(".")]
        prefix = _relative(base, folder)
        lead = f"{prefix}/" if prefix else ""
        start = os.path.join(base, "")  # noqa: PTH118 - half the time
        for name in names:
            if not name.startswith("."):
                yield start + name, lead, name


def _relative(path: str, folder: Path) -> str:
    relative = Path(path).relative_to(folder).as_posix()
    return "" if relative == "." else relative
