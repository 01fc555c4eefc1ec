"""`bespoke captions revert, history`: changes taken back, and the past texts of one caption."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import asdict
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from bespoke_gui.commands._captions_text import (
    coloured,
    counted,
    marked_pieces,
    say_problems,
)
from bespoke_gui.commands.output import Result
from bespoke_gui.core.bulk import BulkReport, write_all
from bespoke_gui.core.caption_diff import compare_captions
from bespoke_gui.core.caption_revert import revert_captions, revert_pieces
from bespoke_gui.core.caption_set import CaptionSet, open_captions
from bespoke_gui.core.diff_pieces import pieces
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.rules.record import rule_runs, undo_rule
from bespoke_gui.core.worddiff import TextDiff, phrase_in

ARROW = "=>"


def add_arguments(actions: Any, folder: str) -> None:
    """Add both actions."""
    revert = actions.add_parser("revert", help="take changes back; a snapshot is kept first")
    revert.add_argument("folder", type=Path, metavar="DIR", help=folder)
    side = "snapshot or folder of caption files to go back to"
    revert.add_argument("to", nargs="?", default="", metavar="STATE", help=side)
    revert.add_argument("--rule", metavar="NAME", help="what this rule (or rule set) did last")
    change = 'only this change, as "old words => new words" (one side may be empty)'
    revert.add_argument("--change", metavar="CHANGE", help=change)
    revert.add_argument("--only", metavar="GLOB", help="only captions with such a name")
    revert.add_argument("--lossy", action="store_true", help="only captions that lost words")
    revert.add_argument("--dry-run", action="store_true", help="show, write nothing")
    history = actions.add_parser("history", help="every past text of one caption")
    history.add_argument("folder", type=Path, metavar="DIR", help=folder)
    history.add_argument("name", help="name of the image or caption, as in the other commands")


def revert(args: argparse.Namespace) -> Result:
    """Take changes back in the files; those that differ are written."""
    if bool(args.to) == bool(args.rule):
        hint = "name a snapshot or folder to go back to, or a rule with --rule"
        raise AppError("what is to be taken back?", hint=hint, kind="usage")
    found = open_captions(args.folder)
    now = {name: text for name, text in found.texts.items() if text is not None}
    texts, kept = _of_rule(found, args.rule, now) if args.rule else (_of_state(found, args), [])
    texts = {n: text for n, text in texts.items() if _fits(n, args.only) and now.get(n) != text}
    report = BulkReport()
    if texts and not args.dry_run:
        with found.history() as history:
            label = f"revert: {args.rule or args.to}"
            report = write_all(found.captions, texts, history, label)
    problems = found.problems + report.problems
    say_problems(problems)
    data = {
        "files": {
            name: {"before": now.get(name), "after": text, "written": name in report.written}
            for name, text in texts.items()
        },
        "summary": {
            "captions": len(texts),
            "written": len(report.written),
            "kept": kept,
            "snapshot": report.snapshot,
        },
        "problems": [problem.as_dict() for problem in problems],
    }
    return Result(data, _text(now, texts, kept, report, args), 1 if report.problems else 0)


def history(args: argparse.Namespace) -> Result:
    """List the past texts of a caption, the newest first, each with what it changed."""
    found = open_captions(args.folder)
    with found.history() as kept:
        versions = kept.timeline(args.name)
        problems = kept.problems
    if not versions and _key(args.name) not in {_key(name) for name in found.captions}:
        hint = "give its path below the folder, with or without suffix"
        raise AppError(f"there is no caption {args.name!r}", hint=hint, kind="usage")
    say_problems(problems)
    colour, lines = coloured(), []
    for version, older in zip(versions, [*versions[1:], None], strict=True):
        before = older.text if older is not None else version.text
        when = version.created[:19].replace("T", " ")
        lines.append(f"{when} UTC  {version.source}")
        lines.append(f"  {marked_pieces(pieces(before, version.text, found.separator), colour)}")
    data = {"name": args.name, "versions": [asdict(version) for version in versions]}
    return Result(data, "\n".join(lines) or "no past text is known")


def _of_state(found: CaptionSet, args: argparse.Namespace) -> dict[str, str]:
    earlier = _earlier(found, args.to)
    before = {name: text for name, text in earlier.items() if name in found.captions}
    files = compare_captions(before, found.texts, separator=found.separator).files
    names = [name for name, diff in files.items() if diff.lossy or not args.lossy]
    if args.change is None:
        return revert_captions(files, names)
    return {
        name: revert_pieces(files[name].pieces, ids)
        for name in names
        if (ids := _ids_of_change(files[name], args.change))
    }


def _earlier(found: CaptionSet, to: str) -> Mapping[str, str | None]:
    if Path(to).is_dir():
        return open_captions(Path(to)).texts
    with found.history() as kept:
        return dict(kept.load(to, found.captions))


def _ids_of_change(diff: TextDiff, change: str) -> list[int]:
    before, arrow, after = change.partition(ARROW)
    if not arrow:
        hint = f'for example --change "shades {ARROW} sunglasses"'
        raise AppError(f"a change is written OLD {ARROW} NEW", hint=hint, kind="usage")
    wanted = (phrase_in(before), phrase_in(after))
    return [
        number
        for hunk in diff.hunks
        if (phrase_in(hunk.before), phrase_in(hunk.after)) == wanted
        for number in hunk.ids
    ]


def _of_rule(
    found: CaptionSet, rule: str, now: Mapping[str, str]
) -> tuple[dict[str, str], list[str]]:
    """Take the newest recorded run of a rule, or of a whole set, back."""
    runs = rule_runs(found.home)
    for run in runs:
        if rule == run.title or rule in run.rules:
            names = {_key(name): name for name in found.captions}
            ran = {names.get(_key(name), name): done for name, done in run.captions.items()}
            same = type(run)(run.title, run.when, ran)
            undone = undo_rule(same, "" if rule == run.title else rule, now, found.separator)
            return undone.texts, undone.kept
    known = dict.fromkeys(name for run in runs for name in (run.title, *run.rules))
    hint = f"recorded are: {', '.join(list(known)[:8])}" if known else "no rule run is recorded yet"
    raise AppError(f"no run of a rule {rule!r} is recorded", hint=hint, kind="usage")


def _text(
    now: Mapping[str, str],
    texts: Mapping[str, str],
    kept: list[str],
    report: BulkReport,
    args: argparse.Namespace,
) -> str:
    colour, lines = coloured(), []
    for name, text in texts.items():
        lines += [f"{name}:", f"  {marked_pieces(pieces(now.get(name, ''), text), colour)}"]
    lines += [f"{name}: some of it was edited since and stays" for name in kept]
    if not texts and not kept:
        return "nothing to take back: no caption was changed in this way"
    if args.dry_run:
        return "\n".join([*lines, f"{counted(len(texts), 'caption')} would go back"])
    snapshot = f"; the state before is {report.snapshot!r}" if report.snapshot else ""
    return "\n".join([*lines, f"{counted(len(report.written), 'caption')} went back{snapshot}"])


def _fits(name: str, only: str | None) -> bool:
    return only is None or fnmatchcase(name, only) or fnmatchcase(Path(name).stem, only)


def _key(name: str) -> str:
    return name.removesuffix(Path(name).suffix)
