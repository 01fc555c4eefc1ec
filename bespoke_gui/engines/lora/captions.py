"""Captions: read one for an image, and draw from it what the trainer would see this time."""

from __future__ import annotations

import random
from pathlib import Path

from bespoke_gui.core.caption_draw import CaptionOptions, draw, read_lines
from bespoke_gui.engines.lora.settings import TrainSettings


def read_caption(
    image: Path, extension: str, class_word: str, wildcard: bool = False
) -> tuple[str, str]:
    """Return (caption, remark): the first line of the same-stem file, else the class word.

    With `wildcard` all its lines, for `draw_caption` to choose from.
    """
    path = image.with_suffix(extension)
    try:
        raw = path.read_bytes()
    except OSError:
        return class_word, "no caption"
    text, remark = _decode(raw)
    if not text.strip():
        return class_word, "empty caption"
    caption = read_lines(text, wildcard)
    return caption, remark if caption else "the first line of the caption is blank"


def _decode(raw: bytes) -> tuple[str, str]:
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return raw.decode("utf-16", "replace"), "caption is UTF-16; the trainer reads UTF-8 only"
    try:
        return raw.decode("utf-8-sig"), ""
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace"), "caption is not UTF-8; the trainer would stop"


def draw_caption(caption: str, settings: TrainSettings, epoch: int, rng: random.Random) -> str:
    """One fresh draw of a caption, as sd-scripts makes it; `epoch` counts from 1."""
    return draw(caption, _options(settings), epoch, rng).text


def _options(settings: TrainSettings) -> CaptionOptions:
    return CaptionOptions(
        shuffle=settings.shuffle,
        keep_tokens=settings.keep_tokens,
        keep_separator=settings.keep_separator,
        separator=settings.separator,
        secondary_separator=settings.secondary_separator,
        prefix=settings.prefix,
        suffix=settings.suffix,
        dropout_rate=settings.dropout_rate,
        dropout_every=settings.dropout_every,
        tag_dropout=settings.tag_dropout,
        wildcard=settings.wildcard,
    )
