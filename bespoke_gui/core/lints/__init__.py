"""Linter of captions: one self-registering file a check, run over a whole set."""

from bespoke_gui.core.lints.base import LINTS, Context, Finding, Fix, Lint, LintProblem, Text
from bespoke_gui.core.lints.run import lint, statistics

__all__ = [
    "LINTS",
    "Context",
    "Finding",
    "Fix",
    "Lint",
    "LintProblem",
    "Text",
    "lint",
    "statistics",
]
