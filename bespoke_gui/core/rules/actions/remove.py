"""Rule action: remove a text or regex, with the separator or space that it would leave."""

from __future__ import annotations

from bespoke_gui.core import phrases
from bespoke_gui.core.rules.base import ACTIONS, CONDITIONS, FINDING, Action, Edit, Target
from bespoke_gui.core.rules.spans import removals


def run(target: Target) -> list[Edit]:
    """Return one edit a match, widened so that no empty phrase and no double space stays."""
    assert target.matcher is not None
    found = target.matcher.find(target.text, target.separator)
    spans = [(match.start, match.end) for match in found if match.start < match.end]
    crossing = [span for span in spans if phrases.crosses(target.text, *span, target.separator)]
    return [
        Edit(start, end, "", any(start < high and low < end for low, high in crossing))
        for start, end in removals(target.text, spans, target.separator)
    ]


ACTIONS.add(
    "remove",
    Action("remove", "Remove", "take a text out", run, (*FINDING, *CONDITIONS)),
)
