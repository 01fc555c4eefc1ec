"""Bench: how well each measure tells damaged images from clean ones (AUC), as JSON lines.

Damage is made from the reference data's native portraits; `facts` is the figure measured before
on the same data with the first definitions (palette distance there did not leave itself out).
Run: python tests/bench/bench_measures.py [reference data folder]
"""

import json
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from bespoke_gui.core.look import Look  # noqa: E402
from bespoke_gui.core.measures import MEASURES, MeasureInput  # noqa: E402
from bespoke_gui.core.pixels.grid import full_frame  # noqa: E402
from bespoke_gui.core.protocol import new_prompt  # noqa: E402
from bespoke_gui.core.reference import load_reference  # noqa: E402
from tests.core.damage import LARGE, NATIVE, auc, enlarged, near_copy, recolour  # noqa: E402

FACTS = {
    "unique_colours": [1.0, 0.5, 0.5, 1.0, 1.0, 1.0, 1.0, 0.5, 1.0],
    "distinct_colours": [0.98, 0.5, 0.5, 0.97, 0.95, 0.94, 0.93, 0.52, 0.92],
    "strays": [None, 0.93, 0.78, None, None, None, None, None, None],
    "anti_aliased": [0.51, 0.52, 0.51, 0.99, 0.84, 0.95, 0.5, 0.45, 0.62],
    "background_uniformity": [0.5, 0.6, 0.57, 0.76, 0.5, 0.5, 0.83, 0.5, 0.5],
    "palette_distance": [None, None, None, None, None, None, None, 0.78, None],
    "style_distance": [None] * 9,
}
LARGE_FACTS = {"cell_impurity": 1.0, "grid_alignment": 1.0}
PLAIN = new_prompt("plain", "portrait, bright green background")


def show(**figures):
    print(json.dumps(figures), flush=True)


def values(name, images, reference, members=None):
    members = range(len(images)) if members is None else members
    found = []
    for member, cells in zip(members, images, strict=True):
        given = MeasureInput(cells, cells, None, None, PLAIN, reference, member)
        found.append(MEASURES[name].run(given))
    return np.array(found, float)


def toward_bad(name, bad, clean):
    figure = auc(bad, clean)
    return round(1 - figure if MEASURES[name].better == "higher" else figure, 3)


def native(reference):
    for name, facts in FACTS.items():
        clean = values(name, reference.cells, reference)
        for (kind, damage), known in zip(NATIVE.items(), facts, strict=True):
            rng = np.random.default_rng(1)
            bad = values(name, [damage(cells, rng) for cells in reference.cells], reference)
            show(bench="auc", measure=name, damage=kind, auc=toward_bad(name, bad, clean),
                 facts=known)  # fmt: skip


def large(reference, count=51):
    grid = full_frame(512, 512, 24, 24)
    cells = reference.cells[:: max(1, len(reference.cells) // count)][:count]
    for name, known in LARGE_FACTS.items():

        def run(rgb, small, name=name):
            return MEASURES[name].run(MeasureInput(small, small, rgb, grid))

        clean = [run(enlarged(one), one) for one in cells]
        for kind, damage in LARGE.items():
            rng = np.random.default_rng(1)
            bad = [run(damage(enlarged(one), rng), one) for one in cells]
            show(bench="auc 512 px", measure=name, damage=kind, auc=toward_bad(name, bad, clean),
                 median=round(float(np.median(bad)), 4), facts=known)  # fmt: skip


def copies(reference, others):
    """Near copies of training images against real generations, assumed to be no copies."""
    rng = np.random.default_rng(1)
    run = MEASURES["memorisation"].run
    fresh = [run(MeasureInput(one, one, reference=reference)) for one in others]
    for kind, damage in (("near copy", near_copy), ("recoloured copy", recolour)):
        bad = [damage(one, rng) for one in reference.cells[::4]]
        found = [run(MeasureInput(one, one, reference=reference)) for one in bad]
        share = float(np.mean(np.array(found) > MEASURES["memorisation"].limit))
        show(bench="auc copies", damage=kind, auc=round(auc(found, fresh), 3), facts=1.0,
             called_copy=round(share, 3))  # fmt: skip
    flagged = float(np.mean(np.array(fresh) > MEASURES["memorisation"].limit))
    show(bench="auc copies", damage="none (generations)", called_copy=round(flagged, 3))


def main(punks):
    from bespoke_gui.core.look import merged, read_cells

    look = Look()
    reference = load_reference(punks / "native_24px", look)
    native(reference)
    large(reference)
    grid = sorted((punks / "epoch_grid_24px").rglob("*.png"))
    copies(reference, [merged(read_cells(path, look).cells, 0.025) for path in grid])


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT.parent / "shared" / "data" / "punks")
