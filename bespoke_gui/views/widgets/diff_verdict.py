"""Diff verdict: what happened to a caption in a few words, with the kind of badge for it."""

from __future__ import annotations

from bespoke_gui.core.worddiff import TextDiff


def judge(diff: TextDiff | None) -> tuple[str, str]:
    """Return what happened to a caption in a few words, and the kind of badge for it."""
    if diff is None or diff.status == "equal":
        return "No change", "badge"
    if diff.status in ("added", "removed"):
        return f"Caption {diff.status}", "badge-danger" if diff.lossy else "badge-good"
    hunks = diff.hunks
    if diff.lossy:
        count = len(diff.lost)
        return f"{count} word{'s' if count != 1 else ''} lost", "badge-danger"
    if all(hunk.op == "moved" for hunk in hunks):
        return f"{len(hunks)} moved, nothing lost", "badge-accent"
    return f"{len(hunks)} change{'s' if len(hunks) != 1 else ''}, nothing lost", "badge-good"
