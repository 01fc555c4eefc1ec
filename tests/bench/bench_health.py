"""Bench: dataset health of the reference set and of large drawn ones, as JSON lines.

Run: python tests/bench/bench_health.py [FOLDER OF IMAGES] [HOW MANY DRAWN ONES]

The search for near-duplicates stands beside the obvious loop over all pairs (both with numpy, on
the same cells, in the same run); `missed` counts pairs that only the loop finds.
"""

import json
import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from bespoke_gui.core.dataset import scan  # noqa: E402
from bespoke_gui.core.health.cache import FactsCache  # noqa: E402
from bespoke_gui.core.health.near import ALIKE, VISIBLE, find_near  # noqa: E402
from bespoke_gui.core.health.outliers import find_outliers  # noqa: E402
from bespoke_gui.core.health.read import read_set  # noqa: E402
from bespoke_gui.core.health.report import dataset_health  # noqa: E402
from bespoke_gui.core.health.set_palette import palette_of  # noqa: E402
from bespoke_gui.core.health.spread import find_spreads  # noqa: E402
from bespoke_gui.core.imagefile import read_rgb  # noqa: E402
from bespoke_gui.core.imageset.native import write_png  # noqa: E402
from bespoke_gui.core.pixels.oklab import srgb_to_oklab  # noqa: E402
from bespoke_gui.core.portraits.draw import draw  # noqa: E402
from bespoke_gui.core.portraits.traits import any_traits  # noqa: E402
from tests.core.health_kit import facts  # noqa: E402

PUNKS = ROOT.parent / "shared" / "data" / "punks" / "train_512px"


def say(name, **figures):
    print(json.dumps({"bench": name, **figures}), flush=True)


def timed(run):
    """Return the result, seconds of the clock, and processor seconds of this process."""
    start, used = time.perf_counter(), time.process_time()
    result = run()
    return result, round(time.perf_counter() - start, 3), round(time.process_time() - used, 3)


def memory_mb():
    """Return the most memory this process ever held, MB."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def pair_loop(images):
    """The obvious way: every pair, and its mirror image, cell by cell."""
    labs = [srgb_to_oklab(each.cells()) for each in images]
    found = set()
    for first in range(len(labs)):
        for second in range(first + 1, len(labs)):
            for other in (labs[second], labs[second][:, ::-1]):
                apart = np.square(labs[first] - other).sum(axis=-1)
                if (apart < VISIBLE * VISIBLE).mean() > ALIKE:
                    found.add((images[first].name, images[second].name))
    return found


def drawn_facts(count):
    """Return facts of `count` portraits as one hand draws them: same face, many backgrounds."""
    rng = np.random.default_rng(5)
    return [facts(str(number), draw(any_traits(rng))) for number in range(count)]


def whole_set(folder):
    dataset = scan(folder)
    _, plain, _ = timed(lambda: [read_rgb(item.image) for item in dataset.items])
    say("decode alone, one after the other", images=len(dataset.items), seconds=plain)
    for native in (24, 0):
        health, seconds, used = timed(lambda native=native: dataset_health(dataset, native))
        say(
            f"health, native size {native or 'not known'}", seconds=seconds, processor=used,
            per_decode=round(seconds / plain, 2), pairs=len(health.near.pairs),
            outliers=len(health.outliers), colours=health.palette.unique,
        )  # fmt: skip
    with tempfile.TemporaryDirectory() as place:
        cache = FactsCache(Path(place))
        dataset_health(dataset, 24, cache)
        _, seconds, used = timed(lambda: dataset_health(dataset, 24, cache))
        say("health again, nothing changed", seconds=seconds, processor=used)
    return read_set(dataset.items, 24)


def parts(name, images, with_loop):
    near, seconds, used = timed(lambda: find_near(images))
    pairs = {(pair.a, pair.b) for pair in near.pairs}
    say(f"near-duplicates, {name}", images=len(images), pairs=len(pairs),
        left_out=near.left_out, seconds=seconds, processor=used, most_mb=memory_mb())  # fmt: skip
    if with_loop:
        wanted, slow, slow_used = timed(lambda: pair_loop(images))
        say(f"all pairs in a loop, {name}", pairs=len(wanted), seconds=slow, processor=slow_used,
            ratio=round(slow_used / used, 1), missed=len(wanted - pairs))  # fmt: skip
    _, seconds, used = timed(lambda: palette_of(images))
    say(f"palette, {name}", seconds=seconds, processor=used)
    _, seconds, used = timed(lambda: find_outliers(images, find_spreads(images)))
    say(f"outliers, {name}", seconds=seconds, processor=used, most_mb=memory_mb())


def from_files(count):
    """Write `count` portraits at 512 px and look at them: time and memory from end to end."""
    rng = np.random.default_rng(8)
    with tempfile.TemporaryDirectory() as place:
        for number in range(count):
            cells = draw(any_traits(rng))
            write_png(Path(place) / f"{number}.png", cells.repeat(21, axis=0).repeat(21, axis=1))
        dataset = scan(Path(place))
        health, seconds, used = timed(lambda: dataset_health(dataset, 24))
        say(f"health of {count} files of 504 px", seconds=seconds, processor=used,
            pairs=len(health.near.pairs), left_out=health.near.left_out,
            most_mb=memory_mb())  # fmt: skip


def main(folder, count):
    if folder.is_dir():
        parts("the set given", whole_set(folder), True)
    parts("600 drawn", drawn_facts(600), True)
    parts(f"{count} drawn", drawn_facts(count), False)
    from_files(count)


if __name__ == "__main__":
    given = Path(sys.argv[1]) if len(sys.argv) > 1 else PUNKS
    main(given, int(sys.argv[2]) if len(sys.argv) > 2 else 10_000)
