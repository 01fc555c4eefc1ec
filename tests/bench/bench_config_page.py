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
    from bespoke_gui.qtmodels import tasks

    demo.write_demo(folder)
    text = presets()["sd15_512"].text
    (folder / "configs" / "a.toml").write_text(text, encoding="utf-8")
    application, session, window = app.build()
    window.resize(1440, 900)
    window.show()
    session.open_project(folder)

    def wait(seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end or tasks.running():
            application.processEvents()
            time.sleep(0.005)

    wait(1.0)
    window.show_panel("train")
    room = window.panel("train")
    wait(2.0)
    parse = cpu_ms(lambda: TrainingConfig(text))

    def tell(what: str, found: float) -> None:
        line = {"what": what, "cpu_ms": round(found, 2), "parses": round(found / parse, 1)}
        print(json.dumps(line), flush=True)

    tell("read a config once", parse)
    start = time.thread_time()
    room.show_page("config")
    tell("page opened first, until it can be painted", (time.thread_time() - start) * 1000)
    start, longest = time.thread_time(), 0.0
    while any(one.is_open and not one.is_built for one in room.page("config").form.sections):
        turn = time.thread_time()
        application.processEvents()
        longest = max(longest, time.thread_time() - turn)
    tell("its open groups, together", (time.thread_time() - start) * 1000)
    tell("its open groups, the longest turn", longest * 1000)
    page = room.page("config")
    wait(1.0)
    room.configs.open(folder / "configs" / "a.toml")
    page.form.chips["set"].setChecked(True)
    page.form.chips["set"].setChecked(False)
    for section in page.form.sections:
        section.open(True)
    wait(1.0)
    document = room.configs.document
    sign = iter(range(10**6))
    # The doctor, drafts and comparisons follow after a pause and in the background.
    tell("form edit, all rows built", cpu_ms(lambda: document.set_value("seed", next(sign))))
    page.show_view("text")
    application.processEvents()

    def type_one() -> None:
        page.text.editor.textCursor().insertText("#")
        application.processEvents()

    tell("keystroke in the text", cpu_ms(type_one))
    page.show_view("form")

    def search() -> None:
        page.form.search.setText("rate" if next(sign) % 2 else "caption")
        application.processEvents()

    tell("search, all rows built", cpu_ms(search, 6))
    window.close()
    app.shut_down(session, window, 0)


if __name__ == "__main__":
    main()
