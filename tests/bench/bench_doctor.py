"""Figures for the config doctor on the reference run: cold, warm, without captions; and a forecast.

Prints one JSON object a line. "cold" is the first check of a fresh interpreter, its imports, the
option table and the vocabulary included; "warm" is what the form pays at every edit. Ratios are
against the obvious alternative in the same run: the same check with each caption's tokens counted
anew by transformers' tokenizer, where that is installed. Process time, so that a busy machine
changes little. Run: python tests/bench/bench_doctor.py [FOLDER OF THE PUNKS]
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from bespoke_gui.core import clip_tokens  # noqa: E402
from bespoke_gui.core.config.compare import compare_texts  # noqa: E402
from bespoke_gui.core.config.doctor import check_config  # noqa: E402
from bespoke_gui.core.config.forecast import forecast  # noqa: E402
from bespoke_gui.core.config.train_data import as_packaged  # noqa: E402
from bespoke_gui.core.config.trainer_config import TrainingConfig  # noqa: E402
from tests.bench.bench_tokens import reference  # noqa: E402

PUNKS = ROOT.parent / "shared" / "data" / "punks"
GOAL_MS = 50
FRESH = """
import sys, time; began = time.process_time(); sys.path.insert(0, {root!r})
from pathlib import Path
from tests.bench.bench_doctor import check, read
facts = read(Path({punks!r}))
between = time.process_time(); check(*facts); print(between - began, time.process_time() - between)
"""


def read(punks: Path):
    """Return the reference config's text and what is known of its images."""
    captions = {
        path.with_suffix(".png").name: path.read_text("utf-8")
        for path in sorted((punks / "captions_after").glob("*.txt"))
    }
    text = (punks / "configs" / "training_config_phase1b.toml").read_text("utf-8")
    data = as_packaged("1_bespoke_baby", captions)
    return text, {"data": data, "captions": captions, "sizes": {(512, 512): len(captions)}}


def check(text: str, facts: dict):
    """Parse and judge: what one edit in the raw editor costs."""
    return check_config(TrainingConfig(text), **facts)


def best(work: Callable[[], object], times: int = 7) -> float:
    """Return the shortest process time of some runs, in milliseconds."""
    found = []
    for _ in range(times):
        began = time.process_time()
        work()
        found.append(time.process_time() - began)
    return round(min(found) * 1000, 2)


def say(what: str, milliseconds: float, **more: object) -> None:
    print(json.dumps({"what": what, "ms": milliseconds, **more}), flush=True)


def fresh(punks: Path, times: int = 3) -> tuple[float, float]:
    """Return imports and first check of a fresh interpreter, in milliseconds."""
    code = FRESH.format(root=str(ROOT), punks=str(punks))
    runs = [
        subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
        for _ in range(times)
    ]
    pairs = [tuple(float(part) * 1000 for part in run.stdout.split()) for run in runs]
    imports, first = min(pairs, key=sum)
    return round(imports, 1), round(first, 1)


def alternative(captions: list[str]) -> float | None:
    """Return the time transformers' tokenizer takes for the captions, None without it."""
    tokenizer = reference()
    if tokenizer is None:
        return None
    return best(lambda: [len(tokenizer(text)["input_ids"]) for text in captions], 3)


def main() -> None:
    punks = Path(sys.argv[1]) if len(sys.argv) > 1 else PUNKS
    if not punks.is_dir():
        print(json.dumps({"skipped": f"{punks} is not there"}))
        return
    text, facts = read(punks)
    imports, first = fresh(punks)
    say("cold: first check of a fresh interpreter", first, imports_ms=imports)
    findings = len(check(text, facts))
    warm = best(lambda: check(text, facts))
    say("warm: parse and judge, 203 captions", warm, findings=findings, goal_ms=GOAL_MS,
        of_goal=round(warm / GOAL_MS, 3), cold_to_warm=round(first / warm, 1))  # fmt: skip
    bare = best(lambda: check_config(TrainingConfig(text)))
    say("warm: the config alone", bare)
    captions = [str(caption) for caption in facts["captions"].values()]
    ours = best(lambda: [clip_tokens.count(caption) for caption in captions])
    theirs = alternative(captions)
    if theirs:
        say("tokens of 203 captions", ours, transformers_ms=theirs, ratio=round(theirs / ours, 1))
        say("the same check with that tokenizer", round(warm - ours + theirs, 1),
            ratio=round((warm - ours + theirs) / warm, 1))  # fmt: skip
    values = TrainingConfig(text).values
    say("forecast: steps, rates, disk, time", best(lambda: forecast(values, 203, gpu="A100")))
    other = text.replace("= 512", "= 256")
    say("compare two texts by effect", best(lambda: compare_texts(text, other)))


if __name__ == "__main__":
    main()
