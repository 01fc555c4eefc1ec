"""Fixtures of the launch tests."""

import pytest

from tests.launch.supervised import Supervised


@pytest.fixture
def new(tmp_path):
    """Makes supervised runs; nothing of them is left after the test."""
    made = []

    def make(name="r", **options):
        made.append(Supervised(tmp_path / "runs", name, **options))
        return made[-1]

    yield make
    for run in made:
        run.close()


@pytest.fixture
def images(tmp_path):
    """Four images with captions in a folder as sd-scripts names them."""
    from PIL import Image

    folder = tmp_path / "2_lad"
    folder.mkdir()
    for number in range(4):
        Image.new("RGB", (64, 64), (number * 60, 9, 9)).save(folder / f"p{number}.png")
        (folder / f"p{number}.txt").write_text(f"lad {number}")
    return folder
