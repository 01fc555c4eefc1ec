"""Prepare: sources never change, natives come back, captions come along, nothing is half."""

import hashlib
import json
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from bespoke_gui.core.dataset import scan
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.imagefile import read_rgb
from bespoke_gui.core.pixels.grid import full_frame
from bespoke_gui.core.pixels.native import to_native
from bespoke_gui.core.prepare import prepare
from bespoke_gui.core.prepared import folder as prepared_folder
from bespoke_gui.core.prepared.folder import JOURNAL, MANIFEST, read_manifest
from bespoke_gui.core.prepared.pool import run_jobs


def native(seed: int, columns: int = 24, rows: int = 24) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (9, 3), dtype=np.uint8)[rng.integers(0, 9, (rows, columns))]


def enlarged(cells: np.ndarray, width: int, height: int) -> Image.Image:
    return Image.fromarray(cells).resize((width, height), Image.Resampling.NEAREST)


def digests(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
    }


@pytest.fixture
def source(tmp_path):
    folder = tmp_path / "set"
    (folder / "deep").mkdir(parents=True)
    for number in range(6):
        name = f"deep/punk_{number}" if number > 3 else f"punk_{number}"
        enlarged(native(number), 512, 512).save(folder / f"{name}.png")
        (folder / f"{name}.txt").write_bytes(f"\ufeffpunk {number},\r\nblue".encode("utf-16"))
    return folder


def test_natives_captions_and_sources(source, tmp_path):
    before = digests(source)
    out = tmp_path / "out"
    seen = []
    report = prepare(source, out, 384, progress=lambda *step: seen.append(step))
    assert digests(source) == before
    assert len(report.images) == 6
    assert [step[0] for step in seen] == [1, 2, 3, 4, 5, 6]
    assert {step[2] for step in seen} == set(report.images)
    for number in range(6):
        name = f"deep/punk_{number}" if number > 3 else f"punk_{number}"
        image = report.images[f"{name}.png"]
        assert image.native_exact
        assert image.note == ""
        assert image.colours_before == image.colours_after
        written = read_rgb(out / image.file)
        assert np.array_equal(written, native(number).repeat(16, 0).repeat(16, 1))
        assert (out / f"{name}.txt").read_bytes() == (source / f"{name}.txt").read_bytes()
    assert report.summary["native_exact"] == 6
    assert report.summary["captions"] == 6
    assert report.problems == []
    assert not (out / JOURNAL).exists()


def test_the_manifest_records_every_image(source, tmp_path):
    out = tmp_path / "prepared" / "out"
    report = prepare(source, out, 192, native=24)
    data = json.loads((out / MANIFEST).read_text("utf-8"))
    assert data["schema"] == 1
    assert (out / data["source"]).resolve() == source.resolve()
    assert data["settings"] == {
        "size": 192,
        "method": "pixel",
        "native": 24,
        "background": "#ffffff",
        "fit": "ask",
        "off_grid": "ask",
    }
    assert set(data["images"]) == set(report.images)
    record = data["images"]["deep/punk_4.png"]
    source_bytes = (source / "deep/punk_4.png").read_bytes()
    assert record["source_sha256"] == hashlib.sha256(source_bytes).hexdigest()
    assert record["sha256"] == hashlib.sha256((out / record["file"]).read_bytes()).hexdigest()
    assert (record["columns"], record["width"], record["native_exact"]) == (24, 192, True)
    _, images = read_manifest(out)
    assert images == report.images
    assert str(tmp_path) not in (out / MANIFEST).read_text("utf-8")


@settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    deadline=None,
)
@given(
    cells=arrays(np.uint8, st.tuples(st.integers(2, 20), st.integers(2, 20), st.just(3))),
    scale=st.integers(4, 9),
    size=st.integers(20, 200),
)
def test_any_native_image_comes_back(tmp_path_factory, cells, scale, size):
    base = tmp_path_factory.mktemp("any")
    (base / "in").mkdir()
    Image.fromarray(cells.repeat(scale, 0).repeat(scale, 1)).save(base / "in" / "a.png")
    rows, columns = cells.shape[:2]
    image = prepare(base / "in", base / "out", size, native=max(rows, columns)).images["a.png"]
    assert (image.columns, image.rows) == (columns, rows)
    written = read_rgb(base / "out" / "a.png")
    grid = full_frame(image.width, image.height, columns, rows)
    assert np.array_equal(to_native(written, grid), cells)
    assert image.native_exact


def test_off_grid_pixels_are_named_not_flattened_silently(tmp_path):
    (tmp_path / "in").mkdir()
    image = enlarged(native(1), 480, 480)
    image.putpixel((205, 45), (1, 2, 3))
    image.putpixel((206, 45), (1, 2, 3))
    image.save(tmp_path / "in" / "edited.png")
    report = prepare(tmp_path / "in", tmp_path / "out", 384)
    record = report.images["edited.png"]
    assert not record.native_exact
    assert record.off_grid_pixels == 2
    assert record.off_grid_cells == ((10, 2, 2),)
    assert "2 pixels off the grid in 1 cell (column 10 row 2: 2)" in record.note
    assert ("off_grid_pixels", "edited.png") in [(p.code, p.file) for p in report.problems]


def test_a_filter_is_loud_about_its_colours(source, tmp_path):
    report = prepare(source, tmp_path / "out", 256, method="lanczos")
    loud = [p for p in report.problems if p.code == "colours_invented"]
    assert len(loud) == 1
    assert "lanczos turned 9 colours an image into" in loud[0].message
    assert report.summary["colours_after"] > 500
    assert report.summary["native_exact"] == 0
    assert "lanczos turned 9 colours into" in report.images["punk_0.png"].note


def test_uneven_cells_and_odd_sizes_are_said(source, tmp_path):
    report = prepare(source, tmp_path / "out", 250)
    codes = {p.code for p in report.problems}
    assert {"uneven_cells", "size_not_bucket"} <= codes
    note = report.images["punk_0.png"].note
    assert "cells are 10 and 11 px wide; 240 or 264 would make them even" in note
    assert report.images["punk_0.png"].native_exact


def test_nearest_at_an_uneven_size_keeps_every_cell(source, tmp_path):
    report = prepare(source, tmp_path / "out", 256, method="nearest")
    assert report.summary["native_exact"] == 6


def test_an_image_without_a_grid_is_kept_as_it_is_and_said(tmp_path):
    (tmp_path / "in").mkdir()
    blur = Image.effect_noise((300, 200), 60).resize((600, 400), Image.Resampling.BICUBIC)
    blur.convert("RGB").save(tmp_path / "in" / "photo.png")
    report = prepare(tmp_path / "in", tmp_path / "out", 384)
    record = report.images["photo.png"]
    assert (record.width, record.height) == (384, 256)
    assert not record.native_exact
    assert "no native grid found" in record.note
    assert "no_grid" in [p.code for p in report.problems]


def test_shapes_and_transparency(tmp_path):
    (tmp_path / "in").mkdir()
    wide = enlarged(native(2, 32, 16), 256, 128).convert("RGBA")
    wide.paste((0, 0, 0, 0), (0, 0, 8, 8))
    wide.save(tmp_path / "in" / "wide.png")
    report = prepare(tmp_path / "in", tmp_path / "out", 384, native=32, background=(9, 8, 7))
    record = report.images["wide.png"]
    assert (record.width, record.height, record.columns, record.rows) == (384, 192, 32, 16)
    assert read_rgb(tmp_path / "out" / "wide.png")[0, 0].tolist() == [9, 8, 7]
    with Image.open(tmp_path / "out" / "wide.png") as written:
        assert written.mode == "RGB"
    assert read_manifest(tmp_path / "out")[0]["settings"]["background"] == "#090807"


def test_palette_sixteen_bit_and_turned_images_are_read_right(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    cells = native(4, 24, 12)
    picture = enlarged(cells, 480, 240)
    picture.convert("P", palette=Image.Palette.ADAPTIVE, colors=16).save(folder / "palette.png")
    turned = picture.transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[0x0112] = 6
    turned.save(folder / "turned.png", exif=exif)
    grey = cells[..., 0].astype(np.uint16) * 257
    Image.fromarray(grey.repeat(20, 0).repeat(20, 1)).save(folder / "deep.png")
    clear = picture.convert("P", palette=Image.Palette.ADAPTIVE, colors=16)
    hidden = clear.getpixel((0, 0))
    clear.save(folder / "clear.png", transparency=hidden)
    report = prepare(folder, tmp_path / "out", 384, native=24, background=(1, 2, 3))
    assert report.summary["native_exact"] == 4
    assert {i.width for i in report.images.values()} == {384}
    assert {i.height for i in report.images.values()} == {192}

    def written(name):
        return read_rgb(tmp_path / "out" / name)[::16, ::16]

    assert np.array_equal(written("palette.png"), cells)
    assert np.array_equal(written("turned.png"), cells)
    assert np.array_equal(written("deep.png"), np.repeat(cells[..., :1], 3, axis=-1))
    below = np.where((cells == cells[0, 0]).all(axis=-1)[..., None], (1, 2, 3), cells)
    assert np.array_equal(written("clear.png"), below)
    assert {"sixteen_bit", "exif_turned"} <= {p.code for p in report.problems}


def test_a_native_set_is_enlarged(tmp_path):
    (tmp_path / "in").mkdir()
    Image.fromarray(native(3)).save(tmp_path / "in" / "small.gif")
    report = prepare(tmp_path / "in", tmp_path / "out", 384)
    assert report.images["small.gif"].file == "small.png"
    assert report.images["small.gif"].native_exact
    expected = native(3).repeat(16, 0).repeat(16, 1)
    assert np.array_equal(read_rgb(tmp_path / "out" / "small.png"), expected)


def test_one_bad_image_does_not_stop_the_rest(source, tmp_path):
    (source / "broken.png").write_bytes((source / "punk_0.png").read_bytes()[:700])
    (source / "empty.png").write_bytes(b"")
    Image.fromarray(native(9)).save(source / "punk_1.bmp")
    report = prepare(source, tmp_path / "out", 384)
    errors = {p.file: p.message for p in report.problems if p.severity == "error"}
    assert set(errors) == {"broken.png", "empty.png", "punk_1.png"}
    assert errors["punk_1.png"] == "would overwrite punk_1.bmp: both become punk_1.png"
    assert len(report.images) == 6
    assert report.summary["failed"] == 2
    assert not (tmp_path / "out" / "broken.png").exists()


def test_captions_from_another_folder(source, tmp_path):
    captions = tmp_path / "texts"
    captions.mkdir()
    (captions / "punk_0.txt").write_bytes(b"other \xe9 text")
    (captions / "punk_5.txt").write_bytes(b"by stem")
    report = prepare(source, tmp_path / "out", 384, captions=captions)
    assert (tmp_path / "out" / "punk_0.txt").read_bytes() == b"other \xe9 text"
    assert (tmp_path / "out" / "deep" / "punk_5.txt").read_bytes() == b"by stem"
    beside = (source / "punk_1.txt").read_bytes()
    assert (tmp_path / "out" / "punk_1.txt").read_bytes() == beside
    assert report.summary["captions"] == 6


def test_missing_captions_are_counted(source, tmp_path):
    (source / "punk_0.txt").unlink()
    report = prepare(source, tmp_path / "out", 384)
    (problem,) = [p for p in report.problems if p.code == "captions_missing"]
    assert problem.message == "1 of 6 images have no caption"


def test_a_dataset_may_be_given(source, tmp_path):
    report = prepare(scan(source), tmp_path / "out", 192)
    assert len(report.images) == 6


@pytest.mark.parametrize("out", [".", "deep", "new", ".."])
def test_out_must_lie_beside_the_source(source, out):
    before = digests(source)
    with pytest.raises(AppError, match=r"in place|inside the source|holds the source"):
        prepare(source, source / out, 384)
    assert digests(source) == before


def test_a_link_to_the_source_is_seen_through(source, tmp_path):
    link = tmp_path / "link"
    link.symlink_to(source)
    with pytest.raises(AppError, match="in place"):
        prepare(source, link, 384)


def test_a_folder_with_other_things_is_refused(source, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / "holiday.png").write_bytes(b"mine")
    with pytest.raises(AppError, match="is not empty") as caught:
        prepare(source, out, 384)
    assert caught.value.kind == "conflict"
    assert digests(out) == {"holiday.png": hashlib.sha256(b"mine").hexdigest()}


def test_a_set_with_other_settings_is_refused(source, tmp_path):
    prepare(source, tmp_path / "out", 384)
    before = digests(tmp_path / "out")
    with pytest.raises(AppError, match="is not empty"):
        prepare(source, tmp_path / "out", 192)
    assert digests(tmp_path / "out") == before


@pytest.mark.parametrize(
    "options",
    [{"size": 0}, {"size": 9999}, {"size": 384, "native": 0}, {"size": 16, "native": 24}],
)
def test_impossible_settings_are_usage_errors(source, tmp_path, options):
    with pytest.raises(AppError) as caught:
        prepare(source, tmp_path / "out", **options)
    assert caught.value.kind == "usage"
    assert not (tmp_path / "out").exists()


def test_an_unknown_method_and_an_empty_folder(source, tmp_path):
    with pytest.raises(AppError, match="no resize method 'cubic'"):
        prepare(source, tmp_path / "out", 384, method="cubic")
    (tmp_path / "nothing").mkdir()
    with pytest.raises(AppError, match="holds no images"):
        prepare(tmp_path / "nothing", tmp_path / "out", 384)
    with pytest.raises(AppError, match="no such folder"):
        prepare(tmp_path / "nowhere", tmp_path / "out", 384)


@pytest.mark.parametrize("after", [0, 1, 3, 6])
@pytest.mark.parametrize("existing", [False, True])
def test_cancel_leaves_nothing(source, tmp_path, after, existing):
    out = tmp_path / "out"
    if existing:
        out.mkdir()
    before = digests(source)
    done = []
    with pytest.raises(AppError) as caught:
        prepare(
            source,
            out,
            384,
            progress=lambda *step: done.append(step),
            cancelled=lambda: len(done) >= after,
        )
    assert caught.value.kind == "cancelled"
    assert len(done) == after
    assert out.exists() == existing
    assert not existing or list(out.iterdir()) == []
    assert digests(source) == before


def test_cancel_in_the_pool_leaves_nothing(source, tmp_path):
    done = []
    with pytest.raises(AppError):
        prepare(
            source,
            tmp_path / "out",
            384,
            progress=lambda *step: done.append(step),
            cancelled=lambda: len(done) >= 2,
            workers=2,
        )
    assert not (tmp_path / "out").exists()


def test_processes_do_what_one_process_does(source, tmp_path):
    alone = prepare(source, tmp_path / "one", 384, workers=1)
    both = prepare(source, tmp_path / "two", 384, workers=2)
    assert alone.images == both.images
    assert digests(tmp_path / "one") == digests(tmp_path / "two")


def _die(number: int) -> int:
    import multiprocessing

    if multiprocessing.parent_process() is not None:
        os._exit(1)
    return number + 1


def test_dead_workers_are_replaced_by_this_process():
    assert list(run_jobs(_die, [1, 2, 3], workers=2)) == [2, 3, 4]


def test_a_killed_run_goes_on_where_it_stopped(source, tmp_path, monkeypatch):
    out = tmp_path / "out"
    monkeypatch.setattr("bespoke_gui.core.prepare._take_back", lambda *rest: None)
    done = []
    with pytest.raises(AppError):
        prepare(
            source,
            out,
            384,
            progress=lambda *step: done.append(step),
            cancelled=lambda: len(done) >= 3,
        )
    monkeypatch.undo()
    assert not (out / MANIFEST).exists()
    with (out / JOURNAL).open("a") as journal:
        journal.write('{"name": "punk_3.p')
    (out / ".punk_3.png.abc.tmp").write_bytes(b"half")
    times = {path: path.stat().st_mtime_ns for path in out.rglob("*.png")}
    assert len(times) == 3
    report = prepare(source, out, 384)
    assert len(report.images) == 6
    assert {path: path.stat().st_mtime_ns for path in times} == times
    assert (out / MANIFEST).exists()
    assert list(out.rglob(".*")) == []


def test_a_finished_set_is_brought_up_to_date(source, tmp_path):
    out = tmp_path / "out"
    prepare(source, out, 384)
    times = {path.name: path.stat().st_mtime_ns for path in out.rglob("*.png")}
    enlarged(native(77), 512, 512).save(source / "punk_0.png")
    (source / "punk_1.txt").write_text("new words")
    (source / "punk_2.png").unlink()
    (source / "punk_2.txt").unlink()
    (out / "punk_3.png").write_bytes(b"damaged")
    report = prepare(source, out, 384)
    assert set(report.images) == {f"{n}.png" for n in ("punk_0", "punk_1", "punk_3")} | {
        "deep/punk_4.png",
        "deep/punk_5.png",
    }
    expected = native(77).repeat(16, 0).repeat(16, 1)
    assert np.array_equal(read_rgb(out / "punk_0.png"), expected)
    assert (out / "punk_1.txt").read_text() == "new words"
    assert not (out / "punk_2.png").exists()
    assert not (out / "punk_2.txt").exists()
    mended = native(3).repeat(16, 0).repeat(16, 1)
    assert np.array_equal(read_rgb(out / "punk_3.png"), mended)
    assert (out / "deep/punk_4.png").stat().st_mtime_ns == times["punk_4.png"]


def test_a_stale_file_somebody_changed_is_left_and_said(source, tmp_path):
    out = tmp_path / "out"
    prepare(source, out, 384)
    (source / "punk_2.png").unlink()
    (source / "punk_2.txt").unlink()
    (out / "punk_2.png").write_bytes(b"my own work")
    report = prepare(source, out, 384)
    assert (out / "punk_2.png").read_bytes() == b"my own work"
    assert ("stale_file", "punk_2.png") in [(p.code, p.file) for p in report.problems]


def test_a_full_disk_stops_with_nothing_left(source, tmp_path, monkeypatch):
    from bespoke_gui.core import atomic

    real, count = atomic.write_bytes, []

    def full(path, data, **how):
        count.append(path)
        if len(count) > 3:
            raise AppError("the disk is full, nothing was written", file=path, kind="disk_full")
        real(path, data, **how)

    monkeypatch.setattr(atomic, "write_bytes", full)
    with pytest.raises(AppError) as caught:
        prepare(source, tmp_path / "out", 384)
    assert caught.value.kind == "disk_full"
    assert not (tmp_path / "out").exists()


def test_a_wrong_write_is_noticed(source, tmp_path, monkeypatch):
    from bespoke_gui.core.prepared import one

    real = one.encode

    def wrong(rgb):
        changed = rgb.copy()
        changed[5, 5] ^= 1
        return real(changed)

    monkeypatch.setattr(one, "encode", wrong)
    report = prepare(source, tmp_path / "out", 384)
    assert report.images == {}
    assert {p.message for p in report.problems if p.severity == "error"} == {
        "was not written as it should be"
    }
    assert list((tmp_path / "out").rglob("*.png")) == []


def test_a_foreign_manifest_is_one_clear_error(tmp_path):
    for text in ("", "[]", "{}", '{"images": 3}', '{"images": {"a": 1}}', "\0"):
        (tmp_path / MANIFEST).write_text(text)
        if text == '{"images": {"a": 1}}':
            with pytest.raises(AppError):
                prepared_folder.read_manifest(tmp_path)
            continue
        with pytest.raises(AppError, match="not a manifest"):
            prepared_folder.read_manifest(tmp_path)


@pytest.mark.punks
@pytest.mark.parametrize("size", [384, 192])
def test_the_real_set(punks, tmp_path, size):
    report = prepare(
        punks / "train_512px",
        tmp_path / "out",
        size,
        native=24,
        captions=punks / "captions_before",
    )
    assert len(report.images) == 203
    assert report.summary["native_exact"] == 200
    edited = {"lady_012_parasite.png", "lady_030_grass.png", "lady_031_paprika.png"}
    assert {n for n, i in report.images.items() if not i.native_exact} == edited
    assert {p.file for p in report.problems if p.code == "off_grid_pixels"} == edited
    for name, image in report.images.items():
        if name not in edited:
            assert image.colours_before == image.colours_after
            assert image.note == ""
    texts = list((tmp_path / "out").glob("*.txt"))
    assert len(texts) == 203
    for text in texts:
        assert text.read_bytes() == (punks / "captions_before" / text.name).read_bytes()


@pytest.mark.punks
def test_the_lanczos_sample_is_repaired(punks, tmp_path):
    report = prepare(punks / "lanczos_256px_sample", tmp_path / "out", 384)
    assert len(report.images) == 11
    for name, image in report.images.items():
        assert not image.native_exact
        assert "was resampled or compressed" in image.note
        cells = to_native(read_rgb(tmp_path / "out" / name), full_frame(384, 384, 24, 24))
        assert np.array_equal(cells, read_rgb(punks / "native_24px" / name))
