"""Rule action: put phrases at the end, those that the caption does not have yet."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bespoke_gui.core import phrases
from bespoke_gui.core.rules.base import ACTIONS, Action, Edit, Option, Target


def run(target: Target) -> list[Edit]:
    """Return one edit for each line, each being a caption of its own."""
    joiner = phrases.joiner(target.separator)
    mark = target.separator.strip()
    edits = []
    for start, line in lines(target.text):
        new = absent(target.options["text"], line, target.separator)
        body = line.rstrip()
        if new and body:
            lead = " " if mark and body.endswith(mark) else joiner
            end = start + len(body)
            edits.append(Edit(end, end, lead + joiner.join(new)))
        elif new:
            edits.append(Edit(start, start, joiner.join(new)))
    return edits


def absent(text: str, line: str, separator: str) -> list[str]:
    """Return the phrases of `text` that `line` lacks, capitals aside."""
    present = {phrase.text.casefold() for phrase in phrases.split(line, separator)}
    wanted = [phrase.text for phrase in phrases.split(text, separator)]
    return [phrase for phrase in wanted if phrase.casefold() not in present]


def lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield (offset, line) of every line that is not blank; an empty caption is one line."""
    if not text.strip():
        yield 0, ""
        return
    for match in re.finditer(r"[^\n]*\S[^\n]*", text):
        yield match.start(), match.group()


ACTIONS.add(
    "append",
    Action(
        "append",
        "Put last",
        "add phrases at the end unless they are there",
        run,
        (Option("text", "text", "one or more phrases"),),
    ),
)
