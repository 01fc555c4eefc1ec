"""Rule action: rename a phrase, where it stands alone and in no other place."""

from __future__ import annotations

from bespoke_gui.core import phrases
from bespoke_gui.core.rules.base import ACTIONS, Action, Edit, Option, Target


def run(target: Target) -> list[Edit]:
    """Return one edit for every phrase that is exactly `find`, capitals aside."""
    wanted = target.options["find"].strip().casefold()
    return [
        Edit(phrase.start, phrase.end, target.options["with"])
        for phrase in phrases.split(target.text, target.separator)
        if phrase.text.casefold() == wanted
    ]


ACTIONS.add(
    "rename",
    Action(
        "rename",
        "Rename phrase",
        "give a whole phrase another wording",
        run,
        (Option("find", "text", "the whole phrase"), Option("with", "text", "its new wording")),
    ),
)
