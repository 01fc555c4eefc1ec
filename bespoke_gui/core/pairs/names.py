"""Names of pairs: which are allowed on every system, which are taken, and what belongs together."""

from __future__ import annotations

import os
import re
import shutil
import unicodedata
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from bespoke_gui.core.dataset import IMAGE_SUFFIXES, Item
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.excluded import FILE_NAME, is_comment

LONGEST = 200  # bytes; file systems stop at 255, and suffixes and temporary names come on top
_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]')
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?")


def fold(name: str) -> str:
    """Return a name as systems compare it that tell neither case nor kinds of accents apart."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def new_name(old: str, wanted: str) -> str:
    """Return the relative name that `old` gets, which stays in its folder and keeps its suffix.

    `wanted` is a file name with or without suffix, or the same relative path. Raises AppError
    (usage) for a name that some system refuses.
    """
    path, text = PurePosixPath(old), wanted.strip().replace("\\", "/")
    prefix = f"{path.parent}/" if str(path.parent) != "." else ""
    last = text.removeprefix(prefix)
    if "/" in last:
        raise _refused(wanted, "an image stays in its folder", "give a name without folders")
    stem = PurePosixPath(last).stem
    given = PurePosixPath(last).suffix.lower()
    if given not in IMAGE_SUFFIXES:
        stem = last
    elif given != path.suffix.lower():
        hint = f"leave the suffix out, it stays {path.suffix}"
        raise _refused(wanted, f"it is a {path.suffix} file", hint)
    require_allowed(stem)
    return f"{prefix}{stem}{path.suffix}"


def require_allowed(stem: str) -> None:
    """Raise AppError (usage) when some system or list could not hold files of this name."""
    reason = ""
    if not stem or stem.startswith("."):
        reason = "it would be hidden" if stem else "it is empty"
    elif _FORBIDDEN.search(stem):
        reason = "it holds a sign that Windows or the list of names cannot hold"
    elif stem != stem.strip() or stem.endswith("."):
        reason = "it begins or ends with a space or ends with a dot"
    elif _RESERVED.fullmatch(stem):
        reason = "Windows keeps it for a device"
    elif len(stem.encode("utf-8", "replace")) > LONGEST:
        reason = "it is too long"
    elif fold(stem) == "excluded" or is_comment(stem):
        reason = f"{FILE_NAME} is the list of excluded images"
    if reason:
        raise _refused(stem, reason, "choose another name")


def members(item: Item, siblings: Iterable[Path]) -> list[Path]:
    """Return the files beside an image that bear its stem and are no images: its caption first."""
    same = [path for path in siblings if path.stem == item.stem]
    found = [path for path in same if path.suffix.lower() not in IMAGE_SUFFIXES]
    return list(dict.fromkeys([*([item.caption] if item.has_caption else []), *found]))


def siblings(image: Path) -> list[Path]:
    """Return all files of the image's folder that are not hidden."""
    found = (path for path in image.parent.iterdir() if not path.name.startswith("."))
    return sorted(path for path in found if not path.is_dir())


def shares_stem(item: Item, items: Iterable[Item]) -> bool:
    """Whether another image has the same stem, so that both use one caption."""
    own = item.image.with_suffix("")
    return any(o.image.with_suffix("") == own and o.image != item.image for o in items)


def require_free(stem: str, own: Iterable[Path], others: Iterable[Path]) -> None:
    """Raise AppError (conflict) when a file of that stem is there, whatever its case."""
    mine = set(own)
    for path in others:
        if path not in mine and fold(path.stem) == fold(stem):
            case = "" if path.stem == stem else ", apart from upper and lower case"
            message = f"there is already {path.name}{case}"
            raise AppError(message, file=path.parent, hint="choose another name", kind="conflict")


def copy_new(source: Path, target: Path) -> None:
    """Copy a file byte for byte, safe on disk before this returns. Raises OSError."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with source.open("rb") as old, target.open("xb") as new:
        shutil.copyfileobj(old, new, 1 << 20)
        new.flush()
        os.fsync(new.fileno())


def _refused(name: str, reason: str, hint: str) -> AppError:
    return AppError(f"{name!r} cannot be the name: {reason}", hint=hint, kind="usage")
