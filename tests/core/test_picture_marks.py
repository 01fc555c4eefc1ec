"""Marks of a picture and its nearest training image: what is planted is found, nothing else."""

from pathlib import Path

import numpy as np
import pytest

from bespoke_gui.core.look import Look, read_cells
from bespoke_gui.core.measures import MEASURES, MeasureInput
from bespoke_gui.core.nearest_training import nearest_training
from bespoke_gui.core.picture_marks import picture_marks
from bespoke_gui.core.reference import Reference, load_reference

RED, BLUE, GREEN = (200, 30, 30), (30, 30, 200), (30, 200, 30)


def halves(left, right, rows=12, columns=12):
    cells = np.empty((rows, columns, 3), np.uint8)
    cells[:, : columns // 2], cells[:, columns // 2 :] = left, right
    return cells


@pytest.fixture
def training():
    eyed = halves(RED, BLUE)
    eyed[3, 3] = BLUE
    sets = [eyed, halves(RED, BLUE), halves(BLUE, BLUE)]
    return Reference(sets, [Path(f"{name}.png") for name in ("eyed", "plain", "blue")])


def test_a_colour_that_training_never_had_is_marked_and_a_hardly_other_one_is_not(training):
    cells = halves(RED, BLUE)
    cells[5, 2], cells[6, 2] = GREEN, (201, 31, 30)
    marks = picture_marks(cells, training)
    assert np.argwhere(marks.off_palette).tolist() == [[5, 2]]


def test_a_single_cell_is_stray_unless_the_training_images_have_one_there(training):
    cells = halves(RED, BLUE)
    cells[3, 3], cells[9, 9] = BLUE, RED
    assert np.argwhere(picture_marks(cells, training).strays).tolist() == [[9, 9]]
    assert np.argwhere(picture_marks(cells, None).strays).tolist() == [[3, 3], [9, 9]]
    assert not picture_marks(cells, None).off_palette.any()


def test_a_picture_of_another_size_is_marked_by_its_own_neighbours(training):
    cells = halves(RED, BLUE, 8, 8)
    cells[4, 1] = BLUE
    assert np.argwhere(picture_marks(cells, training).strays).tolist() == [[4, 1]]


def test_the_nearest_is_found_with_the_number_of_cells_that_differ(training):
    cells = halves(RED, BLUE)
    cells[0, :4] = GREEN
    found = nearest_training(cells, training)
    assert (found.path.name, found.differing, found.mirrored) == ("plain.png", 4, False)


def test_a_mirrored_copy_is_found_turned_over(training):
    copy = np.ascontiguousarray(training.cells[0][:, ::-1])
    found = nearest_training(copy, training)
    assert (found.path.name, found.differing, found.mirrored) == ("eyed.png", 0, True)
    assert np.array_equal(found.cells, copy)
    assert found.nearness == 1


def test_no_training_image_of_that_size_has_none_near(training):
    assert nearest_training(halves(RED, BLUE, 8, 8), training) is None


@pytest.mark.punks
def test_it_agrees_with_the_measures_on_real_pictures(punks):
    reference = load_reference(punks / "native_24px", Look())
    for path in sorted((punks / "epoch_grid_24px").rglob("*.png"))[::9]:
        cells = read_cells(path, Look()).cells
        given = MeasureInput(cells, cells, None, None, None, reference)
        found = nearest_training(cells, reference)
        assert found.nearness == pytest.approx(MEASURES["memorisation"].run(given))
        strays = picture_marks(cells, reference).strays.sum()
        assert MEASURES["strays"].run(given) <= strays
