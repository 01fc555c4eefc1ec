"""Images made by other programs: what A1111 and ComfyUI wrote into them, and patterns of names."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bespoke_gui.core.errors import AppError
from bespoke_gui.core.gallery_names import Place, prompt_name
from bespoke_gui.core.protocol import Prompt, Protocol, new_prompt

LAST = -2
"""Stands for the last epoch: kohya's trainers write its LoRA without a number."""

_LORA = re.compile(r"<lora:([^:>]+)(?::([-\d.]+))?[^>]*>")
_EPOCH = re.compile(r"-(\d{6})$")
_FIELD = re.compile(r'\s*([A-Za-z][\w /-]*): ("(?:[^"\\]|\\.)*"|[^,]*)(?:,|$)')
_MOST = 1 << 20


@dataclass(frozen=True)
class Foreign:
    """What another program says about an image; None or "" where it does not say it."""

    text: str
    negative: str = ""
    seed: int | None = None
    steps: int | None = None
    guidance: float | None = None
    sampler: str = ""
    width: int | None = None
    height: int | None = None
    base: str = ""
    lora: str = ""
    strength: float = 1.0

    @property
    def epoch(self) -> int:
        """The LoRA's epoch by its name: 0 without one, LAST without a number."""
        if not self.lora:
            return 0
        match = _EPOCH.search(Path(self.lora.replace("\\", "/")).name.removesuffix(".safetensors"))
        return int(match[1]) if match else LAST

    def place(self, known: Iterable[Prompt] = ()) -> Place:
        """Return where the image stands; a prompt with the same text lends it its name."""
        same = (prompt.name for prompt in known if _plain(prompt.text) == _plain(self.text))
        return Place(self.epoch, next(same, prompt_name(self.text)), self.seed)


def _plain(text: str) -> str:
    return " ".join(text.split()).strip(" ,").casefold()


def read_foreign(path: Path) -> Foreign | None:
    """Return what A1111 or ComfyUI wrote into an image; None where neither did."""
    from PIL import Image

    try:
        with Image.open(path) as image:
            info = {key: value for key, value in image.info.items() if isinstance(value, str)}
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    if "parameters" in info:
        return from_a1111(info["parameters"][:_MOST])
    return from_comfyui(info["prompt"]) if len(info.get("prompt", "")) in range(2, _MOST) else None


def from_a1111(text: str) -> Foreign | None:
    """Read A1111's text: prompt, "Negative prompt: ...", then "Steps: 30, Sampler: ..."."""
    lines = text.strip().split("\n")
    if not lines[-1].lstrip().startswith("Steps:"):
        return None
    fields = {key.strip(): value.strip('" ') for key, value in _FIELD.findall(lines[-1])}
    words, _, negative = "\n".join(lines[:-1]).partition("Negative prompt:")
    loras = _LORA.findall(words)
    width, _, height = fields.get("Size", "").partition("x")
    sampler = " ".join([fields.get("Sampler", ""), fields.get("Schedule type", "")]).strip()
    return Foreign(
        " ".join(_LORA.sub("", words).split()).strip(" ,"), " ".join(negative.split()),
        _whole(fields.get("Seed")), _whole(fields.get("Steps")), _number(fields.get("CFG scale")),
        sampler.casefold(), _whole(width), _whole(height), fields.get("Model", ""),
        loras[0][0] if loras else "", (_number(loras[0][1]) or 1.0) if loras else 1.0,
    )  # fmt: skip


def from_comfyui(text: str) -> Foreign | None:
    """Read ComfyUI's graph: the sampler, the texts it is fed, the base and the LoRA."""
    try:
        graph = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(graph, dict):
        return None
    graph = {key: node for key, node in graph.items() if isinstance(node, dict)}
    sampler = _inputs(graph, "KSampler")
    if not sampler:
        return None
    lora, base = _inputs(graph, "LoraLoader"), _inputs(graph, "CheckpointLoader")
    size = _inputs(graph, "EmptyLatentImage")
    names = [str(sampler.get(key, "")) for key in ("sampler_name", "scheduler")]
    return Foreign(
        _fed(graph, sampler.get("positive")), _fed(graph, sampler.get("negative")),
        _whole(sampler.get("seed", sampler.get("noise_seed"))), _whole(sampler.get("steps")),
        _number(sampler.get("cfg")), " ".join(filter(None, names)).casefold(),
        _whole(size.get("width")), _whole(size.get("height")), str(base.get("ckpt_name", "")),
        str(lora.get("lora_name", "")), _number(lora.get("strength_model")) or 1.0,
    )  # fmt: skip


def _inputs(graph: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """Return the inputs of the first node of a kind, {} when there is none."""
    for node in graph.values():
        found = node.get("inputs")
        if str(node.get("class_type", "")).startswith(kind) and isinstance(found, dict):
            return found
    return {}


def _fed(graph: Mapping[str, Any], link: Any, steps: int = 8) -> str:
    """Return the text that a link leads to, through nodes that only pass it on."""
    if isinstance(link, str):
        return " ".join(link.split())
    if not (isinstance(link, list) and link and steps):
        return ""
    node = graph.get(str(link[0]), {})
    inputs = node.get("inputs") if isinstance(node.get("inputs"), dict) else {}
    names = ("text", "conditioning", "text_g", "string", "value")
    return next((text for name in names if (text := _fed(graph, inputs.get(name), steps - 1))), "")


def _whole(value: Any) -> int | None:
    number = _number(value)
    return int(number) if number is not None and number == int(number) else None


def _number(value: Any) -> float | None:
    try:
        found = float(value)
    except (TypeError, ValueError):
        return None
    return found if abs(found) < 1e20 else None


@dataclass
class Agreed:
    """The settings that foreign images have in common, to be declared as their protocol."""

    images: list[Foreign] = field(default_factory=list)

    def protocol(self) -> Protocol | None:
        """Return the protocol that all images speak of; None where they differ or leave it open."""
        sets = [
            {(i.steps, i.guidance, i.sampler, i.width, i.height, i.negative) for i in self.images},
            {i.base for i in self.images},
            {i.strength for i in self.images if i.lora},
        ]
        if any(len(found) > 1 for found in sets) or not self.images:
            return None
        one = next((image for image in self.images if image.lora), self.images[0])
        if None in (one.steps, one.guidance, one.width, one.height) or not one.base:
            return None
        texts = dict.fromkeys(image.text for image in self.images)
        seeds = sorted({image.seed for image in self.images if image.seed is not None})
        return Protocol(
            one.base, one.negative, tuple(seeds) or (0,), one.width or 0, one.height or 0,
            one.steps or 0, one.guidance or 0.0, one.sampler or "default", one.strength,
            prompts=tuple(new_prompt(prompt_name(text), text) for text in texts),
        )  # fmt: skip


_PARTS = {
    "epoch": r"(?P<epoch>\d{1,6})",
    "seed": r"(?P<seed>\d{1,19})",
    "prompt": r"(?P<prompt>[^/]+?)",
}


def name_pattern(pattern: str) -> re.Pattern[str]:
    """Return how to read "run_{epoch}/{prompt}_{seed}.png"; * stands for anything but a slash.

    Raises AppError (kind "usage") when {epoch} or {prompt} is missing or a part is unknown.
    """
    pieces = re.split(r"(\{\w*\}|\*)", pattern)
    text = ""
    for piece in pieces:
        name = piece[1:-1] if piece.startswith("{") else ""
        if piece.startswith("{") and (name not in _PARTS or f"(?P<{name}>" in text):
            hint = "the parts are {epoch}, {prompt} and {seed}, once each"
            raise AppError(f"{piece} cannot stand in a pattern", hint=hint, kind="usage")
        text += _PARTS[name] if name else "[^/]*" if piece == "*" else re.escape(piece)
    if "(?P<epoch>" not in text or "(?P<prompt>" not in text:
        hint = "write it like run_{epoch}/{prompt}_{seed}.png"
        raise AppError("a pattern names {epoch} and {prompt}", hint=hint, kind="usage")
    return re.compile(text)


def by_pattern(name: str, pattern: re.Pattern[str]) -> Place | None:
    """Return where an image stands by its path with "/"; None when the pattern does not fit."""
    match = pattern.fullmatch(name)
    if not match:
        return None
    found = match.groupdict()
    seed = int(found["seed"]) if found.get("seed") else None
    return Place(int(found["epoch"]), prompt_name(found["prompt"]), seed)
