"""`bespoke project criteria`: what counts as success, shown and changed; the window's same core."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bespoke_gui.commands._place_of_file import place_of, said
from bespoke_gui.commands.output import Result
from bespoke_gui.core.errors import AppError

if TYPE_CHECKING:
    from bespoke_gui.core.criteria import Criteria, Criterion

CHANGES = ("set", "off", "on", "add", "baseline", "word", "reset")


def add_arguments(actions: argparse._SubParsersAction) -> None:
    """Declare the action. A criterion is named NAME, or NAME:KIND where two have that name."""
    words = (
        "show what counts as success, and change it; criteria.toml is written where there is none"
    )
    parser = actions.add_parser("criteria", help=words)
    parser.add_argument("project", type=Path, metavar="PROJECT", help="project folder")
    parser.add_argument("--out", type=Path, metavar="TOML", help="write it there instead")
    words = "a level: clean.target=60%%, messy.minimum=none; NAME:KIND where two have that name"
    _several(parser, "--set", "NAME.LEVEL=N", words)
    _several(parser, "--off", "NAME", "keep it, but do not judge by it")
    _several(parser, "--on", "NAME", "judge by it again")
    _several(parser, "--add", "NAME", "another criterion that is known, like messy:reduction")
    words = "what you counted in the run before: clean=40%%, accessories=none"
    _several(parser, "--baseline", "NAME=N", words)
    words = "when an image is called clean or messy: clean_score=8, messy_defects=3"
    _several(parser, "--word", "NAME=N", words)
    parser.add_argument("--reset", action="store_true", help="the criteria that came with Bespoke")
    parser.add_argument(
        "--undo", action="store_true", help="take the last change back; again: redo"
    )


def _several(parser: argparse.ArgumentParser, flag: str, metavar: str, words: str) -> None:
    parser.add_argument(flag, nargs="+", default=[], metavar=metavar, help=words)


def run(args: argparse.Namespace) -> Result:
    """Write the file unless it is there, change what is wanted, and show what it holds."""
    from bespoke_gui.core.atomic import write_bytes
    from bespoke_gui.core.criteria import load_criteria
    from bespoke_gui.core.criteria_edit import undo_criteria
    from bespoke_gui.core.resources import resource

    path, missing = place_of(args, "criteria_path")
    changing = any(getattr(args, name) for name in CHANGES)
    if args.undo and (changing or args.out):
        raise AppError("undo or change, not both", hint="leave one out", kind="usage")
    if args.undo:
        undo_criteria(path)
    if missing and not args.undo:
        write_bytes(path, resource("criteria.toml").read_bytes())
    if changing:
        _change(path, args)
    return _shown(path, load_criteria(path), missing or changing or args.undo)


def _change(path: Path, args: argparse.Namespace) -> None:
    from bespoke_gui.core import criteria_edit as edit
    from bespoke_gui.core.criteria import load_criteria

    before = load_criteria(path)
    wanted = edit.as_reference(before) if args.reset else before
    for name, off in [*((name, True) for name in args.off), *((name, False) for name in args.on)]:
        wanted = edit.with_line(wanted, _place(wanted, name), off=off)
    for name in args.add:
        wanted = edit.with_added(wanted, _one(edit.addable(wanted), name))
    for text in args.set:
        wanted = _with_level(wanted, text)
    for text in args.baseline:
        name, figure = _figure(text)
        wanted = edit.with_baseline(wanted, _share(name), figure)
    for text in args.word:
        wanted = _with_word(wanted, text)
    edit.save_criteria(path, wanted, before)


def _with_level(criteria: Criteria, text: str) -> Criteria:
    from bespoke_gui.core.criteria import LEVELS
    from bespoke_gui.core.criteria_edit import with_line

    name, value = _figure(text)
    name, _, level = name.rpartition(".")
    if level not in LEVELS:
        hint = f"write NAME.LEVEL=N; a level is {', '.join(LEVELS)}"
        raise AppError(f"{text!r} is no level", hint=hint, kind="usage")
    return with_line(criteria, _place(criteria, name), **{level: value})


def _with_word(criteria: Criteria, text: str) -> Criteria:
    from bespoke_gui.core.criteria_edit import WORDS, with_word

    name, value = _figure(text)
    if name not in WORDS or value is None:
        hint = f"write NAME=N; a name is {', '.join(WORDS)}"
        raise AppError(f"{text!r} is no word", hint=hint, kind="usage")
    return with_word(criteria, name, value)


def _figure(text: str) -> tuple[str, float | None]:
    """Return the name and the number behind "="; "none" asks for nothing, % are hundredths."""
    name, _, number = text.partition("=")
    try:
        whole = None if number == "none" else float(number.removesuffix("%"))
    except ValueError:
        hint = "write NAME=N with a number, a percentage or none"
        raise AppError(f"{text!r} is no figure", hint=hint, kind="usage") from None
    return name, whole if whole is None or not number.endswith("%") else round(whole / 100, 6)


def _place(criteria: Criteria, name: str) -> int:
    return criteria.lines.index(_one(criteria.lines, name))


def _one(lines: tuple[Criterion, ...] | list[Criterion], name: str) -> Criterion:
    """Return the criterion of a name, or of NAME:KIND where several have it."""
    name, _, kind = name.partition(":")
    found = [one for one in lines if one.name == name and (not kind or one.kind == kind)]
    if len(found) != 1:
        known = ", ".join(f"{one.name}:{one.kind}" for one in lines)
        why = "are several criteria" if found else "is no criterion here"
        raise AppError(f"{name!r} {why}", hint=f"name one of {known}", kind="usage")
    return found[0]


def _share(name: str) -> str:
    from bespoke_gui.core.judgement.outcomes import SHARES

    if name not in SHARES:
        hint = f"name one of {', '.join(SHARES)}"
        raise AppError(f"{name!r} is no figure of a baseline", hint=hint, kind="usage")
    return name


def _shown(path: Path, found: Criteria, written: bool) -> Result:
    from bespoke_gui.core.criteria_edit import addable

    data: dict[str, Any] = {
        "criteria": str(path), "written": written, "lines": [asdict(one) for one in found.lines],
        "words": asdict(found.words), "baseline": found.baseline, "weights": found.weights,
        "addable": [f"{one.name}:{one.kind}" for one in addable(found)],
    }  # fmt: skip
    lines = [_line(one) for one in found.lines]
    lines += [f"baseline {name}: {value:.0%}, declared" for name, value in found.baseline.items()]
    return Result(data, "\n".join([said(path, written), *lines]))


def _line(one: Criterion) -> str:
    from bespoke_gui.core.criteria import LEVELS

    form = "{:.0f}" if one.kind == "better" else "{:.0%}"
    asked = [
        f"{name} {form.format(value)}"
        for name in LEVELS
        if (value := getattr(one, name)) is not None
    ]
    words = ", ".join(asked) or "asks for nothing yet"
    return f"{one.title}: {words}{' (off)' if one.off else ''}"
