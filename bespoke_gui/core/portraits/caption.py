"""Captions for portraits, with the variety in which people write them."""

import numpy as np

from bespoke_gui.core.portraits import phrases
from bespoke_gui.core.portraits.traits import Traits

LEAD = "pixel art, 24x24"
TAIL = ("sharp pixel edges", "hard color borders", "retro pixel art style")
# Phrases in the usual order, with the chance that a writer leaves each out.
CHANCES = (
    (phrases.hair, 0.08),
    (phrases.hat, 0.04),
    (phrases.bow, 0.04),
    (phrases.glasses, 0.04),
    (phrases.earrings, 0.04),
    (phrases.eyes, 0.15),
    (phrases.beard, 0.05),
    (phrases.lips, 0.15),
    (phrases.expression, 0.25),
    (phrases.skin, 0.08),
    (phrases.background, 0.05),
    (phrases.clothes, 0.2),
)


def caption(traits: Traits, rng: np.random.Generator) -> str:
    """Describe a portrait; parts, order and synonyms vary with `rng`."""
    parts = [p for p in _ordered(_kept(traits, rng), rng) if p]
    return phrases.respell(", ".join([*_lead(traits, rng), *parts, *_tail(rng)]), rng)


def full_caption(traits: Traits, rng: np.random.Generator) -> str:
    """Describe everything visible in the usual order; only the wording varies with `rng`."""
    parts = [say(traits, rng) for say, _ in CHANCES]
    subject = f"portrait of bespoke punk {traits.kind}"
    return phrases.respell(", ".join([LEAD, subject, *(p for p in parts if p), *TAIL]), rng)


def _lead(traits: Traits, rng) -> list[str]:
    subject = f"portrait of bespoke punk {traits.kind}"
    draw = rng.random()
    if draw < 0.06:
        return [subject]
    if draw > 0.95:
        return [LEAD, f"bespoke punk {traits.kind}"]
    return [LEAD, subject]


def _tail(rng) -> list[str]:
    draw = rng.random()
    if draw < 0.15:
        return []
    return list(TAIL) if draw < 0.9 else list(TAIL[:2])


def _kept(traits: Traits, rng) -> list[str]:
    """All phrases in the usual order, each dropped now and then (accessories least)."""
    return [say(traits, rng) for say, chance in CHANCES if rng.random() >= chance]


def _ordered(parts: list[str], rng) -> list[str]:
    draw = rng.random()
    if draw < 0.2:
        return [parts[i] for i in rng.permutation(len(parts))]
    if draw > 0.8 and len(parts) > 2:
        # Clothes right after the hair, as many captions have it.
        return [parts[0], parts[-1], *parts[1:-1]]
    return parts
