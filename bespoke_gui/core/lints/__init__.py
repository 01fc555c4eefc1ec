"""Linter of captions: one self-registering file a check, run over a whole set."""

from bespoke_gui.core.lints.base import LINTS, Context, Finding, Fix, Lint, LintProblem, Text
from bespoke_gui.core.lints.ignored import Ignored
from bespoke_gui.core.lints.linter import Linter
from bespoke_gui.core.lints.run import lint, statistics

__all__ = [
    "LINTS",
    "Context",
    "Finding",
    "Fix",
    "Ignored",
    "Lint",
    "LintProblem",
    "Linter",
    "Text",
    "lint",
    "statistics",
]
