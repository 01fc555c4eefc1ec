"""Project start: makes, opens and looks over projects in the background."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtGui import QImage

from bespoke_gui.core.project import Created, create_project
from bespoke_gui.qtmodels.overview import Overview, read_overview
from bespoke_gui.qtmodels.picture import to_qimage
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.qtmodels.tasks import run_task


def create(session: Session, folder: Path, images: Path, captions: Path | None, name: str) -> None:
    """Make a project with copies of images and captions, then open it."""

    def done(created: Created) -> None:
        text = f"Made {created.project.name} with {created.images} images"
        text += f" and {created.captions} captions."
        details = "\n".join(f"{p.file}: {p.message}" for p in created.dataset.problems)
        session.notify("warning" if details else "good", text, details)
        session.open_project(created.project.folder)

    run_task(
        lambda: create_project(folder, images, captions, name),
        done,
        session.show_error,
        parent=session,
    )


def make_demo(session: Session, folder: Path) -> None:
    """Write the demo project into `folder` and open it; one that is there is opened as it is."""

    def work() -> Path:
        from bespoke_gui.core.demo import write_demo

        if not (folder / "bespoke.toml").is_file():
            write_demo(folder)
        return folder

    run_task(work, session.open_project, session.show_error, parent=session)


def draw_faces(count: int, seed: int = 7) -> list[QImage]:
    """Draw portraits of the demo's own style: the start page is never empty."""
    import numpy as np

    from bespoke_gui.core.portraits.demo_draw import draw_demo
    from bespoke_gui.core.portraits.traits import any_traits

    rng = np.random.default_rng(seed)
    return [to_qimage(draw_demo(any_traits(rng))) for _ in range(count)]


def overview_of(session: Session, done: Callable[[Overview], object], parent: QObject) -> None:
    """Read how far the open project is and give it to `done`."""
    project, dataset = session.project, session.dataset
    if project is None or dataset is None:
        return

    def finish(overview: Overview) -> None:
        if session.project is project:
            done(overview)

    run_task(lambda: read_overview(project, dataset), finish, session.show_error, parent=parent)
