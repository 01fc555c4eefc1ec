"""Export: the working captions, with their images where asked, in any format."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bespoke_gui.core.errors import AppError, Problem
from bespoke_gui.core.exchange.base import FORMATS, Export, Format
from bespoke_gui.core.exchange.entries import WorkingSet, working_set


@dataclass
class Exported:
    """What was written to `path`. excluded: images that were left out, since they are excluded."""

    path: Path
    captions: int
    images: int = 0
    missing: list[str] = field(default_factory=list)
    excluded: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def export_captions(
    source: Path,
    to: str,
    out: Path,
    images: bool = False,
    update: bool = False,
    texts: Mapping[str, str | None] | None = None,
) -> Exported:
    """Write all captions of a project or folder to `out`, a new file or folder.

    images: copy the images too; excluded ones then stay out. update: `out` is a table already,
    its further rows and columns stay. texts: edited texts that count more than the files. Raises
    AppError; then nothing is written.
    """
    chosen, found, out = FORMATS[to], working_set(source, texts), Path(out)
    entries = list(found.entries.values())
    bad = [entry for entry in entries if entry.caption.unreadable]
    left = [e for e in entries if e.excluded and (images or to == "kohya")]
    wanted = [e for e in entries if e not in left and e not in bad]
    if not any(entry.text is not None for entry in wanted):
        raise AppError("holds no captions", file=source, hint="check the path")
    _require_apart(found, out)
    keep = _kept(chosen, out, images) if update else None
    chosen.write(Export(Path(source), wanted, out, images, keep))
    return Exported(
        out,
        sum(entry.text is not None for entry in wanted),
        sum(entry.image is not None for entry in wanted) if images else 0,
        [entry.name for entry in wanted if entry.text is None],
        [entry.name for entry in left],
        [problem for entry in bad for problem in entry.caption.problems],
    )


def _kept(chosen: Format, out: Path, images: bool) -> Path | None:
    """Return the table that is brought up to date."""
    if not chosen.file or images:
        hint = "name a new folder instead"
        message = "only a table without images can be brought up to date"
        raise AppError(message, file=out, hint=hint, kind="usage")
    return out if out.exists() else None


def _require_apart(found: WorkingSet, out: Path) -> None:
    """Nothing is exported among the images, where it would be taken for captions."""
    target = out.resolve()
    for place in found.pairs.places:
        folder = place.folder.resolve()
        if target == folder or (target.is_relative_to(folder) and not _is_table(target, folder)):
            hint = "name a place outside of it"
            raise AppError("lies inside the dataset", file=out, hint=hint, kind="usage")


def _is_table(target: Path, folder: Path) -> bool:
    """metadata.jsonl and its like belong beside the images."""
    return target.parent == folder and target.suffix in (".jsonl", ".csv", ".json")
