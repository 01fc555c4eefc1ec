"""Rule action: put phrases at the beginning, those that the caption does not have yet."""

from __future__ import annotations

from bespoke_gui.core import phrases
from bespoke_gui.core.rules.actions.append import absent, lines
from bespoke_gui.core.rules.base import ACTIONS, Action, Edit, Option, Target


def run(target: Target) -> list[Edit]:
    """Return one edit for each line, each being a caption of its own."""
    joiner = phrases.joiner(target.separator)
    edits = []
    for start, line in lines(target.text):
        new = absent(target.options["text"], line, target.separator)
        if new:
            tail = joiner if line.strip() else ""
            edits.append(Edit(start, start, joiner.join(new) + tail))
    return edits


ACTIONS.add(
    "prepend",
    Action(
        "prepend",
        "Put first",
        "add phrases at the beginning unless they are there",
        run,
        (Option("text", "text", "one or more phrases"),),
    ),
)
