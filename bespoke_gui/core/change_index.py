"""Index of distinct changes: each replacement once, kept up to date caption by caption."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from bespoke_gui.core import words
from bespoke_gui.core.worddiff import TextDiff

Key = tuple[str, str, str]


@dataclass(frozen=True)
class Change:
    """The same replacement in one or many captions; `names` says in which (once each).

    `op` is "insert", "delete", "replace" or "moved" (then `before` and `after` are the phrase).
    `lost` are the content words that are gone with it, in those captions that `lossy` names;
    elsewhere they are found again in another place.
    """

    op: str
    before: str
    after: str
    count: int
    names: list[str]
    lost: list[str] = field(default_factory=list)
    lossy: list[str] = field(default_factory=list)

    @property
    def key(self) -> tuple[str, str, str]:
        """What tells this change from every other one."""
        return self.op, self.before, self.after

    def as_dict(self) -> dict[str, Any]:
        """Return the change as the command line prints it."""
        return asdict(self)


class ChangeIndex:
    """Which change is in which captions; a caption can be replaced without looking at others."""

    def __init__(self, files: Mapping[str, TextDiff] | None = None) -> None:
        self._diffs: dict[str, TextDiff] = {}
        self._keys: dict[str, list[Key]] = {}
        self._names: dict[Key, dict[str, int]] = {}
        self._made: dict[Key, Change] = {}
        self._same: dict[Key, Key] = {}
        for name, text_diff in (files or {}).items():
            self.put(name, text_diff)

    def put(self, name: str, text_diff: TextDiff | None) -> None:
        """Take the diff of a caption in place of the one it had; None takes it out."""
        for key in self._keys.pop(name, ()):
            self._names[key].pop(name, None)
            self._made.pop(key, None)
            if not self._names[key]:
                del self._names[key], self._same[key]
        if text_diff is None or text_diff.status == "equal":
            self._diffs.pop(name, None)
            return
        self._diffs[name] = text_diff
        for hunk in text_diff.hunks:
            # One object for the same change in all captions: there may be 20,000 of them.
            made = (hunk.op, hunk.before, hunk.after)
            key = self._same.setdefault(made, made)
            names = self._names.setdefault(key, {})
            if name not in names:
                self._keys.setdefault(name, []).append(key)
            names[name] = names.get(name, 0) + 1
            self._made.pop(key, None)

    def changes(self) -> list[Change]:
        """Return each distinct change, the most frequent first."""
        found = [self._made.get(key) or self._make(key) for key in self._names]
        return sorted(found, key=lambda change: (-change.count, change.before, change.after))

    def _make(self, key: Key) -> Change:
        """Look where the words that go with this change are really gone from the caption."""
        names = self._names[key]
        missing = [] if key[0] == "moved" else words.missing(key[1], key[2])
        gone = {name: words.among(missing, self._diffs[name].lost) for name in names if missing}
        lossy = [name for name, lost in gone.items() if lost]
        lost = max(gone.values(), key=len, default=[])
        change = Change(*key, sum(names.values()), list(names), lost, lossy)
        self._made[key] = change
        return change
