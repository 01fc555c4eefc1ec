"""Captions of a package, judged as the trainer reads them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from bespoke_gui.core.errors import AppError, Problem, problem_from
from bespoke_gui.core.package_names import Lookalikes, difference
from bespoke_gui.core.package_secrets import secrets_in
from bespoke_gui.core.trainer_view import borrowed_stem

if TYPE_CHECKING:
    from bespoke_gui.core.package_inspection import Inspection
    from bespoke_gui.core.package_tree import Tree

MAX_CAPTION = 1_000_000


def caption_findings(
    tree: Tree, image: str, caption: str, there: str, alike: Lookalikes, found: Inspection
) -> Iterator[Problem]:
    """Read the caption of an image, count it in `found`, and yield what is wrong with it.

    there: `caption` where the package holds it, else "".
    """
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


def borrowed_caption(image: str, extension: str, present: set[str]) -> Iterator[Problem]:
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
