"""Test set-up: no screen, no settings of the person who runs it, the reference data if there."""

import os
import sys
from pathlib import Path

import pytest
from hypothesis import settings

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
# One thread gives the same sums on every machine.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# Tests assert what happens, never how long it takes: machines are shared.
settings.register_profile("bespoke", deadline=None)
settings.load_profile("bespoke")

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))


def pytest_addoption(parser):
    parser.addoption("--full", action="store_true", help="run the long campaigns as well")


def pytest_collection_modifyitems(config, items):
    full = config.getoption("--full")
    for item in items:
        # Not by keyword: the name of a folder above would be one as well.
        if item.get_closest_marker("full") and not full:
            item.add_marker(pytest.mark.skip(reason="long campaign: run with --full"))
        if item.get_closest_marker("punks") and not (SHARED / "data" / "punks").is_dir():
            item.add_marker(pytest.mark.skip(reason="the reference data is not beside the project"))


@pytest.fixture(autouse=True)
def own_settings(tmp_path_factory, monkeypatch):
    """Every test gets its own empty settings and cache folder."""
    home = tmp_path_factory.mktemp("settings")
    monkeypatch.setenv("BESPOKE_HOME", str(home))
    return home


@pytest.fixture
def punks() -> Path:
    """The reference user's data (marked `punks`, skipped where absent)."""
    return SHARED / "data" / "punks"


@pytest.fixture
def fixtures() -> Path:
    """Real output of other software (marked `punks`, skipped where absent)."""
    return SHARED / "fixtures"


@pytest.fixture
def root() -> Path:
    """The repository's top folder."""
    return ROOT
