"""Bench: open and package 203 pairs, judge a config; prints one JSON line a figure.

Run: python tests/bench/bench_package.py [FOLDER_OF_PAIRS]; without a folder it draws its own.
"""

import json
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from PIL import Image

from bespoke_gui.core.config.doctor import check_config
from bespoke_gui.core.config.trainer_config import TrainingConfig
from bespoke_gui.core.dataset import scan
from bespoke_gui.core.package import build_package, open_package, verify_package
from tests.core._packages import write_config

PAIRS = 203
TIMES = 5


def draw(folder: Path) -> Path:
    """Write pairs of the size of the reference set: 24x24 blocks of few colours at 512 px."""
    numbers = random.Random(1)
    folder.mkdir(parents=True)
    colours = bytes(numbers.randrange(256) for _ in range(26 * 3))
    for index in range(PAIRS):
        cells = bytes(numbers.randrange(26) for _ in range(24 * 24))
        image = Image.frombytes("P", (24, 24), cells)
        image.putpalette(colours)
        image.resize((512, 512), Image.Resampling.NEAREST).convert("RGB").save(
            folder / f"lad_{index:03d}.png"
        )
        caption = ", ".join(f"phrase {numbers.randrange(500)}" for _ in range(14))
        (folder / f"lad_{index:03d}.txt").write_text(caption)
    return folder


def measure(name: str, target: float, work) -> None:
    """Print the median of several runs beside the target, in seconds."""
    runs = []
    for _ in range(TIMES):
        start = time.perf_counter()
        work()
        runs.append(time.perf_counter() - start)
    figure = {"bench": name, "median_s": round(statistics.median(runs), 4), "target_s": target}
    print(json.dumps({**figure, "worst_s": round(max(runs), 4)}))


def main(arguments: list[str]) -> None:
    with tempfile.TemporaryDirectory() as base:
        folder = Path(arguments[0]) if arguments else draw(Path(base) / "1_bench")
        config_path, out = write_config(Path(base)), Path(base) / "p.zip"
        config = TrainingConfig.load(config_path)
        measure("open 203 pairs", 0.15, lambda: scan(folder))
        measure("package 203 pairs", 0.5, lambda: build_package(folder, config_path, out))
        measure("verify 203 pairs", 2.0, lambda: verify_package(out))
        measure("config doctor", 0.05, lambda: check_config(config))
        target = iter(range(TIMES))
        measure("open package", 1.0, lambda: open_package(out, Path(base) / f"x{next(target)}"))


if __name__ == "__main__":
    main(sys.argv[1:])
