"""Raw log: a log file of any size, read in windows and searched in pieces of bounded memory."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from bespoke_gui.core.terminal_text import plain, plain_lines

PIECE = 1024 * 1024
WINDOW = 192 * 1024
LONGEST_ROW = 2000
MOST = 1_000_000
"""Lines with the words that are remembered: 16 bytes each."""
_ESCAPE = b"\x1b"
_END = re.compile(rb"\r\n|\n|\r")


@dataclass(frozen=True)
class Window:
    """A stretch of a log. begin, end: bytes of the file; total: its size now; rows: the lines as
    they are shown, without terminal sequences, long ones in several rows; starts: the byte at
    which each row begins."""

    begin: int = 0
    end: int = 0
    total: int = 0
    rows: tuple[str, ...] = ()
    starts: tuple[int, ...] = ()

    def row_of(self, offset: int) -> int:
        """Return the row in which a byte of the file is shown."""
        return max(0, bisect_right(self.starts, offset) - 1)


@dataclass
class Hits:
    """The lines of a log that hold `words`, small and capital letters alike.

    offsets: the byte at which the words begin, first on each line (near it where a line holds
    terminal sequences); lines: the line's number from 1, as an editor counts. end and line:
    bytes and lines looked at so far; what follows may be looked at later. full: MOST was reached.
    """

    words: str
    offsets: array[int] = field(default_factory=lambda: array("q"))
    lines: array[int] = field(default_factory=lambda: array("q"))
    end: int = 0
    line: int = 0
    full: bool = False

    def __len__(self) -> int:
        return len(self.offsets)

    def next_of(self, offset: int, backward: bool = False) -> int:
        """Return the place of the first hit after `offset`, or before it; round at the ends."""
        if backward:
            return (bisect_left(self.offsets, offset) - 1) % len(self)
        return bisect_right(self.offsets, offset) % len(self)

    def copy(self) -> Hits:
        """Return hits of its own with the same lines."""
        return Hits(self.words, self.offsets[:], self.lines[:], self.end, self.line, self.full)


def read_window(path: Path, offset: int | None = None, size: int = WINDOW) -> Window:
    """Return about `size` bytes around byte `offset`, None for the end; a missing file is empty."""
    try:
        with path.open("rb") as file:
            total = file.seek(0, 2)
            middle = total if offset is None else max(0, min(offset, total))
            begin = max(0, min(middle - size // 2, total - size))
            file.seek(begin)
            return _window(file.read(size), begin, total)
    except OSError:
        return Window()


def find_in_log(
    path: Path,
    words: str,
    known: Hits | None = None,
    told: Callable[[int, int], object] = lambda done, total: None,
) -> Hits:
    """Return the lines that hold `words`; with `known` only what was written since is searched.

    told: called with the bytes done and in all after each piece; may raise to end the search.
    """
    hits = known.copy() if known and known.words == words else Hits(words)
    try:
        with path.open("rb") as file:
            total = file.seek(0, 2)
            if total < hits.end:
                hits = Hits(words)
            _forget_unfinished(hits)
            for at, piece in _pieces(file, hits.end, len(words.encode())):
                _search(hits, at, piece)
                told(at + len(piece), total)
                if hits.full:
                    break
    except OSError:
        return hits
    return hits


def excerpt(path: Path, offset: int, length: int = 400) -> str:
    """Return what is shown of the line around byte `offset`, at most about `length` signs."""
    window = read_window(path, offset, 2 * LONGEST_ROW)
    if not window.rows:
        return ""
    row = window.row_of(offset)
    inside = max(0, offset - window.starts[row] - length // 2)
    text = window.rows[row]
    return text[inside : inside + length] if len(text) > length else text


def last_lines(path: Path, count: int) -> list[str]:
    """Return the last lines of a log as they are shown, of at most about 4 MB."""
    size = WINDOW
    while True:
        window = read_window(path, None, size)
        if len(window.rows) >= count or window.begin == 0 or size > 4 * PIECE:
            return list(window.rows[-count:]) if count else []
        size *= 4


def _window(chunk: bytes, begin: int, total: int) -> Window:
    """Return the whole lines of a chunk; where it holds only a part of one, that part."""
    ends = [found.span() for found in _END.finditer(chunk)]
    first = ends[0][1] if begin and len(ends) > 1 else 0
    stop = len(chunk) if begin + len(chunk) >= total or not ends else ends[-1][1]
    rows, starts = [], []
    for start, raw in _lines(chunk[:stop], first, ends):
        # A long line is broken, so that no row is more than a window can draw at once.
        for part in range(0, max(1, len(raw)), LONGEST_ROW):
            text = raw[part : part + LONGEST_ROW].decode("utf-8", "replace")
            rows.append(plain(text))
            starts.append(begin + start + part)
    return Window(begin + first, begin + stop, total, tuple(rows), tuple(starts))


def _lines(chunk: bytes, first: int, ends: list[tuple[int, int]]) -> Iterator[tuple[int, bytes]]:
    at = first
    for begin, end in ends:
        if begin >= at:
            yield at, chunk[at:begin]
            at = end
    if at < len(chunk):
        yield at, chunk[at:]


def _forget_unfinished(hits: Hits) -> None:
    """Forget what was found on the last line: it had no end yet and may be longer now."""
    while hits.offsets and hits.offsets[-1] >= hits.end:
        hits.offsets.pop()
        hits.lines.pop()


def _pieces(file: BinaryIO, at: int, length: int) -> Iterator[tuple[int, bytes]]:
    """Yield (offset, bytes) of whole lines; a line longer than PIECE comes in parts that overlap
    by all but one byte of the words, so that these are found once wherever they lie."""
    while True:
        file.seek(at)
        piece = file.read(PIECE)
        if not piece:
            return
        if len(piece) < PIECE:
            yield at, piece
            return
        end = max(piece.rfind(b"\n"), piece.rfind(b"\r")) + 1
        yield at, piece[:end] if end else piece
        at += end or max(1, PIECE - length + 1)


def _search(hits: Hits, at: int, piece: bytes) -> None:
    flat = piece.replace(b"\r", b"\n")
    if hits.words.isascii() and _ESCAPE not in piece:
        found = _find_bytes(flat, hits.words.lower().encode())
    else:
        found = _find_text(flat, hits.words.lower())
    line, counted = hits.line, 0
    for where in found:
        line += piece.count(b"\n", counted, where)
        counted = where
        hits.offsets.append(at + where)
        hits.lines.append(line + 1)
        if len(hits) >= MOST:
            hits.full = True
            return
    end = flat.rfind(b"\n") + 1
    hits.line += piece.count(b"\n", 0, end)
    hits.end = at + end if end else max(hits.end, at)


def _find_bytes(flat: bytes, words: bytes) -> Iterator[int]:
    """Yield the place of the words on each line; `flat` has one kind of line end."""
    small = flat.lower()
    where = small.find(words)
    while where >= 0:
        yield where
        end = flat.find(b"\n", where)
        where = small.find(words, end) if end >= 0 else -1


def _find_text(flat: bytes, words: str) -> Iterator[int]:
    """The same where the text must be read first: other scripts, or words among sequences."""
    text = plain_lines(flat.decode("utf-8", "replace")).lower()
    where = text.find(words)
    if where < 0:
        return
    starts = [0, *(found.end() for found in re.finditer(b"\n", flat))]
    line = counted = 0
    while where >= 0:
        line += text.count("\n", counted, where)
        before = text[text.rfind("\n", 0, where) + 1 : where]
        yield starts[line] + len(before.encode())
        counted, end = where, text.find("\n", where)
        where = text.find(words, end) if end >= 0 else -1
