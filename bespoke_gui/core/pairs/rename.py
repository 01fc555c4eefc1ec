"""Rename a pair: image, caption, history, review and exclusion get the new name together."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from bespoke_gui.core.dataset import Dataset, Item, scan_folder
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.excluded import joined
from bespoke_gui.core.pairs import names
from bespoke_gui.core.pairs.bin import new_folder
from bespoke_gui.core.pairs.exclude import plan_rename
from bespoke_gui.core.pairs.follow import followed_back
from bespoke_gui.core.pairs.operation import Operation, begin, carry_out, end
from bespoke_gui.core.pairs.target import NO_SUCH_IMAGE, Pairs, Place


@dataclass(frozen=True)
class Renamed:
    """A pair that has another name now; `files` are the old and new names of what moved.

    copied: the caption is a copy, because another image uses the old one.
    """

    old: str
    new: str
    files: list[tuple[str, str]]
    id: str
    copied: bool = False


def rename(pairs: Pairs, old: str, wanted: str) -> Renamed:
    """Rename an image with everything that bears its stem, or nothing. Raises AppError.

    `wanted`: the new name, with or without suffix. Kind "usage" for a name that cannot be, or an
    image that is not there; "conflict" where a file has that name already, also when only upper
    and lower case differ.
    """
    place, inside = pairs.find(old)
    dataset = scan_folder(place.folder, pairs.extension)
    item = next((item for item in dataset.items if item.name == inside), None)
    if item is None:
        message = f"there is no image {old}"
        raise AppError(message, file=place.folder, hint=NO_SUCH_IMAGE, kind="usage")
    new = names.new_name(inside, wanted)
    if new == inside:
        raise AppError(f"{old} has that name already", kind="usage")
    return _rename(pairs, place, dataset, item, new)


def undo(pairs: Pairs, renamed: Renamed) -> Renamed:
    """Give a pair its old name back, and its history what the new name had before. AppError."""
    place, inside = pairs.find(renamed.new)
    dataset = scan_folder(place.folder, pairs.extension)
    item = next((item for item in dataset.items if item.name == inside), None)
    if item is None:
        message = f"{renamed.new} is no longer there"
        raise AppError(message, file=place.folder, hint="rename it by hand")
    old = pairs.find(renamed.old)[1]
    if renamed.copied:
        return _back_to_the_other(pairs, dataset, item, renamed)
    back = _rename(pairs, place, dataset, item, old, follow=False)
    followed_back(pairs.home, renamed.id)
    return back


def _back_to_the_other(pairs: Pairs, dataset: Dataset, item: Item, renamed: Renamed) -> Renamed:
    """Put an image back beside the one it shares a caption with; its own goes to our bin."""
    old = item.image.with_name(PurePosixPath(renamed.old).name)
    bin_folder = new_folder(pairs.home)
    moves = [(path, bin_folder / path.name) for path in names.members(item, names.siblings(old))]
    inside = pairs.find(renamed.old)[1]
    edits = plan_rename(dataset, item.name, inside)
    carry_out(pairs.home, Operation("rename", [*moves, (item.image, old)], edits))
    return Renamed(renamed.new, renamed.old, [(item.image.name, old.name)], "")


def _rename(
    pairs: Pairs, place: Place, dataset: Dataset, item: Item, new: str, follow: bool = True
) -> Renamed:
    beside = names.siblings(item.image)
    shared = names.shares_stem(item, dataset.items)
    own = [] if shared else names.members(item, beside)
    stem = PurePosixPath(new).stem
    names.require_free(stem, [item.image, *own], beside)
    moves = [(path, path.with_name(stem + path.name[len(item.stem) :])) for path in own]
    moves.append((item.image, item.image.with_name(stem + item.image.suffix)))
    edits = plan_rename(dataset, item.name, new)
    keys = [(joined(place.key, item.name), joined(place.key, new))]
    operation = Operation("rename", moves, edits, keys if follow and not shared else [])
    copied = shared and item.has_caption
    with _stage(pairs, operation, item, stem) if copied else contextlib.nullcontext():
        carry_out(pairs.home, operation, begun=copied)
    files = [(source.name, target.name) for source, target in moves]
    full = (joined(place.prefix, item.name), joined(place.prefix, new))
    return Renamed(*full, files, operation.id, copied)


@contextlib.contextmanager
def _stage(pairs: Pairs, operation: Operation, item: Item, stem: str) -> Iterator[None]:
    """Give the image a copy of the caption that it shares with another one."""
    folder = item.image.parent / f".bespoke-{operation.id}"
    operation.stage = folder
    moves, operation.moves = operation.moves, []
    begin(pairs.home, operation)
    try:
        copy = folder / item.caption.name
        names.copy_new(item.caption, copy)
        target = item.caption.with_name(stem + item.caption.name[len(item.stem) :])
        operation.moves = [(copy, target), *moves]
    except OSError as error:
        end(pairs.home, operation)
        reason = (error.strerror or str(error)).lower()
        raise AppError(f"cannot be copied: {reason}", file=item.caption) from error
    yield
