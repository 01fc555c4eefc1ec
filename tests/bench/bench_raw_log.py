"""Log of 200 MB: time and memory to find every line with some words; a plain loop beside.

`python tests/bench/bench_raw_log.py [MB]` prints one JSON line for each kind of log.
"""

import json
import resource
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

STEP = b"steps:  43%|####      | 1234/2900 [12:33<16:44,  1.66it/s, avr_loss=0.0934]\r"
SAVED = b"INFO saved checkpoint\n"
KINDS = {
    "progress": STEP * 1000 + SAVED,
    "coloured": (b"\x1b[33mINFO\x1b[0m a line of the trainer\n") * 1000 + SAVED,
}


def measured(work) -> tuple[object, float]:
    """Return what `work` returns, and the processor time it took in seconds."""
    before = time.process_time()
    return work(), time.process_time() - before


def plainly(path: Path) -> int:
    """The obvious way: every line in turn."""
    with path.open(encoding="utf-8", errors="replace") as file:
        return sum("saved" in line.lower() for line in file)


def main() -> None:
    """Measure both kinds of log."""
    from bespoke_gui.core.raw_log import find_in_log, read_window

    size = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "log.txt"
        for kind, block in KINDS.items():
            with path.open("wb") as file:
                while file.tell() < size * 1_000_000:
                    file.write(block)
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            hits, spent = measured(lambda: find_in_log(path, "saved"))
            grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
            count, plain = measured(lambda: plainly(path))
            _, window = measured(lambda: read_window(path))
            line = {
                "log": kind, "mb": size, "hits": len(hits), "search_s": round(spent, 2),
                "grown_mb": round(grown / 1024, 1), "plain_ratio": round(plain / spent, 2),
                "window_ms": round(1000 * window, 1),
            }  # fmt: skip
            assert count == len(hits)
            print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
