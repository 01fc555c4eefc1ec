"""Fixtures of all tests with Qt: a theme, a session, a small project, and nothing left behind."""

from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from bespoke_gui.core import project as projects
from bespoke_gui.core.history import History
from bespoke_gui.core.settings import Settings
from bespoke_gui.qtmodels import tasks
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.views import theme

CAPTIONS = {
    "lad_001": "portrait of bespoke punk lad, brown hair, wearing a gray hat, green background",
    "lad_002": "portrait of bespoke punk lad, black hair, blue background",
    "lady_001": "portrait of bespoke punk lady, wearing golden earrings, red background",
    "lady_002": "portrait of bespoke punk lady, blonde hair, sunglasses, gray background",
}


class FakeAsk:
    """Answers the window's questions from lists; keeps what was asked."""

    def __init__(self):
        self.answers: list = []
        self.asked: list = []

    def _next(self, *question):
        self.asked.append(question)
        assert self.answers, f"nobody expected the question {question}"
        return self.answers.pop(0)

    def choose(self, title, text, choices):
        return self._next(title, text, [key for key, _ in choices])

    def text(self, title, label, value=""):
        return self._next(title, label, value)

    def folder(self, title, start=""):
        return self._next(title, start)

    def open_file(self, title, pattern, start=""):
        return self._next(title, pattern, start)

    def open_files(self, title, pattern, start=""):
        return self._next(title, pattern, start)

    def save_file(self, title, pattern, start=""):
        return self._next(title, pattern, start)


def draw_portrait(seed: int, size: int = 24) -> Image.Image:
    """Draw a native portrait that differs with `seed`."""
    image = Image.new("RGB", (24, 24), (40 * seed % 256, 200 - 30 * seed % 200, 90 + 20 * seed))
    draw = ImageDraw.Draw(image)
    draw.rectangle((7, 6, 16, 18), fill=(224, 172, 105))
    draw.rectangle((7, 4, 16, 6), fill=(60 + 10 * seed, 30, 20))
    draw.point([(9, 11), (14, 11)], fill=(20, 20, 20))
    return image.resize((size, size), Image.Resampling.NEAREST)


def wear(qapp, mode: str) -> None:
    """Put a theme on everything, on widgets that are tested without a window too."""
    theme.apply(qapp, mode)
    qapp.setStyleSheet(theme.style_sheet())


@pytest.fixture(autouse=True)
def _theme(qapp):
    """The window's own look, light."""
    wear(qapp, "light")


@pytest.fixture(autouse=True)
def synchronous_tasks():
    """Background work is done at once, on the test's own thread."""
    undo = tasks.use(tasks.SynchronousPool())
    yield
    tasks.shutdown()  # work that a test never let run is not waited for by the next one
    undo()


@pytest.fixture
def threaded_tasks(synchronous_tasks):
    """Background work runs on real threads, as in the application."""
    undo = tasks.use(tasks.ThreadPool())
    yield
    assert tasks.shutdown()
    undo()


@pytest.fixture(autouse=True)
def _no_widget_left(qapp, request):
    """Fail when a test leaves top-level widgets open or alive."""
    before = set(map(id, qapp.topLevelWidgets()))
    yield
    qapp.sendPostedEvents(None, 52)
    left = [w for w in qapp.topLevelWidgets() if id(w) not in before and w.isVisible()]
    for widget in left:
        widget.close()
        widget.deleteLater()
    assert not left, f"left open: {left}"


@pytest.fixture
def make_project(tmp_path):
    """Return a function that makes a project of four drawn portraits at 96 px with captions."""

    def make(name="punks", captions=CAPTIONS, size=96) -> Path:
        source = tmp_path / f"{name}_source"
        source.mkdir()
        for seed, stem in enumerate(CAPTIONS):
            draw_portrait(seed, size).save(source / f"{stem}.png")
            if stem in captions:
                (source / f"{stem}.txt").write_text(captions[stem], encoding="utf-8")
        return projects.create_project(tmp_path / name, source, name=name).project.folder

    return make


@pytest.fixture
def ask():
    """Answers questions in place of dialogs."""
    return FakeAsk()


@pytest.fixture
def empty_session(ask, qapp):
    """A session without a project; its notices are collected in `session.told`."""
    session = Session(Settings(), ask)
    session.told = []
    session.notice.connect(lambda *notice: session.told.append(notice))
    undo = tasks.use(failed=session.show_error)
    yield session
    undo()
    session.deleteLater()


@pytest.fixture
def session(empty_session, make_project):
    """A session with the small project open and one snapshot, "before", with more words."""
    folder = make_project()
    with History(folder) as history:
        before = {f"{stem}.png": text for stem, text in CAPTIONS.items()}
        before["lad_001.png"] += ", smiling with moustache"
        history.snapshot("before", before)
    empty_session.open_project(folder)
    return empty_session
