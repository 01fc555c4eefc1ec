"""Times of the lora and sample engines on the embedded base: `python tests/bench/bench_engine.py`.

Prints one JSON line a figure. Both run in this process with THREADS threads (default 1).
"""

import json
import os
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
THREADS = int(os.environ.get("THREADS", "1"))


def show(name, value, unit):
    print(json.dumps({"figure": name, "value": round(value, 3), "unit": unit, "threads": THREADS}))


def write_images(folder, count):
    """Generated portraits at 192 px with captions of usual length."""
    import numpy as np
    from PIL import Image

    target = folder / "1_bench"
    target.mkdir()
    rng = np.random.default_rng(0)
    for number in range(count):
        cells = rng.integers(0, 256, (24, 24, 3), dtype=np.uint8)
        image = Image.fromarray(cells).resize((192, 192), Image.Resampling.NEAREST)
        image.save(target / f"{number}.png")
        caption = "pixel art, 24x24, portrait of a lad, " + "brown hair, blue eyes, " * 4
        (target / f"{number}.txt").write_text(caption, encoding="utf-8")
    return target


def main():
    from bespoke_gui.core.protocol import builtin_protocol, for_base
    from tests.engines.runs import events, finish, make_run

    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        config = {
            "output_name": "bench", "network_dim": 32, "network_alpha": 16, "unet_lr": 1e-4,
            "text_encoder_lr": 5e-5, "train_batch_size": 4, "max_train_epochs": 2, "seed": 42,
            "resolution": "192,192", "max_token_length": 225, "shuffle_caption": True,
            "caption_extension": ".txt", "noise_offset": 0.05, "min_snr_gamma": 5,
        }  # fmt: skip
        data = write_images(root, 40)
        run_dir = make_run(root / "train", "lora", config=config, data=[data],
                           options={"threads": THREADS})  # fmt: skip
        began = time.perf_counter()
        finish(run_dir)
        show("training, 20 steps of 4 images with loading", time.perf_counter() - began, "s")
        steps = events(run_dir, "progress")
        pace = (steps[-1]["time"] - steps[4]["time"]) / (len(steps) - 5)
        show("training step, batch 4, rank 32", pace * 1000, "ms")
        protocol = for_base(builtin_protocol(), "embedded").as_dict()
        lora = {"epoch": 2, "path": str(run_dir.outputs / "bench.safetensors")}
        job = make_run(root / "sample", "sample", protocol=protocol, loras=[{"epoch": 0}, lora],
                       output=str(root / "out"), options={"threads": THREADS})  # fmt: skip
        finish(job)
        images = events(job, "sample")
        pace = (images[-1]["time"] - images[0]["time"]) / (len(images) - 1)
        show("image of 192 px, 16 steps, guidance 2", pace * 1000, "ms")


if __name__ == "__main__":
    main()
