"""Bench: processor time of an image for each measure and for whole galleries, as JSON lines.

Run: python tests/bench/bench_score.py [reference data folder]
"""

import json
import shutil
import sys
import tempfile
import time
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from bespoke_gui.core.gallery import open_gallery  # noqa: E402
from bespoke_gui.core.look import Look, merged, read_cells  # noqa: E402
from bespoke_gui.core.measures import MeasureInput, ordered  # noqa: E402
from bespoke_gui.core.protocol import builtin_protocol  # noqa: E402
from bespoke_gui.core.reference import load_reference  # noqa: E402
from bespoke_gui.core.score import score_gallery  # noqa: E402
from bespoke_gui.core.style_distance import StyleReference  # noqa: E402


def show(name, **figures):
    rounded = {key: round(value, 3) for key, value in figures.items()}
    print(json.dumps({"bench": name, **rounded}), flush=True)


def timed(run):
    start = time.process_time()
    result = run()
    return result, time.process_time() - start


def measures(name, inputs):
    total = 0.0
    for measure in ordered():
        measure.run(inputs[0])
        _, seconds = timed(lambda m=measure: [m.run(given) for given in inputs])
        total += seconds
        show(name, **{f"{measure.name}_ms": seconds * 1000 / len(inputs)})
    show(name, all_ms=total * 1000 / len(inputs), images_per_s=len(inputs) / total)


def whole(punks, reference, count=1000):
    """Whole galleries as `bespoke score` does them, in processor time of one core.

    Aims: 80 images/s at 24x24, 15 images/s from 512 px; the obvious alternative in the same run
    is reading each image with one resize and counting its colours, which measures nothing else.
    """
    with tempfile.TemporaryDirectory() as place:
        for name, source, aim in (
            ("native", sorted((punks / "epoch_grid_24px").rglob("*.png")), 80),
            ("512 px", sorted((punks / "generations_512px").glob("*.png")), 15),
        ):
            total = count if name == "native" else count // 10
            folder = Path(place) / name
            for number in range(total):
                target = folder / f"epoch_{number // 100 + 1:02d}" / f"image_{number % 100:02d}.png"
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source[number % len(source)], target)
            gallery = open_gallery(folder)
            begun = time.process_time()
            score_gallery(gallery, reference=reference)
            spent = time.process_time() - begun
            begun = time.process_time()
            for image in gallery.images():
                with Image.open(image.path) as picture:
                    len(picture.convert("RGB").resize((24, 24)).getcolors(576))
            plain = time.process_time() - begun
            show("score " + name, images=total, images_per_s_of_a_core=total / spent, aim=aim,
                 times_of_counting_colours=spent / plain)  # fmt: skip


def main(punks):
    look, protocol = Look(), builtin_protocol()
    reference, seconds = timed(lambda: load_reference(punks / "native_24px", look))
    show("reference", images=len(reference.cells), seconds=seconds)
    gallery, seconds = timed(lambda: open_gallery(punks / "epoch_grid_24px"))
    show("open gallery", images=len(gallery.cells), ms=seconds * 1000)
    inputs = []
    for image in gallery.images():
        cells = read_cells(image.path, look).cells
        prompt = protocol.prompt(image.prompt)
        inputs.append(MeasureInput(cells, merged(cells, 0.025), None, None, prompt, reference))
    measures("native 24 px", inputs)
    large = []
    for path in sorted((punks / "generations_512px").glob("*.png")):
        read = read_cells(path, look)
        small = merged(read.cells, 0.025)
        large.append(MeasureInput(read.cells, small, read.large, read.grid, None, reference))
    measures("large 512 px", large)
    whole(punks, reference)
    _, seconds = timed(lambda: score_gallery(gallery, reference=reference))
    show("score_gallery with limits", ms_per_image=seconds * 1000 / len(inputs), seconds=seconds)
    style, seconds = timed(lambda: StyleReference(reference.cells))
    show("style reference", seconds=seconds)
    _, seconds = timed(lambda: style.distances([given.merged for given in inputs]))
    show("style distance", ms_per_image=seconds * 1000 / len(inputs))


if __name__ == "__main__":
    given = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT.parent / "shared" / "data" / "punks"
    main(given)
