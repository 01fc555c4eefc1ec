"""Off-grid pixels: kept, flattened or left out as decided, and asked about until then."""

import hashlib
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from bespoke_gui.core.errors import AppError
from bespoke_gui.core.imagefile import read_rgb
from bespoke_gui.core.pixels.colours import unique_colours
from bespoke_gui.core.prepare import prepare
from bespoke_gui.core.prepared.decided import decide, source_of
from bespoke_gui.core.prepared.judge import Resizing, read_source
from bespoke_gui.core.prepared.off_grid import FILE_NAME, read_decisions, write_decisions
from bespoke_gui.core.prepared.records import Decision, Settings
from bespoke_gui.core.project import create_project

STRAY = (1, 2, 3)


def drawn(cells: int = 24, scale: int = 20) -> np.ndarray:
    rng = np.random.default_rng(5)
    palette = rng.integers(8, 256, (9, 3), dtype=np.uint8)
    native = palette[rng.integers(0, 9, (cells, cells))]
    return native.repeat(scale, 0).repeat(scale, 1)


@pytest.fixture
def source(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    picture = drawn()
    Image.fromarray(picture).save(folder / "clean.png")
    picture[45, 205:207] = STRAY
    Image.fromarray(picture).save(folder / "edited.png")
    return folder


def written(out, name="edited.png"):
    return read_rgb(out / name)


def strays_in(picture) -> int:
    return int((picture == STRAY).all(axis=-1).sum())


def test_undecided_is_flattened_and_asked_about(source, tmp_path):
    report = prepare(source, tmp_path / "out", 384)
    record = report.images["edited.png"]
    assert (record.off_grid, record.native_exact, record.cells_damaged) == ("ask", False, 1)
    assert strays_in(written(tmp_path / "out")) == 0
    assert report.summary["undecided"] == ["edited.png"]
    (asked,) = [p for p in report.problems if p.code == "off_grid_undecided"]
    assert "1 of 2 images hold pixels off the grid that nobody decided about" in asked.message


def test_keep_draws_them_where_the_artist_did(source, tmp_path):
    report = prepare(source, tmp_path / "out", 480, off_grid="keep")
    assert np.array_equal(written(tmp_path / "out"), read_rgb(source / "edited.png"))
    record = report.images["edited.png"]
    assert (record.off_grid, record.native_exact, record.cells_damaged) == ("keep", False, 0)
    assert record.colours_after == record.colours_before
    assert report.summary["undecided"] == []
    assert [p.severity for p in report.problems if p.code == "off_grid_pixels"] == ["info"]


@settings(max_examples=60, deadline=None)
@given(
    scale=st.integers(4, 24),
    size=st.integers(24, 300),
    fit=st.sampled_from(["uneven", "pad-pixels"]),
    seed=st.integers(0, 10_000),
)
def test_no_stray_is_lost_at_any_size_and_no_other_cell_touched(scale, size, fit, seed):
    picture = drawn(12, scale)
    rng = np.random.default_rng(seed)
    column, row = rng.integers(0, 12, 2)
    # In the first line of the cell, which the middle half that names its colour leaves out.
    inside = rng.integers(0, scale, max(1, scale // 3))
    picture[row * scale, column * scale + inside] = STRAY
    wanted = Settings(size, native=12, fit=fit)
    source = read_source(Image.fromarray(picture), wanted)
    resizing = Resizing(source, wanted, "keep")
    kept = resizing.run()
    assert strays_in(kept) > 0
    verdict = resizing.judge(kept)
    assert verdict.cells_damaged == 0
    assert unique_colours(kept) == unique_colours(picture)
    changed = (kept != resizing.painted).any(axis=-1)
    cell = resizing.layout.grid()
    rows, columns = np.nonzero(changed)
    assert set(np.floor((rows + 0.5 - cell.offset_y) / cell.cell_height)) == {row}
    assert set(np.floor((columns + 0.5 - cell.offset_x) / cell.cell_width)) == {column}


@given(factor=st.integers(1, 3), seed=st.integers(0, 1000))
@settings(deadline=None, max_examples=30)
def test_at_whole_factors_keeping_is_nearest_of_the_original(factor, seed):
    picture = drawn(12, 7)
    rng = np.random.default_rng(seed)
    picture[rng.integers(0, 84, 3), rng.integers(0, 84, 3)] = STRAY
    wanted = Settings(84 * factor, native=12)
    source = read_source(Image.fromarray(picture), wanted)
    kept = Resizing(source, wanted, "keep").run()
    assert np.array_equal(kept, picture.repeat(factor, 0).repeat(factor, 1))


def test_left_out_is_not_there_but_recorded(source, tmp_path):
    out = tmp_path / "out"
    prepare(source, out, 384)
    digest = hashlib.sha256((source / "edited.png").read_bytes()).hexdigest()
    decided = {"edited.png": Decision("leave_out", digest)}
    report = prepare(source, out, 384, decisions=decided)
    assert set(report.images) == {"clean.png"}
    assert not (out / "edited.png").exists()
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["left_out"] == {"edited.png": digest}
    assert (report.summary["failed"], report.summary["left_out"]) == (0, ["edited.png"])
    again = prepare(source, out, 384)
    assert set(again.images) == {"clean.png", "edited.png"}


def test_a_new_decision_changes_only_its_image(source, tmp_path):
    out = tmp_path / "out"
    prepare(source, out, 384)
    before = (out / "clean.png").stat().st_mtime_ns
    prepare(source, out, 384, decisions={"edited.png": Decision("keep")})
    assert strays_in(written(out)) == 2
    assert (out / "clean.png").stat().st_mtime_ns == before
    prepare(source, out, 384, off_grid="flatten")
    assert strays_in(written(out)) == 0


def test_a_decision_holds_for_the_file_it_was_made_for(source, tmp_path):
    decided = {"edited.png": Decision("keep", "0" * 64)}
    report = prepare(source, tmp_path / "out", 384, decisions=decided)
    assert report.images["edited.png"].off_grid == "ask"


@settings(max_examples=40)
@given(
    st.dictionaries(
        st.text(min_size=1, max_size=12),
        st.builds(Decision, st.sampled_from(["keep", "flatten", "leave_out"]), st.just("ab")),
        min_size=1,
        max_size=4,
    )
)
def test_decisions_come_back_whatever_the_names(tmp_path_factory, decisions):
    folder = tmp_path_factory.mktemp("decisions")
    usable = {n.encode("utf-8", "ignore").decode(): d for n, d in decisions.items()}
    write_decisions(folder, usable)
    assert read_decisions(folder) == usable
    write_decisions(folder, {})
    assert read_decisions(folder) == {}
    assert not (folder / FILE_NAME).exists()


@pytest.mark.parametrize("text", ["a = 1", "[x", '["a.png"]\ndecision = "melt"\nsha256 = ""'])
def test_a_broken_file_of_decisions_is_one_clear_error(tmp_path, text):
    (tmp_path / FILE_NAME).write_text(text)
    with pytest.raises(AppError):
        read_decisions(tmp_path)


def test_the_project_remembers(source, tmp_path):
    folder = create_project(tmp_path / "project", source).project.folder
    dataset, project = source_of(folder / "dataset")
    assert project is not None
    decided = decide(dataset, project, {"edited.png": "keep"})
    assert decided["edited.png"].action == "keep"
    assert "edited.png" in (folder / FILE_NAME).read_text()
    dataset, project = source_of(folder)
    assert decide(dataset, project, {}) == decided
    assert source_of(source)[1] is None
    with pytest.raises(AppError, match="no such image"):
        decide(dataset, project, {"nobody.png": "keep"})
