import importlib.util
import os
import subprocess
import sys
import threading

import pytest

from bespoke_gui import app
from bespoke_gui.core.errors import AppError


@pytest.mark.parametrize(
    ("pyside", "python", "bad"),
    [
        ("6.12.0", (3, 11), True),
        ("6.12.0", (3, 10), True),
        ("6.12.0", (3, 12), False),
        ("6.11.3", (3, 11), False),
        ("6.12.1", (3, 11), False),
    ],
)
def test_the_one_broken_pyside_is_refused(pyside, python, bad):
    problem = app.qt_problem(pyside, python)
    assert bool(problem) == bad
    assert "\n" not in problem
    if bad:
        assert "pip install" in problem


@pytest.mark.parametrize(
    ("platform", "environ", "missing"),
    [
        ("linux", {}, True),
        ("linux", {"DISPLAY": ":0"}, False),
        ("linux", {"WAYLAND_DISPLAY": "wayland-0"}, False),
        ("linux", {"QT_QPA_PLATFORM": "offscreen"}, False),
        ("win32", {}, False),
        ("darwin", {}, False),
    ],
)
def test_without_a_display_the_loop_command_is_named(platform, environ, missing):
    problem = app.display_problem(platform, environ)
    assert ("python3 run.py --loop" in problem) == missing
    assert "\n" not in problem


def test_main_says_one_line_where_there_is_no_display(root, own_settings):
    known = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    environ = {k: v for k, v in os.environ.items() if k not in known}
    code = "from bespoke_gui.app import main; raise SystemExit(main([]))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, env=environ, capture_output=True, text=True
    )
    if sys.platform.startswith("linux"):
        assert done.returncode == 1
        assert done.stderr.count("\n") == 1
        assert "--loop" in done.stderr


def test_project_to_open(tmp_path):
    gone, there = tmp_path / "gone", tmp_path / "there"
    there.mkdir()
    (there / "bespoke.toml").write_text("schema = 1")
    assert app.project_to_open(["x"], [str(there)]).name == "x"
    assert app.project_to_open([], [str(there)]) == there
    assert app.project_to_open([], [str(gone), str(there)]) is None
    assert app.project_to_open([], []) is None


def test_uncaught_errors_become_notices(empty_session, qtbot):
    undo = app.install_hooks(empty_session)
    try:
        sys.excepthook(AppError, AppError("first"), None)
        thread = threading.Thread(target=lambda: 1 / 0)
        thread.start()
        thread.join()
        qtbot.waitUntil(lambda: len(empty_session.told) == 2)
    finally:
        undo()
    told = [text for _, text, _ in empty_session.told]
    assert told[0] == "first"
    assert "ZeroDivisionError" in told[1]


def test_serious_qt_messages_become_notices(empty_session):
    from PySide6.QtCore import QtMsgType

    handle = app._qt_message(empty_session)
    handle(QtMsgType.QtWarningMsg, None, "small")
    handle(QtMsgType.QtCriticalMsg, None, "serious")
    assert [text for _, text, _ in empty_session.told] == ["Qt reports: serious"]


def test_gui_process_never_imports_torch(root, own_settings, make_project):
    folder = make_project()
    code = (
        "import sys; from bespoke_gui import app; a, s, w = app.build(); w.show();"
        f"app.start(s, [{str(folder)!r}]);"
        "from PySide6.QtCore import QTimer;"
        "s.project_changed.connect(lambda: [w.show_panel(n) for n in w.rail.buttons]);"
        "QTimer.singleShot(3000, a.quit); a.exec(); app.shut_down(s, w, 0);"
        "bad = {'torch', 'diffusers', 'transformers', 'peft'} & set(sys.modules);"
        "assert s.project is not None; assert not bad, bad"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_first_start_opens_the_demo_and_the_second_the_same_one(empty_session, qtbot, own_settings):
    session = empty_session
    app.start(session, [])
    qtbot.waitUntil(lambda: session.dataset is not None, timeout=20_000)
    assert session.project.folder == own_settings / "demo"
    assert len(session.dataset.items) == 40
    caption = session.dataset.items[0].caption
    caption.write_text("mine")
    with qtbot.waitSignal(session.project_changed, timeout=20_000):
        app.open_or_demo(session, None)
    assert caption.read_text() == "mine"


def test_first_start_in_a_fresh_process(root, own_settings):
    """Nothing is imported yet, and threads import at the same time: as a newcomer's start."""
    code = (
        "from bespoke_gui import app; a, s, w = app.build(); w.show(); app.start(s, []);"
        "from PySide6.QtCore import QTimer; told = [];"
        "s.notice.connect(lambda *notice: told.append(notice));"
        "s.project_changed.connect(lambda: QTimer.singleShot(500, a.quit));"
        "QTimer.singleShot(20000, a.quit); a.exec(); app.shut_down(s, w, 0);"
        "assert s.dataset is not None and len(s.dataset.items) == 40, told"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_no_project_leaves_the_welcome_page(empty_session, qtbot):
    app.start(empty_session, [app.NO_PROJECT])
    qtbot.wait(200)
    assert empty_session.project is None


def test_void_calls_keep_their_references_to_none(qapp):
    """PySide6 6.12.0 loses one reference of None a call: facts of the start-up guard."""
    from PySide6.QtWidgets import QLabel

    label = QLabel()
    before = sys.getrefcount(None)
    for _ in range(2000):
        label.setText("x")
        label.update()
    lost = before - sys.getrefcount(None)
    label.deleteLater()
    assert lost < 100


def test_rooms_are_imported_after_the_first_moment(empty_session, monkeypatch, qtbot):
    seen, called = [], []

    class Module:
        def __getattr__(self, name):
            return lambda: called.append(name)

    monkeypatch.setattr(app, "LATER_MS", 0)
    monkeypatch.setattr(app.importlib, "import_module", lambda name: seen.append(name) or Module())
    app.start(empty_session, [app.NO_PROJECT])
    first, later = ([name.split(":")[0] for name in names] for names in (app.AHEAD, app.LATER))
    assert seen == first
    qtbot.waitUntil(lambda: len(seen) > len(first))
    assert seen[len(first) :] == later
    assert called == ["draw_ahead", "option_groups", "speed_table"]


def test_what_is_imported_ahead_is_there():
    for name in (*app.AHEAD, *app.LATER):
        module, _, function = name.partition(":")
        assert importlib.util.find_spec(module) is not None, name
        assert not function or callable(getattr(importlib.import_module(module), function)), name
