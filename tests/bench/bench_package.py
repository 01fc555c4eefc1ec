"""Bench: package, judge, compare and open pairs; prints one JSON line a figure.

Run: python tests/bench/bench_package.py [FOLDER_OF_PAIRS]; without a folder it draws its own.
`--many N` packs N pairs in a process of its own and tells its peak memory. Alternatives in the same
run: a plain zipfile loop, which keeps no hashes and reads nothing back, and `cp -r` of the files.
"""

import argparse
import functools
import json
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from PIL import Image

from bespoke_gui.core.config.doctor import check_config
from bespoke_gui.core.config.trainer_config import TrainingConfig
from bespoke_gui.core.dataset import scan
from bespoke_gui.core.package import build_package, open_package, verify_package
from bespoke_gui.core.package_changes import changes_since
from bespoke_gui.core.package_make import Memory, Order, preview_package
from tests.core._packages import write_config

PAIRS = 203
TIMES = 5


def draw(folder: Path, count: int = PAIRS) -> Path:
    """Write pairs of the size of the reference set: 24x24 blocks of few colours at 512 px."""
    numbers = random.Random(1)
    folder.mkdir(parents=True)
    colours = bytes(numbers.randrange(256) for _ in range(26 * 3))
    for index in range(count):
        path = folder / f"lad_{index:05d}.png"
        if index < PAIRS:
            cells = bytes(numbers.randrange(26) for _ in range(24 * 24))
            image = Image.frombytes("P", (24, 24), cells)
            image.putpalette(colours)
            image.resize((512, 512), Image.Resampling.NEAREST).convert("RGB").save(path)
        else:
            shutil.copyfile(folder / f"lad_{index % PAIRS:05d}.png", path)
        caption = ", ".join(f"phrase {numbers.randrange(500)}" for _ in range(14))
        path.with_suffix(".txt").write_text(caption)
    return folder


def measure(name: str, work: Callable[[], object], times: int = TIMES, **more: object) -> float:
    """Print the median of several runs, by the clock and of this process, in seconds."""
    clocks, own = [], []
    for _ in range(times):
        start, used = time.perf_counter(), time.process_time()
        work()
        clocks.append(time.perf_counter() - start)
        own.append(time.process_time() - used)
    median = statistics.median(clocks)
    figure = {"bench": name, "median_s": round(median, 4), "worst_s": round(max(clocks), 4)}
    print(json.dumps({**figure, "process_s": round(statistics.median(own), 4), **more}))
    return median


def plain_zip(folder: Path, out: Path) -> None:
    """What one would write by hand."""
    with zipfile.ZipFile(out, "w") as target:
        for path in sorted(folder.iterdir()):
            target.write(path, f"runpod_package/training_data/{folder.name}/{path.name}")


def copy(folder: Path, target: Path) -> None:
    """Copy the files as `cp` does; what the disk allows."""
    subprocess.run(["cp", "-r", str(folder), str(target)], check=True)
    shutil.rmtree(target)


def pair_figures(folder: Path, base: Path) -> None:
    config_path, out = write_config(base), base / "p.zip"
    config = TrainingConfig.load(config_path)
    measure("open 203 pairs", lambda: scan(folder), target_s=0.15)
    zipped = measure("plain zipfile loop", lambda: plain_zip(folder, base / "plain.zip"))
    copied = measure("cp -r", lambda: copy(folder, base / "copy"))
    packed = measure(
        "package 203 pairs", lambda: build_package(folder, config_path, out), target_s=0.3
    )
    print(json.dumps({"bench": "package / plain zipfile loop", "ratio": round(packed / zipped, 2)}))
    print(json.dumps({"bench": "package / cp -r", "ratio": round(packed / copied, 2)}))
    measure("verify 203 pairs, every image decoded", lambda: verify_package(out), target_s=2.0)
    measure("compare with an equal package", lambda: changes_since(out, out))
    preview_figures(folder, config_path, out)
    measure("config doctor", lambda: check_config(config), target_s=0.05)
    target = iter(range(TIMES))
    measure("open package", lambda: open_package(out, base / f"x{next(target)}"), target_s=1.0)


def preview_figures(folder: Path, config_path: Path, out: Path) -> None:
    """What the page does while something is chosen: all images once, then only what is new."""
    order, memory = Order(folder, config_path, out), Memory()
    preview = functools.partial(preview_package, order, memory=memory)
    measure("preview, every image decoded", preview, 1)
    measure("preview again, nothing new", preview)


def many(count: int, base: Path) -> None:
    """Pack many pairs; the peak memory is this process's, before the plain loop runs."""
    folder = draw(base / "1_bench", count)
    config_path, out = write_config(base), base / "p.zip"
    idle = peak()
    packed = measure(f"package {count} pairs", lambda: build_package(folder, config_path, out), 1)
    used = peak()
    preview_figures(folder, config_path, out)
    size = out.stat().st_size
    figure = {"bench": f"memory of {count} pairs", "peak_mb": used, "before_mb": idle}
    print(
        json.dumps({**figure, "mb_per_s": round(size / 1e6 / packed, 1), "zip_mb": size // 10**6})
    )
    zipped = measure(f"plain zipfile loop, {count}", lambda: plain_zip(folder, base / "q.zip"), 1)
    copied = measure(f"cp -r, {count}", lambda: copy(folder, base / "copy"), 1)
    print(json.dumps({"bench": "package / plain zipfile loop", "ratio": round(packed / zipped, 2)}))
    print(json.dumps({"bench": "package / cp -r", "ratio": round(packed / copied, 2)}))


def peak() -> int:
    """Return the most memory this process ever had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--many", type=int, default=0)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        base = Path(name)
        if arguments.many:
            many(arguments.many, base)
        else:
            pair_figures(arguments.folder or draw(base / "1_bench"), base)


if __name__ == "__main__":
    main()
