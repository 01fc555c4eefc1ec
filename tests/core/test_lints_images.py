"""Lint checks against the image: what the border of a drawn picture contradicts, and proposes."""

import numpy as np
import pytest
from PIL import Image

from bespoke_gui.core import captions
from bespoke_gui.core.border import border_of, colour_words
from bespoke_gui.core.lints import LINTS, Context, Linter, lint, mend
from bespoke_gui.core.native_reader import NativeReader, middles
from bespoke_gui.core.pixels.oklab import srgb_to_oklab

BLUE, RED, WHITE, GREY = (40, 90, 220), (210, 30, 30), (250, 250, 250), (128, 128, 128)


def plain(colour, other=None):
    """Return cells of one colour, the right half of the other."""
    cells = np.full((24, 24, 3), colour, np.uint8)
    if other is not None:
        cells[:, 12:] = other
    return cells


def found(text, cells, code):
    problems = lint({"x": text}, codes=[code], context=Context(native=lambda name: cells))
    return [
        (text[slice(*map(int, p.where.split("-")))], p.severity, [f.label for f in p.suggestions])
        for p in problems
    ]


@pytest.mark.parametrize(
    ("text", "cells", "expected"),
    [
        ("a hat, light red background", plain(BLUE), [("light red background", "warning")]),
        ("a hat, light blue background", plain(BLUE), []),
        ("a hat, blue and red background", plain(BLUE), []),
        ("a hat, red background", plain(BLUE, WHITE), []),
        ("a hat, brown background", plain((125, 99, 100)), [("brown background", "info")]),
        ("a red hat", plain(BLUE), []),
    ],
)
def test_a_colour_that_the_border_has_not(text, cells, expected):
    seen = found(text, cells, "background_contradicts")
    assert [(place, severity) for place, severity, _ in seen] == expected
    assert all(ways for _, _, ways in seen)


@pytest.mark.parametrize(
    ("text", "cells", "expected"),
    [
        ("solid background", plain(BLUE, WHITE), ["solid"]),
        ("solid red background", plain(BLUE), []),
        ("split background, hat", plain(BLUE), ["split"]),
        ("pink to blue gradient background", plain(BLUE, WHITE), []),
    ],
)
def test_a_kind_that_the_border_is_not(text, cells, expected):
    assert [place for place, _, _ in found(text, cells, "background_kind")] == expected


@pytest.mark.parametrize(
    ("text", "cells", "ways"),
    [
        ("solid background", plain(BLUE), ["Replace with “solid bright blue background”"]),
        ("solid background", plain(BLUE, WHITE), []),
        (
            "split background",
            plain(GREY, WHITE),
            ["Replace with “split grey and white background”"],
        ),
        ("gradient background", plain(RED), []),
        ("solid background", None, []),
    ],
)
def test_a_colour_is_proposed_where_the_border_has_a_clear_one(text, cells, ways):
    assert found(text, cells, "backdrop_without_colour") == [(text, "warning", ways)]


def test_nothing_is_ever_mended_after_the_image():
    text = "solid background, red background, split background"
    linter = Linter(Context(native=lambda name: plain(BLUE)))
    assert mend({"x": text}, linter) == {}
    assert not any(LINTS[c].fixable for c in ("background_contradicts", "background_kind"))


@pytest.mark.parametrize(
    ("rgb", "name"),
    [
        ((0, 0, 0), "black"),
        ((255, 255, 255), "white"),
        ((186, 186, 186), "light grey"),
        ((60, 60, 60), "dark grey"),
        ((0, 220, 0), "bright green"),
        ((180, 240, 180), "light green"),
        ((120, 80, 50), "brown"),
        ((90, 20, 110), "dark purple"),
    ],
)
def test_words_for_a_colour(rgb, name):
    assert colour_words(srgb_to_oklab(np.array([rgb], np.uint8))[0].astype(float)) == name


def test_a_border_counts_its_colours():
    border = border_of(plain(BLUE, WHITE))
    assert border.names == ["bright blue", "white"]
    assert 0.5 <= border.share < 0.6
    assert border_of(plain(RED)).share == 1


def test_native_pixels_are_read_by_name(tmp_path):
    cells = plain(BLUE, WHITE)
    Image.fromarray(cells.repeat(8, 0).repeat(8, 1)).save(tmp_path / "a.png")
    (tmp_path / "b.png").write_bytes(b"no image")
    reader = NativeReader({name: tmp_path / f"{name}.png" for name in ("a", "b", "c")}, 24)
    assert np.array_equal(reader("a"), cells)
    assert [reader(name) for name in ("b", "c", "d")] == [None, None, None]
    assert middles(np.zeros((5, 7, 3), np.uint8), 24).shape == (24, 24, 3)


@pytest.mark.punks
def test_real_contradictions(punks):
    texts = captions.texts(captions.read_folder(punks / "captions_before"))
    images = {name: punks / "native_24px" / f"{name[:-4]}.png" for name in texts}
    context = Context(native=NativeReader(images, 24))
    problems = lint(texts, codes=["background_contradicts", "background_kind"], context=context)
    wrong = [p for p in problems if p.code == "background_contradicts"]
    assert {p.file[:7] for p in wrong if p.severity == "warning"} == {"lad_045"}
    assert len({p.file for p in wrong}) <= 8
    kinds = {p.file.removesuffix(".txt"): p.message for p in problems if p not in wrong}
    assert "9 colours" in kinds["lad_031_fin"]
    uniform = {name for name, message in kinds.items() if message.startswith("says 'split'")}
    assert len(uniform) == 6
    assert "lad_015_jackson" in uniform


@pytest.mark.punks
def test_a_colour_is_proposed_for_most_real_backdrops(punks):
    texts = captions.texts(captions.read_folder(punks / "captions_before"))
    images = {name: punks / "native_24px" / f"{name[:-4]}.png" for name in texts}
    context = Context(native=NativeReader(images, 24))
    problems = lint(texts, codes=["backdrop_without_colour"], context=context)
    assert len(problems) == 77
    assert sum(bool(p.suggestions) for p in problems) >= 55
