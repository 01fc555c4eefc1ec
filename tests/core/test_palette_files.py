"""Palette files: what was written is read back the same, and other programs' files are read."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from bespoke_gui.core.errors import AppError
from bespoke_gui.core.pixels.palette import read_palette
from bespoke_gui.core.pixels.palette_files import SUFFIXES, write_palette

COLOURS = st.lists(st.tuples(*[st.integers(0, 255)] * 3), min_size=1, max_size=80, unique=True)


@pytest.mark.parametrize("suffix", SUFFIXES)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(colours=COLOURS)
def test_round_trip_keeps_colours_order_and_bytes(tmp_path, suffix, colours):
    path, again = tmp_path / f"first{suffix}", tmp_path / f"second{suffix}"
    write_palette(path, np.array(colours, np.uint8), "My set")
    read = read_palette(path)
    assert read.tolist() == [list(colour) for colour in colours]
    write_palette(again, read, "My set")
    assert again.read_bytes() == path.read_bytes()


def test_the_formats_are_as_other_programs_write_them(tmp_path):
    colours = np.array([[0, 0, 0], [255, 119, 168], [41, 173, 255]], np.uint8)
    for suffix in SUFFIXES:
        write_palette(tmp_path / f"p{suffix}", colours, "Two\nlines", ["12 images"])
    assert (tmp_path / "p.gpl").read_bytes() == (
        b"GIMP Palette\nName: Two lines\nColumns: 16\n#\n"
        b"  0   0   0\t12 images\n255 119 168\t#ff77a8\n 41 173 255\t#29adff\n"
    )
    assert (tmp_path / "p.hex").read_bytes() == b"000000\nff77a8\n29adff\n"
    with Image.open(tmp_path / "p.png") as image:
        assert (image.size, image.mode) == ((3, 1), "RGB")


@pytest.mark.parametrize(
    ("name", "colours", "words"),
    [("p.aco", 1, "no palette file"), ("p.hex", 0, "no colours"), ("p.png", 4097, "4097")],
)
def test_what_cannot_be_written_is_said(tmp_path, name, colours, words):
    many = np.arange(colours * 3, dtype=np.uint32).reshape(-1, 3).astype(np.uint8)
    with pytest.raises(AppError, match=words):
        write_palette(tmp_path / name, many)
    assert not list(tmp_path.iterdir())
