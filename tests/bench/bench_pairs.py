"""Pairs and exchange: what exclusions cost a scan, and tables beside the obvious json loop.

`python tests/bench/bench_pairs.py [COUNT]` prints JSON lines; times in milliseconds.
"""

import json
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from bespoke_gui.core.dataset import scan
from bespoke_gui.core.exchange.entries import working_set
from bespoke_gui.core.exchange.export import export_captions
from bespoke_gui.core.exchange.preview import preview
from bespoke_gui.core.pairs.exclude import exclude
from bespoke_gui.core.pairs.rename import rename
from bespoke_gui.core.pairs.target import open_pairs

CAPTION = "pixel art, 24x24, portrait of bespoke punk lad {}, brown hair, blue solid background"


def best(work, times: int = 3) -> float:
    """Return the shortest of several runs in milliseconds."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        taken.append(1000 * (time.perf_counter() - start))
    return round(min(taken), 1)


def obvious(folder: Path) -> str:
    """Write the same table as a script would."""
    found = sorted(folder.glob("*.png"))
    rows = [{"file_name": p.name, "text": p.with_suffix(".txt").read_text()} for p in found]
    return "\n".join(map(json.dumps, rows))


def main(count: int) -> None:
    """Make `count` pairs and measure."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "set"
        folder.mkdir()
        for number in range(count):
            (folder / f"p_{number}.png").write_bytes(b"\x89PNG %d" % number)
            (folder / f"p_{number}.txt").write_text(CAPTION.format(number))
        plain = best(lambda: scan(folder))
        chosen = [f"p_{number}.png" for number in range(0, count, 20)]
        once = best(lambda: exclude(open_pairs(folder), chosen), 1)
        listed = best(lambda: scan(folder))
        out = Path(temporary) / "m.jsonl"
        told = best(lambda: (out.unlink(missing_ok=True), export_captions(folder, "jsonl", out)))
        simple = best(lambda: obvious(folder))
        found = working_set(folder)
        seen = best(lambda: preview(found, out))
        renamed = best(lambda: rename(open_pairs(folder), "p_1.png", "renamed"), 1)
        figures = {
            "pairs": count, "scan": plain, "scan_excluded_5_percent": listed,
            "scan_ratio": round(listed / plain, 2), "exclude_5_percent": once,
            "export_jsonl": told, "obvious_loop": simple, "export_ratio": round(told / simple, 2),
            "preview_unchanged": seen, "rename_one": renamed,
        }  # fmt: skip
        print(json.dumps(figures))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2_000)
