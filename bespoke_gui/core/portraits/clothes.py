"""What the base portraits wear below the neck."""

from bespoke_gui.core.portraits import colours, shapes
from bespoke_gui.core.portraits.colours import shade


def _dark(rgb: colours.RGB) -> colours.RGB:
    return shade(rgb, 0.72 if sum(rgb) > 150 else 1.2)


def draw_clothes(canvas, traits, fill) -> None:
    """Paint the body in the traits' clothes on a (24, 24, 3) uint8 canvas."""
    rgb = colours.CLOTH[traits.cloth]
    if traits.clothes == "tank top":
        _tank_top(canvas, traits, fill, rgb)
        return
    fill(canvas, shapes.BODY, rgb)
    fill(canvas, shapes.BODY_SHADE, _dark(rgb))
    skin = colours.SKIN[traits.skin]
    _DETAILS[traits.clothes](canvas, traits, fill, rgb, skin)
    if traits.cross:
        fill(canvas, ((21, 7, 7), (22, 6, 8), (23, 7, 7)), colours.CLOTH["red"])


def _tank_top(canvas, traits, fill, rgb) -> None:
    skin = colours.SKIN[traits.skin]
    fill(canvas, shapes.BODY, skin)
    fill(canvas, shapes.BODY_SHADE, shade(skin, 0.85))
    straps = ((20, 8, 9), (20, 14, 15), (21, 8, 9), (21, 14, 15))
    fill(canvas, (*straps, *shapes.block(7, 16, 22, 23)), rgb)


def _shirt(canvas, traits, fill, rgb, skin) -> None:
    # Two collar points and a button row.
    fill(canvas, ((20, 11, 12), (21, 11, 12)), skin)
    fill(canvas, ((20, 9, 10), (20, 13, 14), (21, 10, 10), (21, 13, 13)), shade(rgb, 1.4))
    fill(canvas, ((23, 11, 11),), _dark(rgb))


def _t_shirt(canvas, traits, fill, rgb, skin) -> None:
    fill(canvas, ((20, 9, 14),), skin)
    fill(canvas, ((21, 9, 14),), _dark(rgb))
    fill(canvas, ((20, 8, 8), (20, 15, 15)), _dark(rgb))


def _jacket(canvas, traits, fill, rgb, skin) -> None:
    fill(canvas, shapes.block(10, 13, 20, 23), colours.CLOTH[traits.under])
    fill(canvas, (*shapes.column(9, 20, 23), *shapes.column(14, 20, 23)), _dark(rgb))


def _hoodie(canvas, traits, fill, rgb, skin) -> None:
    # The hood lies behind the neck, with two strings in front.
    fill(canvas, ((19, 7, 9), (19, 14, 16), (20, 7, 9), (20, 14, 16), (21, 9, 14)), _dark(rgb))
    fill(
        canvas,
        (*shapes.column(10, 22, 23), *shapes.column(13, 22, 23)),
        colours.CLOTH[traits.under],
    )


def _suit(canvas, traits, fill, rgb, skin) -> None:
    under = colours.CLOTH[traits.under]
    fill(canvas, ((20, 9, 14), (21, 10, 13), (22, 10, 13), (23, 11, 12)), colours.WHITE)
    fill(
        canvas,
        ((20, 11, 12), (21, 11, 12), (22, 11, 12), (23, 11, 12)),
        colours.CLOTH["red"] if under == colours.WHITE or traits.under == "white" else under,
    )
    fill(
        canvas,
        ((20, 8, 8), (20, 15, 15), (21, 9, 9), (21, 14, 14), (22, 9, 9), (22, 14, 14)),
        _dark(rgb),
    )


_DETAILS = {
    "shirt": _shirt,
    "t-shirt": _t_shirt,
    "jacket": _jacket,
    "hoodie": _hoodie,
    "suit": _suit,
}
