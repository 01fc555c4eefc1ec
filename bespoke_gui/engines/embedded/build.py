"""Makes the embedded base model: `python -m bespoke_gui.engines.embedded.build --out DIR`."""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import time
from pathlib import Path
from typing import Any

import torch
from diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion import (
    StableDiffusionPipeline,
)

from bespoke_gui.engines.embedded import training
from bespoke_gui.engines.embedded.schedule import make_scheduler
from bespoke_gui.engines.embedded.tokenizer import build_tokenizer
from bespoke_gui.engines.embedded.vae import IMAGE_SIZE, build_vae

RECOMMENDED = {
    "steps": 16,
    "guidance": 1.5,
    "width": IMAGE_SIZE,
    "height": IMAGE_SIZE,
    "scheduler": "DDIMScheduler",
}
MODEL_CARD = """Embedded base model of Bespoke
==============================

A tiny text-to-image model in Stable Diffusion's shape, for demonstrations and tests. It draws 24x24
portraits as 192x192 images and knows nothing else. It is not Stable Diffusion and holds none of its
weights: every weight was written by hand (autoencoder) or trained on portraits and captions made by
bespoke_gui.core.portraits. No picture or caption by a person was used.

Use: 192x192, {steps} steps, guidance {guidance}, float32. Licence: that of Bespoke.
Made by: python -m bespoke_gui.engines.embedded.build --out DIR --steps {unet_steps} --seed {seed}
Figures and hashes: build.json.
"""


def log(message: str) -> None:
    """Progress goes to standard error with the time of day."""
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} {message}\n")
    sys.stderr.flush()


def assemble(tokenizer, encoder, unet) -> StableDiffusionPipeline:
    """Put the parts together as a pipeline without a safety checker."""
    parts: dict[str, Any] = {
        "vae": build_vae(),
        "text_encoder": encoder,
        "tokenizer": tokenizer,
        "unet": unet,
        "scheduler": make_scheduler(),
        "safety_checker": None,
        "feature_extractor": None,
    }
    return StableDiffusionPipeline(**parts, requires_safety_checker=False)


def write_pipeline(pipeline: StableDiffusionPipeline, folder: Path) -> None:
    """Save in half precision, readable by everybody."""
    pipeline.to(dtype=torch.float16).save_pretrained(folder, safe_serialization=True)
    for path in folder.rglob("*"):
        # save_pretrained leaves weights at 0600, which an installed copy could not read.
        path.chmod(0o755 if path.is_dir() else 0o644)


def weight_hashes(folder: Path) -> dict[str, str]:
    """SHA-256 of every weight file, keyed by its path inside the folder."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*.safetensors"))
    }


def write_records(folder: Path, facts: dict) -> None:
    """Write build.json and the model card."""
    record = {
        **facts,
        "recommended": RECOMMENDED,
        "sha256": weight_hashes(folder),
        "torch": torch.__version__,
    }
    (folder / "build.json").write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    card = MODEL_CARD.format(**RECOMMENDED, unet_steps=facts["steps"], seed=facts["seed"])
    (folder / "model_card.txt").write_text(card, encoding="utf-8")
    for name in ("build.json", "model_card.txt"):
        (folder / name).chmod(0o644)


def _facts(args, reached: int) -> dict:
    return {
        "seed": args.seed,
        "text_steps": args.text_steps,
        "steps": args.steps,
        "steps_reached": reached,
        "captions_read": args.text_steps * training.TEXT_BATCH,
        "images_seen": reached * training.UNET_BATCH,
    }


def build(args: argparse.Namespace) -> None:
    """Train (or take up) both stages, then write the pipeline folder."""
    work = Path(args.work or f"{args.out}.work")
    work.mkdir(parents=True, exist_ok=True)
    tokenizer = build_tokenizer(args.seed)
    resume = args.resume or args.snapshot
    reading = training.train_text(work, tokenizer, args.text_steps, args.seed, resume, log)
    if args.snapshot:
        drawing = training.Drawing(reading, args.seed)
        drawing.load(torch.load(work / "stage2.pt", map_location="cpu", weights_only=True))
    else:
        drawing = training.train_unet(
            work, reading, tokenizer, args.steps, args.seed, args.resume, log
        )
    folder = Path(args.out)
    models = drawing.text_average.model, drawing.average.model
    write_pipeline(assemble(tokenizer, *models), folder)
    facts = _facts(args, drawing.step)
    if args.prompts:
        from bespoke_gui.engines.embedded import adherence

        facts["adherence"] = adherence.measure(folder, args.prompts, args.seed + 6)
    write_records(folder, facts)
    log(f"written {folder} at step {drawing.step}")


def parse(argv: list[str] | None = None) -> argparse.Namespace:
    """Command line of the build."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", required=True, help="pipeline folder to write")
    parser.add_argument("--steps", type=int, default=8000, help="UNet steps of 16 portraits")
    parser.add_argument("--text-steps", type=int, default=1600, help="text steps of 32 captions")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoints")
    parser.add_argument("--work", help="folder of the checkpoints (default: OUT.work)")
    parser.add_argument(
        "--snapshot", action="store_true", help="only write the folder from the newest checkpoint"
    )
    parser.add_argument("--prompts", type=int, default=0, help="measure adherence on N prompts")
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    """Entry point; one thread, so that the same machine gives the same weights."""
    torch.set_num_threads(1)
    build(parse(argv))
    return 0


if __name__ == "__main__":
    sys.exit(main())
