"""The demo style, absent from base training: three-quarter view, outline, dithered hair."""

import numpy as np

from bespoke_gui.core.portraits import colours
from bespoke_gui.core.portraits.colours import shade
from bespoke_gui.core.portraits.demo_shapes import (
    BEARD,
    BODY,
    BODY_SHADE,
    BOW,
    EAR,
    FACE,
    FACE_SHADE,
    HAIR,
    HAT,
    NECK,
)
from bespoke_gui.core.portraits.traits import Traits

SIZE = 24
# 32 muted colours: every cell of a demo portrait is one of these.
PALETTE = np.array(
    [
        (24, 20, 32),
        (58, 50, 66),
        (98, 92, 108),
        (142, 140, 152),
        (190, 190, 196),
        (240, 236, 224),
        (54, 30, 34),
        (96, 54, 42),
        (140, 86, 58),
        (186, 128, 86),
        (222, 174, 128),
        (246, 216, 180),
        (116, 26, 46),
        (182, 44, 52),
        (226, 92, 60),
        (240, 146, 62),
        (246, 200, 84),
        (252, 238, 150),
        (28, 64, 54),
        (44, 110, 66),
        (92, 164, 72),
        (164, 212, 96),
        (200, 232, 184),
        (30, 96, 112),
        (54, 158, 164),
        (140, 214, 206),
        (32, 40, 92),
        (52, 84, 166),
        (98, 150, 222),
        (86, 46, 110),
        (164, 84, 166),
        (238, 150, 190),
    ],
    np.uint8,
)
INK = PALETTE[0]
# Shaded skin is chosen by hand: the nearest palette colour of a darker tone may change its hue.
SKIN_SHADE = {
    "light": (222, 174, 128),
    "pale": (246, 216, 180),
    "medium": (140, 86, 58),
    "tan": (186, 128, 86),
    "dark": (96, 54, 42),
    "deep": (54, 30, 34),
    "pale green": (164, 212, 96),
    "green": (44, 110, 66),
    "pale blue": (98, 150, 222),
    "gray": (142, 140, 152),
}


def snap(rgb: colours.RGB) -> np.ndarray:
    """The palette colour nearest to an RGB colour, (3,) uint8."""
    gaps = (PALETTE.astype(int) - np.asarray(rgb, int)) ** 2
    return PALETTE[int((gaps * (2, 4, 3)).sum(1).argmin())]


class _Sheet:
    """A canvas that remembers which cells belong to the figure."""

    def __init__(self, background: np.ndarray) -> None:
        self.cells = background
        self.figure = np.zeros((SIZE, SIZE), bool)

    def fill(self, spans, rgb) -> None:
        """Paint rows of cells in the nearest palette colour."""
        for y, first, last in spans:
            self.cells[y, first : last + 1] = snap(rgb)
            self.figure[y, first : last + 1] = True

    def dither(self, spans, light, dark) -> None:
        """Paint rows of cells in a checkered mix of two colours."""
        self.fill(spans, light)
        for y, first, last in spans:
            for x in range(first + (first + y) % 2, last + 1, 2):
                self.cells[y, x] = snap(dark)

    def outline(self) -> None:
        """Ink every cell that touches the figure from outside."""
        grown = np.pad(self.figure, 1)
        near = grown[:-2, 1:-1] | grown[2:, 1:-1] | grown[1:-1, :-2] | grown[1:-1, 2:]
        self.cells[near & ~self.figure] = INK


def draw_demo(traits: Traits) -> np.ndarray:
    """Draw one portrait of the demo style as a (24, 24, 3) uint8 RGB array."""
    sheet = _Sheet(_background(traits))
    for layer in (_hair_back, _body, _head, _face, _beard, _hair, _hat, _bow):
        layer(sheet, traits)
    sheet.outline()
    _glasses(sheet, traits)
    _earring(sheet, traits)
    return sheet.cells


def _background(traits: Traits) -> np.ndarray:
    cells = np.empty((SIZE, SIZE, 3), np.uint8)
    cells[:] = snap(colours.background_rgb(traits.background))
    other = snap(colours.background_rgb(traits.background2))
    if traits.pattern in ("split", "gradient"):
        cells[SIZE // 2 :] = other
    elif traits.pattern in ("brick", "checkered"):
        rows, columns = np.indices((SIZE, SIZE))
        cells[(rows // 3 + columns // 3) % 2 == 1] = other
    return cells


def _dark(rgb, factor: float = 0.68) -> colours.RGB:
    """A darker tone that does not fall on the same palette colour."""
    tone = shade(tuple(rgb), factor)
    return tone if (snap(tone) != snap(rgb)).any() else shade(tuple(rgb), factor * 0.6)


def _tones(traits: Traits):
    rgb = colours.HAIR[traits.hair]
    return (rgb, _dark(rgb)) if sum(rgb) > 150 else (colours.shade(rgb, 1.3), rgb)


def _hair_spans(traits: Traits, layer: int) -> list:
    # A hat presses down what stands up.
    top = 5 if traits.hat and traits.hat != "headband" else 0
    return [span for span in HAIR[traits.style][layer] if span[0] >= top]


def _hair_back(sheet: _Sheet, traits: Traits) -> None:
    sheet.dither(_hair_spans(traits, 0), *_tones(traits))


def _body(sheet: _Sheet, traits: Traits) -> None:
    cloth = colours.CLOTH[traits.cloth]
    sheet.fill(BODY, cloth)
    sheet.fill(BODY_SHADE, _dark(cloth))
    sheet.fill(NECK, SKIN_SHADE[traits.skin])
    if traits.clothes in ("jacket", "suit"):
        sheet.fill(((21, 10, 13), (22, 11, 13), (23, 11, 13)), colours.CLOTH[traits.under])


def _head(sheet: _Sheet, traits: Traits) -> None:
    sheet.fill(FACE, colours.SKIN[traits.skin])
    sheet.fill(FACE_SHADE, SKIN_SHADE[traits.skin])
    sheet.fill(EAR, SKIN_SHADE[traits.skin])


def _face(sheet: _Sheet, traits: Traits) -> None:
    skin, eyes = colours.SKIN[traits.skin], colours.EYES[traits.eyes]
    sheet.fill(((9, 11, 13), (9, 16, 17)), _dark(colours.HAIR[traits.hair], 0.6))
    sheet.fill(((10, 11, 13), (10, 16, 17)), INK)
    sheet.fill(((11, 11, 11), (11, 16, 16)), colours.WHITE)
    sheet.fill(((11, 12, 13), (11, 17, 17)), eyes)
    # The dot of the nose.
    sheet.fill(((13, 15, 15),), INK)
    lips = colours.LIPS[traits.lips] if traits.lips else _dark(skin, 0.5)
    sheet.fill(((15, 12, 16),), lips)
    if traits.expression == "smile":
        sheet.fill(((14, 11, 11),), lips)
    elif traits.expression == "frown":
        sheet.fill(((16, 11, 11),), lips)


def _beard(sheet: _Sheet, traits: Traits) -> None:
    if traits.beard:
        spans = BEARD if traits.beard == "beard" else ((14, 12, 16),)
        sheet.dither(spans, *_tones(traits))


def _hair(sheet: _Sheet, traits: Traits) -> None:
    sheet.dither(_hair_spans(traits, 1), *_tones(traits))


def _hat(sheet: _Sheet, traits: Traits) -> None:
    if not traits.hat:
        return
    rgb = colours.CLOTH[traits.hat_colour]
    crown, brim = HAT.get(traits.hat, HAT["cap"])
    sheet.fill(crown, rgb)
    sheet.fill(brim, _dark(rgb))
    if traits.logo:
        logo = "red" if traits.logo == "multicolored" else traits.logo
        sheet.fill(((4, 13, 14), (5, 13, 14)), colours.CLOTH[logo])


def _bow(sheet: _Sheet, traits: Traits) -> None:
    if traits.bow:
        sheet.fill(BOW, colours.CLOTH[traits.bow])
        sheet.fill(((4, 7, 7),), _dark(colours.CLOTH[traits.bow]))


def _glasses(sheet: _Sheet, traits: Traits) -> None:
    if not traits.glasses:
        return
    rim = colours.BLACK if traits.glasses == "shades" else colours.CLOTH[traits.rim]
    sheet.fill(((10, 8, 18),), rim)
    if traits.glasses == "glasses":
        sheet.fill(((11, 10, 10), (12, 10, 14), (11, 14, 14), (11, 15, 15), (12, 15, 18)), rim)
        return
    sheet.fill(((11, 10, 13), (12, 10, 13), (11, 15, 18), (12, 15, 17)), rim)
    if traits.reflection:
        glint = colours.WHITE if traits.reflection == "white" else (98, 150, 222)
        sheet.fill(((11, 11, 11), (11, 16, 16)), glint)


def _earring(sheet: _Sheet, traits: Traits) -> None:
    if traits.earrings:
        sheet.fill(((13, 8, 8), (14, 8, 8)), colours.METAL[traits.earrings])
