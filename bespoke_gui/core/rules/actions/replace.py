"""Rule action: replace a text or regex, inside phrases unless told otherwise."""

from __future__ import annotations

from bespoke_gui.core import phrases
from bespoke_gui.core.rules.base import ACTIONS, CONDITIONS, FINDING, Action, Edit, Option, Target


def run(target: Target) -> list[Edit]:
    """Return one edit a match; a match that reaches over a separator is marked."""
    assert target.matcher is not None
    return [
        Edit(
            found.start,
            found.end,
            found.replacement,
            phrases.crosses(target.text, found.start, found.end, target.separator),
        )
        for found in target.matcher.find(target.text, target.separator)
    ]


ACTIONS.add(
    "replace",
    Action(
        "replace",
        "Replace",
        "put another text where this one is found",
        run,
        (*FINDING, Option("with", "text", "what to put there"), *CONDITIONS),
    ),
)
