"""Jobs of a caption set: which image belongs to each caption, and what the project says of it."""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

from bespoke_gui.core.caption_set import CaptionSet
from bespoke_gui.core.dataset import IMAGE_SUFFIXES, natural_key
from bespoke_gui.core.project import NATIVE_SIZE, find_project
from bespoke_gui.core.suggest.batch import Asking, Job
from bespoke_gui.core.suggest.options import SuggestOptions


def jobs_of(found: CaptionSet, only: str | None = None, missing: bool = False) -> dict[str, Job]:
    """Return a job for each caption that has an image, by the caption's name.

    Jobs are named as the window names images. only: a pattern for the caption's name or stem;
    missing: only images without a caption.
    """
    folders: dict[Path, dict[str, Path]] = {}
    jobs = {}
    for name, caption in found.captions.items():
        folder = caption.path.parent
        if folder not in folders:
            folders[folder] = _images(folder)
        image = folders[folder].get(caption.path.stem)
        wanted = (
            only is None or fnmatchcase(name, only) or fnmatchcase(PurePosixPath(name).stem, only)
        )
        if image is None or caption.unreadable or not wanted or (missing and caption.text.strip()):
            continue
        shown = PurePosixPath(name).with_suffix(image.suffix).as_posix()
        jobs[name] = Job(shown, image, caption.text)
    return jobs


def asking_for(folder: Path, options: SuggestOptions, again: bool = False) -> Asking:
    """Return how images of a folder are asked about, with its project's trigger and native size."""
    project = find_project(folder)
    trigger, native = (project.trigger, project.native_size) if project else ("", NATIVE_SIZE)
    return Asking(options, trigger, native, again)


def _images(folder: Path) -> dict[str, Path]:
    """Return the images in a folder by stem; of several with one stem the first."""
    paths = [path for path in folder.iterdir() if path.suffix.lower() in IMAGE_SUFFIXES]
    found: dict[str, Path] = {}
    for path in sorted(paths, key=lambda path: natural_key(path.name)):
        found.setdefault(path.stem, path)
    return found
