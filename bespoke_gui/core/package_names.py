"""File names that look alike: by case, by Unicode form, by letters of another script."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator

from bespoke_gui.core.errors import Problem

# Cyrillic and Greek letters drawn like Latin ones (from Unicode's confusables, letters only).
_LIKE_LATIN = str.maketrans(
    "авекмнорстухіјѕһԁԛԝαεικνορτυχ", "abekmhopctyxijshdqwaeiknoptux"
)  # fmt: skip


def skeleton(name: str) -> str:
    """Return a form that names which look alike share: no case, one Unicode form, Latin letters."""
    if name.isascii():
        return name.casefold()
    plain = unicodedata.normalize("NFKC", name).casefold().translate(_LIKE_LATIN)
    return "".join(sign for sign in plain if unicodedata.category(sign) != "Cf")


def difference(first: str, second: str) -> str:
    """Say in words how two names that look alike differ."""
    if unicodedata.normalize("NFC", first) == unicodedata.normalize("NFC", second):
        return "only in its Unicode form (composed or taken apart, as macOS does it)"
    if first.casefold() == second.casefold():
        return "only in upper and lower case"
    odd = next((a for a, b in zip(first, second, strict=False) if a != b and not a.isascii()), "")
    odd = odd or next((b for a, b in zip(first, second, strict=False) if a != b), "")
    described = f" ({unicodedata.name(odd, 'unnamed').lower()})" if odd else ""
    return f"in a letter that only looks the same{described}"


class Lookalikes:
    """Finds a file by a name that it only looks like."""

    def __init__(self, names: Iterable[str]) -> None:
        self._by_skeleton: dict[str, list[str]] = {}
        for name in names:
            self._by_skeleton.setdefault(skeleton(name), []).append(name)

    def of(self, name: str) -> str:
        """Return another name that looks like `name`, or ""."""
        found = self._by_skeleton.get(skeleton(name), [])
        return next((other for other in found if other != name), "")

    def pairs(self) -> Iterator[Problem]:
        """Report names of which one would replace, or be taken for, the other."""
        for names in self._by_skeleton.values():
            first, *others = sorted(names)
            for name in others:
                how = difference(name, first)
                same_file = "case" in how or "form" in how
                code = "same_but_for_case" if same_file else "lookalike_name"
                message = f"differs from {first} {how}"
                hint = (
                    "rename one: on Windows and macOS one would replace the other"
                    if same_file
                    else "rename one, so that they can be told apart"
                )
                yield Problem(code, "warning", message, name, hint)


def odd_names(names: Iterable[str]) -> Iterator[Problem]:
    """Signs that cannot be seen, and names that were not UTF-8."""
    for name in names:
        hidden = (
            []
            if name.isascii()
            else [sign for sign in name if unicodedata.category(sign) in ("Cf", "Cs", "Co", "Cn")]
        )
        if hidden:
            what = unicodedata.name(hidden[0], f"U+{ord(hidden[0]):04X}").lower()
            message = f"has a sign in its name that cannot be seen: {what}"
            yield Problem("odd_name", "warning", message, ascii(name)[1:-1], "rename it")
        last = name.rpartition("/")[2]
        if last != last.strip():
            message = "has a space at the start or end of its name"
            yield Problem("odd_name", "warning", message, name, "rename it")
