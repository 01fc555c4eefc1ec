"""Undo of caption edits: commands that hold only what changed."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Final

from PySide6.QtGui import QUndoCommand

TYPING: Final = 1
NOT_MERGED: Final = -1
PAUSE = 1.2

Apply = Callable[[Mapping[str, str]], None]


class EditCommand(QUndoCommand):
    """A change of one or several captions; typing in one place becomes one step."""

    def __init__(
        self,
        apply: Apply,
        before: Mapping[str, str],
        after: Mapping[str, str],
        label: str,
        typing: bool = False,
    ) -> None:
        super().__init__(label)
        self._apply = apply
        self.before = dict(before)
        self.after = dict(after)
        self._typing = typing
        self._time = time.monotonic()

    def id(self) -> int:
        return TYPING if self._typing else NOT_MERGED

    def undo(self) -> None:
        self._apply(self.before)

    def redo(self) -> None:
        self._apply(self.after)

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, EditCommand) or not self._continues(other):
            return False
        self.after = other.after
        self._time = other._time
        # A caption that is as it was before leaves nothing to undo.
        self.setObsolete(self.before == self.after)
        return True

    def _continues(self, other: EditCommand) -> bool:
        same = self.after.keys() == other.before.keys()
        return same and other._time - self._time < PAUSE and not self._ends_word(other)

    def _ends_word(self, other: EditCommand) -> bool:
        """A separator starts a new step, so that undo goes back phrase by phrase."""
        return any(
            len(text) > len(other.before[name]) and self.after[name].endswith((", ", "\n"))
            for name, text in other.after.items()
        )
