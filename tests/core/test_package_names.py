"""Names by text work alone: the same answers as by paths, for any name."""

from pathlib import PurePosixPath

from hypothesis import given
from hypothesis import strategies as st

from bespoke_gui.core.config.train_data import is_trainer_image
from bespoke_gui.core.dataset import TRAINER_SUFFIXES
from bespoke_gui.core.package_tree import folders

PARTS = st.text(st.sampled_from("ab.PNGpngjJ _"), min_size=1, max_size=8).filter(
    lambda part: part.strip(".")
)
NAMES = st.lists(PARTS, min_size=1, max_size=4).map("/".join)


@given(NAMES)
def test_which_files_are_images(name):
    suffix = PurePosixPath(name).suffix
    known = suffix.lower() in TRAINER_SUFFIXES
    assert is_trainer_image(name) is (known and suffix in (suffix.lower(), suffix.upper()))


@given(st.lists(NAMES, max_size=5))
def test_which_folders_there_will_be(names):
    parents = {str(parent) for name in names for parent in PurePosixPath(name).parents}
    assert folders(names) == frozenset(parents - {"."})
