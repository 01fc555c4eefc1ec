"""Undo of caption edits: commands that hold only what changed."""

from __future__ import annotations

import json
import sys
import time
import zlib
from collections import deque
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from PySide6.QtGui import QUndoCommand

from bespoke_gui.core.breathing import Breath

TYPING: Final = 1
NOT_MERGED: Final = -1
PAUSE = 1.2
PACKED_ABOVE = 100  # captions in one step: a rule over 20,000 puts the same words everywhere
MOST_WHOLE = 48_000_000  # characters of whole texts that steps may hold, the newest step aside

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
        self.changes = Changes(dict(zip(after, map(look, after), strict=True)), after)
        self._new: Mapping[str, str] | None = after  # until the stack carries it out
        self._typing = typing
        self._time = time.monotonic()

    def id(self) -> int:
        return TYPING if self._typing else NOT_MERGED

    def undo(self) -> None:
        self._go(forward=False)

    def redo(self) -> None:
        self._go(forward=True)

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, EditCommand) or other._time - self._time >= PAUSE:
            return False
        own, new = self.changes.spans(), other.changes.spans()
        if own.keys() != new.keys():
            return False
        # Qt has carried out `other` already: the texts are those after both.
        joined = {name: _join(own[name], new[name], self._look(name)) for name in new}
        if not all(joined.values()):
            return False
        self.changes.settle({name: change for name, change in joined.items() if change})
        self._time = other._time
        # A caption that is as it was before leaves nothing to undo.
        self.setObsolete(all(change.old == change.new for change in joined.values() if change))
        return True

    def _go(self, forward: bool) -> None:
        """Change the texts. Qt calls this: an exception that went through it would in time kill
        the process (PySide 6.11), so it is reported here."""
        try:
            new, self._new = self._new, None
            self._apply(self.changes.texts(self._look, forward) if new is None else new)
        except BaseException as error:  # noqa: BLE001
            sys.excepthook(type(error), error, error.__traceback__)


class Changes:
    """What a step changes: the spans of a few captions, the whole texts of many.

    Working out and unpacking 20,000 spans takes a second, which nobody who undoes the step should
    wait for. So whole texts stay until there are too many of them; `packed` is then kept instead.
    """

    def __init__(self, before: Mapping[str, str], after: Mapping[str, str]) -> None:
        self._whole: tuple[Mapping[str, str], Mapping[str, str]] | None = (before, after)
        self._spans: dict[str, Span] | None = None
        self._packed = b""
        if len(after) <= PACKED_ABOVE:
            self.settle(self.spans())

    @property
    def is_whole(self) -> bool:
        """Whether whole texts are held."""
        return self._whole is not None

    def texts(self, look: Look, forward: bool) -> dict[str, str]:
        """Return the texts after going one way; texts that are other ones by now are left out."""
        if self._whole is not None:
            old, new = self._whole if forward else reversed(self._whole)
            return {name: new[name] for name, text in old.items() if look(name) == text}
        way = Span.forward if forward else Span.backward
        found = ((name, way(change, look(name))) for name, change in self.spans().items())
        return {name: text for name, text in found if text is not None}

    def spans(self) -> dict[str, Span]:
        """Return what changed, by caption."""
        if self._whole is not None:
            before, after = self._whole
            return {name: span(before[name], after[name]) for name in Breath().over(after)}
        if self._spans is not None:
            return self._spans
        data = json.loads(zlib.decompress(self._packed))
        return {name: Span(*change) for name, *change in data}

    def packed(self) -> bytes:
        """Return the spans in few bytes; takes a while, for any thread."""
        data = json.dumps([[name, *change] for name, change in self.spans().items()])
        return zlib.compress(data.encode("ascii"), 1)

    def settle(self, kept: bytes | dict[str, Span]) -> None:
        """Hold spans, packed or not, and no whole texts any more."""
        self._whole = None
        self._packed = kept if isinstance(kept, bytes) else b""
        self._spans = None if isinstance(kept, bytes) else kept

    def size(self) -> int:
        """Return about how many bytes are held."""
        whole = sum(sum(map(len, texts.values())) for texts in self._whole or ())
        spans = self._spans or {}
        held = sum(len(n) + len(change.old) + len(change.new) for n, change in spans.items())
        return whole + held + len(self._packed)


class WholeTexts:
    """Which steps hold whole texts: the newest, up to so many bytes; `pack` is for the others."""

    def __init__(self, most: int = MOST_WHOLE) -> None:
        self._most = most
        self._kept: deque[tuple[Changes, int]] = deque()

    def add(self, changes: Changes) -> list[Changes]:
        """Count a new step; return the steps whose texts are too many now."""
        if not changes.is_whole:
            return []
        self._kept.append((changes, changes.size()))
        over = []
        while len(self._kept) > 1 and sum(size for _, size in self._kept) > self._most:
            over.append(self._kept.popleft()[0])
        return over

    def clear(self) -> None:
        """Forget all steps."""
        self._kept.clear()


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
