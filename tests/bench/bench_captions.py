"""Figures for captions: open, diff, lint and rules on 203 real and 20,000 made captions.

Prints one JSON object a line. Run: python tests/bench/bench_captions.py [FOLDER OF THE PUNKS]
"""

import difflib
import json
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from bespoke_gui.core import captions  # noqa: E402
from bespoke_gui.core.caption_diff import compare_captions  # noqa: E402
from bespoke_gui.core.history import History  # noqa: E402
from bespoke_gui.core.lints import lint  # noqa: E402
from bespoke_gui.core.rules.ruleset import load_rules, preview, shipped  # noqa: E402

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


def say(what: str, milliseconds: float, **more: object) -> None:
    print(json.dumps({"what": what, "ms": milliseconds, **more}), flush=True)


def characters(before: dict, after: dict) -> None:
    """The obvious alternative: difflib on characters, as most tools do it."""
    for name in before:
        difflib.SequenceMatcher(None, before[name], after[name], autojunk=False).get_opcodes()


def measure(before: dict, after: dict, label: str, times: int = 5) -> None:
    """Print the figures of one pair of sets."""
    count = len(before)
    words = best(lambda: compare_captions(before, after), times)
    if count < 1000:
        plain = best(lambda: characters(before, after), times)
        say("diff by characters", plain, set=label, captions=count)
        say("diff", words, set=label, captions=count, ratio=round(plain / words, 1))
    else:
        say("diff", words, set=label, captions=count)
    say("lint", best(lambda: lint(after), times), set=label, captions=count)
    for name, path in shipped().items():
        ruleset = load_rules(path)
        shown = best(lambda rules=ruleset: preview(rules, before), times)
        say(f"preview {name}", shown, set=label, captions=count)
    with TemporaryDirectory() as folder, History(Path(folder)) as history:
        began = time.perf_counter()
        history.snapshot("one", before)
        say("snapshot", round((time.perf_counter() - began) * 1000, 2), set=label, captions=count)
        say("load snapshot", best(lambda: history.load("one"), times), set=label, captions=count)


def made(texts: dict, count: int) -> dict:
    """Return captions put together from the phrases of others."""
    chance = random.Random(7)
    parts = [phrase for text in texts.values() for phrase in text.split(", ")]
    return {f"{n}.txt": ", ".join(chance.sample(parts, 10)) for n in range(count)}


def main(punks: Path) -> None:
    folder = punks / "captions_before"
    say("open", best(lambda: captions.read_folder(folder)), set="punks", captions=203)
    before = captions.texts(captions.read_folder(folder))
    after = captions.texts(captions.read_folder(punks / "captions_after"))
    measure(before, after, "punks")
    many = made(before, MANY)
    measure(many, {name: f"{text}, sharp" for name, text in many.items()}, "made", times=1)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else PUNKS)
