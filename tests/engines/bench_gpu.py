"""Training and generation of a full-size SD1.5 on this machine's GPU: `bench_gpu.py [--quick]`.

The base has SD1.5's exact shape and random weights (speed and memory do not depend on their
values); the engines are the real ones. Prints one JSON line a case: steps_per_s (median of the
steps after the tenth), images_per_s, peak_vram_gb (reserved by torch). These are the figures of
resources/gpu_speeds.toml. Needs a CUDA GPU; about four minutes on an H100.
"""

import argparse
import itertools
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
GIB = 2**30
SKIP = 10
CASES = (
    # px, batch, precision, gradient checkpointing
    (512, 4, "bf16", False),
    (384, 4, "bf16", False),
    (256, 4, "bf16", False),
    (576, 4, "bf16", False),
    (768, 4, "bf16", False),
    (512, 1, "bf16", False),
    (512, 8, "bf16", False),
    (512, 4, "bf16", True),
    (512, 4, "fp16", False),
    (512, 4, "no", False),
)


def base_model(folder):
    """Save a random Stable Diffusion of SD1.5's shape in half precision; return its folder."""
    import torch
    from diffusers import AutoencoderKL, DDIMScheduler, StableDiffusionPipeline
    from diffusers import UNet2DConditionModel as Unet
    from transformers import CLIPTextConfig, CLIPTextModel

    from tests.engines.tiny import tokenizer

    torch.manual_seed(0)
    words = tokenizer()
    text = CLIPTextModel(CLIPTextConfig(
        vocab_size=49408, hidden_size=768, intermediate_size=3072, num_hidden_layers=12,
        num_attention_heads=12, max_position_embeddings=77, projection_dim=768,
        bos_token_id=words.bos_token_id, eos_token_id=words.eos_token_id,
        pad_token_id=words.eos_token_id,
    ))  # fmt: skip
    unet = Unet(cross_attention_dim=768, attention_head_dim=8, sample_size=64)
    widths = (128, 256, 512, 512)
    vae = AutoencoderKL(
        block_out_channels=widths, layers_per_block=2, sample_size=512,
        down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4,
    )  # fmt: skip
    schedule = DDIMScheduler(
        beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", clip_sample=False,
        set_alpha_to_one=False, steps_offset=1,
    )  # fmt: skip
    pipe = StableDiffusionPipeline(
        vae=vae, text_encoder=text, tokenizer=words, unet=unet, scheduler=schedule,
        safety_checker=None, feature_extractor=None, requires_safety_checker=False,
    )  # fmt: skip
    pipe.to(torch.float16).save_pretrained(folder)
    return folder


def data_folder(folder, size):
    """Forty images of 24x24 cells at `size` px with captions of usual length."""
    import numpy as np
    from PIL import Image

    target = folder / f"1_bench{size}"
    target.mkdir(exist_ok=True)
    rng = np.random.default_rng(0)
    for number in range(40):
        cells = rng.integers(0, 256, (24, 24, 3), dtype=np.uint8)
        image = Image.fromarray(cells).resize((size, size), Image.Resampling.NEAREST)
        image.save(target / f"{number}.png")
        words = "pixel art, portrait of a lad, " + "brown hair, blue eyes, " * 3
        (target / f"{number}.txt").write_text(words, encoding="utf-8")
    return target


def config(size, batch, precision, checkpointing, steps):
    """The reference run's settings at another size."""
    return {
        "output_name": "bench", "network_dim": 32, "network_alpha": 16, "unet_lr": 1e-4,
        "text_encoder_lr": 5e-5, "train_batch_size": batch, "max_train_steps": steps, "seed": 42,
        "resolution": f"{size},{size}", "max_token_length": 225, "shuffle_caption": True,
        "caption_extension": ".txt", "min_snr_gamma": 5, "mixed_precision": precision,
        "save_precision": "fp16", "cache_latents": True, "save_every_n_epochs": 999,
        "gradient_checkpointing": checkpointing, "clip_skip": 1,
    }  # fmt: skip


def train(root, base, case, steps, graphs=True):
    """One training of `steps` steps; prints its line and returns its last checkpoint."""
    import torch
    from accelerate.state import AcceleratorState

    from tests.engines.runs import events, finish, make_run

    # A run has a process of its own; here many share one, and accelerate keeps its precision.
    AcceleratorState._reset_state(reset_partial_state=True)
    name = "-".join(str(part) for part in (*case, graphs))
    run_dir = make_run(
        root / name, "lora", base=str(base), data=[data_folder(root, case[0])],
        config=config(*case, steps), options={"threads": 4, "graphs": graphs},
    )  # fmt: skip
    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats()
    began = time.perf_counter()
    outcome, fields = finish(run_dir)
    times = [event["time"] for event in events(run_dir, "progress")][SKIP:]
    gaps = [after - before for before, after in itertools.pairwise(times)]
    pace = statistics.median(gaps) if gaps else 0.0
    say(
        "train", px=case[0], batch=case[1], precision=case[2], checkpointing=case[3],
        graphs=graphs, outcome=outcome, why=str(fields.get("message", "")),
        steps_per_s=round(1 / pace, 3) if pace else None,
        images_per_s=round(case[1] / pace, 2) if pace else None,
        peak_vram_gb=round(torch.cuda.max_memory_reserved() / GIB, 2),
        seconds_in_all=round(time.perf_counter() - began, 1),
    )  # fmt: skip
    return run_dir.outputs / "bench.safetensors"


def _warnings(run_dir):
    from tests.engines.runs import events

    return " ".join(e["text"] for e in events(run_dir, "log") if "kernel" in e["text"])


def generate(root, base, lora, batch=None):
    """Two epochs of the built-in protocol at 512 px: images a second and memory."""
    import torch

    from bespoke_gui.core.protocol import builtin_protocol
    from tests.engines.runs import events, finish, make_run

    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats()
    protocol = builtin_protocol().as_dict()
    loras = [{"epoch": 0}, {"epoch": 1, "path": str(lora)}]
    name = f"sample{batch}"
    job = make_run(root / name, "sample", base=str(base), protocol=protocol, loras=loras,
                   output=str(root / f"out{batch}"), options={"batch": batch})  # fmt: skip
    outcome, fields = finish(job)
    times = [event["time"] for event in events(job, "sample")]
    # Images of one batch come together: the first batch, with its start, is left out.
    later = [one for one in times if one > times[0] + 0.5]
    pace = len(later) / (times[-1] - times[0]) if later else None
    say("generate", px=protocol.get("width"), steps=protocol.get("steps"), batch=batch,
        outcome=outcome,
        why=str(fields.get("message", "")), images_per_s=pace and round(pace, 3),
        peak_vram_gb=round(torch.cuda.max_memory_reserved() / GIB, 2))  # fmt: skip


def say(what, **values):
    """One JSON line."""
    print(json.dumps({"figure": what, **values}), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="two cases only")
    parser.add_argument("--steps", type=int, default=50)
    args = parser.parse_args()
    import torch

    if not torch.cuda.is_available():
        sys.exit("there is no CUDA GPU here")
    say("machine", gpu=torch.cuda.get_device_name(), torch=torch.__version__)
    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        base = base_model(root / "base")
        lora = train(root, base, CASES[0], args.steps, graphs=False)
        for case in CASES[:2] if args.quick else CASES:
            train(root, base, case, args.steps)
        for batch in (1, 4, None):
            generate(root, base, lora, batch)


if __name__ == "__main__":
    main()
