"""Duplicates and near-duplicates: all that were planted are found, nothing else is."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from bespoke_gui.core.dataset import scan
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.health.near import ALIKE, VISIBLE, find_near
from bespoke_gui.core.health.report import dataset_health, read_health
from bespoke_gui.core.pixels.codes import pack
from bespoke_gui.core.pixels.oklab import oklab_distance
from tests.core.health_kit import drawn, facts, make_set, write


def pair_by_pair(images: dict[str, np.ndarray]) -> dict[tuple[str, str], tuple[int, int, bool]]:
    """The plain definition, one pair after the other: cells that differ, visibly so, mirrored."""
    found = {}
    names = list(images)
    for place, a in enumerate(names):
        for b in names[place + 1 :]:
            for mirrored in (False, True):
                other = images[b][:, ::-1] if mirrored else images[b]
                differ = int((pack(images[a]) != pack(other)).sum())
                visible = int((oklab_distance(images[a], other) >= VISIBLE).sum())
                if 1 - visible / images[a][..., 0].size > ALIKE:
                    best = found.get((a, b))
                    if best is None or visible < best[1]:
                        found[a, b] = (differ, visible, mirrored)
    return found


def test_duplicates_are_told_by_what_is_the_same(tmp_path):
    make_set(tmp_path, 4)
    (tmp_path / "copy.png").write_bytes((tmp_path / "p0.png").read_bytes())
    write(tmp_path, "larger.png", drawn(1), scale=12)
    Image.open(tmp_path / "p2.png").save(tmp_path / "saved_anew.png", compress_level=1)
    health = dataset_health(scan(tmp_path))
    found = {group.images: group.how for group in health.duplicates}
    assert found == {
        ("copy.png", "p0.png"): "file",
        ("larger.png", "p1.png"): "native",
        ("p2.png", "saved_anew.png"): "pixels",
    }
    assert not health.near.pairs


def test_near_ones_are_found_with_the_cells_that_differ(tmp_path):
    make_set(tmp_path)
    changed = drawn(3).copy()
    places = [(5, 9), (6, 9), (20, 17)]
    for column, row in places:
        changed[row, column] = (255, 255, 255)
    write(tmp_path, "twin.png", changed)
    (pair,) = dataset_health(scan(tmp_path)).near.pairs
    assert (pair.a, pair.b, pair.cells, pair.visible, pair.total) == (
        "p3.png",
        "twin.png",
        3,
        3,
        576,
    )
    assert set(pair.where) == set(places)
    assert not pair.mirrored


def test_mirrored_ones_are_found(tmp_path):
    make_set(tmp_path)
    mirrored = drawn(5)[:, ::-1].copy()
    write(tmp_path, "mirror.png", mirrored)
    mirrored = drawn(6)[:, ::-1].copy()
    mirrored[0, 0] = (255, 255, 255)
    write(tmp_path, "nearly.png", mirrored)
    found = {(p.a, p.b): (p.cells, p.mirrored) for p in dataset_health(scan(tmp_path)).near.pairs}
    assert found == {("mirror.png", "p5.png"): (0, True), ("nearly.png", "p6.png"): (1, True)}


def test_a_compressed_copy_is_near_though_every_pixel_differs(tmp_path):
    make_set(tmp_path)
    Image.open(tmp_path / "p4.png").save(tmp_path / "copy.jpg", quality=85)
    (pair,) = dataset_health(scan(tmp_path), 24).near.pairs
    assert (pair.a, pair.b) == ("copy.jpg", "p4.png")
    assert pair.visible < 0.15 * pair.total < pair.cells


def test_images_of_other_native_sizes_are_not_compared(tmp_path):
    make_set(tmp_path, 3)
    write(tmp_path, "wide.png", drawn(0)[:16])
    assert not dataset_health(scan(tmp_path)).near.pairs


@given(
    st.integers(0, 10**6),
    st.lists(st.tuples(st.integers(0, 100), st.booleans()), min_size=2, max_size=7),
)
def test_the_same_pairs_as_by_comparing_all(seed, changes):
    """Few to many cells changed, mirrored or not: sketches lose none, and add none."""
    random = np.random.default_rng(seed)
    base = drawn(seed)
    images = {}
    for number, (count, mirrored) in enumerate(changes):
        cells = base.copy()
        rows, columns = random.integers(0, 24, (2, count))
        cells[rows, columns] = random.integers(0, 256, (count, 3))
        images[str(number)] = cells[:, ::-1].copy() if mirrored else cells
    distinct = {cells.tobytes(): name for name, cells in reversed(images.items())}
    kept = {name: cells for name, cells in images.items() if distinct[cells.tobytes()] == name}
    found = find_near([facts(name, cells) for name, cells in images.items()]).pairs
    assert {(p.a, p.b): (p.cells, p.visible, p.mirrored) for p in found} == pair_by_pair(kept)


def test_large_images_are_compared_too():
    """More cells than a sketch looks at; the comparison after it looks at all of them."""
    images = [np.kron(drawn(seed), np.ones((4, 4, 1), np.uint8)) for seed in range(5)]
    random = np.random.default_rng(1)
    twin = images[2][:, ::-1].copy()
    rows, columns = random.integers(0, 96, (2, 300))
    twin[rows, columns] = (255, 255, 255)
    changed = len(set(zip(rows.tolist(), columns.tolist(), strict=True)))
    found = find_near([facts(str(n), cells) for n, cells in enumerate([*images, twin])]).pairs
    assert [(p.a, p.b, p.cells, p.total, p.mirrored) for p in found] == [
        ("2", "5", changed, 96 * 96, True)
    ]


def test_cancelling_ends_the_search(tmp_path):
    dataset = make_set(tmp_path, 3)
    with pytest.raises(AppError) as raised:
        dataset_health(dataset, cancelled=lambda: True)
    assert raised.value.kind == "cancelled"


@pytest.mark.punks
def test_the_reference_set_has_13_pairs(punks):
    health = read_health(punks / "train_512px", 24)
    assert not health.duplicates
    pairs = health.near.pairs
    assert (len(pairs), sum(pair.same > 0.95 for pair in pairs)) == (13, 8)
    first = pairs[0]
    assert (first.a, first.b, first.cells) == ("lad_023_x-2.png", "lad_023_x-3.png", 7)
    assert not any(pair.mirrored for pair in pairs)
    natives = read_health(punks / "native_24px").near.pairs
    assert {(p.a, p.b, p.cells) for p in natives} == {(p.a, p.b, p.cells) for p in pairs}
