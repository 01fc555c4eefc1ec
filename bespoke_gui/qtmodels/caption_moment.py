"""Moment: all captions as they are now, for a background task to look through."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from bespoke_gui.core.captions import Caption


class CaptionMoment:
    """Texts and files of one moment. Taking it is quick; what is asked of it may take long.

    100,000 texts are picked out in 50 ms: too long for the window's thread.
    """

    def __init__(self, texts: Mapping[str, str], disk: Mapping[str, Caption]) -> None:
        self._texts, self._disk = dict(texts), dict(disk)

    @property
    def names(self) -> list[str]:
        """The names of all captions in the dataset's order."""
        return list(self._texts)

    @cached_property
    def now(self) -> dict[str, str | None]:
        """Every readable text as edited, None where there is neither file nor text."""
        # Spelled out rather than asked with `missing`: there may be 100,000 of them.
        disk = self._disk
        return {
            name: text if text or disk[name].digest is not None else None
            for name, text in self._texts.items()
            if not disk[name].unreadable
        }

    @cached_property
    def saved(self) -> dict[str, str]:
        """Every text as it is on disk."""
        known = self._disk.items()
        return {n: each.text for n, each in known if each.digest is not None or each.unreadable}
