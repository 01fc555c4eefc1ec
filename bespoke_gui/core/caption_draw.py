"""Caption draws: what a trainer makes of a caption each time it is used, as sd-scripts does it.

Follows sd-scripts train_util.py (48d368fa), read_caption and process_caption, also in the order
of its random numbers. The engines draw with this too, so it is Python 3.10 clean.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Span = tuple[int, int]
JOINER = ", "  # whatever caption_separator says
_WILDCARD = re.compile(r"\{([^}]+)\}")


@dataclass(frozen=True)
class CaptionOptions:
    """The options of a config that decide what becomes of a caption; defaults are the trainer's.

    dropout_rate, tag_dropout: shares of 0..1 of captions and of movable phrases that are left
    out; dropout_every: epochs whose number it divides see empty captions, 0 for none.
    """

    extension: str = ".caption"
    shuffle: bool = False
    keep_tokens: int = 0
    keep_separator: str = ""
    separator: str = ","
    secondary_separator: str = ""
    prefix: str = ""
    suffix: str = ""
    dropout_rate: float = 0.0
    dropout_every: int = 0
    tag_dropout: float = 0.0
    wildcard: bool = False

    @property
    def takes_apart(self) -> bool:
        """Whether captions are cut into phrases at all."""
        return self.shuffle or self.tag_dropout > 0


@dataclass(frozen=True)
class Draw:
    """One use of a caption. fixed: places in `text` of the phrases that never move.

    dropped: phrases left out this time. A caption that was left out whole has no text.
    """

    text: str
    fixed: tuple[Span, ...] = ()
    dropped: tuple[str, ...] = ()


def options_from(config: Mapping[str, Any]) -> CaptionOptions:
    """Read a flattened config; values of the wrong kind count as not given."""

    def value(name: str, default: Any) -> Any:
        found = config.get(name)
        if isinstance(default, float) and type(found) is int:
            return float(found)
        return found if type(found) is type(default) else default

    return CaptionOptions(
        extension=value("caption_extention", "") or value("caption_extension", ".caption"),
        shuffle=value("shuffle_caption", False),
        keep_tokens=max(0, value("keep_tokens", 0)),
        keep_separator=value("keep_tokens_separator", ""),
        separator=value("caption_separator", ",") or ",",
        secondary_separator=value("secondary_separator", ""),
        prefix=value("caption_prefix", ""),
        suffix=value("caption_suffix", ""),
        dropout_rate=value("caption_dropout_rate", 0.0),
        dropout_every=max(0, value("caption_dropout_every_n_epochs", 0)),
        tag_dropout=value("caption_tag_dropout_rate", 0.0),
        wildcard=value("enable_wildcard", False),
    )


def read_lines(text: str, wildcard: bool = False) -> str:
    """Return what the trainer takes from a caption file: line 1, with wildcards every full line.

    A blank first line makes an empty caption. A file without a single character stops the trainer.
    """
    lines = [line.strip() for line in re.split(r"\r\n|\r|\n", text)]
    return "\n".join(line for line in lines if line) if wildcard else lines[0]


def dressed(caption: str, options: CaptionOptions) -> str:
    """Return the caption between the config's prefix and suffix."""
    caption = f"{options.prefix} {caption}" if options.prefix else caption
    return f"{caption} {options.suffix}" if options.suffix else caption


def draw(caption: str, options: CaptionOptions, epoch: int, rng: random.Random) -> Draw:
    """Use what `read_lines` gave once: prefix, dropout, wildcards, shuffle, dropout of phrases.

    `epoch` counts from 1. White space is normalised only where phrases are taken apart.
    """
    text = dressed(caption, options)
    if _left_out(options, epoch, rng):
        return Draw("")
    text = _choose(text, rng) if options.wildcard else text.split("\n")[0]
    if not options.takes_apart:
        return Draw(_second(text, options))
    fixed, free, last = split_fixed(text, options)
    if options.shuffle:
        rng.shuffle(free)
    kept, dropped = _drop(free, options.tag_dropout, rng)
    pieces = [*fixed, *kept, *last]
    joined = _second(JOINER.join(pieces), options)
    places = _places([_second(piece, options) for piece in pieces])
    behind = places[len(pieces) - len(last) :]
    return Draw(joined, (*places[: len(fixed)], *behind), tuple(dropped))


def split_fixed(text: str, options: CaptionOptions) -> tuple[list[str], list[str], list[str]]:
    """Return the phrases that stay in front, those that may move, and those that stay behind."""
    if options.keep_separator and options.keep_separator in text:
        front, _, rest = text.partition(options.keep_separator)
        middle, _, back = rest.partition(options.keep_separator)
        parts = (_phrases(part, options.separator) for part in (front, middle, back))
        first, moving, last = ([phrase for phrase in part if phrase] for part in parts)
        return first, moving, last
    phrases = _phrases(text.strip(), options.separator)
    return phrases[: options.keep_tokens], phrases[options.keep_tokens :], []


def _left_out(options: CaptionOptions, epoch: int, rng: random.Random) -> bool:
    by_chance = options.dropout_rate > 0 and rng.random() < options.dropout_rate
    by_epoch = bool(options.dropout_every) and epoch % options.dropout_every == 0
    return by_chance or by_epoch


def _choose(text: str, rng: random.Random) -> str:
    """Take one of several lines and one of each {a|b}; {{ and }} stand for brackets."""
    if "\n" in text:
        text = rng.choice(text.split("\n"))
    opening, closing = "⦅", "⦆"
    while opening in text or closing in text:
        opening, closing = opening + "⦅", closing + "⦆"
    text = text.replace("{{", opening).replace("}}", closing)
    text = _WILDCARD.sub(lambda match: rng.choice(match.group(1).split("|")), text)
    return text.replace(opening, "{").replace(closing, "}")


def _phrases(text: str, separator: str) -> list[str]:
    return [part.strip() for part in text.split(separator)]


def _drop(free: list[str], rate: float, rng: random.Random) -> tuple[list[str], list[str]]:
    kept: list[str] = []
    dropped: list[str] = []
    for phrase in free:
        (dropped if rate > 0 and rng.random() < rate else kept).append(phrase)
    return kept, dropped


def _second(text: str, options: CaptionOptions) -> str:
    mark = options.secondary_separator
    return text.replace(mark, options.separator) if mark else text


def _places(pieces: list[str]) -> list[Span]:
    """Return where each of the pieces lies once they are joined."""
    starts = [0]
    for piece in pieces:
        starts.append(starts[-1] + len(piece) + len(JOINER))
    return [(start, start + len(piece)) for start, piece in zip(starts, pieces, strict=False)]
