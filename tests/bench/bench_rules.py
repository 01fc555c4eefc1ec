"""Figures for rules: the live preview a keystroke, on 203 real and 20,000 made captions.

Prints one JSON object a line; `ratio` compares with running every rule again (what a tool without
memory does). Run: python tests/bench/bench_rules.py [FOLDER OF THE PUNKS]
"""

import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from bespoke_gui.core import captions, project  # noqa: E402
from bespoke_gui.core.rules.document import read_document  # noqa: E402
from bespoke_gui.core.rules.live import LivePreview  # noqa: E402
from bespoke_gui.core.rules.ruleset import preview, shipped  # noqa: E402

PUNKS = ROOT.parent / "shared" / "data" / "punks"
ARTIST = ROOT / "tests" / "core" / "rules_data" / "artist_phase1a.toml"
MANY = 20_000


def clocked(work: Callable[[], object]) -> float:
    """Return how long one call takes, in milliseconds."""
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def say(what: str, milliseconds: float, **more: object) -> None:
    print(json.dumps({"what": what, "ms": round(milliseconds, 2), **more}), flush=True)


def keystrokes(path: Path, texts: dict, label: str, times: int) -> None:
    """Type a letter into the first and the last rule, again and again."""
    document, live = read_document(path), LivePreview()
    about = {"set": label, "captions": len(texts), "rules": path.stem}
    whole = clocked(lambda: live.update(document.ruleset()[0], texts))
    say("first preview", whole, **about)
    for what, place in (("first", 0), ("last", len(document.blocks) - 1)):
        key = next(k for k in ("with", "text", "note") if k in document.table(place) or k == "note")
        value, found, plain = document.table(place).get(key, ""), [], []
        for number in range(times):
            document.set(place, key, value + "x" * (number + 1))
            ruleset = document.ruleset()[0]
            found.append(clocked(lambda rules=ruleset: live.update(rules, texts)))
            plain.append(clocked(lambda rules=ruleset: preview(rules, texts)))
        document.set(place, key, value)
        live.update(document.ruleset()[0], texts)
        figures = {"worst_ms": round(max(found), 2), "ratio": round(min(plain) / min(found), 1)}
        say(f"keystroke in the {what} rule", sorted(found)[times // 2], **about, **figures)
    results = live.update(document.ruleset()[0], texts).results
    again = clocked(lambda: live.unstable(document.ruleset()[0], results))
    say("second run, once typing rests", again, **about)


def made(texts: dict, count: int) -> dict:
    """Return captions put together from the phrases of others."""
    chance = random.Random(7)
    parts = [phrase for text in texts.values() for phrase in text.split(", ")]
    return {f"{n}.txt": ", ".join(chance.sample(parts, 10)) for n in range(count)}


def window(punks: Path) -> None:
    """Type into the form of the real page and wait for the new table."""
    from PySide6.QtCore import QEventLoop

    from bespoke_gui import app

    with tempfile.TemporaryDirectory() as folder:
        os.environ["BESPOKE_HOME"] = f"{folder}/home"
        place = Path(folder) / "project"
        project.create_project(place, punks / "train_512px", punks / "captions_before", "bench")
        application, session, main_window = app.build()
        main_window.resize(1440, 900)
        main_window.show()

        def wait(until: Callable[[], bool]) -> None:
            while not until():
                application.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 5)

        session.open_project(place)
        wait(lambda: bool(session.captions.names()))
        main_window.show_panel("captions")
        room = main_window.panel("captions")
        room.show_page("rules")
        page = room.page("rules")
        page.editor.open(ARTIST)
        wait(lambda: page.preview.shown.totals.lossy == 52)
        for what, row in (("first", 0), ("last", len(page.editor.checked) - 1)):
            page.set_pane.list.choose(row)
            field = page.set_pane.form.fields.get("with") or page.set_pane.form.fields["text"]
            seen, typed, busy = [], [], []
            for _ in range(12):
                came = []
                page.preview.updated.connect(lambda came=came: came.append(1))
                began, cpu = time.perf_counter(), time.process_time()
                field.insertPlainText("x")
                typed.append((time.perf_counter() - began) * 1000)
                wait(lambda came=came: bool(came))
                application.processEvents()
                seen.append((time.perf_counter() - began) * 1000)
                busy.append((time.process_time() - cpu) * 1000)
                time.sleep(0.02)
            figures = {"worst_ms": round(max(seen), 2), "typing_ms": round(max(typed), 2)}
            figures["cpu_ms"] = round(sorted(busy)[6], 2)
            say(f"window: letter in the {what} rule to new table", sorted(seen)[6], **figures)
        main_window.close()
        app.shut_down(session, main_window, 0)


def main(punks: Path) -> None:
    before = captions.texts(captions.read_folder(punks / "captions_before"))
    many = made(before, MANY)
    for path in (ARTIST, shipped()["enhance"]):
        keystrokes(path, before, "punks", 9)
        keystrokes(path, many, "made", 3)
    window(punks)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else PUNKS)
