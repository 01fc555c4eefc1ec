"""Home room: what is done, what is next, and the way to other projects."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from pathlib import Path

from PySide6.QtCore import QRectF, Qt, QTimer
from PySide6.QtGui import QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from bespoke_gui.qtmodels.overview import Overview, Stage
from bespoke_gui.qtmodels.project_start import draw_faces, make_demo, overview_of
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.qtmodels.tasks import run_task
from bespoke_gui.views import icons, theme
from bespoke_gui.views.widgets.parts import (
    button,
    card,
    column,
    elided,
    figure,
    heading,
    muted,
    plain_label,
    row,
    scrolling,
)
from bespoke_gui.views.widgets.thumbnail_wall import FaceWall, ThumbnailWall

_CLOSED = "The loop is closed"
_AGAIN = "Better captions, other images or another config begin the next round."
_LOOP = "Images and captions in; a checked package, a training, every epoch side by side out."
FACES = 60
FACES_AFTER_MS = 60

# Words, their kind in the style sheet, and the colours of the sign: ground and figure.
_STATES = {
    "done": ("Done", "good", "good_soft", "good"),
    "busy": ("Running", "accent", "accent_soft", "accent_text"),
    "attention": ("Needs you", "warning", "warning_soft", "warning"),
    "next": ("Next", "accent", "accent", "on_accent"),
    "todo": ("To do", "muted", "hover", "muted"),
}
_WHY = {
    "Images": "Find what is there twice, unlike the rest or unreadable before it costs a training.",
    "Captions": "The model learns what the captions say: one caption for each image.",
    "Prepare": "Bring every image to the training size without inventing a single colour.",
    "Package": "Pack images, captions and config into one file, checked before it costs anything.",
    "Train": "Train a LoRA on this machine or elsewhere and watch every epoch.",
    "Gallery": "See every epoch side by side, each in its own 24×24 pixels, and decide.",
}


class HomePanel(QWidget):
    """The start page: welcome without a project, the state of the loop with one."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._pages = QStackedLayout(self)
        self._opening = heading("Opening the project…", 1.25)
        self._opening.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._pages.addWidget(self._opening)
        session.busy_changed.connect(self.refresh)
        session.project_changed.connect(self.refresh)
        for changed in (
            session.runs_changed,
            session.galleries_changed,
            session.prepared_changed,
            session.snapshots_changed,
            session.packages_changed,
            session.captions.saved,
        ):
            changed.connect(self.refresh)
        self.refresh()

    @cached_property
    def _welcome(self) -> Welcome:
        """The page without a project; made when it is first wanted, as most starts have one."""
        page = Welcome(self._session, self.new_project, self.make_demo)
        self._pages.addWidget(page)
        return page

    @cached_property
    def _project(self) -> ProjectPage:
        page = ProjectPage(self._session, self.new_project)
        self._pages.addWidget(page)
        return page

    def refresh(self) -> None:
        """Read the state of the project again."""
        if self._session.project is not None:
            self._project.refresh()
            self._pages.setCurrentWidget(self._project)
        elif self._session.is_opening:
            self._pages.setCurrentWidget(self._opening)
        else:
            self._pages.setCurrentWidget(self._welcome)
            self._welcome.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    def new_project(self) -> None:
        """Ask for images and captions and make a project of them."""
        from bespoke_gui.views.new_project import ask_new_project

        ask_new_project(self._session, self)

    def make_demo(self) -> None:
        """Ask for a folder, write the demo project into it and open it."""
        folder = self._session.ask.folder("Folder for the demo project", str(Path.home()))
        if folder is not None:
            make_demo(self._session, folder / "bespoke-demo")


class Welcome(QWidget):
    """What is there to do when no project is open."""

    _has_faces = False

    def __init__(self, session: Session, new: Callable[[], None], demo: Callable[[], None]) -> None:
        super().__init__()
        self._session = session
        make = button("New project…", kind="primary", icon="add")
        make.clicked.connect(new)
        open_it = button("Open folder…", icon="folder")
        open_it.clicked.connect(self._open)
        try_it = button("Try the demo", icon="play")
        try_it.clicked.connect(demo)
        self._recent = RecentProjects(session)
        self.faces = FaceWall()
        inner = column(
            heading("Bespoke", 2.4),
            column(
                muted("Teach Stable Diffusion your pixel-art style, on evidence.", wrap=False),
                muted(_LOOP),
                spacing=2,
            ),
            row(make, open_it, try_it, None),
            self._recent,
            spacing=16,
        )
        inner.addWidget(self.faces, 1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(24, 64, 24, 24)
        layout.addStretch(1)
        layout.addLayout(inner, 2)
        layout.addStretch(1)

    def refresh(self) -> None:
        """Show the recent projects as they are now."""
        self._recent.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._has_faces:
            self._has_faces = True
            # After the first paint: drawing imports numpy, which would hold it up.
            QTimer.singleShot(FACES_AFTER_MS, self, self._draw_faces)

    def _draw_faces(self) -> None:
        run_task(lambda: draw_faces(FACES), self.faces.set_faces, parent=self)

    def _open(self) -> None:
        folder = self._session.ask.folder("Open project folder", str(Path.home()))
        if folder is not None:
            self._session.open_project(folder)


class RecentProjects(QWidget):
    """Projects that were open before, the newest first."""

    def __init__(self, session: Session, most: int = 6) -> None:
        super().__init__()
        self._session = session
        self._most = most
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(0)

    def refresh(self) -> None:
        """Show the list as it is now, without the project that is open."""
        while (item := self._layout.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        current = str(self._session.project.folder) if self._session.project else ""
        others = [path for path in self._session.settings.recent if path != current]
        if others:
            self._layout.addWidget(heading("Recent projects", 1.0))
        for path in others[: self._most]:
            self._layout.addWidget(self._line(path))
        self.setVisible(bool(others))

    def _line(self, path: str) -> QWidget:
        folder = Path(path)
        name = button(folder.name, f"Open {path}", "link-line")
        name.clicked.connect(lambda: self._session.open_project(folder))
        where = muted(str(folder.parent), wrap=False)
        holder = QWidget()
        layout = QHBoxLayout(holder)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(name)
        layout.addWidget(where, 1)
        return holder


class ProjectPage(QWidget):
    """The open project: name, next step, stages, and its images."""

    def __init__(self, session: Session, new: Callable[[], None]) -> None:
        super().__init__()
        self._session = session
        self._name = heading("", 1.8)
        self._place = muted(wrap=False)
        self._place.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        make = button("New project…", kind="ghost", icon="add")
        make.clicked.connect(new)
        self.next = NextStep(session)
        self.stages = {
            title: StageCard(session, title, number) for number, title in enumerate(_WHY, 1)
        }
        self.wall = ThumbnailWall(session.thumbnails)
        self.wall.chosen.connect(session.show_caption)
        self._wall_title = heading("", 1.0)
        page = QWidget()
        loop = row(*self.stages.values())
        for place in range(loop.count()):
            loop.setStretch(place, 1)
        layout = column(
            row(self._title(), None, make),
            self.next,
            loop,
            self._wall_title,
            spacing=16,
        )
        layout.addWidget(self.wall, 1)
        layout.setContentsMargins(24, 20, 24, 16)
        page.setLayout(layout)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolling(page))

    def refresh(self) -> None:
        """Show name and images at once, the stages when they have been read."""
        project, dataset = self._session.project, self._session.dataset
        if project is None or dataset is None:
            return
        self._name.setText(project.name)
        self._place.setText(str(project.folder))
        native = project.native_size
        self._wall_title.setText(f"{len(dataset.items)} images, shown at {native}×{native}")
        self.wall.set_items(dataset.items)
        overview_of(self._session, self._show, self)

    def _title(self) -> QWidget:
        holder = QWidget()
        holder.setLayout(column(self._name, self._place, spacing=2))
        return holder

    def _show(self, overview: Overview) -> None:
        for stage in overview.stages:
            self.stages[stage.title].show_stage(stage, stage == overview.next)
        self.next.show_stage(overview.next)


class NextStep(QWidget):
    """What to do next, with the one main button of the page."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._panel = ""
        self._title = heading("", 1.25)
        self._detail = plain_label()
        self._why = muted()
        self.button = button("", kind="primary")
        self.button.clicked.connect(lambda: session.go_to.emit(self._panel))
        words = column(self._title, self._detail, self._why, spacing=4)
        inner = QHBoxLayout()
        inner.setSpacing(16)
        inner.addLayout(words, 1)
        inner.addWidget(self.button, 0, Qt.AlignmentFlag.AlignVCenter)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(card(inner))
        self.hide()

    def show_stage(self, stage: Stage | None) -> None:
        """Show this stage as the next one; a done one means that the whole loop is."""
        self.setVisible(stage is not None)
        if stage is None:
            return
        self._panel = stage.panel
        closed = stage.state == "done"
        self._title.setText(_CLOSED if closed else f"Next: {stage.title.lower()}")
        self._detail.setText(f"{stage.detail}.")
        self._why.setText(_AGAIN if closed else stage.why or _WHY[stage.title])
        self.button.setText(stage.action)


class StageCard(QWidget):
    """One stage of the loop: its state, one figure and what to do there."""

    def __init__(self, session: Session, title: str, number: int) -> None:
        super().__init__()
        self._panel = ""
        self.sign = StageSign(number)
        self._state = plain_label(wrap=False)
        self._state.setFont(theme.font(0.9))
        self._figure = figure("–", 1.9)
        self._unit = elided()
        theme.set_kind(self._unit, "muted")
        self._detail = muted()
        self._detail.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.open = button("Open", kind="link-line")
        self.open.setAccessibleName(f"Open {title}")
        self.open.clicked.connect(lambda: session.go_to.emit(self._panel))
        name = plain_label(title, wrap=False)
        name.setFont(theme.font(1.0, bold=True))
        head = row(self.sign, spacing=8)
        head.addLayout(column(name, self._state, spacing=0), 1)
        number_line = row(self._figure, self._unit, spacing=6)
        number_line.setStretch(1, 1)
        inner = column(head, number_line, self._detail, None, row(self.open, None), spacing=4)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(card(inner, 12))

    def show_stage(self, stage: Stage, is_next: bool) -> None:
        """Show what is known about the stage."""
        self._panel = stage.panel
        state = "next" if is_next and stage.state == "todo" else stage.state
        words, kind, _, _ = _STATES[state]
        self._state.setText(words)
        theme.set_kind(self._state, kind)
        self.sign.show_state(state)
        self._figure.setText(stage.figure)
        self._unit.setText(stage.unit)
        self._detail.setText(stage.detail)
        self._detail.setToolTip(stage.detail)
        self.open.setText(stage.action)
        self.open.setToolTip(stage.action)


class StageSign(QWidget):
    """The number of a stage on a disc; a tick once the stage is done."""

    SIZE = 28

    def __init__(self, number: int) -> None:
        super().__init__()
        self._number = number
        self._state = "todo"
        self.setFixedSize(self.SIZE, self.SIZE)

    def show_state(self, state: str) -> None:
        """Draw the sign of this state from now on."""
        self._state = state
        self.setAccessibleName(f"Stage {self._number}: {_STATES[state][0]}")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.tokens()
        ground, ink = (getattr(colours, token) for token in _STATES[self._state][2:])
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawEllipse(box)
        if self._state == "done":
            icons.paint(painter, "check", box.adjusted(5, 5, -5, -5), ink)
        else:
            painter.setPen(ink)
            painter.setFont(theme.font(1.0, bold=True, tabular=True))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, str(self._number))
        painter.end()
