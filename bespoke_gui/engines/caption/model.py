"""Model of the caption engine: any image-to-text folder of transformers, never its own code.

Only safetensors are read, nothing is fetched, and a folder that brings Python code is refused.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from PIL import Image

from bespoke_gui.core.errors import AppError
from bespoke_gui.engines.diffusion.device import inference_dtype

# transformers makes an empty tokenizer where the file is missing, and says nothing.
TOKENIZERS = (
    "tokenizer.json", "tokenizer.model", "vocab.txt", "vocab.json", "spiece.model",
    "sentencepiece.bpe.model", "tekken.json",
)  # fmt: skip
SAFE: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}


@dataclass
class Captioner:
    """A loaded model with what prepares its input. reads_prompts: it was made for instructions."""

    model: Any
    processor: Any
    tokenizer: Any
    device: torch.device

    @property
    def reads_prompts(self) -> bool:
        """Whether the model follows a prompt (it has a chat template) or just describes."""
        return bool(getattr(self.processor, "chat_template", None)) and hasattr(
            self.processor, "apply_chat_template"
        )

    @torch.inference_mode()
    def describe(self, image: Image.Image, prompt: str, max_tokens: int) -> tuple[str, bool]:
        """Return what the model says about an RGB picture, and whether it was cut off."""
        inputs = self._inputs(image, prompt)
        inputs = inputs.to(device=self.device, dtype=self.model.dtype)
        found = self.model.generate(**inputs, max_new_tokens=max_tokens, do_sample=False)[0]
        given = inputs["input_ids"].shape[1] if "input_ids" in inputs else 0
        if not self.model.config.is_encoder_decoder and self._repeats(found, inputs, given):
            found = found[given:]
        cut = len(found) >= max_tokens and not self._ended(found)
        return self.tokenizer.decode(found, skip_special_tokens=True), cut

    def _inputs(self, image: Image.Image, prompt: str) -> Any:
        if not self.reads_prompts:
            return self.processor(images=image, return_tensors="pt")
        content = [{"type": "image", "image": image}, {"type": "text", "text": prompt}]
        return self.processor.apply_chat_template(
            [{"role": "user", "content": content}],
            add_generation_prompt=True, tokenize=True, return_dict=True, return_tensors="pt",
        )  # fmt: skip

    def _repeats(self, found: torch.Tensor, inputs: Any, given: int) -> bool:
        """Whether the answer begins with the question, as decoder-only models give it back."""
        if not given or len(found) < given:
            return False
        return torch.equal(found[:given], inputs["input_ids"][0].to(found.device))

    def _ended(self, found: torch.Tensor) -> bool:
        ends = self.model.generation_config.eos_token_id
        ends = ends if isinstance(ends, list) else [ends]
        return bool(len(found)) and int(found[-1]) in ends


def load(folder: Path, device: torch.device) -> Captioner:
    """Read a model folder. Raises AppError kind "missing_model" for what is none, in one line."""
    require_safe(folder)
    from transformers import AutoModelForImageTextToText

    try:
        processor, tokenizer = _processor(folder)
        model: Any = AutoModelForImageTextToText.from_pretrained(
            folder, use_safetensors=True, dtype=inference_dtype(device), **SAFE
        )
    except (MemoryError, torch.cuda.OutOfMemoryError):
        raise
    except Exception as error:
        reason = " ".join(str(error).split())[:160] or type(error).__name__
        raise _refused(folder, f"cannot be loaded: {reason}") from error
    return Captioner(model.eval().to(device), processor, tokenizer, device)


def require_safe(folder: Path) -> None:
    """Raise AppError kind "missing_model" unless `folder` holds a whole model without code."""
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise _refused(folder, "is no folder of a transformers model: no config.json") from error
    if not any(folder.glob("*.safetensors")):
        raise _refused(folder, "holds no .safetensors weights; others could run code when read")
    if not any((folder / name).is_file() for name in TOKENIZERS):
        raise _refused(folder, "holds no tokenizer, which turns its numbers into words")
    if isinstance(config, dict) and config.get("auto_map"):
        raise _refused(folder, "needs Python code of its own, which is never run")


class _Pair:
    """An image processor where the folder has no processor that joins it with the tokenizer."""

    def __init__(self, image_processor: Any) -> None:
        self._image_processor = image_processor

    def __call__(self, images: Image.Image, return_tensors: str) -> Any:
        return self._image_processor(images=images, return_tensors=return_tensors)


def _processor(folder: Path) -> tuple[Any, Any]:
    """Return what prepares input, and the tokenizer that reads output."""
    from transformers import AutoImageProcessor, AutoProcessor, AutoTokenizer

    try:
        whole: Any = AutoProcessor.from_pretrained(folder, **SAFE)
    except (OSError, ValueError, KeyError, TypeError):
        whole = None
    if hasattr(whole, "image_processor") and hasattr(whole, "tokenizer"):
        return whole, whole.tokenizer
    tokenizer = AutoTokenizer.from_pretrained(folder, **SAFE)
    return _Pair(AutoImageProcessor.from_pretrained(folder, **SAFE)), tokenizer


def _refused(folder: Path, message: str) -> AppError:
    hint = "take an image-to-text model in transformers' format, such as BLIP, GIT or ViT-GPT2"
    return AppError(message, file=folder, hint=hint, kind="missing_model")
