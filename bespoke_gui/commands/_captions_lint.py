"""`bespoke captions lint`: what is wrong in captions, with counts."""

from __future__ import annotations

import argparse

from bespoke_gui.commands._captions_text import counted, problem_line
from bespoke_gui.commands.output import Result
from bespoke_gui.core.caption_set import open_captions
from bespoke_gui.core.lints import lint as find
from bespoke_gui.core.lints import statistics


def lint(args: argparse.Namespace) -> Result:
    """List the findings; the exit code is 1 when one of them is more than a remark."""
    found = open_captions(args.folder)
    problems = found.problems + find(found.texts, found.separator, args.code)
    counts = statistics(problems)
    lines = [problem_line(problem) for problem in problems]
    lines += ["", f"{counted(len(found.captions), 'caption')}:"] if lines else ["nothing found"]
    lines += [
        f"  {code}: {count['hits']} in {counted(count['files'], 'caption')}"
        for code, count in counts.items()
    ]
    data = {
        "problems": [problem.as_dict() for problem in problems],
        "stats": {"captions": len(found.captions), "codes": counts},
    }
    serious = any(problem.severity != "info" for problem in problems)
    return Result(data, "\n".join(lines), 1 if serious else 0)
