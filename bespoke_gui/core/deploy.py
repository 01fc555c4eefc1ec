"""Deploy: the decided checkpoint copied under a clear name, its bytes checked, with a card."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bespoke_gui.core.atomic import replacing, write_text
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.gallery import LORA_OFF, Gallery
from bespoke_gui.core.gallery_info import EpochInfo
from bespoke_gui.core.lorafile import file_hash, inspect
from bespoke_gui.core.model_card import model_card
from bespoke_gui.core.project import Project, find_project

if TYPE_CHECKING:
    from bespoke_gui.core.judgement.verdict import GalleryVerdict
    from bespoke_gui.core.score import ScoreReport


@dataclass(frozen=True)
class Deployed:
    """What was written; sha256 is that of the checkpoint, here and where it came from."""

    checkpoint: Path
    card: Path
    sha256: str


def deploy(
    gallery: Gallery,
    report: ScoreReport,
    verdict: GalleryVerdict,
    folder: Path,
    *,
    run: Path | None = None,
) -> Deployed:
    """Copy the decided epoch's checkpoint into `folder` as NAME-epoch-08.safetensors, with a card.

    run: the run folder or the folder of LoRA files, where the project does not say it. The file
    must be the one the images were made with. The same file there already is left as it is.
    Raises AppError where nothing is decided, the file is gone or another one, or `folder` holds
    another file of that name.
    """
    if verdict.decision is None:
        raise AppError("no epoch is decided", file=gallery.folder, hint="decide first")
    epoch = verdict.decision.epoch
    if epoch == LORA_OFF:
        raise AppError("the LoRA off is no checkpoint", file=gallery.folder, hint="decide anew")
    info = gallery.info.epochs.get(epoch)
    if info is None or not info.file:
        hint = "only galleries generated here know their checkpoints"
        raise AppError(f"does not say which file epoch {epoch} is", file=gallery.folder, hint=hint)
    project = find_project(gallery.folder)
    source = find_checkpoint(gallery, info, project, run)
    inspect(source)
    name = f"{_base_name(gallery, project)}-epoch-{epoch:02d}"
    target = Path(folder) / f"{name}.safetensors"
    digest = _copy(source, target)
    card = target.with_suffix(".md")
    write_text(card, model_card(gallery, report, verdict, target.name, digest, project))
    return Deployed(target, card, digest)


def find_checkpoint(
    gallery: Gallery, info: EpochInfo, project: Project | None, run: Path | None = None
) -> Path:
    """Return the file an epoch's images were made with; raises AppError when it is not found.

    A file of the right name but other bytes is not it, and is said.
    """
    folders = [run] if run else []
    if project:
        folders.append(project.runs_dir / gallery.info.run)
    found = [
        path
        for folder in folders
        for path in (folder / "outputs" / info.file, folder / info.file)
        if path.is_file()
    ]
    for path in found:
        if not info.sha256 or file_hash(path) == info.sha256:
            return path
    hint = "name the run's folder with --run"
    if found:
        text = "is not the file that the images were made with"
        raise AppError(text, file=found[0], hint="generate the gallery again, or find the old file")
    raise AppError(f"the checkpoint {info.file} is not found", file=gallery.folder, hint=hint)


def _base_name(gallery: Gallery, project: Project | None) -> str:
    words = project.name if project else gallery.info.run or gallery.folder.name
    return re.sub(r"[^A-Za-z0-9]+", "-", words).strip("-").lower()[:60] or "lora"


def _copy(source: Path, target: Path) -> str:
    """Copy a file whole or not at all; return its SHA-256."""
    digest = file_hash(source)
    if target.exists():
        if file_hash(target) == digest:
            return digest
        hint = "choose another folder, or move that file away"
        raise AppError("is another file already", file=target, hint=hint, kind="conflict")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with source.open("rb") as old, replacing(target) as new:
            shutil.copyfileobj(old, new, 1 << 20)
    except OSError as error:
        raise AppError(f"cannot be copied: {error.strerror}", file=source) from error
    if file_hash(target) != digest:
        target.unlink()
        raise AppError("came out differently and was taken away", file=target, hint="try again")
    return digest
