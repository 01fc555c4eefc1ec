"""The demo project: our own drawings with captions, a careless rule's damage, a finished run."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from bespoke_gui.core.dataset import scan
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.project import Project, create_project, save
from bespoke_gui.core.resources import resource

NAME = "Demo portraits"
TRIGGER = "portrait of bespoke punk"
SNAPSHOT = "as written"
SIZE = 192
# What an over-eager clean-up script did: it ran across commas and took the words between.
DAMAGED = (2, 7, 12, 18, 29)
SUFFIX = ", crisp pixels"


def write_demo(folder: Path, *, finished: bool = True, damaged: bool = True) -> Project:
    """Write the demo project into `folder` and return it.

    finished: with a prepared set, and the run and gallery that travel with Bespoke.
    damaged: captions as a careless rule left them, the good ones in the snapshot "as written".
    Raises AppError kind "conflict" when the folder is in use: nothing there is written over.
    """
    from bespoke_gui.core.portraits.demo_set import write_demo_set

    folder = Path(folder)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise AppError("is not empty", file=folder, hint="name a new folder", kind="conflict")
    with tempfile.TemporaryDirectory() as drawn:
        write_demo_set(Path(drawn))
        project = create_project(folder, Path(drawn), name=NAME).project
    project.trigger = TRIGGER
    save(project)
    _write_plans(project)
    if damaged:
        _damage(project)
    if finished:
        _prepare(project)
        _copy_finished(project)
    return project


def _write_plans(project: Project) -> None:
    from bespoke_gui.core.protocol import builtin_protocol, for_base

    shutil.copyfile(resource("demo/training_config.toml"), project.configs_dir / "demo.toml")
    shutil.copyfile(resource("criteria.toml"), project.criteria_path)
    for_base(builtin_protocol(), "embedded").save(project.protocol_path)


def _damage(project: Project) -> None:
    """Keep the captions as a snapshot, then do what a careless rule did in the reference run."""
    from bespoke_gui.core.captions import read_all, write
    from bespoke_gui.core.history import History

    dataset = scan(project.folder / "dataset")
    captions = read_all(dataset)
    with History(project.folder) as history:
        history.snapshot(SNAPSHOT, {name: caption.text for name, caption in captions.items()})
    for number, caption in enumerate(captions.values(), start=1):
        phrases = caption.text.split(", ")
        kept = phrases[:4] + phrases[6:] if number in DAMAGED else phrases
        write(caption, ", ".join(kept) + SUFFIX)


def _prepare(project: Project) -> None:
    from bespoke_gui.core.prepare import prepare

    target = project.prepared_dir / str(SIZE)
    target.parent.mkdir(exist_ok=True)
    prepare(project.folder / "dataset", target, SIZE, native=project.native_size)


def _copy_finished(project: Project) -> None:
    for kind, target in (("run", project.runs_dir), ("gallery", project.galleries_dir)):
        try:
            shutil.copytree(resource(f"demo/{kind}"), target / "demo")
        except OSError as error:
            raise AppError(f"the demo {kind} cannot be copied: {error}", file=target) from error
