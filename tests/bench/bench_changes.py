"""Figures for "before and after": diff, distinct changes, tables; 203 real and 20,000 made ones.

Prints one JSON object a line. Run: python tests/bench/bench_changes.py [FOLDER OF THE PUNKS]
The made set takes real changes (before -> after) and puts phrases of other captions round them.
"""

import json
import os
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import Qt  # noqa: E402
from PySide6.QtWidgets import QApplication  # noqa: E402

from bespoke_gui.core import captions, worddiff  # noqa: E402
from bespoke_gui.core.caption_diff import compare_captions  # noqa: E402
from bespoke_gui.core.caption_revert import revert_captions, revert_change  # noqa: E402
from bespoke_gui.core.change_index import ChangeIndex  # noqa: E402
from bespoke_gui.core.diff_excerpt import excerpt, shortened  # noqa: E402
from bespoke_gui.core.worddiff import read_through  # noqa: E402
from bespoke_gui.qtmodels.change_table import ChangeTable  # noqa: E402
from bespoke_gui.qtmodels.diff_rows import DiffRow, DiffRows  # noqa: E402
from bespoke_gui.views import theme  # noqa: E402
from bespoke_gui.views.widgets.changes_distinct import ChangeTableView  # noqa: E402
from bespoke_gui.views.widgets.diff_rows_view import DiffRowsView  # noqa: E402

PUNKS = ROOT.parent / "shared" / "data" / "punks"
MANY = 20_000


def best(work: Callable[[], object], times: int = 5) -> float:
    """Return the shortest of some runs, in milliseconds."""
    found = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        found.append(time.perf_counter() - began)
    return round(min(found) * 1000, 2)


def measure(before: dict, after: dict, label: str, times: int) -> None:
    """Print the figures of one pair of sets."""

    def say(what: str, milliseconds: float, **more: object) -> None:
        line = {"what": what, "ms": milliseconds, "set": label, "captions": len(before), **more}
        print(json.dumps(line), flush=True)

    say("compare", best(lambda: compare_captions(before, after), times))
    files = compare_captions(before, after).files
    anew = best(lambda: ChangeIndex(files).changes(), times)
    index = ChangeIndex(files)
    changes = index.changes()
    say("distinct changes, anew", anew, rows=len(changes))
    name = next(iter(files))
    other = worddiff.compare(before[name], f"{after[name]}, edited")

    def one() -> None:
        index.put(name, other)
        index.changes()

    again = best(one, times)
    say("distinct changes, after one edit", again, ratio=round(anew / max(again, 0.001), 1))
    first = changes[0]
    reverted = best(lambda: revert_change(files, first.key, first.names), times)
    say("revert one change in all", reverted, changed=len(first.names))
    say("revert the set", best(lambda: revert_captions(files, files), times))
    tables(files, changes, say, times)


def tables(files: dict, changes: list, say: Callable[..., None], times: int) -> None:
    """Print the figures of the item models and of what is painted."""
    table = ChangeTable()
    say("table filled", best(lambda: table.set_changes(changes), times), rows=len(changes))
    say("table filtered", best(lambda: table.filter(words="hat"), times))
    table.filter(words="")
    say("table sorted", best(lambda: table.sort(0, Qt.SortOrder.AscendingOrder), times))

    def row(name: str) -> DiffRow:
        pieces = shortened(excerpt(read_through(files[name].pieces), around=24))
        return DiffRow(name, "", "", pieces)

    rows = DiffRows(row)
    say("list filled", best(lambda: rows.set_keys(files), times))
    for what, view in (("table", ChangeTableView(table)), ("list", DiffRowsView(rows, "Captions"))):
        view.resize(560, 640)
        view.show()
        QApplication.processEvents()
        say(f"{what} painted", best(view.grab, max(times, 3)))
        bar = view.verticalScrollBar()

        def scrolled(bar=bar, view=view) -> None:
            bar.setValue((bar.value() + 4096) % max(bar.maximum(), 1))
            view.grab()

        say(f"{what} scrolled and painted", best(scrolled, 20))
        view.close()


def made(before: dict, after: dict, count: int) -> tuple[dict, dict]:
    """Return two sets of captions with real changes among the phrases of other captions."""
    chance = random.Random(7)
    names = sorted(before)
    parts = [phrase for text in before.values() for phrase in text.split(", ")]
    old, new = {}, {}
    for number in range(count):
        name, around = chance.choice(names), ", ".join(chance.sample(parts, 3))
        old[f"{number}.png"] = f"{before[name]}, {around}"
        new[f"{number}.png"] = f"{after[name]}, {around}"
        if number % 5 == 0:
            phrases = new[f"{number}.png"].split(", ")
            phrases.insert(1, phrases.pop())
            new[f"{number}.png"] = ", ".join(phrases)
    return old, new


def main(punks: Path) -> None:
    application = QApplication([])
    theme.apply(application, "light")
    application.setStyleSheet(theme.style_sheet())
    before = captions.texts(captions.read_folder(punks / "captions_before"))
    after = captions.texts(captions.read_folder(punks / "captions_after"))
    measure(before, after, "punks", 5)
    measure(*made(before, after, MANY), "made", 1)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else PUNKS)
