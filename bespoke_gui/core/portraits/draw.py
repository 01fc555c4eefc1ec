"""Draws a portrait of the base style: plain front view, flat colours, hard edges."""

import numpy as np

from bespoke_gui.core.portraits import colours, shapes
from bespoke_gui.core.portraits.clothes import draw_clothes
from bespoke_gui.core.portraits.colours import shade
from bespoke_gui.core.portraits.traits import Traits

SIZE = 24
Canvas = np.ndarray


def fill(canvas: Canvas, spans, rgb: colours.RGB) -> None:
    """Paint rows of cells, ends included, in one colour."""
    for y, first, last in spans:
        canvas[y, first : last + 1] = rgb


def draw(traits: Traits) -> np.ndarray:
    """Draw one portrait.

    Returns a (24, 24, 3) uint8 RGB array; the same traits always give the same cells.
    """
    canvas = np.empty((SIZE, SIZE, 3), np.uint8)
    for layer in (
        _background,
        _hair_back,
        _torso,
        _face,
        _features,
        _beard,
        _hair_front,
        _hat,
        _bow,
        _glasses,
        _earrings,
    ):
        layer(canvas, traits)
    return canvas


def _background(canvas: Canvas, traits: Traits) -> None:
    one = np.array(colours.background_rgb(traits.background))
    two = np.array(colours.background_rgb(traits.background2))
    canvas[:] = one
    if traits.pattern == "split":
        canvas[:, SIZE // 2 :] = two
    elif traits.pattern == "gradient":
        _gradient(canvas, one, two)
    elif traits.pattern == "brick":
        _bricks(canvas, one)
    elif traits.pattern == "checkered":
        rows, columns = np.indices((SIZE, SIZE)) // 4
        canvas[(rows + columns) % 2 == 1] = two


def _gradient(canvas: Canvas, one: np.ndarray, two: np.ndarray) -> None:
    # Six flat bands: a gradient that keeps hard edges.
    for band in range(6):
        canvas[band * 4 : band * 4 + 4] = one + (two - one) * band // 5


def _bricks(canvas: Canvas, rgb: np.ndarray) -> None:
    mortar = shade(tuple(rgb), 0.6) if rgb.sum() > 120 else (90, 90, 90)
    canvas[3::4] = mortar
    for row in range(6):
        canvas[row * 4 : row * 4 + 3, (row % 2) * 3 :: 6] = mortar


def _hair_back(canvas: Canvas, traits: Traits) -> None:
    rgb = colours.HAIR[traits.hair]
    fill(canvas, shapes.HAIR_BACK.get(traits.style, ()), shade(rgb, 0.82))


def _torso(canvas: Canvas, traits: Traits) -> None:
    skin = colours.SKIN[traits.skin]
    fill(canvas, shapes.NECK, skin)
    fill(canvas, shapes.NECK_SHADE, shade(skin, 0.72))
    draw_clothes(canvas, traits, fill)


def _face(canvas: Canvas, traits: Traits) -> None:
    skin = colours.SKIN[traits.skin]
    fill(canvas, shapes.EARS, shade(skin, 0.85))
    fill(canvas, shapes.FACE, skin)
    fill(canvas, shapes.FACE_SHADE, shade(skin, 0.85))


def _features(canvas: Canvas, traits: Traits) -> None:
    skin = colours.SKIN[traits.skin]
    brow = shade(colours.HAIR[traits.hair], 0.7)
    fill(canvas, ((10, 9, 10), (10, 13, 14)), brow)
    fill(canvas, ((11, 9, 9), (12, 9, 9), (11, 13, 13), (12, 13, 13)), colours.WHITE)
    fill(
        canvas, ((11, 10, 10), (12, 10, 10), (11, 14, 14), (12, 14, 14)), colours.EYES[traits.eyes]
    )
    fill(canvas, ((14, 11, 12),), shade(skin, 0.72))
    _mouth(canvas, traits, skin)


def _mouth(canvas: Canvas, traits: Traits, skin: colours.RGB) -> None:
    rgb = colours.LIPS[traits.lips] if traits.lips else shade(skin, 0.55)
    fill(canvas, ((16, 10, 13),), rgb)
    if traits.expression == "smile":
        fill(canvas, ((15, 9, 9), (15, 14, 14)), rgb)
    elif traits.expression == "frown":
        fill(canvas, ((17, 9, 9), (17, 14, 14)), rgb)
    elif traits.lips:
        fill(canvas, ((17, 11, 12),), shade(rgb, 0.8))


def _beard(canvas: Canvas, traits: Traits) -> None:
    if not traits.beard:
        return
    rgb = shade(colours.HAIR[traits.hair], 0.9)
    mouth = canvas[16, 10:14].copy()
    fill(canvas, shapes.BEARD if traits.beard == "beard" else shapes.MUSTACHE, rgb)
    canvas[16, 10:14] = mouth


def _hair_front(canvas: Canvas, traits: Traits) -> None:
    rgb = colours.HAIR[traits.hair]
    fill(canvas, shapes.HAIR_FRONT[traits.style], rgb)
    if traits.style not in ("bald", "mohawk"):
        fill(canvas, shapes.HAIR_LIGHT, shade(rgb, 1.25))


def _hat(canvas: Canvas, traits: Traits) -> None:
    if not traits.hat:
        return
    rgb = colours.CLOTH[traits.hat_colour]
    if traits.hat != "headband":
        # Hair above the hat would float: put the background back there.
        behind = np.empty_like(canvas)
        _background(behind, traits)
        canvas[:4, 7:17] = behind[:4, 7:17]
    fill(canvas, shapes.HAT[traits.hat], rgb)
    fill(canvas, shapes.HAT_DARK[traits.hat], shade(rgb, 0.7 if sum(rgb) > 150 else 1.25))
    _logo(canvas, traits)


def _logo(canvas: Canvas, traits: Traits) -> None:
    if traits.logo == "multicolored":
        red, gold = colours.CLOTH["red"], colours.CLOTH["gold"]
        fill(canvas, ((4, 10, 11), (5, 10, 10)), red)
        fill(canvas, ((4, 12, 13), (5, 13, 13)), gold)
        fill(canvas, ((5, 11, 12),), colours.WHITE)
    elif traits.logo:
        fill(canvas, ((4, 11, 12), (5, 11, 12)), colours.CLOTH[traits.logo])


def _bow(canvas: Canvas, traits: Traits) -> None:
    if traits.bow:
        rgb = colours.CLOTH[traits.bow]
        fill(canvas, shapes.BOW, rgb)
        fill(canvas, shapes.BOW_KNOT, shade(rgb, 0.65 if sum(rgb) > 150 else 1.3))


def _glasses(canvas: Canvas, traits: Traits) -> None:
    if not traits.glasses:
        return
    rim = colours.BLACK if traits.glasses == "shades" else colours.CLOTH[traits.rim]
    lens = shade(rim, 0.55) if sum(rim) > 150 else (44, 42, 54)
    fill(canvas, ((10, 6, 17), (11, 11, 12)), rim)
    if traits.glasses == "glasses":
        fill(
            canvas,
            ((13, 8, 10), (13, 13, 15), *shapes.column(8, 11, 12), *shapes.column(15, 11, 12)),
            rim,
        )
        return
    bottom = 13 if traits.glasses in ("shades", "rimmed") else 12
    for first in (8, 13):
        fill(canvas, shapes.block(first - 1, first + 2 + (first == 13), 11, bottom), rim)
        fill(canvas, shapes.block(first, first + 2, 11, bottom - 1), lens)
        _reflection(canvas, traits, first)


def _reflection(canvas: Canvas, traits: Traits, first: int) -> None:
    if traits.reflection:
        rgb = colours.WHITE if traits.reflection == "white" else (70, 150, 255)
        fill(canvas, ((11, first, first + 1), (12, first, first)), rgb)


def _earrings(canvas: Canvas, traits: Traits) -> None:
    if not traits.earrings:
        return
    rgb = colours.METAL[traits.earrings]
    if traits.earrings == "diamond":
        fill(canvas, ((13, 17, 18), (14, 17, 18)), rgb)
        fill(canvas, ((14, 18, 18),), (120, 200, 240))
        return
    for x in (5, 17):
        fill(canvas, shapes.block(x, x + 1, 13, 15), rgb)
        fill(canvas, ((15, x, x + 1),), shade(rgb, 0.75))
