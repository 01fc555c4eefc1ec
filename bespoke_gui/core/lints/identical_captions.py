"""Lint check: several images with the same caption."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bespoke_gui.core.lints.base import LINTS, Finding, Lint, Text

NAMED = 3


def run(texts: Sequence[Text]) -> Iterator[tuple[str, Finding]]:
    """Yield every caption whose words another one has as well."""
    groups: dict[str, list[Text]] = {}
    for text in texts:
        key = " ".join(text.text.casefold().split())
        if key:
            groups.setdefault(key, []).append(text)
    for group in groups.values():
        for text in group if len(group) > 1 else ():
            message = f"is the same caption as {_others(group, text)}"
            yield text.name, Finding(0, len(text.text), message, "say what differs in the images")


def _others(group: list[Text], text: Text) -> str:
    """Name a few of the others: 2,000 images with one caption must not give 2,000 long lists."""
    named = [other.name for other in group[: NAMED + 1] if other is not text][:NAMED]
    more = len(group) - 1 - len(named)
    return ", ".join(named) + (f" and {more} more" if more else "")


LINTS.add(
    "identical_captions",
    Lint(
        "identical_captions",
        "Identical captions",
        "info",
        "Different images with the same words: what differs is bound to nothing.",
        run,
    ),
)
