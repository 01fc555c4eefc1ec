"""Snapshots of the ledger: the named state of all captions that a run began with."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from bespoke_gui.core.history import History


def snapshot_names(project: Path, captions: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Return run -> snapshot whose texts its captions are; runs that began with none are missing.

    captions: run -> (image -> text). Suffixes of images do not count: a prepared set may have
    others. Snapshots made by a person come before automatic ones, newer before older. Raises
    AppError when the history cannot be read.
    """
    left = {run: _by_stem(texts) for run, texts in captions.items() if texts}
    found: dict[str, str] = {}
    with History(project) as history:
        for snapshot in sorted(history.snapshots(), key=lambda one: one.automatic):
            wanted = {run: texts for run, texts in left.items() if len(texts) <= snapshot.count}
            if not wanted:
                continue
            state = _by_stem(history.load(snapshot.name))
            for run, texts in wanted.items():
                if all(state.get(stem) == text for stem, text in texts.items()):
                    found[run] = snapshot.name
                    del left[run]
    return found


def _by_stem(texts: Mapping[str, str]) -> dict[str, str]:
    return {name.rpartition(".")[0] or name: text for name, text in texts.items()}
