"""Helpers of the chain: the command line as other programs call it, and the adapted config."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from bespoke_gui.core.config.trainer_config import TrainingConfig

OFF_GRID = {"lady_012_parasite.png", "lady_030_grass.png", "lady_031_paprika.png"}
# What the embedded base needs: its own size, no GPU, rates for a net of 4 million weights, and
# adapters on the convolutions too, as its full-resolution level has no attention.
ADAPTED = {
    "pretrained_model_name_or_path": "embedded",
    "resolution": "192,192",
    "enable_bucket": False,
    "mixed_precision": "no",
    "xformers": False,
    "sdpa": True,
    "gradient_checkpointing": False,
    "lr_scheduler": "cosine",
    "learning_rate": 3e-3,
    "unet_lr": 3e-3,
    "text_encoder_lr": 2e-4,
    "network_dim": 16,
    "network_alpha": 16,
    "network_args": ["conv_dim=16", "conv_alpha=16"],
    "save_state": False,
}
# No option of the trainer, and remedies for a base without zero terminal SNR: this one has it.
DROPPED = (
    "bucket_resolution",
    "noise_offset",
    "multires_noise_iterations",
    "multires_noise_discount",
    "min_snr_gamma",
)
REPEATS = 2


def bespoke(*words: object, code: int = 0) -> dict[str, Any]:
    """Call one command with --json; return its object, after checking the exit code."""
    command = [sys.executable, "-m", "bespoke_gui", *map(str, words), "--json"]
    # As a person's terminal: the engine takes the cores that are free.
    environment = {key: value for key, value in os.environ.items() if key != "OMP_NUM_THREADS"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == code, f"{' '.join(command)}\n{done.stdout[-2000:]}\n{done.stderr}"
    return json.loads(done.stdout)


def adapted_config(source: Path, target: Path, **changes: Any) -> Path:
    """Write the artist's config with only what the embedded base needs changed."""
    config = TrainingConfig.load(source)
    for key in DROPPED:
        config.unset(key)
    for key, value in {**ADAPTED, **changes}.items():
        config.set(key, value)
    target.write_text(config.text(), encoding="utf-8")
    return target
