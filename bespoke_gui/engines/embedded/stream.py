"""The training stream: batch n of a stage is decided by (seed, stage, n) alone."""

from __future__ import annotations

import numpy as np

from bespoke_gui.core.portraits.caption import caption
from bespoke_gui.core.portraits.draw import draw
from bespoke_gui.core.portraits.traits import Traits, random_traits
from bespoke_gui.engines.embedded.words import WORDS

NOISE_WORDS = 0.15  # share of captions with a few words the picture says nothing about


def traits_of(
    seed: int, stage: int, step: int, size: int
) -> tuple[list[Traits], np.random.Generator]:
    """The traits of one batch and the generator that goes on to word them."""
    rng = np.random.default_rng([seed, stage, step])
    return [random_traits(rng) for _ in range(size)], rng


def batch(seed: int, stage: int, step: int, size: int, empty: float = 0.0):
    """One batch: traits, captions and cells (size, 24, 24, 3) uint8.

    `empty` is the share of captions left empty, which guidance needs.
    """
    traits, rng = traits_of(seed, stage, step, size)
    texts = [_noisy(caption(t, rng), rng) for t in traits]
    texts = ["" if rng.random() < empty else text for text in texts]
    return traits, texts, np.stack([draw(t) for t in traits])


def _noisy(text: str, rng: np.random.Generator) -> str:
    # Users' captions hold words the generator never uses; the encoder must bear them.
    if rng.random() >= NOISE_WORDS:
        return text
    parts = text.split(", ")
    for _ in range(int(rng.integers(1, 3))):
        words = [WORDS[i] for i in rng.integers(len(WORDS), size=int(rng.integers(1, 4)))]
        parts.insert(int(rng.integers(1, len(parts) + 1)), " ".join(words))
    return ", ".join(parts)
