"""One phrase for each visible thing, with the synonyms that people use."""

from bespoke_gui.core.portraits.traits import Traits

_SYNONYMS = {
    "blonde": ("blonde", "blond", "golden blonde", "yellow blonde"),
    "light brown": ("light brown", "light brown", "sandy brown"),
    "orange": ("orange", "ginger", "orange red"),
    "lime green": ("lime green", "bright lime green", "lime green yellow green", "neon green"),
    "teal": ("teal", "turquoise", "teal"),
    "light blue": ("light blue", "light blue", "sky blue", "baby blue"),
    "gray": ("gray", "gray", "silver gray"),
    "dark": ("dark", "black", "dark brown"),
    "amber": ("amber", "hazel", "golden"),
    "gold": ("gold", "golden", "yellow gold"),
}
_PLACES = {
    "dark blue": ("dark blue", "navy blue", "navy"),
    "turquoise": ("turquoise", "mint", "aqua"),
    "light purple": ("light purple", "lavender", "lilac"),
    "hot pink": ("hot pink", "magenta", "hot neon pink"),
    "tan": ("tan", "beige", "sand"),
    "light blue": ("light blue", "sky blue", "baby blue"),
    "bright green": ("bright green", "bright green", "bright green", "vivid green"),
    "neon green": ("neon green", "lime green", "hot green"),
    "bright blue": ("bright blue", "hot blue", "electric blue"),
    "bright red": ("bright red", "hot red"),
    "bright yellow": ("bright yellow", "neon yellow"),
    "neon purple": ("neon purple", "bright purple"),
    "neon orange": ("neon orange", "bright orange", "hot orange"),
    "teal": ("teal", "dark teal"),
    "light gray": ("light gray", "silver"),
    "red": ("red", "red", "crimson"),
}
_STYLES = {
    "short": ("{c} hair", "{c} hair", "{c} hair", "short {c} hair"),
    "parted": ("parted {c} hair", "{c} hair parted to the side", "{c} side swept hair"),
    "spiky": ("spiky {c} hair", "{c} spiky hair", "{c} spiked hair"),
    "mohawk": ("{c} mohawk", "{c} mohawk hair"),
    "curly": ("curly {c} hair", "{c} curly hair", "wavy {c} hair"),
    "afro": ("{c} afro", "{c} afro hair", "big {c} afro"),
    "bob": ("{c} bob", "{c} bob hair with bangs", "{c} shoulder length hair"),
    "long": ("long {c} hair", "{c} hair", "{c} long hair"),
    "ponytail": ("{c} hair tied back in ponytail", "{c} ponytail", "{c} hair in a ponytail"),
    "buns": ("{c} hair in two buns", "{c} space buns", "{c} hair buns"),
    "wings": (
        "{c} hair tied back in queue ponytail with side wings fluffed out",
        "{c} colonial style hair with side wings",
        "{c} hair tied back with side wings fluffed out in 18th century colonial style",
    ),
    "bald": ("bald head", "no hair", "bald"),
}
_HATS = {
    "cap": ("baseball cap", "cap", "{c} cap", "snapback cap"),
    "beanie": ("beanie", "knit beanie", "beanie hat"),
    "hat": ("hat", "fedora hat", "brimmed hat"),
    "top hat": ("top hat", "tall top hat"),
    "headband": ("headband", "bandana", "head band"),
}
_EARRINGS = {
    "gold": ("golden earrings", "gold earrings", "gold hoop earrings", "golden hoop earring"),
    "silver": ("silver earrings", "silver hoop earrings", "silver earring"),
    "diamond": ("white diamond earring", "diamond earring", "diamond earrings", "diamond stud"),
}
_CLOTHES = {
    "shirt": ("{c} shirt", "wearing {c} shirt", "{c} collared shirt", "medium {c} shirt"),
    "t-shirt": ("{c} t-shirt", "wearing {c} tee", "{c} crew neck t-shirt", "{c} sweater"),
    "jacket": (
        "{c} jacket with {u} shirt underneath",
        "{c} jacket with {u} hoodie underneath it",
        "wearing {c} jacket with {u} undershirt",
        "{c} coat with {u} shirt",
    ),
    "hoodie": ("{c} hoodie", "wearing {c} hoodie with {u} strings", "{c} hooded sweatshirt"),
    "suit": (
        "wearing {c} suit with {u} tie",
        "{c} suit",
        "{c} business suit",
        "wearing classic vintage {c} suit with {u} and white undergarments",
    ),
    "tank top": ("{c} tank top", "wearing {c} tank top", "{c} dress with straps"),
}


def _one(rng, options) -> str:
    return options[int(rng.integers(len(options)))]


def _word(rng, name: str) -> str:
    return _one(rng, _SYNONYMS[name]) if name in _SYNONYMS else name


def place(rng, name: str) -> str:
    """A background colour in words."""
    return _one(rng, _PLACES[name]) if name in _PLACES else name


def respell(text: str, rng) -> str:
    """Half of the writers spell gray with an e."""
    return text.replace("gray", "grey") if rng.random() > 0.6 else text


def hair(traits: Traits, rng) -> str:
    """Hair colour and shape; now and then only "hair" with no colour."""
    if rng.random() < 0.04 and traits.style != "bald":
        return "hair"
    return _one(rng, _STYLES[traits.style]).format(c=_word(rng, traits.hair))


def hat(traits: Traits, rng) -> str:
    """Hat with its colour and logo."""
    if not traits.hat:
        return ""
    colour = _word(rng, traits.hat_colour)
    text = f"wearing {colour} {_one(rng, _HATS[traits.hat]).replace('{c} ', '')}"
    if not traits.logo:
        return text
    place_words = _one(rng, (" in the center", "", " on it"))
    return f"{text} with {_logo(traits, rng)} logo{place_words}"


def _logo(traits: Traits, rng) -> str:
    if traits.logo != "multicolored":
        return _word(rng, traits.logo)
    return _one(rng, ("multicolored (red gold and white)", "multicolored", "red gold and white"))


def bow(traits: Traits, rng) -> str:
    """Bow in the hair."""
    if not traits.bow:
        return ""
    return _one(rng, ("wearing {c} bow in hair", "wearing {c} bow", "{c} hair bow")).format(
        c=_word(rng, traits.bow)
    )


def glasses(traits: Traits, rng) -> str:
    """Glasses, sunglasses or shades with their reflection."""
    if not traits.glasses:
        return ""
    text = _one(
        rng,
        {
            "sunglasses": ("wearing {c} sunglasses", "wearing {c} sun glasses", "{c} sunglasses"),
            "shades": (
                "wearing black stunner shades",
                "wearing black shades",
                "wearing stunner shades",
            ),
            "rimmed": ("wearing big {c} rimmed sunglasses", "wearing large {c} rimmed shades"),
            "glasses": ("wearing {c} glasses", "wearing {c} rimmed glasses", "{c} eyeglasses"),
        }[traits.glasses],
    ).format(c=_word(rng, traits.rim))
    if not traits.reflection or traits.glasses == "glasses":
        return text
    return f"{text} with {traits.reflection} {_one(rng, ('reflection', 'reflections'))}"


def earrings(traits: Traits, rng) -> str:
    """Earrings with their metal."""
    if not traits.earrings:
        return ""
    wearing = "wearing " if rng.random() < 0.75 else ""
    return wearing + _one(rng, _EARRINGS[traits.earrings])


def eyes(traits: Traits, rng) -> str:
    """Eye colour, silent when dark glasses hide the eyes."""
    if traits.glasses not in ("", "glasses") and rng.random() < 0.7:
        return ""
    return f"{_word(rng, traits.eyes)} eyes"


def beard(traits: Traits, rng) -> str:
    """Beard or mustache in the colour of the hair."""
    if not traits.beard:
        return ""
    options = (
        ("{c} beard", "beard", "full {c} beard")
        if traits.beard == "beard"
        else ("{c} mustache", "mustache", "moustache")
    )
    return _one(rng, options).format(c=_word(rng, traits.hair))


def lips(traits: Traits, rng) -> str:
    """Lips, with a colour when they are painted."""
    if not traits.lips:
        return _one(rng, ("", "lips", ""))
    return _one(rng, ("{c} lips", "{c} lips", "{c} lipstick")).format(c=traits.lips)


def expression(traits: Traits, rng) -> str:
    """Neutral, smiling or frowning."""
    return _one(
        rng,
        {
            "neutral": ("neutral expression", "neutral face"),
            "smile": ("smile", "smiling", "happy expression", "slight smile"),
            "frown": ("frown", "sad expression", "frowning"),
        }[traits.expression],
    )


def skin(traits: Traits, rng) -> str:
    """Skin tone in the ways people put it."""
    if rng.random() < 0.04:
        return "skin"
    tone = traits.skin
    if tone in ("pale green", "pale blue") and rng.random() < 0.5:
        tone = f"light {tone}"
    sex = "male" if traits.kind == "lad" else "female"
    return _one(rng, ("{t} skin", "{t} skin tone", "{t} {s} skin tone", "{t} skin")).format(
        t=tone, s=sex
    )


def background(traits: Traits, rng) -> str:
    """Background with its colours and pattern."""
    one, two = place(rng, traits.background), place(rng, traits.background2)
    options = {
        "solid": (
            "{a} solid background",
            "{a} background",
            "{a} solid background",
            "solid {a} background",
            "{a} background",
        ),
        "split": ("{a} and {b} split background", "split background", "split {a} {b} background"),
        "gradient": (
            "{a} to {b} gradient background",
            "{a} gradient background",
            "gradient background",
        ),
        "brick": (
            "{a} checkered brick background",
            "checkered brick background",
            "{a} brick background",
            "{a} brick wall background",
        ),
        "checkered": ("{a} and {b} checkered background", "checkered background"),
    }[traits.pattern]
    return _one(rng, options).format(a=one, b=two)


def clothes(traits: Traits, rng) -> str:
    """Clothes with their colours."""
    text = _one(rng, _CLOTHES[traits.clothes]).format(
        c=_word(rng, traits.cloth), u=_word(rng, traits.under)
    )
    if traits.cross:
        text += _one(rng, (" with lifeguard cross on it", " with red cross on it"))
    return text
