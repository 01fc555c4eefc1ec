"""Config page: opening it, a keystroke in the raw text, an edit in the form, a search.

Run: `python tests/bench/bench_config_page.py`. Prints JSON lines. `cpu_ms` is processor time of the
GUI thread for one act, `parses` the same in units of reading the config once with the trainer's
own TOML reader, in the same run.
"""

import json
import os
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
TIMES = 20


def cpu_ms(act, times: int = TIMES) -> float:
    """Return the processor time of one call in ms, of the quickest of a few rounds."""
    best = float("inf")
    for _ in range(3):
        start = time.thread_time()
        for _ in range(times):
            act()
        best = min(best, (time.thread_time() - start) / times)
    return best * 1000


def main() -> None:
    """Measure on the demo project and say so."""
    with tempfile.TemporaryDirectory() as temporary:
        os.environ["BESPOKE_HOME"] = str(Path(temporary) / "home")
        measure(Path(temporary) / "project")


def measure(folder: Path) -> None:
    """Open the page on the demo project and act on it."""
    from bespoke_gui import app
    from bespoke_gui.core import demo
    from bespoke_gui.core.config.presets import presets
    from bespoke_gui.core.config.trainer_config import TrainingConfig

    demo.write_demo(folder)
    text = presets()["sd15_512"].text
    (folder / "configs" / "a.toml").write_text(text, encoding="utf-8")
    application, session, window = app.build()
    window.resize(1440, 900)
    window.show()
    session.open_project(folder)
    wait(application, 1.0)
    app.import_ahead(app.LATER)  # as a started window does, on another thread
    window.show_panel("train")
    wait(application, 2.0)
    parse = cpu_ms(lambda: TrainingConfig(text))
    tell("read a config once", parse, parse)
    room = window.panel("train")
    for what, found in opening(application, room):
        tell(what, found, parse)
    room.configs.open(folder / "configs" / "a.toml")
    wait(application, 1.0)
    for what, found in acting(application, room):
        tell(what, found, parse)
    window.close()
    app.shut_down(session, window, 0)


def tell(what: str, found: float, parse: float) -> None:
    """Print a figure beside that of reading the config once."""
    line = {"what": what, "cpu_ms": round(found, 2), "parses": round(found / parse, 1)}
    print(json.dumps(line), flush=True)


def wait(application, seconds: float) -> None:
    """Let the window and what it does in the background work for a while."""
    from bespoke_gui.qtmodels import tasks

    end = time.monotonic() + seconds
    while time.monotonic() < end or tasks.running():
        application.processEvents()
        time.sleep(0.005)


def opening(application, room):
    """Yield what the first opening of the page costs."""
    start = time.thread_time()
    room.show_page("config")
    yield "page opened first, until it can be painted", (time.thread_time() - start) * 1000
    start, longest = time.thread_time(), 0.0
    while any(one.is_open and not one.is_built for one in room.page("config").form.sections):
        turn = time.thread_time()
        application.processEvents()
        longest = max(longest, time.thread_time() - turn)
    yield "its open groups, together", (time.thread_time() - start) * 1000
    yield "its open groups, the longest turn", longest * 1000
    wait(application, 1.0)


def acting(application, room):
    """Yield what an edit, a keystroke and a search cost with the rows of all options built."""
    page, document = room.page("config"), room.configs.document
    start = time.thread_time()
    for section in page.form.sections:
        section.open(True)
    application.processEvents()
    yield "all other groups at once", (time.thread_time() - start) * 1000
    wait(application, 1.0)
    number = iter(range(10**6))
    # The doctor, drafts and comparisons follow after a pause and in the background.
    yield "form edit", cpu_ms(lambda: document.set_value("seed", next(number)))
    page.show_view("text")
    application.processEvents()

    def type_one() -> None:
        page.text.editor.textCursor().insertText("#")
        application.processEvents()

    yield "keystroke in the text", cpu_ms(type_one)
    page.show_view("form")

    def search() -> None:
        page.form.search.setText("rate" if next(number) % 2 else "caption")
        application.processEvents()

    yield "search", cpu_ms(search, 6)


if __name__ == "__main__":
    main()
