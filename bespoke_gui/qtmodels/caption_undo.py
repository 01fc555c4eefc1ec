"""Undo of caption edits: commands that hold only what changed."""

from __future__ import annotations

import json
import sys
import time
import zlib
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from PySide6.QtGui import QUndoCommand

TYPING: Final = 1
NOT_MERGED: Final = -1
PAUSE = 1.2
PACKED_ABOVE = 100  # captions in one step: a rule over 20,000 puts the same words everywhere

Apply = Callable[[Mapping[str, str]], None]
Look = Callable[[str], str]


class Span(NamedTuple):
    """text[at:at + len(old)] was `old` before and is `new` after.

    `before` and `after` are checksums of the whole texts: a text that is neither, because files
    changed without a step, is left alone rather than garbled.
    """

    at: int
    old: str
    new: str
    before: int
    after: int

    def forward(self, text: str) -> str | None:
        """Return `text` with the change, None where it is not the text from before."""
        if _checksum(text) != self.before:
            return None
        return text[: self.at] + self.new + text[self.at + len(self.old) :]

    def backward(self, text: str) -> str | None:
        """Return `text` without the change, None where it is not the text from after."""
        if _checksum(text) != self.after:
            return None
        return text[: self.at] + self.old + text[self.at + len(self.new) :]


def span(before: str, after: str) -> Span:
    """Return what differs between two texts: all but their common beginning and end."""
    most = min(len(before), len(after))
    head = _alike(most, lambda n: before[:n] == after[:n])
    tail = _alike(most - head, lambda n: before[len(before) - n :] == after[len(after) - n :])
    old, new = before[head : len(before) - tail], after[head : len(after) - tail]
    return Span(head, old, new, _checksum(before), _checksum(after))


class EditCommand(QUndoCommand):
    """A change of one or several captions; typing in one place becomes one step.

    `look` returns the text of a caption as it is now: texts change by these commands only, so
    what differs is enough to go either way.
    """

    def __init__(
        self,
        apply: Apply,
        look: Look,
        after: Mapping[str, str],
        label: str,
        typing: bool = False,
    ) -> None:
        super().__init__(label)
        self._apply = apply
        self._look = look
        self._changes = _Changes({name: span(look(name), text) for name, text in after.items()})
        self._typing = typing
        self._time = time.monotonic()

    def id(self) -> int:
        return TYPING if self._typing else NOT_MERGED

    def size(self) -> int:
        """Return about how many bytes this step holds."""
        return self._changes.size()

    def undo(self) -> None:
        self._go(Span.backward)

    def redo(self) -> None:
        self._go(Span.forward)

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, EditCommand) or other._time - self._time >= PAUSE:
            return False
        own, new = self._changes.spans(), other._changes.spans()
        if own.keys() != new.keys():
            return False
        # Qt has carried out `other` already: the texts are those after both.
        joined = {name: _join(own[name], new[name], self._look(name)) for name in new}
        if not all(joined.values()):
            return False
        self._changes = _Changes({name: change for name, change in joined.items() if change})
        self._time = other._time
        # A caption that is as it was before leaves nothing to undo.
        self.setObsolete(all(change.old == change.new for change in joined.values() if change))
        return True

    def _go(self, way: Callable[[Span, str], str | None]) -> None:
        """Change the texts. Qt calls this: an exception that went through it would in time kill
        the process (PySide 6.11), so it is reported here."""
        try:
            texts = {n: way(change, self._look(n)) for n, change in self._changes.spans().items()}
            self._apply({name: text for name, text in texts.items() if text is not None})
        except BaseException as error:  # noqa: BLE001
            sys.excepthook(type(error), error, error.__traceback__)


class _Changes:
    """Spans by caption, packed when there are many."""

    def __init__(self, spans: dict[str, Span]) -> None:
        self._spans: dict[str, Span] | None = spans
        self._packed = b""
        if len(spans) > PACKED_ABOVE:
            data = json.dumps([[name, *change] for name, change in spans.items()])
            self._packed, self._spans = zlib.compress(data.encode("ascii"), 1), None

    def spans(self) -> dict[str, Span]:
        """Return what changed, by caption."""
        if self._spans is not None:
            return self._spans
        data = json.loads(zlib.decompress(self._packed))
        return {name: Span(*change) for name, *change in data}

    def size(self) -> int:
        """Return about how many bytes are held."""
        spans = self._spans or {}
        held = sum(len(n) + len(change.old) + len(change.new) for n, change in spans.items())
        return held + len(self._packed)


def _join(first: Span, second: Span, text: str) -> Span | None:
    """Return both changes as one; None where the second begins a step of its own."""
    between = second.backward(text)
    before = None if between is None else first.backward(between)
    if between is None or before is None or _ends_word(between, text):
        return None
    return span(before, text)


def _checksum(text: str) -> int:
    return zlib.crc32(text.encode("utf-8", "surrogatepass"))


def _ends_word(between: str, after: str) -> bool:
    """A separator starts a new step, so that undo goes back phrase by phrase."""
    return len(after) > len(between) and between.endswith((", ", "\n"))


def _alike(most: int, is_same: Callable[[int], bool]) -> int:
    """Return the largest n up to `most` for which `is_same`; halving keeps long texts quick."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if is_same(middle) else (low, middle - 1)
    return low
