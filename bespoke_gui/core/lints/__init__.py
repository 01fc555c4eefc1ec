"""Linter of captions: one self-registering file a check, run over a whole set."""

from bespoke_gui.core.lints.base import LINTS, Finding, Lint, Text
from bespoke_gui.core.lints.run import lint, statistics

__all__ = ["LINTS", "Finding", "Lint", "Text", "lint", "statistics"]
