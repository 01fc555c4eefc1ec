"""What can be said about one portrait, and how training draws it at random."""

from dataclasses import dataclass, replace

import numpy as np

from bespoke_gui.core.portraits import colours

HAIR_STYLES = (
    "short",
    "parted",
    "spiky",
    "mohawk",
    "curly",
    "afro",
    "bob",
    "long",
    "ponytail",
    "buns",
    "wings",
    "bald",
)
HATS = ("", "cap", "beanie", "hat", "top hat", "headband")
LOGOS = ("", "multicolored", "white", "red", "gold")
GLASSES = ("", "sunglasses", "shades", "rimmed", "glasses")
EARRINGS = ("", "gold", "silver", "diamond")
BEARDS = ("", "beard", "mustache")
EXPRESSIONS = ("neutral", "smile", "frown")
CLOTHES = ("shirt", "t-shirt", "jacket", "hoodie", "suit", "tank top")
PATTERNS = ("solid", "split", "gradient", "brick", "checkered")


@dataclass(frozen=True)
class Traits:
    """Everything that decides the pixels of one portrait. Empty text means "none"."""

    kind: str = "lad"
    background: str = "blue"
    background2: str = "red"
    pattern: str = "solid"
    hair: str = "brown"
    style: str = "short"
    skin: str = "light"
    eyes: str = "brown"
    expression: str = "neutral"
    lips: str = ""
    beard: str = ""
    hat: str = ""
    hat_colour: str = "black"
    logo: str = ""
    glasses: str = ""
    rim: str = "black"
    reflection: str = ""
    earrings: str = ""
    bow: str = ""
    clothes: str = "shirt"
    cloth: str = "gray"
    under: str = "white"
    cross: bool = False


def is_held_out(traits: Traits) -> bool:
    """True for (background, hair) pairs that training never sees, about one in eleven."""
    place = list(colours.BACKGROUNDS).index(traits.background)
    return (place + 3 * list(colours.HAIR).index(traits.hair)) % 11 == 0


def _pick(rng: np.random.Generator, options, weights=None) -> str:
    options = list(options)
    if weights is None:
        return options[int(rng.integers(len(options)))]
    total = np.cumsum(np.asarray(weights, float))
    return options[int(np.searchsorted(total, rng.random() * total[-1], side="right"))]


def _background(rng: np.random.Generator) -> dict:
    pattern = _pick(rng, PATTERNS, (80, 5, 5, 6, 4))
    first, second = _pick(rng, colours.BACKGROUNDS), _pick(rng, colours.BACKGROUNDS)
    return {"background": first, "background2": second, "pattern": pattern}


_STYLE_WEIGHTS = {
    "lad": (6, 4, 4, 3, 3, 2, 1, 2, 2, 0, 2, 2),
    "lady": (2, 3, 2, 2, 3, 2, 4, 6, 3, 2, 1, 0.3),
}


def _lips(rng: np.random.Generator, chance: float) -> str:
    return _pick(rng, colours.LIPS, (4, 3, 1, 1)) if rng.random() < chance else ""


def _head(rng: np.random.Generator, kind: str) -> dict:
    lady = kind == "lady"
    return {
        "hair": _pick(rng, colours.HAIR),
        "style": _pick(rng, HAIR_STYLES, _STYLE_WEIGHTS[kind]),
        "skin": _pick(rng, colours.SKIN, (6, 2, 6, 2, 6, 2, 2, 1, 1, 1)),
        "eyes": _pick(rng, colours.EYES, (4, 3, 4, 3, 2, 1, 1, 1)),
        "expression": _pick(rng, EXPRESSIONS, (4, 3, 1)),
        "lips": _lips(rng, 0.7 if lady else 0.1),
        "beard": "" if lady else _pick(rng, BEARDS, (65, 25, 10)),
    }


def _hat(rng: np.random.Generator) -> dict:
    hat = _pick(rng, HATS, (60, 16, 7, 8, 4, 5))
    logo = _pick(rng, LOGOS, (40, 30, 10, 10, 10)) if hat in ("cap", "beanie", "hat") else ""
    return {"hat": hat, "hat_colour": _pick(rng, colours.CLOTH), "logo": logo}


def _worn(rng: np.random.Generator, kind: str) -> dict:
    lady = kind == "lady"
    return {
        "glasses": _pick(rng, GLASSES, (60, 12, 12, 8, 8)),
        "rim": _pick(
            rng,
            ("black", "dark brown", "red", "white", "gold", "blue", "pink"),
            (6, 3, 1, 1, 1, 1, 1),
        ),
        "reflection": _pick(rng, ("", "white", "blue"), (2, 5, 3)),
        "earrings": _pick(rng, EARRINGS, (50, 25, 13, 12) if lady else (75, 14, 6, 5)),
        "bow": _pick(rng, ("red", "pink", "blue", "white", "purple", "yellow", "black"))
        if lady and rng.random() < 0.25
        else "",
        "clothes": _pick(rng, CLOTHES),
        "cloth": _pick(rng, colours.CLOTH),
        "under": _pick(rng, colours.CLOTH, (3, 6) + (1,) * 14),
        "cross": bool(rng.random() < 0.08),
    }


def _settled(traits: Traits) -> Traits:
    """Mend what cannot be drawn together: a bow on a hat, a cross on a bare shirt."""
    bow = "" if traits.hat or traits.style in ("mohawk", "bald") else traits.bow
    return replace(traits, bow=bow, cross=traits.cross and traits.clothes in ("jacket", "hoodie"))


def any_traits(rng: np.random.Generator) -> Traits:
    """Draw traits from the whole space, held-out pairs included."""
    kind = _pick(rng, ("lad", "lady"))
    parts = {**_background(rng), **_head(rng, kind), **_hat(rng), **_worn(rng, kind)}
    return _settled(Traits(kind=kind, **parts))


def random_traits(rng: np.random.Generator) -> Traits:
    """Draw traits for training: never a held-out (background, hair) pair."""
    while True:
        traits = any_traits(rng)
        if not is_held_out(traits):
            return traits
