"""What a format reads and writes, and the registry of all formats."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from bespoke_gui.core import textcodec
from bespoke_gui.core.captions import Caption
from bespoke_gui.core.errors import AppError, Problem
from bespoke_gui.core.registry import Registry
from bespoke_gui.core.textcodec import Form

BIGGEST = 256 << 20
MOST_PROBLEMS = 200


@dataclass(frozen=True)
class Row:
    """One caption as another file tells it.

    file: the image or caption it belongs to, relative, with `/`. text: as in `captions.Caption`.
    form: how the bytes lay, None where the format does not tell. where: "row 3" or a file name.
    """

    file: str
    text: str
    form: Form | None = None
    where: str = ""


@dataclass
class Table:
    """What was read: captions, and one problem for each row that cannot be used."""

    path: Path
    rows: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    left_out: int = 0

    def bad(self, message: str, where: str = "", hint: str = "", severity: str = "error") -> None:
        """Add a problem; of very many only the first are kept, and the rest counted."""
        if len(self.problems) < MOST_PROBLEMS:
            name = str(self.path)
            self.problems.append(Problem("bad_row", severity, message, name, hint, where))
        else:
            self.left_out += 1


@dataclass(frozen=True)
class Entry:
    """One caption of the working set that is written out; `image` is None where there is none.

    text: the working text, None for a missing caption. excluded: kept out of training.
    """

    name: str
    image: Path | None
    caption: Caption
    text: str | None
    excluded: bool = False

    def encoded(self) -> bytes:
        """Return the text in the form of its file. Raises UnicodeEncodeError."""
        return textcodec.encode(self.text or "", self.caption.form, self.caption.text)


@dataclass(frozen=True)
class Export:
    """What is written: entries to `out`, a file or a new folder, the images along or not.

    source: the project or folder they are from. keep: a file of this format whose further columns
    and rows stay, None to begin anew.
    """

    source: Path
    entries: list[Entry]
    out: Path
    images: bool = False
    keep: Path | None = None


@dataclass(frozen=True)
class Format:
    """A format. file: the name of its one file, "" where it is a folder of text files.

    read(path) and write(export) raise AppError for what cannot be used at all.
    """

    name: str
    title: str
    file: str
    read: Callable[[Path], Table]
    write: Callable[[Export], None]


FORMATS: Registry[Format] = Registry("exchange format", "bespoke_gui.core.exchange.formats")


def read_text(path: Path, table: Table) -> tuple[str, Form]:
    """Return a whole file as text and its form; a foreign encoding is a problem. AppError."""
    try:
        if path.stat().st_size > BIGGEST:
            raise AppError("is far too large for a list of captions", file=path)
        text, form = textcodec.decode(path.read_bytes())
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise AppError(f"cannot be read: {reason}", file=path, hint="check the path") from error
    if form.encoding != "utf-8":
        message = f"is {form.encoding}, not UTF-8; check letters with accents"
        table.problems.append(Problem("not_utf8", "warning", message, str(path)))
    return text, form


def with_text(entries: Iterable[Entry]) -> list[Entry]:
    """Return the entries that have a caption."""
    return [entry for entry in entries if entry.text is not None]
