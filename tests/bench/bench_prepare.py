"""Prints what preparing costs, beside plain Pillow loops of the same run.

Run: python tests/bench/bench_prepare.py [FOLDER OF IMAGES] [--many 10000]

Loops and sets take turns, the shortest of five counts; cpu is the time of all processes, which a
busy machine lengthens less. `--many N` prepares N generated images and prints the peak memory of
all processes together; without it that is left out.
"""

import argparse
import io
import json
import resource
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import psutil
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from bespoke_gui.core.dataset import scan  # noqa: E402
from bespoke_gui.core.downsample import DOWNSAMPLERS  # noqa: E402
from bespoke_gui.core.imagefile import read_rgb  # noqa: E402
from bespoke_gui.core.pixels.colours import distinct_colours, unique_colours  # noqa: E402
from bespoke_gui.core.pixels.grid import detect, full_frame  # noqa: E402
from bespoke_gui.core.pixels.native import off_grid, to_native  # noqa: E402
from bespoke_gui.core.prepare import prepare  # noqa: E402
from bespoke_gui.core.prepared.records import Settings  # noqa: E402
from bespoke_gui.core.prepared.survey import Survey  # noqa: E402

PUNKS = ROOT.parent / "shared" / "data" / "punks" / "train_512px"


def best(work: Callable[[], object], times: int = 3) -> float:
    """Return the shortest of `times` runs, seconds."""
    return min(_once(work) for _ in range(times))


def _once(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def say(name: str, **figures: object) -> None:
    print(json.dumps({"bench": name, **figures}), flush=True)


def example_set(folder: Path, count: int = 203) -> Path:
    """Write stand-ins for the reference set: 24x24 cells of few colours at 512 px."""
    for number in range(count):
        rng = np.random.default_rng(number)
        palette = rng.integers(0, 256, (20, 3), dtype=np.uint8)
        cells = np.sort(palette[rng.integers(0, 20, (24, 24))], axis=0)
        image = Image.fromarray(cells).resize((512, 512), Image.Resampling.NEAREST)
        image.save(folder / f"{number}.png")
    return folder


def pillow_loop(paths: list[Path], out: Path) -> None:
    """The same by hand: native size by nearest, 384 by nearest, written and read back."""
    out.mkdir(exist_ok=True)
    for path in paths:
        with Image.open(path) as image:
            rgb = image.convert("RGB")
        native = rgb.resize((24, 24), Image.Resampling.NEAREST)
        native.resize((384, 384), Image.Resampling.NEAREST).save(out / path.name)
        with Image.open(out / path.name) as written:
            written.load()


def decode_encode(paths: list[Path]) -> None:
    for path in paths:
        with Image.open(path) as image:
            image.convert("RGB").resize((384, 384), 0).save(io.BytesIO(), "PNG")


def used() -> float:
    """Return the processor time of this process and its ended children, seconds."""
    usages = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Return wall and processor time, seconds."""
    cpu = used()
    wall = _once(work)
    return wall, used() - cpu


def whole_sets(source: Path, work: Path, rounds: int = 5) -> None:
    paths = sorted(source.glob("*.png"))
    outs = iter(range(1000))

    def prepared(native: int | str, workers: int) -> Callable[[], object]:
        return lambda: prepare(
            source, work / f"out_{next(outs)}", 384, native=native, workers=workers
        )

    runs = {
        "pillow loop": lambda: pillow_loop(paths, work / "loop"),
        "decode and encode": lambda: decode_encode(paths),
        "prepare 24, one core": prepared(24, 1),
        "prepare 24": prepared(24, 0),
        "prepare auto": prepared("auto", 0),
    }
    times = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            times[name].append(timed(run))
    least = {name: tuple(map(min, zip(*found, strict=True))) for name, found in times.items()}
    loop, coding = least["pillow loop"], least["decode and encode"]
    for name, (wall, cpu) in least.items():
        say(
            name,
            images=len(paths),
            wall_s=round(wall, 2),
            cpu_s=round(cpu, 2),
            faster_than_pillow_loop=round(loop[0] / wall, 2),
            to_decode_encode=round(wall / coding[0], 2),
            cpu_to_pillow_loop=round(cpu / loop[1], 2),
        )


def many(count: int, work: Path) -> None:
    """Prepare many images; the peak is asked for twenty times a second."""
    (work / "many").mkdir()
    source = example_set(work / "many", count)
    peak, done = [0], threading.Event()

    def watch() -> None:
        this = psutil.Process()
        while not done.wait(0.05):
            peak[0] = max(peak[0], sum(map(_rss, [this, *this.children(recursive=True)])))

    watcher = threading.Thread(target=watch)
    before = _rss(psutil.Process())
    watcher.start()
    wall, cpu = timed(lambda: prepare(source, work / "many_out", 384, native=24))
    done.set()
    watcher.join()
    say(
        "many",
        images=count,
        wall_s=round(wall, 1),
        cpu_s=round(cpu, 1),
        peak_mb=round(peak[0] / 1e6),
        before_mb=round(before / 1e6),
    )


def survey(source: Path) -> None:
    """What the window counts by itself: the whole set read once, then judged from memory."""
    items = scan(source).used
    known = Survey(24, (255, 255, 255))
    for name, settings in (
        ("read and judge pixel 384", Settings(384, native=24)),
        ("pixel 576", Settings(576, native=24)),
        ("lanczos 256", Settings(256, "lanczos", 24)),
    ):
        wall, cpu = timed(
            lambda settings=settings: list(known.look(items, settings, {}, lambda: None))
        )
        say(f"survey: {name}", images=len(items), wall_s=round(wall, 2), cpu_s=round(cpu, 2))


def _rss(process: psutil.Process) -> int:
    try:
        return process.memory_info().rss
    except psutil.Error:
        return 0


def single_steps(pictures: list[np.ndarray]) -> None:
    count = len(pictures)
    height, width = pictures[0].shape[:2]
    grid = full_frame(width, height, 24, 24)
    images = [Image.fromarray(rgb) for rgb in pictures]
    box = best(lambda: [image.resize((24, 24), Image.Resampling.BOX) for image in images])
    lanczos = best(lambda: [image.resize((24, 24), Image.Resampling.LANCZOS) for image in images])
    say("pillow resize", box_ms=_ms(box, count), lanczos_ms=_ms(lanczos, count))
    for name in (method.name for method in DOWNSAMPLERS.values() if not method.locks):
        seconds = best(lambda name=name: [to_native(rgb, grid, name) for rgb in pictures])
        say("sampler", method=name, ms=_ms(seconds, count), images_per_s=round(count / seconds))
    noisy = [np.asarray(i.resize((256, 256), Image.Resampling.LANCZOS)) for i in images]
    cells = [to_native(rgb, grid) for rgb in pictures]
    steps: dict[str, Callable[[], object]] = {
        "detect clean 512": lambda: [detect(rgb) for rgb in pictures],
        "detect lanczos 256": lambda: [detect(rgb) for rgb in noisy],
        "off_grid": lambda: [off_grid(r, grid, c) for r, c in zip(pictures, cells, strict=True)],
        "unique_colours 512": lambda: [unique_colours(rgb) for rgb in pictures],
        "distinct_colours 24": lambda: [distinct_colours(rgb) for rgb in cells],
    }
    for name, work in steps.items():
        say(name, ms=_ms(best(work), count))


def _ms(seconds: float, count: int) -> float:
    return round(1000 * seconds / count, 2)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("source", type=Path, nargs="?")
    parser.add_argument("--many", type=int, default=0)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        work = Path(temporary)
        if args.many:
            many(args.many, work)
            return
        source = args.source or (PUNKS if PUNKS.is_dir() else None)
        if source is None:
            (work / "set").mkdir()
            source = example_set(work / "set")
        single_steps([read_rgb(path) for path in sorted(source.glob("*.png"))[:60]])
        survey(source)
        whole_sets(source, work)


if __name__ == "__main__":
    main()
