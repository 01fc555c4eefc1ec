"""How captions, diffs and problems are printed for people."""

from __future__ import annotations

from collections.abc import Iterable

from bespoke_gui.commands.output import say
from bespoke_gui.core.errors import Problem
from bespoke_gui.core.worddiff import Op


def marked(ops: Iterable[Op]) -> str:
    """Return a word diff in one line: kept [-lost-]{+gained+} kept."""
    return "".join(_mark(op) for op in ops)


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


def _mark(op: Op) -> str:
    if op.op == "equal":
        return op.before
    gone = f"[-{op.before}-]" if op.before else ""
    return gone + (f"{{+{op.after}+}}" if op.after else "")
