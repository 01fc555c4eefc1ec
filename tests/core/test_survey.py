"""Survey, sizes and difference: figures from memory equal those of preparing."""

import numpy as np
import pytest
from PIL import Image

from bespoke_gui.core.dataset import scan
from bespoke_gui.core.prepare import prepare
from bespoke_gui.core.prepared.difference import cell_heat, changed_pixels
from bespoke_gui.core.prepared.records import Settings
from bespoke_gui.core.prepared.sizes import offered_sizes, size_facts
from bespoke_gui.core.prepared.survey import Survey, spread

WHITE = (255, 255, 255)


@pytest.fixture
def source(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(4):
        rng = np.random.default_rng(number)
        cells = rng.integers(0, 256, (9, 3), dtype=np.uint8)[rng.integers(0, 9, (24, 24))]
        picture = Image.fromarray(cells).resize((512, 512), Image.Resampling.NEAREST)
        if number == 1:
            picture.putpixel((41, 41), (1, 2, 3))
        if number == 2:
            picture = picture.resize((256, 256), Image.Resampling.LANCZOS)
        if number == 3:
            picture = picture.convert("RGBA")
            picture.paste((0, 0, 0, 0), (0, 0, 21, 21))
        picture.save(folder / f"{number}.png")
    (folder / "broken.png").write_bytes(b"")
    return folder


@pytest.mark.parametrize("method", ["pixel", "nearest", "lanczos", "box"])
@pytest.mark.parametrize("action", ["ask", "keep", "flatten"])
def test_what_is_surveyed_is_what_is_written(source, tmp_path, method, action):
    settings = Settings(256, method, 24)
    survey = Survey(24, WHITE)
    items = scan(source).used
    report = prepare(source, tmp_path / "out", 256, method, 24, off_grid=action)
    for _ in range(2):
        found = {f.name: f for f in survey.look(items, settings, {"1.png": action}, lambda: None)}
        assert found.pop("broken.png").problem.startswith("is empty")
        for name, image in report.images.items():
            verdict = found[name].verdict
            assert verdict.colours_before == image.colours_before
            assert verdict.colours_after == image.colours_after
            assert verdict.native_exact == image.native_exact
            assert verdict.cells_damaged == image.cells_damaged
            assert verdict.note == image.note
            assert found[name].damaged == image.source_damaged
    assert [n for n, f in found.items() if f.asks] == ["1.png"]
    assert [n for n, f in found.items() if f.transparent] == ["3.png"]


def test_a_changed_file_is_read_again(source):
    survey = Survey(24, WHITE)
    path = source / "0.png"
    before = survey.source(path)[0].cells
    Image.new("RGB", (480, 480), (9, 8, 7)).save(path)
    after = survey.source(path)[0].cells
    assert not np.array_equal(before, after)


def test_cells_that_find_no_room_are_no_grid(source):
    survey = Survey(24, WHITE)
    resizing = survey.resizing(source / "0.png", Settings(16))
    assert resizing.layout is None
    assert "do not fit into this size" in resizing.judge(resizing.run()).note


def test_difference_and_heat(source):
    survey = Survey(24, WHITE)
    plain = survey.resizing(source / "0.png", Settings(384))
    assert not changed_pixels(plain, plain.run()).any()
    blurred = survey.resizing(source / "0.png", Settings(384, "lanczos"))
    changed = changed_pixels(blurred, blurred.run())
    heat = cell_heat(blurred, changed)
    assert heat.shape == (384, 384)
    assert np.isclose(heat.mean(), changed.mean())
    assert np.array_equal(heat[::16, ::16].repeat(16, 0).repeat(16, 1), heat)


def test_sizes_offered_and_what_they_cost():
    assert offered_sizes(24) == [384, 576, 768, 256, 192]
    assert offered_sizes(32)[0] == 320
    facts = size_facts(24, 24, 384)
    assert (facts.even, facts.buckets, facts.on_latent, facts.latent_cell) == (True, True, True, 2)
    assert facts.cost == 0.5625
    assert size_facts(24, 24, 768).cost == 2.25
    asked = size_facts(24, 24, 256)
    assert (asked.widths, asked.on_latent, asked.cost) == ((10, 11), False, 0.25)
    padded = size_facts(24, 24, 256, "pad-cells")
    assert (padded.widths, padded.on_latent, padded.padded) == ((8,), True, True)
    odd = size_facts(24, 24, 264)
    assert (odd.buckets, odd.latent, odd.even) == (False, True, True)
    assert size_facts(24, 24, 16) is None
    assert size_facts(24, 24, 257, "pad-cells") is None
    words = dict(size_facts(24, 24, 250).words())
    assert words["No multiple of 64: the trainer resizes again"] is False


def test_spread_takes_from_everywhere():
    items = list(range(100))
    assert spread(items, 200) == items
    assert spread(items, 4) == [0, 25, 50, 75]
