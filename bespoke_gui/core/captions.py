"""Captions on disk: read without changing a byte, written only when and where they changed."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Protocol

from bespoke_gui.core import atomic, textcodec
from bespoke_gui.core.breathing import Breath
from bespoke_gui.core.dataset import natural_key, shown
from bespoke_gui.core.errors import AppError, Problem, problem_from
from bespoke_gui.core.textcodec import Form

MAX_BYTES = 1_000_000


class Named(Protocol):
    """What is needed of an item of a dataset: its name and where its caption is expected."""

    @property
    def name(self) -> str: ...
    @property
    def caption(self) -> Path: ...


class Captioned(Protocol):
    """What is needed of a dataset."""

    @property
    def items(self) -> Iterable[Named]: ...


@dataclass(frozen=True)
class Caption:
    r"""One caption file as it was read.

    `text` has "\n" between lines and no final line end; `digest` is the SHA-256 of the raw bytes,
    None when there is no file; `unreadable` says that the file is there and could not be read.
    `first` is the text and form before the first write, so that going back to that text gives
    back the very bytes.
    """

    path: Path
    text: str = ""
    digest: str | None = None
    form: Form = field(default_factory=Form)
    problems: list[Problem] = field(default_factory=list)
    unreadable: bool = False
    first: tuple[str, Form] | None = field(default=None, compare=False, repr=False)

    @property
    def encoding(self) -> str:
        """Name of the encoding the file is in and will be written in."""
        return self.form.encoding

    @property
    def bom(self) -> bool:
        """Whether the file begins with a byte order mark."""
        return self.form.bom

    @property
    def newline(self) -> str:
        """The commonest line end of the file."""
        return self.form.newline

    @property
    def missing(self) -> bool:
        """Whether there is no such file."""
        return self.digest is None and not self.unreadable


def read(path: Path) -> Caption:
    """Read one caption; a missing file gives an empty caption with digest None.

    Raises AppError when the file is there and cannot be read as a caption at all.
    """
    data = _bytes(path)
    if data is None:
        return Caption(path)
    text, form = textcodec.decode(data)
    return Caption(path, text, _digest(data), form, _problems(path, text, form))


def read_all(dataset: Captioned) -> dict[str, Caption]:
    """Read the captions of a dataset by item name; a bad file is a problem of that caption."""
    items = Breath().over(dataset.items)  # of 100,000 in a window's background
    return {item.name: read_safely(item.caption) for item in items}


def read_safely(path: Path) -> Caption:
    """Read one caption; where that fails return an empty one that carries the problem."""
    try:
        return read(path)
    except AppError as error:
        return Caption(path, problems=[problem_from(error)], unreadable=True)


def read_folder(folder: Path, suffix: str = ".txt") -> dict[str, Caption]:
    """Read every caption file under `folder`, by relative path with `/`, in natural order.

    Raises AppError when `folder` is no folder.
    """
    if not folder.is_dir():
        hint = "give the folder that holds the caption files"
        raise AppError("is not a folder of captions", file=folder, hint=hint)
    found = {
        shown(path.relative_to(folder).as_posix()): path
        for path in folder.rglob(f"*{suffix}")
        if not any(part.startswith(".") for part in path.relative_to(folder).parts)
        and not path.is_dir()
    }
    return {name: read_safely(found[name]) for name in sorted(found, key=natural_key)}


def texts(captions: Mapping[str, Caption]) -> dict[str, str | None]:
    """Return the text of each caption that could be read, None where the file is missing."""
    return {
        name: None if caption.missing else caption.text
        for name, caption in captions.items()
        if not caption.unreadable
    }


def write(caption: Caption, text: str, flush_name: bool = True) -> Caption:
    """Write `text` in the form of `caption` and return the caption as it is now on disk.

    With many captions `flush_name=False` and one `sync_folders` at the end is quicker. Nothing is
    written when the text did not change. A link is written through. Raises AppError: kind
    "conflict" when the file changed, appeared or disappeared since it was read, else when a
    character does not fit the encoding or the file cannot be written; the file is then as it was.
    """
    if textcodec.LINE_END.sub("\n", text) == caption.text:
        return caption
    return _replace(caption, text, caption.form, flush_name)


def sync_folders(written: Iterable[Caption]) -> None:
    """Have captions written with `flush_name=False` survive a power cut too."""
    for folder in {Path(os.path.realpath(caption.path)).parent for caption in written}:
        atomic.sync_folder(folder)


def convert(caption: Caption) -> Caption:
    """Write the caption as UTF-8 without byte order mark, which is what trainers read."""
    form = replace(caption.form, encoding="utf-8", bom=False)
    if form == caption.form:
        return caption
    return replace(_replace(caption, caption.text, form), first=None)


def changed_on_disk(caption: Caption) -> bool:
    """Return whether the file is no longer the one that was read."""
    data = _bytes(caption.path)
    return (None if data is None else _digest(data)) != caption.digest


def _replace(caption: Caption, text: str, form: Form, flush_name: bool = True) -> Caption:
    data = _encode(caption, text, form)
    target = Path(os.path.realpath(caption.path))
    _require_unchanged(caption)
    if target.exists() and not os.access(target, os.W_OK):
        raise AppError("is read-only", file=caption.path, hint="allow writing to this file")
    # Looked at again when the new bytes are on disk: writing them takes a while.
    check = partial(_require_unchanged, caption)
    atomic.write_bytes(target, data, check, flush_name=flush_name)
    decoded, new_form = textcodec.decode(data)
    problems = _problems(caption.path, decoded, new_form)
    new_form = _remembering(new_form, form)
    return Caption(caption.path, decoded, _digest(data), new_form, problems, first=_first(caption))


def _remembering(now: Form, before: Form) -> Form:
    """Keep what the bytes no longer tell: a text without accents or line ends may get them back."""
    newline = now.newline if now.endings else before.newline
    return replace(now, encoding=before.encoding, newline=newline)


def _require_unchanged(caption: Caption) -> None:
    if changed_on_disk(caption):
        raise AppError(
            "was changed by another program since it was read; nothing was written",
            file=caption.path,
            hint="read it again, then repeat the edit",
            kind="conflict",
        )


def _first(caption: Caption) -> tuple[str, Form]:
    return caption.first or (caption.text, caption.form)


def _encode(caption: Caption, text: str, form: Form) -> bytes:
    old_text, old_form = _first(caption)
    if text == old_text and form == caption.form and caption.first:
        return textcodec.encode(text, old_form, old_text)
    try:
        return textcodec.encode(text, form, caption.text)
    except UnicodeEncodeError as error:
        character = error.object[error.start : error.start + 1]
        raise AppError(
            f"{character!a} cannot be written in {form.encoding}, the encoding of this file",
            file=caption.path,
            hint="convert the caption to UTF-8 first, or leave the character out",
        ) from error


def _bytes(path: Path) -> bytes | None:
    try:
        with path.open("rb", buffering=0) as file:
            # One byte more than there should be; asking for the most allowed costs as much memory.
            size = os.fstat(file.fileno()).st_size
            data = file.read(min(size, MAX_BYTES) + 1)
            if len(data) > size:
                data += file.read(MAX_BYTES + 1)  # it grew, or is no plain file
    except FileNotFoundError:
        return None
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        hint = "check that it is a file and you may read it"
        raise AppError(f"cannot be read: {reason}", file=path, hint=hint) from error
    if len(data) > MAX_BYTES:
        hint = f"captions are at most {MAX_BYTES:,} bytes; is this another kind of file?"
        raise AppError("is too large for a caption", file=path, hint=hint)
    return data


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _problems(path: Path, text: str, form: Form) -> list[Problem]:
    if form.encoding == "utf-8" and not form.bom and "\0" not in text:
        return []
    file, convert_it = str(path), "convert it to UTF-8"
    if form.encoding != "utf-8":
        message = f"is {form.encoding}, not UTF-8; the trainer would stop here"
        return [Problem("not_utf8", "error", message, file, convert_it, _first_odd(text))]
    if form.bom:
        message = "begins with a byte order mark, which becomes part of the first phrase"
        return [Problem("byte_order_mark", "warning", message, file, convert_it, "0-0")]
    message = "holds zero bytes; it may be UTF-16 without its mark, or no text at all"
    place, hint = f"{text.find(chr(0))}-{text.find(chr(0)) + 1}", "save it again as UTF-8 text"
    return [Problem("zero_bytes", "error", message, file, hint, place)]


def _first_odd(text: str) -> str:
    """Return the place of the first character that other encodings write in another way."""
    start = next((index for index, sign in enumerate(text) if ord(sign) > 127), 0)
    return f"{start}-{min(start + 1, len(text))}"
