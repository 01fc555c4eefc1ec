"""Caption twins: images of one stem, such as a.png and a.jpg, share one caption file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from pathlib import PurePosixPath

from bespoke_gui.core.captions import Caption
from bespoke_gui.core.dataset import IMAGE_SUFFIXES

FEW = 50  # names that are looked at one by one
_SUFFIXES = (*sorted(IMAGE_SUFFIXES), *sorted(suffix.upper() for suffix in IMAGE_SUFFIXES))


class CaptionTwins:
    """Looks in `captions`, by image name. Captions may change, names may not."""

    def __init__(self, captions: Mapping[str, Caption]) -> None:
        self._captions = captions
        self._shared_stems: set[str] | None = None

    def of(self, name: str) -> Iterator[str]:
        """Yield the other images of the same caption file."""
        stem = name[: len(name) - len(PurePosixPath(name).suffix)]
        for suffix in _SUFFIXES:
            twin = stem + suffix
            known = self._captions.get(twin) if twin != name else None
            if known is not None and known.path == self._captions[name].path:
                yield twin

    def among(self, names: Collection[str]) -> dict[str, list[str]]:
        """Return the other images of the same caption file, for those of the names that have any.

        Of many names one look at all stems is quicker than several for each.
        """
        if len(names) > FEW:
            if self._shared_stems is None:
                self._shared_stems = _several([_stem(name) for name in self._captions])
            if not self._shared_stems:
                return {}
            names = [name for name in names if _stem(name) in self._shared_stems]
        found = {name: list(self.of(name)) for name in names}
        return {name: twins for name, twins in found.items() if twins}


def _stem(name: str) -> str:
    return name[: name.rfind(".")]


def _several(stems: list[str]) -> set[str]:
    """Return those that are there more than once."""
    if len(set(stems)) == len(stems):
        return set()
    return {stem for stem, count in Counter(stems).items() if count > 1}
