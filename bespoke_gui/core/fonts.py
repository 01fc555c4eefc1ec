"""Fonts for pictures with words: one that has every sign that is written, where there is one."""

from __future__ import annotations

import functools

from PIL import Image, ImageDraw, ImageFont

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

WIDE = (
    "DejaVuSans.ttf", "NotoSans-Regular.ttf", "NotoSansCJK-Regular.ttc",
    "NotoSansCJKjp-Regular.otf", "LiberationSans-Regular.ttf", "Arial Unicode.ttf", "Arial.ttf",
    "arialuni.ttf", "segoeui.ttf", "msgothic.ttc", "msyh.ttc", "malgun.ttf",
    "Hiragino Sans GB.ttc", "PingFang.ttc",
)  # fmt: skip
"""Files of fonts that systems have, by how often they help; Pillow knows where they lie."""

_NOBODY = "\U0010fffe"  # no font has it: what is drawn for it is the sign for a missing one


def font_for(text: str, size: int) -> Font:
    """Return Pillow's own font at `size` px if it has every sign of `text`, else a system's.

    Where no font has them all it is the one that lacks the fewest.
    """
    signs = "".join(sorted(set(text)))
    own = ImageFont.load_default(size)
    if not lacking(own, signs):
        return own
    fonts = [own, *(font for name in WIDE if (font := _system_font(name, size)))]
    return min(fonts, key=lambda font: len(lacking(font, signs)))


def lacking(font: Font, signs: str) -> str:
    """Return the signs that a font has no picture for."""
    nothing = _drawn(font, _NOBODY)
    return "".join(sign for sign in signs if sign.strip() and _drawn(font, sign) == nothing)


def _drawn(font: Font, sign: str) -> bytes:
    picture = Image.new("L", (64, 64))
    ImageDraw.Draw(picture).text((8, 8), sign, 255, font)
    return picture.tobytes()


@functools.lru_cache(maxsize=64)
def _system_font(name: str, size: int) -> Font | None:
    try:
        return ImageFont.truetype(name, size)
    except OSError:
        return None
