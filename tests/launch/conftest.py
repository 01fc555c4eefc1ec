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
