"""A tiny random Stable Diffusion for tests, saved in both layouts, and a tiny training set."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers import AutoencoderKL, DDIMScheduler, StableDiffusionPipeline, UNet2DConditionModel
from PIL import Image
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

SIZE = 64
CAPTIONS = ("pixel art, lad, red hat, blue eyes", "pixel art, lady, green background")


def tokenizer() -> CLIPTokenizer:
    """Byte-level tokens without merges: every character is one token."""
    from tokenizers.pre_tokenizers import ByteLevel

    letters = sorted(ByteLevel.alphabet())
    words = [*letters, *(f"{letter}</w>" for letter in letters)]
    words += ["<|startoftext|>", "<|endoftext|>"]
    return CLIPTokenizer(
        vocab={word: index for index, word in enumerate(words)}, merges=[], model_max_length=77
    )


def pipeline(seed: int = 0) -> StableDiffusionPipeline:
    """Four UNet levels and SD1.5's topology, 32 channels wide; weights are random."""
    torch.manual_seed(seed)
    words = tokenizer()
    text = CLIPTextConfig(
        vocab_size=len(words), hidden_size=32, intermediate_size=64, num_hidden_layers=2,
        num_attention_heads=4, max_position_embeddings=77, projection_dim=32,
        bos_token_id=words.bos_token_id, eos_token_id=words.eos_token_id,
        pad_token_id=words.eos_token_id,
    )  # fmt: skip
    unet = UNet2DConditionModel(
        sample_size=8, in_channels=4, out_channels=4, layers_per_block=2,
        block_out_channels=(32, 32, 32, 32), norm_num_groups=8, cross_attention_dim=32,
        attention_head_dim=4,
        down_block_types=("CrossAttnDownBlock2D",) * 3 + ("DownBlock2D",),
        up_block_types=("UpBlock2D",) + ("CrossAttnUpBlock2D",) * 3,
    )  # fmt: skip
    vae = AutoencoderKL(
        in_channels=3, out_channels=3, latent_channels=4, layers_per_block=1, norm_num_groups=4,
        block_out_channels=(8, 8, 8, 8), down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4, sample_size=SIZE,
    )  # fmt: skip
    schedule = DDIMScheduler(
        beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", clip_sample=False,
        set_alpha_to_one=False, steps_offset=1,
    )  # fmt: skip
    return StableDiffusionPipeline(
        vae=vae, text_encoder=CLIPTextModel(text), tokenizer=words, unet=unet, scheduler=schedule,
        safety_checker=None, feature_extractor=None, requires_safety_checker=False,
    )  # fmt: skip


def data_folder(folder: Path, count: int = 6, size: int = SIZE) -> Path:
    """Write `count` images of flat cells with captions into folder/1_lad; return that folder."""
    target = folder / "1_lad"
    target.mkdir(parents=True)
    rng = np.random.default_rng(7)
    for number in range(count):
        cells = rng.integers(0, 256, (8, 8, 3), dtype=np.uint8)
        image = Image.fromarray(cells).resize((size, size), Image.Resampling.NEAREST)
        image.save(target / f"punk_{number}.png")
        caption = CAPTIONS[number % len(CAPTIONS)]
        (target / f"punk_{number}.txt").write_text(caption, encoding="utf-8")
    return target


def config(**changes: Any) -> dict[str, Any]:
    """A small kohya config as the app hands it over."""
    return {
        "output_name": "tiny", "network_dim": 4, "network_alpha": 2, "learning_rate": 1e-3,
        "unet_lr": 1e-2, "text_encoder_lr": 1e-2, "train_batch_size": 2, "max_train_epochs": 2,
        "resolution": f"{SIZE},{SIZE}", "seed": 42, "caption_extension": ".txt",
        "save_precision": "fp16", "cache_latents": True, "lr_scheduler": "constant",
        **changes,
    }  # fmt: skip
