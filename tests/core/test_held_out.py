"""Images held out: split as sd-scripts splits them, none lost, none in both."""

import math
import random

from hypothesis import given
from hypothesis import strategies as st

from bespoke_gui.core.config.schedule import plan
from bespoke_gui.core.held_out import held_out, held_out_share, taught_count


def taught_by_sd_scripts(count, share, seed):
    """train_util.py:140-178 of sd-scripts 48d368fa, for the images to teach."""
    paths = list(range(count))
    before = random.getstate()
    random.seed(seed)
    random.shuffle(paths)
    random.setstate(before)
    return set(paths[: math.ceil(count * (1 - share))])


@given(st.integers(0, 400), st.floats(0, 1), st.integers(0, 2**32 - 1))
def test_the_rest_of_what_sd_scripts_teaches_is_held_out(count, share, seed):
    held = held_out(count, share, seed)
    assert held == set(range(count)) - taught_by_sd_scripts(count, share, seed)
    assert len(held) == count - taught_count(count, share)


def test_five_in_a_hundred_of_the_portraits():
    held = held_out(203, 0.05, 42)
    assert len(held) == 10
    assert held_out(203, 0.05, 42) == held != held_out(203, 0.05, 43)
    assert held_out(203, 0.0, 42) == set()


def test_only_a_share_holds_images_out():
    shares = [held_out_share({"validation_split": value}) for value in (0.05, 1, 0, 5, "x", True)]
    assert shares == [0.05, 1.0, 0.0, 0.0, 0.0, 0.0]
    assert held_out_share({}) == 0.0


def test_a_training_is_as_much_shorter():
    values = {"train_batch_size": 4, "max_train_epochs": 8, "validation_split": 0.05}
    course = plan(values, 203, {(384, 384): 203})
    assert (course.images, course.steps_per_epoch, course.total_steps) == (193, 49, 392)
    assert plan(values, 406, {(384, 384): 203}).images == 386
    assert plan(values, 203).images == 193
