"""Entries of the ledger: one run each, read from its folder and from the galleries made with it."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bespoke_gui.core.errors import AppError
from bespoke_gui.core.gallery_decision import read_decision
from bespoke_gui.core.gallery_info import INFO, read_info
from bespoke_gui.core.ledger.expected import Outcome, beside_found, finder, read_expected
from bespoke_gui.core.ledger.inputs import Inputs, digest, read_inputs
from bespoke_gui.core.ledger.snapshots import snapshot_names
from bespoke_gui.core.rundir import read_json
from bespoke_gui.core.runs import RunInfo, list_runs, whole_epochs

if TYPE_CHECKING:
    from bespoke_gui.core.project import Project

VERDICT = "verdict.json"
COST = "cost.json"
SCORES = "scores.json"


@dataclass
class GalleryEntry:
    """A gallery made with a run: what was decided, and the lines of its verdict in words."""

    name: str
    folder: str
    decided: int | None = None
    reason: str = ""
    suggested: int | None = None
    lines: list[str] = field(default_factory=list)


@dataclass
class Entry:
    """One run. captions, images: how many, with a fingerprint, "" where it was not recorded.

    snapshot: the named state of the captions that it began with, "" where there is none.
    seconds: None while it is not known; usd: what it cost, 0 on this machine, None if unknown.
    held_out_losses: by epoch, 0 for before the training; empty where no images were held out.
    """

    run: str
    folder: str
    created: str
    state: str
    engine: str
    base: str
    backend: str
    epochs: int
    seconds: float | None
    usd: float | None
    captions: int | None = None
    caption_print: str = ""
    snapshot: str = ""
    images: int | None = None
    image_print: str = ""
    prepared: dict[str, Any] = field(default_factory=dict)
    package: str = ""
    config: dict[str, Any] = field(default_factory=dict)
    galleries: list[GalleryEntry] = field(default_factory=list)
    expected: list[Outcome] = field(default_factory=list)
    held_out_losses: dict[int, float] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form; epochs are keyed by their number as text."""
        data = asdict(self)
        data["held_out_losses"] = {str(n): loss for n, loss in self.held_out_losses.items()}
        data["expected"] = [one.as_dict() for one in self.expected]
        return data


def ledger(project: Project) -> list[Entry]:
    """Return every run of a project, the newest first; what cannot be read is left empty."""
    galleries = _galleries(project)
    entries = [_entry(run, galleries.get(run.run, [])) for run in list_runs(project)]
    _name_snapshots(project, entries)
    return entries


def lowest_held_out(entry: Entry) -> tuple[int, float] | None:
    """Return (epoch, loss) of the epoch with the lowest held-out loss, None where there is none."""
    losses = {epoch: loss for epoch, loss in entry.held_out_losses.items() if epoch}
    return min(losses.items(), key=lambda item: item[1]) if losses else None


def _name_snapshots(project: Project, entries: Sequence[Entry]) -> None:
    inputs = {entry.run: read_inputs(Path(entry.folder)) for entry in entries}
    captions = {run: one.captions for run, one in inputs.items() if one}
    try:
        names = snapshot_names(project.folder, captions)
    except AppError:
        names = {}
    for entry in entries:
        entry.snapshot = names.get(entry.run, "")


def _entry(run: RunInfo, folders: Sequence[Path]) -> Entry:
    inputs = read_inputs(run.folder)
    config = run.spec.get("config")
    entry = Entry(
        run.run, str(run.folder), str(run.spec.get("created", "")), run.state,
        str(run.spec.get("engine", "")), str(run.spec.get("base", "")), run.backend or "local",
        len(whole_epochs(run)), _seconds(run), _cost(run),
        config=dict(config) if isinstance(config, dict) else {},
        held_out_losses=run.held_out_losses,
    )  # fmt: skip
    if inputs:
        _describe(entry, inputs)
    entry.galleries = [_gallery(folder) for folder in folders]
    newest = folders[-1] if folders else None
    find = finder(
        (read_json(newest / VERDICT) or {}) if newest else {},
        (read_json(newest / SCORES) or {}) if newest else {},
    )
    entry.expected = beside_found(read_expected(run.folder), find)
    return entry


def _describe(entry: Entry, inputs: Inputs) -> None:
    entry.captions, entry.caption_print = len(inputs.captions), digest(inputs.captions)
    entry.images, entry.image_print = len(inputs.images), digest(inputs.images)
    entry.prepared, entry.package = inputs.prepared, inputs.package


def _seconds(run: RunInfo) -> float | None:
    """Return how long a run took, from its request to its last word; None where one is missing."""
    ended = (read_json(run.folder / "exit.json") or {}).get("time")
    try:
        begun = datetime.datetime.fromisoformat(str(run.spec.get("created"))).timestamp()
    except ValueError:
        return None
    if not isinstance(ended, int | float) or ended < begun - 1:
        return None
    return round(max(0.0, ended - begun), 1)


def _cost(run: RunInfo) -> float | None:
    """Return what a run cost: what its backend recorded; nothing on this machine."""
    recorded = (read_json(run.folder / COST) or {}).get("usd")
    if isinstance(recorded, int | float):
        return float(recorded)
    return 0.0 if (run.backend or "local") == "local" else None


def _galleries(project: Project) -> dict[str, list[Path]]:
    """Return the galleries of each run, the one judged or changed last at the end."""
    found: dict[str, list[Path]] = {}
    if project.galleries_dir.is_dir():
        for folder in sorted(project.galleries_dir.iterdir(), key=_changed):
            try:
                run = read_info(folder / INFO).run
            except AppError:
                continue
            if run:
                found.setdefault(run, []).append(folder)
    return found


def _changed(folder: Path) -> float:
    files = (folder / name for name in (VERDICT, SCORES, INFO))
    return max((path.stat().st_mtime for path in files if path.is_file()), default=0.0)


def _gallery(folder: Path) -> GalleryEntry:
    entry = GalleryEntry(folder.name, str(folder))
    try:
        decision = read_decision(folder)
    except AppError:
        decision = None
    if decision:
        entry.decided, entry.reason = decision.epoch, decision.reason
    verdict = read_json(folder / VERDICT) or {}
    suggested = verdict.get("suggestion", {}).get("epoch")
    entry.suggested = suggested if isinstance(suggested, int) else None
    entry.lines = [f"{line.get('title')}: {line.get('text')}" for line in verdict.get("lines", ())]
    return entry
