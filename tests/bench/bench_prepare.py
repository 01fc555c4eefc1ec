"""Prints what preparing costs, beside plain Pillow loops of the same run. Best of three.

Run: python tests/bench/bench_prepare.py [FOLDER OF IMAGES]
"""

import io
import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from bespoke_gui.core.downsample import DOWNSAMPLERS  # noqa: E402
from bespoke_gui.core.imagefile import read_rgb  # noqa: E402
from bespoke_gui.core.pixels.colours import distinct_colours, unique_colours  # noqa: E402
from bespoke_gui.core.pixels.grid import detect, full_frame  # noqa: E402
from bespoke_gui.core.pixels.native import off_grid, to_native  # noqa: E402
from bespoke_gui.core.prepare import prepare  # noqa: E402

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


def whole_sets(source: Path, work: Path) -> None:
    paths = sorted(source.glob("*.png"))
    loop = best(lambda: pillow_loop(paths, work / "loop"))
    coding = best(lambda: decode_encode(paths))
    say("pillow loop", images=len(paths), seconds=round(loop, 2), decode_encode=round(coding, 2))
    for native in (24, "auto"):
        for workers in (1, 0):
            outs = iter(range(9))
            seconds = best(
                lambda native=native, workers=workers, outs=outs: prepare(
                    source,
                    work / f"{native}_{workers}_{next(outs)}",
                    384,
                    native=native,
                    workers=workers,
                )
            )
            say(
                "prepare 384",
                native=native,
                workers=workers or "all cores",
                images=len(paths),
                seconds=round(seconds, 2),
                to_pillow_loop=round(seconds / loop, 2),
                to_decode_encode=round(seconds / coding, 2),
            )


def single_steps(pictures: list[np.ndarray]) -> None:
    count = len(pictures)
    height, width = pictures[0].shape[:2]
    grid = full_frame(width, height, 24, 24)
    images = [Image.fromarray(rgb) for rgb in pictures]
    box = best(lambda: [image.resize((24, 24), Image.Resampling.BOX) for image in images])
    lanczos = best(lambda: [image.resize((24, 24), Image.Resampling.LANCZOS) for image in images])
    say("pillow resize", box_ms=_ms(box, count), lanczos_ms=_ms(lanczos, count))
    for name in DOWNSAMPLERS:
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
    with tempfile.TemporaryDirectory() as temporary:
        work = Path(temporary)
        if len(sys.argv) > 1:
            source = Path(sys.argv[1])
        elif PUNKS.is_dir():
            source = PUNKS
        else:
            (work / "set").mkdir()
            source = example_set(work / "set")
        single_steps([read_rgb(path) for path in sorted(source.glob("*.png"))[:60]])
        whole_sets(source, work)


if __name__ == "__main__":
    main()
