"""Fonts: a sign without a picture is noticed, and a font that has it is taken."""

import numpy as np
from PIL import ImageFont

from bespoke_gui.core import fonts
from bespoke_gui.core.collage import CollageText, collage
from bespoke_gui.core.fonts import font_for, lacking
from bespoke_gui.core.gallery import open_gallery
from tests.core.gallery_kit import portrait, write_png


def test_signs_that_a_font_lacks_are_found():
    own = ImageFont.load_default(12)
    assert lacking(own, "abc XYZ 0123 .,:%()-+") == ""
    assert lacking(own, "a\U0010fffd") == "\U0010fffd"


def test_pillows_own_font_serves_plain_words():
    assert font_for("epoch 8, 5.0e-05 (chosen)", 12).getname()[0] == "Aileron"


def test_the_font_that_lacks_the_fewest_is_taken(monkeypatch):
    """A stand-in for a system's font that has every sign."""
    full, own = ImageFont.load_default(13), fonts._drawn
    monkeypatch.setattr(fonts, "_system_font", lambda name, size: full)
    monkeypatch.setattr(
        fonts, "_drawn", lambda font, s: s.encode() if font is full else own(font, s)
    )
    assert font_for("żółw \U0010fffd", 12) is full


def test_long_lines_at_the_foot_are_broken_and_not_cut(tmp_path):
    write_png(tmp_path / "epoch_01" / "a.png", portrait())
    gallery = open_gallery(tmp_path)
    long = "a sentence that is far too long for the width of one single column " * 4
    short = collage(gallery, 4, text=CollageText(foot=["short"]))
    tall = collage(gallery, 4, text=CollageText(foot=[long]))
    assert tall.width == short.width
    assert tall.height > short.height + 100
    right = np.array(tall)[:, -10:]
    assert (right == right[0, 0]).all(), "nothing runs out at the right"
