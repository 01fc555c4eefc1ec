"""Fault campaign: `python -m tests.faults.campaign [--times 5] [--seed 1]` prints a matrix.

Every class of fault strikes in every stage where it can, `--times` times each, some cases at once,
each in a process of its own. Cases whose fault met nothing are run again with another seed.
"""

from __future__ import annotations

import argparse
import collections
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests.faults.classes import BY_NAME, CLASSES, PAIRS, STAGES
from tests.faults.pods import mounts_work

ROOT = Path(__file__).resolve().parents[2]
TRIES = 4
CASE_S = 300
WORKERS = 8  # a case waits more than it works
Pair = tuple[str, str]


def possible_pairs(folder: Path) -> list[Pair]:
    """All pairs that can be tried here; without small disks those that need them are left out."""
    disks = mounts_work(folder)
    return [pair for pair in PAIRS if disks or not BY_NAME[pair[0]].needs_disk]


def run_pair(pair: Pair, seed: int, folder: Path) -> dict[str, Any]:
    """Run one case until its fault has struck; returns its result."""
    result: dict[str, Any] = {}
    for attempt in range(TRIES):
        result = _run(pair, seed + 1000 * attempt, folder)
        if result["hits"] or result["broken"]:
            break
    return result


def _run(pair: Pair, seed: int, folder: Path) -> dict[str, Any]:
    where = Path(tempfile.mkdtemp(dir=folder)) / "w"
    words = [sys.executable, "-m", "tests.faults.case", *pair, str(seed), str(where)]
    env = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    began = time.monotonic()
    try:
        done = subprocess.run(words, cwd=ROOT, env=env, capture_output=True, text=True,
                              timeout=CASE_S)  # fmt: skip
        result = json.loads(done.stdout.splitlines()[-1])
    except (subprocess.TimeoutExpired, IndexError, ValueError) as error:
        result = {"class": pair[0], "stage": pair[1], "seed": seed, "outcome": "broken",
                  "hits": 1, "broken": [repr(error)]}  # fmt: skip
    return {**result, "seconds": round(time.monotonic() - began, 1)}


def campaign(pairs: Iterable[Pair], times: int, seed: int, folder: Path, workers: int = WORKERS):
    """Yield the result of every case as it ends."""
    cases = [(pair, seed + number) for number in range(times) for pair in pairs]
    with ThreadPoolExecutor(workers) as pool:
        yield from pool.map(lambda case: run_pair(*case, folder), cases)


def matrix(results: list[dict[str, Any]]) -> str:
    """The table of class and stage: kept promises of all cases, and how many runs finished."""
    found = collections.defaultdict(list)
    for result in results:
        found[result["class"], result["stage"]].append(result)
    lines = [f"{'':22}" + "".join(f"{stage:>14}" for stage in STAGES)]
    for fault in CLASSES:
        cells = [_cell(found.get((fault.name, s)), s in fault.stages) for s in STAGES]
        lines.append(f"{fault.name:22}" + "".join(f"{cell:>14}" for cell in cells))
    kept = sum(not one["broken"] for one in results)
    struck = sum(one["hits"] > 0 for one in results)
    finished = sum(one["outcome"] == "finished" for one in results)
    lines.append(f"{len(results)} cases, {struck} struck, {kept} kept every promise, "
                 f"{finished} finished; -: impossible, cells: kept/cases (finished)")  # fmt: skip
    lines += [f"- {fault.name}: not elsewhere, {fault.why}" for fault in CLASSES if fault.why]
    return "\n".join(lines)


def _cell(results: list[dict[str, Any]] | None, possible: bool) -> str:
    if not results:
        return "not tried" if possible else "-"
    kept = sum(not one["broken"] for one in results)
    finished = sum(one["outcome"] == "finished" for one in results)
    return f"{kept}/{len(results)} ({finished})"


def main() -> int:
    """Run the campaign; the exit code is 1 when a promise was broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=WORKERS)
    parser.add_argument("--only", default="", help="part of a class or stage name")
    args = parser.parse_args()
    results = []
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        pairs = [pair for pair in possible_pairs(folder) if args.only in " / ".join(pair)]
        for result in campaign(pairs, args.times, args.seed, folder, args.workers):
            results.append(result)
            print(json.dumps(result), file=sys.stderr, flush=True)
    print(matrix(results))
    return 1 if any(one["broken"] for one in results) else 0


if __name__ == "__main__":
    sys.exit(main())
