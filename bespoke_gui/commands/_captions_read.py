"""`bespoke captions read`: what the trainer reads of each caption, its tokens and what is cut."""

from __future__ import annotations

import argparse
import dataclasses
import fnmatch
from pathlib import Path, PurePosixPath
from typing import Any

from bespoke_gui.commands._captions_text import counted
from bespoke_gui.commands.output import Result
from bespoke_gui.core import trainer_view
from bespoke_gui.core.caption_set import CaptionSet, open_captions
from bespoke_gui.core.clip_tokens import LIMITS
from bespoke_gui.core.config.trainer_config import TrainingConfig
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.lint_project import newest_config
from bespoke_gui.core.project import Project, find_project
from bespoke_gui.core.token_borders import Border, Reading
from bespoke_gui.core.token_borders import read as read_tokens
from bespoke_gui.core.trainer_view import Borrowed, Sample, TrainerSetup, TrainerView


def read(args: argparse.Namespace) -> Result:
    """Show every caption as it is trained on; the exit code is 1 when something goes amiss."""
    if args.samples < 1:
        raise AppError(f"--samples {args.samples} is none", hint="ask for 1 or more", kind="usage")
    found, project = open_captions(args.folder), find_project(args.folder)
    config = _config(args.config, project)
    setup = trainer_view.setup_from(config.values) if config else _defaults(found)
    names = [name for name in found.captions if fnmatch.fnmatch(name, args.only or "*")]
    views = {name: _view(found, name, setup, project, args) for name in names}
    counts = {name: read_tokens(found.captions[name].text, found.separator) for name in names}
    path = str(config.path) if config else None
    data = {
        "config": path,
        "max_token_length": setup.limit,
        "files": {name: _as_dict(views[name], counts[name]) for name in names},
        "summary": _summary(views, counts),
    }
    lines = [line for name in names for line in _lines(name, views[name], counts[name])]
    told = f"{counted(len(names), 'caption')} under {path or 'the defaults of the trainer'}"
    return Result(data, "\n".join([*lines, told]), int(any(map(_amiss, views.values()))))


def _config(path: Path | None, project: Project | None) -> TrainingConfig | None:
    if path is not None:
        return TrainingConfig.load(path)
    return newest_config(project.configs_dir) if project else None


def _defaults(found: CaptionSet) -> TrainerSetup:
    return trainer_view.setup_from({}, found.suffix)


def _view(
    found: CaptionSet,
    name: str,
    setup: TrainerSetup,
    project: Project | None,
    args: argparse.Namespace,
) -> TrainerView:
    caption = found.captions[name]
    word = trainer_view.project_class_word(project, name) if project else ""
    return trainer_view.view(
        trainer_view.as_stored(caption, caption.text),
        setup,
        extension=found.suffix,
        encoding=caption.encoding,
        class_word=word or trainer_view.class_word(name, found.folder.resolve().name, ""),
        borrowed=_borrowed(found, name),
        trigger=project.trigger if project else "",
        seed=args.seed,
        count=args.samples,
    )


def _borrowed(found: CaptionSet, name: str) -> Borrowed | None:
    path = PurePosixPath(name)
    stem = trainer_view.borrowed_stem(path.stem)
    other = found.captions.get(str(path.with_name(f"{stem}{path.suffix}"))) if stem else None
    text = trainer_view.as_stored(other, other.text) if other else None
    return Borrowed(f"{stem}{path.suffix}", text) if text else None


def _amiss(view: TrainerView) -> bool:
    return any(remark.severity != "info" for remark in view.remarks)


def _as_dict(view: TrainerView, reading: Reading) -> dict[str, Any]:
    return {
        "tokens": reading.count,
        "borders": [_border(border) for border in reading.borders],
        "samples": [_sample(sample) for sample in view.samples],
        "remarks": [
            {"severity": remark.severity, "message": remark.text}
            for remark in (*view.remarks, *view.chances)
        ],
    }


def _border(border: Border) -> dict[str, Any]:
    phrase = border.phrase
    where = f"{phrase.start}-{phrase.end}" if phrase else ""
    text = phrase.text if phrase else ""
    return {"limit": border.limit, "phrase": text, "where": where, "splits": border.splits}


def _sample(sample: Sample) -> dict[str, Any]:
    return {
        **dataclasses.asdict(sample),
        "fixed": [sample.text[start:end] for start, end in sample.fixed],
        "read": sample.text if sample.cut is None else sample.text[: sample.cut],
    }


def _summary(views: dict[str, TrainerView], counts: dict[str, Reading]) -> dict[str, int]:
    over = {f"over_{n}": sum(one.count > n for one in counts.values()) for n in LIMITS}
    cut = sum(any(s.cut is not None for s in view.samples) for view in views.values())
    stops = sum(not view.samples for view in views.values())
    return {"captions": len(views), **over, "cut": cut, "stops": stops}


def _lines(name: str, view: TrainerView, reading: Reading) -> list[str]:
    borders = "; ".join(border.words() for border in reading.borders)
    lines = [f"{name}: {counted(reading.count, 'token')}{'; ' if borders else ''}{borders}"]
    lines += [f"  {remark.severity}: {remark.text}" for remark in view.remarks]
    lines += [f"  {number}. {_shown(s)}" for number, s in enumerate(view.samples, 1)]
    return lines


def _shown(sample: Sample) -> str:
    """Return a draw in one line, what is cut off as in a diff."""
    if sample.cut is None:
        return sample.text or "(empty: left out this time)"
    return f"{sample.text[: sample.cut]}[-{sample.text[sample.cut :]}-]"
