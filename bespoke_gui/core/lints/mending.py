"""Making the safe fixes of one kind in whole captions."""

from __future__ import annotations

from collections.abc import Mapping

from bespoke_gui.core.breathing import Breath
from bespoke_gui.core.lints.linter import Linter

MOST = 200  # fixes of one caption; a fix that brings its own finding back must end


def mend(captions: Mapping[str, str | None], linter: Linter) -> dict[str, str]:
    """Return new texts for the captions that the linter's checks have a safe fix for.

    After each fix the caption is looked at again, so that fixes that touch never mix.
    """
    breath = Breath()
    mended = {}
    for name, text in breath.over(captions.items()):
        new = mend_one(name, text, linter) if text else text
        if new is not None and new != text:
            mended[name] = new
    return mended


def mend_one(name: str, text: str, linter: Linter) -> str:
    """Return one caption with all safe fixes made."""
    for _ in range(MOST):
        fixes = (finding.fix for _, finding in linter.of_text(name, text) if finding.fix)
        changed = next((new for fix in fixes if (new := fix.apply(text)) != text), None)
        if changed is None:
            break
        text = changed
    return text
