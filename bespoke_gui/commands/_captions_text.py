"""How captions, diffs and problems are printed for people."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable

from bespoke_gui.commands.output import say
from bespoke_gui.core.diff_pieces import Piece
from bespoke_gui.core.errors import Problem
from bespoke_gui.core.worddiff import Op

RED, GREEN, BLUE, STRUCK, PLAIN = "\033[31m", "\033[32m", "\033[34m", "\033[9m", "\033[0m"


def coloured() -> bool:
    """Whether standard output is a terminal that shows colours (and NO_COLOR is not set)."""
    dumb = os.environ.get("TERM", "") == "dumb" or os.environ.get("NO_COLOR", "") != ""
    return sys.stdout.isatty() and not dumb


def marked(ops: Iterable[Op]) -> str:
    """Return a word diff in one line: kept [-lost-]{+gained+} kept."""
    return "".join(_mark(op.before, op.after) for op in ops)


def marked_pieces(pieces: Iterable[Piece], colour: bool = False) -> str:
    """Return a diff in one line, moved phrases as [>phrase>] ... {>phrase>}.

    With `colour` what went is red and struck through, what came green, what moved blue.
    """
    mark = _paint if colour else _mark
    return "".join(mark(piece.before, piece.after, piece.kind == "moved") for piece in pieces)


def problem_line(problem: Problem) -> str:
    """Return one finding in one line."""
    file = f"{problem.file}: " if problem.file else ""
    where = f" [{problem.where}]" if problem.where else ""
    hint = f" ({problem.hint})" if problem.hint else ""
    return f"{file}{problem.severity}: {problem.message}{where}{hint}"


def say_problems(problems: Iterable[Problem]) -> None:
    """Print findings to standard error, beside the answer of a command."""
    for problem in problems:
        say(problem_line(problem))


def counted(number: int, what: str) -> str:
    """Return "1 caption", "2 captions"."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def _mark(before: str, after: str, moved: bool = False) -> str:
    if before == after:
        return before
    out, into = (">", ">") if moved else ("-", "+")
    gone = f"[{out}{before}{out}]" if before else ""
    return gone + (f"{{{into}{after}{into}}}" if after else "")


def _paint(before: str, after: str, moved: bool = False) -> str:
    if before == after:
        return before
    gone = f"{BLUE if moved else RED}{STRUCK}{before}{PLAIN}" if before else ""
    return gone + (f"{BLUE if moved else GREEN}{after}{PLAIN}" if after else "")
