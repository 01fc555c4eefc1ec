"""`bespoke captions lint`: what is wrong in captions, with counts; safe fixes when asked."""

from __future__ import annotations

import argparse
from collections.abc import Container, Mapping
from typing import Any

from bespoke_gui.commands._captions_text import counted, marked, problem_line
from bespoke_gui.commands._captions_where import chosen
from bespoke_gui.commands.output import Result
from bespoke_gui.core import worddiff
from bespoke_gui.core.bulk import BulkReport, write_all
from bespoke_gui.core.caption_set import CaptionSet, open_captions
from bespoke_gui.core.errors import AppError, Problem
from bespoke_gui.core.lint_project import linter_of
from bespoke_gui.core.lints import LINTS, lint_with, mend, statistics


def lint(args: argparse.Namespace) -> Result:
    """List the findings, after fixing what was to be fixed.

    The exit code is 1 when one of the findings is more than a remark, or a file was not written.
    """
    found = open_captions(args.folder)
    linter = linter_of(found, args.code, args.images)
    names = set(chosen(args, found, found.captions))
    if not args.fix:
        problems = found.problems + lint_with(linter, found.texts)
        return _result(found, _about(args, names, problems))
    texts = mend(found.texts, linter_of(found, _fixing(args.fix), args.images))
    mended = {n: text for n, text in texts.items() if n in names and n not in found.orphans}
    report = BulkReport()
    after = dict(found.texts)
    if args.dry_run:
        after |= mended
    else:
        report = _write(found, mended, args.fix)
        after |= {name: caption.text for name, caption in report.written.items()}
    problems = _about(args, names, found.problems + lint_with(linter, after)) + report.problems
    return _result(found, problems, mended, report)


def _about(
    args: argparse.Namespace, names: Container[str], problems: list[Problem]
) -> list[Problem]:
    """Leave out what is about other captions, or about the set, where a query chose some."""
    if not args.where:
        return problems
    return [problem for problem in problems if problem.file in names]


def _fixing(codes: list[str]) -> list[str]:
    """Return the checks to fix; raises AppError for one that never has a safe fix."""
    able = [check.code for check in LINTS.values() if check.fixable]
    for code in codes:
        if LINTS[code].code not in able:
            hint = f"choose among: {', '.join(able)}"
            message = f"no finding of {code!r} can be mended safely"
            raise AppError(message, hint=hint, kind="usage")
    return codes


def _write(found: CaptionSet, texts: Mapping[str, str], codes: list[str]) -> BulkReport:
    with found.history() as history:
        report = write_all(found.captions, texts, history, f"lint: {', '.join(codes)}")
        report.problems += history.problems
    return report


def _result(
    found: CaptionSet,
    problems: list[Problem],
    mended: Mapping[str, str] | None = None,
    report: BulkReport | None = None,
) -> Result:
    counts = statistics(problems)
    data: dict[str, Any] = {
        "problems": [problem.as_dict() for problem in problems],
        "stats": {"captions": len(found.captions), "codes": counts},
        "checks": _checks(counts),
    }
    lines = [problem_line(problem) for problem in problems]
    if mended is not None and report is not None:
        data |= _fixed(found, mended, report)
        lines = [*_fixed_lines(found, mended, report), *lines]
    lines += ["", f"{counted(len(found.captions), 'caption')}:"] if lines else ["nothing found"]
    lines += [
        f"  {code}: {count['hits']} in {counted(count['files'], 'caption')}"
        for code, count in counts.items()
    ]
    serious = any(problem.severity != "info" for problem in problems)
    return Result(data, "\n".join(lines), 1 if serious else 0)


def _checks(counts: Mapping[str, object]) -> dict[str, dict[str, str]]:
    """Return title, severity and explanation of the checks that found something."""
    return {
        code: {
            "title": LINTS[code].title,
            "severity": LINTS[code].severity,
            "explanation": LINTS[code].explanation,
        }
        for code in counts
        if code in list(LINTS)
    }


def _fixed(found: CaptionSet, mended: Mapping[str, str], report: BulkReport) -> dict[str, Any]:
    before = found.texts
    files = {
        name: {"before": before[name], "after": text, "written": name in report.written}
        for name, text in mended.items()
    }
    return {"files": files, "snapshot": report.snapshot, "written": list(report.written)}


def _fixed_lines(found: CaptionSet, mended: Mapping[str, str], report: BulkReport) -> list[str]:
    before = found.texts
    lines = [
        f"{name}: {marked(worddiff.diff(before[name] or '', text, found.separator))}"
        for name, text in mended.items()
    ]
    kept = f"; snapshot {report.snapshot!r} kept" if report.snapshot else ""
    words = f"{counted(len(report.written), 'caption')} written{kept}"
    return [*lines, words if report.written else f"{counted(len(mended), 'caption')} to fix", ""]
