import numpy as np
import pytest

from bespoke_gui.core.look import Look
from bespoke_gui.core.reference import load_reference
from bespoke_gui.core.style_distance import (
    StyleReference,
    mean_difference_interval,
    mean_interval,
    style_distance,
    style_distances,
)
from tests.core.gallery_kit import BLUE, GREEN, portrait

TRAINING = [portrait(BLUE if n % 2 else GREEN, seed=n) for n in range(20)]


def swapped(images):
    return [np.ascontiguousarray(image[..., [1, 2, 0]]) for image in images]


def test_other_images_of_the_style_are_near_and_recoloured_ones_far():
    same = [portrait(BLUE if n % 2 else GREEN, seed=n + 50) for n in range(8)]
    assert style_distance(same, TRAINING) < 2
    assert style_distance(swapped(same), TRAINING) > 3 * style_distance(same, TRAINING)


def test_smoothed_images_are_farther_by_their_edges():
    soft = []
    for image in TRAINING[:6]:
        wide = np.pad(image, ((1, 1), (1, 1), (0, 0)), mode="edge").astype(float)
        parts = [wide[y : y + 24, x : x + 24] for y in range(3) for x in range(3)]
        soft.append(np.mean(parts, axis=0).astype(np.uint8))
    reference = StyleReference(TRAINING)
    edges = [reference.parts(image)[2] for image in soft]
    assert min(edges) > max(reference.parts(image)[2] for image in TRAINING)


def test_figures_are_the_same_every_time_and_in_any_order():
    images = [portrait(seed=n) for n in (70, 71)]
    forward = style_distances(images, TRAINING)
    assert forward == style_distances(images, TRAINING)
    assert forward[::-1] == style_distances(images[::-1], TRAINING)


def test_an_integer_upscale_changes_nothing_but_edges():
    image = portrait(seed=9)
    big = image.repeat(2, axis=0).repeat(2, axis=1)
    reference = StyleReference(TRAINING)
    assert np.allclose(reference.parts(image)[:2], reference.parts(big)[:2], atol=0.05)


def test_too_little_to_compare_is_an_error():
    with pytest.raises(ValueError, match="two training images"):
        StyleReference(TRAINING[:1])
    with pytest.raises(ValueError, match="no image"):
        style_distance([], TRAINING)


def test_copies_as_training_set_do_not_divide_by_nothing():
    assert np.isfinite(style_distance([portrait(seed=3)], [portrait()] * 3))


def test_an_interval_covers_the_mean_and_narrows_with_more_values():
    values = np.random.default_rng(1).normal(1, 1, 200)
    few, many = mean_interval(values[:10].tolist()), mean_interval(values.tolist())
    assert few.low < few.mean < few.high
    assert many.high - many.low < few.high - few.low
    assert many.excludes_zero
    assert mean_interval(values.tolist()) == many
    assert mean_interval([2.0]).low == 2.0
    assert not mean_interval([2.0]).excludes_zero


def test_intervals_hold_the_truth_as_often_as_they_say():
    rng = np.random.default_rng(5)
    hits = 0
    for trial in range(60):
        found = mean_interval(rng.normal(0, 1, 30).tolist(), seed=trial)
        hits += found.low <= 0 <= found.high
    assert 50 <= hits <= 60


def test_pairs_are_resampled_together():
    """A steady step of 0.1 under a large spread shows only when pairs stay pairs."""
    base = np.random.default_rng(2).normal(0, 5, 35)
    found = mean_difference_interval((base + 0.1).tolist(), base.tolist())
    assert (found.low, found.high) == pytest.approx((0.1, 0.1))
    with pytest.raises(ValueError, match="cannot be paired"):
        mean_difference_interval([1.0], [1.0, 2.0])
    with pytest.raises(ValueError, match="at least one"):
        mean_interval([])


@pytest.mark.punks
def test_hue_swapped_punks_are_clearly_farther_than_held_out_ones(punks):
    """Half of the originals is the reference; the other half as it is, and with RGB as GBR."""
    cells = load_reference(punks / "native_24px", Look()).cells
    order = np.random.default_rng(0).permutation(len(cells))
    half = len(cells) // 2
    reference = StyleReference([cells[n] for n in order[:half]])
    held_out = [cells[n] for n in order[half:]]
    own = reference.distances(held_out)
    other = reference.distances(swapped(held_out))
    assert np.mean(own) == pytest.approx(1, abs=0.15)
    interval = mean_difference_interval(other, own)
    assert interval.low > 0.2
    assert np.mean(np.array(other)[:, None] > np.array(own)[None]) > 0.72
