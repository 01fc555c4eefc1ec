"""Nouns of portrait captions by kind: what is worn, what grows, what is part of the face."""

from __future__ import annotations

import re


def listed(text: str) -> frozenset[str]:
    """Return the words of a list that is easier to read without quotes and commas."""
    return frozenset(text.split())


HEADWEAR = listed(
    "hat hats cap caps beanie beanies crown crowns tiara bandana bandanas headband headbands beret"
    " helmet fedora fidora hood turban veil wig bonnet sombrero durag visor headscarf headphones"
    " ears mask"
)
EYEWEAR = listed(
    "glasses sunglasses shades goggles goggle eyeglasses spectacles monocle eyepatch aviators"
    " frames lenses visor"
)
JEWELLERY = listed(
    "necklace necklaces earring earrings stud studs hoops ring rings chain chains pendant bracelet"
    " choker watch brooch piercing jewelry jewellery lanyard pearls beads medal badge"
)
CLOTHES = listed(
    "shirt shirts tshirt t-shirt tee jacket coat suit tie dress hoodie hoodies sweater blouse top"
    " vest blazer jumpsuit robe cape cloak kimono scarf collar turtleneck cardigan overalls apron"
    " uniform jersey tuxedo gown skirt pants jeans trousers shorts gloves armor armour costume"
    " outfit clothing clothes garment garments undergarments layer sportcoat trenchcoat overcoat"
    " coat/hoodie wetsuit onesie bodysuit romper camisole tank undershirt makeup backpack"
)
ON_HEAD_TOO = listed("flower flowers bow bows ribbon clip headwear accessory")
GARMENTS = HEADWEAR | EYEWEAR | JEWELLERY | CLOTHES | ON_HEAD_TOO
GROWN = listed(
    "hair haircut hairstyle stubble mustache moustache mustach beard goatee goetee bangs braids"
    " ponytail bald sideburns whiskers mohawk afro bun dreads"
)
FACE = listed("lips skin eyes eye smile expression face freckles teeth nose")
WORD = re.compile(r"[a-z]+(?:[-/'][a-z]+)*")


def kinds_of(text: str) -> list[str]:
    """Return "worn", "grown" or "face" for every word that is one, in order."""
    result = []
    for word in WORD.findall(text.casefold()):
        if word in GARMENTS:
            result.append("worn")
        elif word in GROWN:
            result.append("grown")
        elif word in FACE:
            result.append("face")
    return result
