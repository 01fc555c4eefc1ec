"""`bespoke captions diff`: word diff of two folders, projects or snapshots."""

from __future__ import annotations

import argparse
from pathlib import Path

from bespoke_gui.commands._captions_text import coloured, counted, marked_pieces, say_problems
from bespoke_gui.commands.output import Result
from bespoke_gui.core.caption_diff import CaptionDiff, Change, compare_captions
from bespoke_gui.core.caption_set import CaptionSet, open_captions
from bespoke_gui.core.diff_pieces import Piece, kind_of
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.project import find_project
from bespoke_gui.core.worddiff import read_through

NOW = "now"  # the captions of the project as they are
SHOWN = 60  # characters of each side of a distinct change


def diff(args: argparse.Namespace) -> Result:
    """Compare; a file that cannot be read is named and left out on both sides."""
    sides = [_folder(args.before), _folder(args.after)]
    kept = _keeper(args.project, sides, args.before)
    sides = [
        _now(side, name, kept) for side, name in zip(sides, (args.before, args.after), strict=True)
    ]
    names = [name for side in sides if side is not None for name in side.captions]
    before = _texts(args.before, sides[0], kept, names)
    after = _texts(args.after, sides[1], kept, names)
    problems = [problem for side in sides if side is not None for problem in side.problems]
    bad = {problem.file for problem in problems if problem.code == "unreadable"}
    result = compare_captions(
        {name: text for name, text in before.items() if name not in bad},
        {name: text for name, text in after.items() if name not in bad},
        _synonyms(args.synonym),
        kept.separator,
    )
    files = {n: d for n, d in result.files.items() if d.lossy or not args.lossy}
    result = CaptionDiff(files, result.summary, problems)
    say_problems(problems)
    data, changes = result.as_dict(), result.distinct_changes() if args.changes else []
    if args.changes:
        data["changes"] = [change.as_dict() for change in changes]
    text = _changes_text(changes) if args.changes else _text(result)
    return Result(data, f"{text}\n{_summary(result)}".lstrip("\n"), 1 if bad else 0)


def _folder(name: str) -> CaptionSet | None:
    return open_captions(Path(name)) if Path(name).is_dir() else None


def _now(side: CaptionSet | None, name: str, kept: CaptionSet) -> CaptionSet | None:
    """Let "now" be the captions as they are, unless a folder or snapshot has that name."""
    if side is not None or name != NOW:
        return side
    with kept.history() as history:
        taken = any(snapshot.name == NOW for snapshot in history.snapshots())
    return None if taken else kept


def _keeper(project: Path | None, sides: list[CaptionSet | None], name: str) -> CaptionSet:
    """Return the set whose snapshots are meant: --project, else a side, else where we are."""
    if project is not None:
        return open_captions(project)
    given = [side for side in sides if side is not None]
    if given:
        return given[0]
    here = find_project(Path())
    if here is None:
        hint = "name two folders, or two snapshots inside a project or with --project DIR"
        raise AppError(f"there is no folder {name!r}", hint=hint, kind="usage")
    return open_captions(here.folder)


def _texts(
    name: str, side: CaptionSet | None, kept: CaptionSet, names: list[str]
) -> dict[str, str | None]:
    if side is not None:
        return side.texts
    with kept.history() as history:
        say_problems(history.problems)
        try:
            return dict(history.load(name, names or kept.captions))
        except AppError as error:
            message = f"{name!r} is neither a folder nor a snapshot of {kept.home}"
            raise AppError(message, hint=error.hint, kind="usage") from error


def _synonyms(given: list[str]) -> dict[str, str]:
    pairs = [text.partition("=") for text in given]
    if any(not old or not sign for old, sign, _ in pairs):
        hint = "for example --synonym shades=sunglasses"
        raise AppError("a synonym is written OLD=NEW", hint=hint, kind="usage")
    return {old: new for old, _, new in pairs}


def _text(result: CaptionDiff) -> str:
    lines = []
    colour = coloured()
    for name, text_diff in result.files.items():
        if text_diff.status == "equal":
            continue
        sign = " LOSSY" if text_diff.lossy else ""
        lines += [f"{name}: {text_diff.status}{sign}"]
        lines += [f"  {marked_pieces(read_through(text_diff.pieces), colour)}"]
        lines += [f"  lost: {', '.join(text_diff.lost)}"] if text_diff.lost else []
        lines += [f"  moved: {'; '.join(text_diff.moved)}"] if text_diff.moved else []
    return "\n".join(lines)


def _changes_text(changes: list[Change]) -> str:
    colour = coloured()
    return "\n".join(f"{change.count:5} x {_row(change, colour)}" for change in changes)


def _row(change: Change, colour: bool) -> str:
    before, after = _short(change.before), _short(change.after)
    if change.op == "moved":
        return "moved: " + marked_pieces([Piece("moved", "", after)], colour)
    lost = f"  lost in {len(change.lossy)}: {', '.join(change.lost)}" if change.lossy else ""
    return marked_pieces([Piece(kind_of(before, after), before, after)], colour) + lost


def _short(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"


def _summary(result: CaptionDiff) -> str:
    counts = result.summary
    words = [f"{counts[key]} {key}" for key in ("equal", "changed", "added", "removed")]
    lossy = f"{counts['lossy']} of them lost words"
    return f"{counted(counts['files'], 'caption')}: {', '.join(words)}; {lossy}"
