"""OKLab, merging of jitter, counting of colours, DeltaE2000."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from bespoke_gui.core.imagefile import read_rgb
from bespoke_gui.core.pixels.codes import pack, unpack
from bespoke_gui.core.pixels.colours import distinct_colours, unique_colours
from bespoke_gui.core.pixels.merge import merge_palette, needs_merge
from bespoke_gui.core.pixels.oklab import oklab_distance, srgb_to_oklab
from tests.core.ciede2000 import delta_e2000, srgb_to_lab

# Sharma, Wu, Dalal 2005, table 1: L1 a1 b1 L2 a2 b2 DeltaE00.
SHARMA = """
50.0000 2.6772 -79.7751 50.0000 0.0000 -82.7485 2.0425
50.0000 3.1571 -77.2803 50.0000 0.0000 -82.7485 2.8615
50.0000 2.8361 -74.0200 50.0000 0.0000 -82.7485 3.4412
50.0000 -1.3802 -84.2814 50.0000 0.0000 -82.7485 1.0000
50.0000 -1.1848 -84.8006 50.0000 0.0000 -82.7485 1.0000
50.0000 -0.9009 -85.5211 50.0000 0.0000 -82.7485 1.0000
50.0000 0.0000 0.0000 50.0000 -1.0000 2.0000 2.3669
50.0000 -1.0000 2.0000 50.0000 0.0000 0.0000 2.3669
50.0000 2.4900 -0.0010 50.0000 -2.4900 0.0009 7.1792
50.0000 2.4900 -0.0010 50.0000 -2.4900 0.0010 7.1792
50.0000 2.4900 -0.0010 50.0000 -2.4900 0.0011 7.2195
50.0000 2.4900 -0.0010 50.0000 -2.4900 0.0012 7.2195
50.0000 -0.0010 2.4900 50.0000 0.0009 -2.4900 4.8045
50.0000 -0.0010 2.4900 50.0000 0.0010 -2.4900 4.8045
50.0000 -0.0010 2.4900 50.0000 0.0011 -2.4900 4.7461
50.0000 2.5000 0.0000 50.0000 0.0000 -2.5000 4.3065
50.0000 2.5000 0.0000 73.0000 25.0000 -18.0000 27.1492
50.0000 2.5000 0.0000 61.0000 -5.0000 29.0000 22.8977
50.0000 2.5000 0.0000 56.0000 -27.0000 -3.0000 31.9030
50.0000 2.5000 0.0000 58.0000 24.0000 15.0000 19.4535
50.0000 2.5000 0.0000 50.0000 3.1736 0.5854 1.0000
50.0000 2.5000 0.0000 50.0000 3.2972 0.0000 1.0000
50.0000 2.5000 0.0000 50.0000 1.8634 0.5757 1.0000
50.0000 2.5000 0.0000 50.0000 3.2592 0.3350 1.0000
60.2574 -34.0099 36.2677 60.4626 -34.1751 39.4387 1.2644
63.0109 -31.0961 -5.8663 62.8187 -29.7946 -4.0864 1.2630
61.2901 3.7196 -5.3901 61.4292 2.2480 -4.9620 1.8731
35.0831 -44.1164 3.7933 35.0232 -40.0716 1.5901 1.8645
22.7233 20.0904 -46.6940 23.0331 14.9730 -42.5619 2.0373
36.4612 47.8580 18.3852 36.2715 50.5065 21.2231 1.4146
90.8027 -2.0831 1.4410 91.1528 -1.6435 0.0447 1.4441
90.9257 -0.5406 -0.9208 88.6381 -0.8985 -0.7239 1.5381
6.7747 -0.2908 -2.4247 5.8714 -0.0985 -2.2286 0.6377
2.0776 0.0795 -1.1350 0.9033 -0.0636 -0.5514 0.9082
"""
IMAGES = arrays(np.uint8, st.tuples(st.integers(1, 12), st.integers(1, 12), st.just(3)))


def test_delta_e2000_agrees_with_the_published_pairs():
    table = np.array([line.split() for line in SHARMA.split("\n") if line], dtype=float)
    assert len(table) == 34
    assert delta_e2000(table[:, :3], table[:, 3:6]) == pytest.approx(table[:, 6], abs=5e-5)
    assert delta_e2000(table[:, 3:6], table[:, :3]) == pytest.approx(table[:, 6], abs=5e-5)


def test_lab_of_known_colours():
    lab = srgb_to_lab(np.array([[255, 255, 255], [0, 0, 0], [255, 0, 0]], dtype=np.uint8))
    assert lab[0] == pytest.approx([100, 0, 0], abs=0.01)
    assert lab[1] == pytest.approx([0, 0, 0], abs=1e-9)
    assert lab[2] == pytest.approx([53.24, 80.09, 67.20], abs=0.02)


def test_oklab_of_known_colours():
    # Ottosson's published values for the sRGB primaries.
    rgb = np.array([[255, 255, 255], [255, 0, 0], [0, 0, 255], [0, 0, 0]], dtype=np.uint8)
    lab = srgb_to_oklab(rgb)
    assert lab.dtype == np.float32
    assert lab[0] == pytest.approx([1, 0, 0], abs=1e-4)
    assert lab[1] == pytest.approx([0.62796, 0.22486, 0.12585], abs=1e-4)
    assert lab[2] == pytest.approx([0.45201, -0.03246, -0.31153], abs=1e-4)
    assert oklab_distance(rgb[0], rgb[3]) == pytest.approx(1, abs=1e-4)


@given(IMAGES)
def test_codes_come_back(image):
    assert np.array_equal(unpack(pack(image)), image)


@given(IMAGES, st.integers(1, 5))
def test_unique_colours_counts_each_colour_once(image, scale):
    expected = len({tuple(pixel) for pixel in image.reshape(-1, 3).tolist()})
    assert unique_colours(image) == expected
    assert unique_colours(image.repeat(scale, 0).repeat(scale, 1)) == expected


@settings(deadline=None)
@given(IMAGES, st.sampled_from([0.0, 0.02, 0.05, 0.2]))
def test_merging_invents_no_colour_and_never_adds_one(image, tau):
    merged = merge_palette(image, tau)
    assert {*pack(merged).ravel().tolist()} <= {*pack(image).ravel().tolist()}
    assert unique_colours(merged) <= unique_colours(image)
    if tau == 0:
        assert np.array_equal(merged, image)


def test_jitter_becomes_one_colour_and_other_colours_stay():
    image = np.full((6, 6, 3), (200, 100, 50), dtype=np.uint8)
    image[0, :3] = (201, 101, 50)
    image[5, 5] = (20, 30, 200)
    merged = merge_palette(image, 0.02)
    assert unique_colours(merged) == 2
    assert merged[0, 0].tolist() == [200, 100, 50]
    assert merged[5, 5].tolist() == [20, 30, 200]


def test_no_images_need_no_merge():
    assert needs_merge([]) is False


@pytest.mark.punks
def test_originals_need_no_merge_and_generations_do(punks):
    originals = [read_rgb(path) for path in sorted((punks / "native_24px").glob("*.png"))]
    generated = [read_rgb(path) for path in sorted((punks / "epoch_grid_24px").rglob("*.png"))]
    assert needs_merge(originals) is False
    assert needs_merge(generated) is True
    assert 17 <= np.mean([distinct_colours(image) for image in originals]) <= 20
