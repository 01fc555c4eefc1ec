"""Application: start-up checks, hooks for errors, and where all parts are put together."""

from __future__ import annotations

import importlib
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from bespoke_gui.qtmodels.session import Session
    from bespoke_gui.views.main_window import MainWindow

log = logging.getLogger("bespoke")
LOG_LIMIT = 1_000_000
NO_PROJECT = "--no-project"
RUNS = ("bespoke_gui.views.run_notices", "bespoke_gui.views.widgets.billing_bar")
AHEAD = (
    "bespoke_gui.views.rooms.captions",
    "bespoke_gui.views.widgets.caption_edit_page",
    "bespoke_gui.views.widgets.notes_pane",
    "numpy",
    "PIL.Image",
    "bespoke_gui.core.lints",
    "bespoke_gui.views.icons:draw_ahead",
)
# What nobody can open in the first moment; tables that a room would read when it is built.
LATER_MS = 2_000
LATER = (
    "bespoke_gui.views.rooms.prepare",
    "bespoke_gui.views.rooms.train",
    "bespoke_gui.views.widgets.config_page",
    "bespoke_gui.views.rooms.gallery",
    "bespoke_gui.core.config.option_words:option_groups",
    "bespoke_gui.core.config.speeds:speed_table",
)


def main(argv: list[str] | None = None) -> int:
    """Open the window, with the project folder in `argv` or the last one; return an exit code."""
    arguments = sys.argv[1:] if argv is None else argv
    import PySide6

    problem = qt_problem(PySide6.__version__, sys.version_info[:2])
    problem = problem or display_problem(sys.platform, os.environ)
    if problem:
        sys.stderr.write(f"bespoke: {problem}\n")
        return 1
    application, session, window = build()
    start(session, arguments)
    look_after_runs(session, window)
    window.show()
    code = application.exec()
    return shut_down(session, window, code)


def qt_problem(pyside: str, python: tuple[int, ...]) -> str:
    """Say why this PySide6 cannot be used with this Python, or nothing.

    6.12.0 takes one reference from None at every call without a result; below Python 3.12, where
    None is not immortal, the process dies after some 7,000 calls.
    """
    if pyside.split("+")[0] == "6.12.0" and python[:2] < (3, 12):
        version = ".".join(str(part) for part in python[:2])
        return (
            f"PySide6 {pyside} crashes on Python {version}; "
            'run: python3 -m pip install "PySide6-Essentials>=6.8.3,<6.12"'
        )
    return ""


def display_problem(platform: str, environ: Mapping[str, str]) -> str:
    """Say that there is no display to open a window on, or nothing."""
    known = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    if platform.startswith("linux") and not any(environ.get(name) for name in known):
        return (
            "there is no display to open a window on; "
            "run the whole loop without one: python3 run.py --loop"
        )
    return ""


def build() -> tuple[QApplication, Session, MainWindow]:
    """Make application, session and window; nothing is shown and no project is opened yet."""
    from PySide6.QtWidgets import QApplication

    from bespoke_gui.core import settings
    from bespoke_gui.qtmodels.queue_desk import queue_of
    from bespoke_gui.qtmodels.session import Session
    from bespoke_gui.views import icons, theme
    from bespoke_gui.views.main_window import MainWindow

    # Ctrl+C in the terminal ends the program; the journal keeps what was typed.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    write_log_to(settings.home() / "bespoke.log")
    application = QApplication.instance() or QApplication(["bespoke"])
    assert isinstance(application, QApplication)
    application.setApplicationName("Bespoke")
    application.setDesktopFileName("bespoke")
    application.setWindowIcon(icons.application_icon())
    chosen = settings.load()
    theme.apply(application, chosen.theme)
    session = Session(chosen)
    install_hooks(session)
    queue_of(session).start()
    return application, session, MainWindow(session)


def start(session: Session, arguments: list[str]) -> None:
    """Begin to open the project named on the command line, else the one open last, else the demo.

    NO_PROJECT among the arguments leaves the welcome page.
    """
    from PySide6.QtCore import QTimer

    from bespoke_gui.qtmodels.tasks import run_task

    if NO_PROJECT not in arguments:
        open_or_demo(session, project_to_open(arguments, session.settings.recent))
    run_task(import_ahead, parent=session)
    later = partial(run_task, partial(import_ahead, LATER), parent=session)
    QTimer.singleShot(LATER_MS, session, later)


def open_or_demo(session: Session, path: Path | None) -> None:
    """Open a project; where nobody has one yet, the demo, written beside the settings."""
    if path is not None:
        session.open_project(path)
        return
    from bespoke_gui.core import settings
    from bespoke_gui.qtmodels.project_start import make_demo

    make_demo(session, settings.home() / "demo")


def look_after_runs(session: Session, window: MainWindow) -> None:
    """Have runs followed, their ends told and running costs shown, whichever room is open.

    What that takes is imported on a background thread: the window does not wait for it.
    """
    from bespoke_gui.qtmodels.tasks import run_task

    def build(_: object) -> None:
        from bespoke_gui.qtmodels.billing_model import BillingModel
        from bespoke_gui.qtmodels.run_keeper import RunKeeper
        from bespoke_gui.views.run_notices import RunNotices
        from bespoke_gui.views.widgets.billing_bar import BillingBar

        RunNotices(window, session, RunKeeper(session, window))
        window.add_bar(BillingBar(session, BillingModel(session, window)))

    run_task(lambda: [importlib.import_module(name) for name in RUNS], build, parent=window)


def import_ahead(names: Iterable[str] = AHEAD) -> None:
    """Import on a background thread what the panels will need, so that they open at once.

    "module:function" is called as well: it keeps what it returns.
    """
    for name in names:
        module, _, function = name.partition(":")
        imported = importlib.import_module(module)
        if function:
            getattr(imported, function)()


def project_to_open(arguments: list[str], recent: list[str]) -> Path | None:
    """Return the project folder to begin with; a recent one only while it is still there."""
    if arguments:
        return Path(arguments[0])
    last = Path(recent[0]) if recent else None
    return last if last is not None and (last / "bespoke.toml").is_file() else None


def install_hooks(session: Session) -> Callable[[], None]:
    """Send every error nobody caught to log and window; returns a function that undoes it."""
    from PySide6.QtCore import qInstallMessageHandler

    from bespoke_gui.qtmodels import tasks

    def report(
        kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            return
        session.show_error(error)

    def report_thread(args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            session.show_error(args.exc_value)

    before = (sys.excepthook, threading.excepthook)
    sys.excepthook, threading.excepthook = report, report_thread
    handler = qInstallMessageHandler(_qt_message(session))
    forget = tasks.use(failed=session.show_error)

    def undo() -> None:
        sys.excepthook, threading.excepthook = before
        qInstallMessageHandler(handler)
        forget()

    return undo


def write_log_to(path: Path) -> None:
    """Write warnings and errors to a file that is begun anew when it grows too large."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and path.stat().st_size > LOG_LIMIT:
            path.replace(path.with_suffix(".old.log"))
        handler: logging.Handler = logging.FileHandler(path, encoding="utf-8", delay=True)
    except OSError:
        handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    log.addHandler(handler)
    log.setLevel(logging.INFO)


def shut_down(session: Session, window: MainWindow, code: int) -> int:
    """End background work and take the window apart before the interpreter goes."""
    from PySide6.QtCore import qInstallMessageHandler

    from bespoke_gui.qtmodels import tasks

    if not tasks.shutdown():
        log.warning("background work did not end in time")
    session.release_lock()
    qInstallMessageHandler(None)
    sys.excepthook = sys.__excepthook__
    window.deleteLater()
    session.deleteLater()
    return code


def _qt_message(session: Session) -> Callable[..., None]:
    """Return a handler of Qt's own messages: all to the log, serious ones to the window too."""
    from PySide6.QtCore import QtMsgType

    serious = (QtMsgType.QtCriticalMsg, QtMsgType.QtFatalMsg)

    def handle(kind: QtMsgType, context: object, message: str) -> None:
        if kind in serious:
            log.error("Qt: %s", message)
            session.notify("error", f"Qt reports: {message}")
        elif kind == QtMsgType.QtWarningMsg:
            log.warning("Qt: %s", message)

    return handle
