"""A malicious machine behind the window: it stays alive and shows text as text."""

import contextlib
import threading

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QLabel

from bespoke_gui.core.runs import run_state
from bespoke_gui.views.widgets.run_view import RunView
from tests.launch.remote_kit import carry_home, remote_run
from tests.launch.sshd import Sshd, needs_sshd
from tests.launch.test_courier_evil import EvilTravel, checkpoint, events

pytestmark = needs_sshd
TAGS = '<h1>owned</h1><img src="file:///etc/passwd"><a href="https://example.com">x</a>'


def write(folder):
    """Everything at once, then a failure in words that look like a page."""
    events(
        folder, b"x" * 20_000_000 + b"\n", b"\x00\xff\n",
        {"event": "hello", "engine": TAGS}, {"event": "stage", "name": TAGS},
        {"event": "progress", "step": 1e308, "total": -1, "epoch": [1], "eta_s": "soon"},
        {"event": "sample", "path": "../../../etc/passwd", "prompt": TAGS, "epoch": {}},
        {"event": "metric", "name": "gpu", "value": TAGS, "memory": None},
    )  # fmt: skip
    for number in range(20_000):
        events(folder, {"event": "log", "level": TAGS, "text": f"\x1b[2J{number}{TAGS}"})
    checkpoint(folder)
    events(folder, {"event": "failed", "kind": "oom", "message": TAGS, "hint": TAGS})


@pytest.fixture
def far(tmp_path):
    with Sshd(tmp_path / "far") as sshd:
        yield remote_run(tmp_path / "here" / "r", sshd.machine())


def test_the_window_lives_and_shows_tags_as_text(qtbot, session, far):
    view = RunView(session)
    qtbot.addWidget(view)
    view.resize(1000, 700)
    view.show()
    said = {"outcome": "failed", "kind": "oom", "message": TAGS, "hint": TAGS}
    courier = threading.Thread(target=carry_home, args=(far, None, EvilTravel(write, said)))
    beats = []
    pulse = QTimer(interval=10)
    pulse.timeout.connect(lambda: beats.append(courier.is_alive()))
    pulse.start()
    courier.start()
    view.attach(far, TAGS, False)
    qtbot.waitUntil(lambda: view.state == "failed", timeout=60_000)
    courier.join()
    view.detach()
    assert beats.count(True) >= 20, "the window answered while the machine was at its worst"
    assert run_state(far) == "failed"
    assert len(view.story.checkpoints) == 0 or view.story.checkpoints[0].path.startswith("outputs/")
    assert all(".." not in row.path for row in view.story.samples)
    assert "<h1>owned</h1>" in view.head.failure_words.text()
    assert [label.text() for label in view.findChildren(QLabel) if is_page(label)] == []
    with contextlib.suppress(RuntimeError):
        pulse.stop()


def is_page(label: QLabel) -> bool:
    """Whether a label would draw what it was given as a page."""
    if label.textFormat() == Qt.TextFormat.PlainText:
        return False
    return label.textFormat() == Qt.TextFormat.RichText or "<" in label.text()
