"""`bespoke captions ignore, heed`: what the linter leaves alone in a project."""

from __future__ import annotations

import argparse

from bespoke_gui.commands.output import Result
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.left_alone import (
    CHECK,
    DICTIONARY,
    WORDS,
    LeftAlone,
    heed,
    leave_alone,
    read_left_alone,
)
from bespoke_gui.core.lints import LINTS
from bespoke_gui.core.project import find_project


def change(args: argparse.Namespace) -> Result:
    """Change what is left alone, and list it as it is then."""
    project = find_project(args.folder)
    if project is None:
        hint = "name a project: its lint.toml and dictionary.txt say what is left alone"
        raise AppError("belongs to no project", file=args.folder, hint=hint, kind="usage")
    folder = project.folder
    before = read_left_alone(folder)
    if args.action == "ignore":
        for code in (*args.check, *(code for code, _ in args.words)):
            _ = LINTS[code]  # AppError for a check that is not there
        leave_alone(folder, _named(args))
    else:
        heed(folder, before if args.all else _named(args))
    after = read_left_alone(folder)
    changed = [one for one in (*before, *after) if (one in before) != (one in after)]
    data = {
        "left_alone": [one.as_dict() for one in after],
        "changed": [one.as_dict() for one in changed],
    }
    return Result(data, "\n".join(map(_line, after)) or "nothing is left alone")


def _named(args: argparse.Namespace) -> list[LeftAlone]:
    return [
        *(LeftAlone(CHECK, code) for code in args.check),
        *(LeftAlone(WORDS, code, words, args.caption) for code, words in args.words),
        *(LeftAlone(DICTIONARY, words=word) for word in args.dictionary),
    ]


def _line(one: LeftAlone) -> str:
    if one.kind == CHECK:
        return f"{one.code}: off"
    if one.kind == DICTIONARY:
        return f"dictionary: {one.words}"
    return f"{one.code}: {one.words!r} in {one.caption or 'all captions'}"
