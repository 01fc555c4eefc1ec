"""Linter of captions: one self-registering file a check, run over a whole set."""

from bespoke_gui.core.lints.base import LINTS, Context, Finding, Fix, Lint, LintProblem, Text
from bespoke_gui.core.lints.linter import Linter, problem_of
from bespoke_gui.core.lints.mending import mend, mend_one
from bespoke_gui.core.lints.run import lint, lint_with, statistics

__all__ = [
    "LINTS",
    "Context",
    "Finding",
    "Fix",
    "Lint",
    "LintProblem",
    "Linter",
    "Text",
    "lint",
    "lint_with",
    "mend",
    "mend_one",
    "problem_of",
    "statistics",
]
