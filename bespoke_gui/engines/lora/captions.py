"""Captions: read one for an image, and draw from it what the trainer would see this time."""

from __future__ import annotations

import random
import re
from pathlib import Path

from bespoke_gui.engines.lora.settings import TrainSettings


def read_caption(image: Path, extension: str, class_word: str) -> tuple[str, str]:
    """Return (caption, remark): the first line of the same-stem file, else the class word."""
    path = image.with_suffix(extension)
    try:
        raw = path.read_bytes()
    except OSError:
        return class_word, "no caption"
    text, remark = _decode(raw)
    lines = text.strip().splitlines()
    if not lines:
        return class_word, "empty caption"
    return lines[0].strip(), remark


def _decode(raw: bytes) -> tuple[str, str]:
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return raw.decode("utf-16", "replace"), "caption is UTF-16; the trainer reads UTF-8 only"
    try:
        return raw.decode("utf-8-sig"), ""
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace"), "caption is not UTF-8; the trainer would stop"


def draw_caption(caption: str, settings: TrainSettings, epoch: int, rng: random.Random) -> str:
    """One fresh draw: prefix, dropout, kept phrases, shuffle, phrase dropout.

    Follows sd-scripts train_util.py:821-932; `epoch` counts from 1. White space is normalised
    only where phrases are shuffled or dropped, as there.
    """
    text = " ".join(part for part in (settings.prefix, caption, settings.suffix) if part)
    if _dropped(settings, epoch, rng):
        return ""
    if not settings.shuffle and not settings.tag_dropout:
        return _single(text, settings)
    fixed, free = _split(text, settings)
    if settings.shuffle:
        rng.shuffle(free)
    if settings.tag_dropout:
        free = [phrase for phrase in free if rng.random() >= settings.tag_dropout]
    return ", ".join([*fixed, *free])


def _single(text: str, settings: TrainSettings) -> str:
    if settings.keep_separator:
        text = text.replace(settings.keep_separator, settings.separator)
    return text


def _dropped(settings: TrainSettings, epoch: int, rng: random.Random) -> bool:
    by_chance = settings.dropout_rate > 0 and rng.random() < settings.dropout_rate
    by_epoch = bool(settings.dropout_every) and epoch % settings.dropout_every == 0
    return by_chance or by_epoch


def _split(text: str, settings: TrainSettings) -> tuple[list[str], list[str]]:
    """The phrases that stay in front, and those that may move."""
    if settings.keep_separator and settings.keep_separator in text:
        front, _, rest = text.partition(settings.keep_separator)
        return _phrases(front, settings.separator), _phrases(rest, settings.separator)
    phrases = _phrases(text, settings.separator)
    return phrases[: settings.keep_tokens], phrases[settings.keep_tokens :]


def _phrases(text: str, separator: str) -> list[str]:
    parts = text.strip().split(separator)
    return [re.sub(r"\s+", " ", part).strip() for part in parts if part.strip()]
