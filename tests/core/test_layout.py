"""Layouts: how native cells fill a size they do not divide, only as asked and always exact."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from bespoke_gui.core.errors import AppError
from bespoke_gui.core.imagefile import read_rgb
from bespoke_gui.core.pixels.native import off_grid, to_native
from bespoke_gui.core.prepare import prepare
from bespoke_gui.core.prepared.layout import plan

CELLS = arrays(np.uint8, st.tuples(st.integers(2, 24), st.integers(2, 24), st.just(3)))
FITS = st.sampled_from(["ask", "uneven", "pad-cells", "pad-pixels"])


@given(cells=CELLS, size=st.integers(24, 160), fit=FITS)
def test_cells_come_back_from_every_layout(cells, size, fit):
    rows, columns = cells.shape[:2]
    try:
        layout = plan(columns, rows, size, fit)
    except AppError:
        assume(False)
    painted = layout.paint(cells)
    assert painted.shape == (layout.height, layout.width, 3)
    assert max(painted.shape) == size
    assert np.array_equal(to_native(painted, layout.grid()), cells)
    assert off_grid(painted, layout.grid(), cells) == []


@given(cells=CELLS, factor=st.integers(1, 9), fit=FITS)
def test_a_whole_factor_needs_no_fit(cells, factor, fit):
    rows, columns = cells.shape[:2]
    layout = plan(columns, rows, max(rows, columns) * factor, fit)
    assert layout.cell == factor
    assert not layout.padded
    assert np.array_equal(layout.paint(cells), cells.repeat(factor, 0).repeat(factor, 1))


def test_256_pads_24_cells_to_32_of_8_px():
    cells = np.random.default_rng(0).integers(0, 256, (24, 24, 3), dtype=np.uint8)
    layout = plan(24, 24, 256, "pad-cells")
    assert (layout.cell, layout.left, layout.top, layout.padded) == (8, 32, 32, True)
    painted = layout.paint(cells)
    wide = np.pad(cells, ((4, 4), (4, 4), (0, 0)), mode="edge")
    assert np.array_equal(painted, wide.repeat(8, 0).repeat(8, 1))
    assert plan(24, 24, 512, "pad-cells").cell == 16


def test_256_fills_8_px_of_edge_round_cells_of_10():
    layout = plan(24, 24, 256, "pad-pixels")
    assert (layout.cell, layout.left, layout.top) == (10, 8, 8)
    assert layout.widths() == [10]
    assert plan(24, 24, 256, "uneven").widths() == [10, 11]


def test_a_size_without_a_whole_factor_is_said():
    with pytest.raises(AppError, match="no whole factor of 257 px leaves room for 24 cells"):
        plan(24, 24, 257, "pad-cells")


def test_padding_is_written_recorded_and_said(tmp_path):
    (tmp_path / "in").mkdir()
    rng = np.random.default_rng(1)
    cells = rng.integers(0, 256, (9, 3), dtype=np.uint8)[rng.integers(0, 9, (24, 24))]
    Image.fromarray(cells.repeat(20, 0).repeat(20, 1)).save(tmp_path / "in" / "a.png")
    report = prepare(tmp_path / "in", tmp_path / "out", 256, fit="pad-cells")
    record = report.images["a.png"]
    assert record.native_exact
    assert (record.cell_px, record.pad_left, record.pad_top) == (8, 32, 32)
    assert "padded with its edge: 24x24 cells of 8 px begin 32 px from the left" in record.note
    written = read_rgb(tmp_path / "out" / "a.png")
    assert written.shape == (256, 256, 3)
    assert np.array_equal(written[32:224:8, 32:224:8], cells)
    assert "uneven_cells" not in {p.code for p in report.problems}
    asked = prepare(tmp_path / "in", tmp_path / "asked", 256, fit="uneven")
    silent = prepare(tmp_path / "in", tmp_path / "silent", 256)
    severities = [
        next(p.severity for p in r.problems if p.code == "uneven_cells") for r in (asked, silent)
    ]
    assert severities == ["info", "warning"]
