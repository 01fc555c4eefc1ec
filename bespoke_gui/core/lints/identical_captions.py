"""Lint check: several images with the same caption."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bespoke_gui.core.lints.base import LINTS, Finding, Lint, Text


def run(texts: Sequence[Text]) -> Iterator[tuple[str, Finding]]:
    """Yield every caption whose words another one has as well."""
    groups: dict[str, list[Text]] = {}
    for text in texts:
        key = " ".join(text.text.casefold().split())
        if key:
            groups.setdefault(key, []).append(text)
    for group in groups.values():
        for text in group if len(group) > 1 else ():
            others = ", ".join(other.name for other in group if other is not text)
            message = f"is the same caption as {others}"
            yield text.name, Finding(0, len(text.text), message, "say what differs in the images")


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
