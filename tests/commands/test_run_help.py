"""run.py: asking for help tells how to start and installs nothing."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

RUN = Path(__file__).resolve().parents[2] / "run.py"


@pytest.mark.parametrize("words", [["--help"], ["-h"], ["--loop", "--help"]])
def test_help_is_told_and_nothing_is_made(tmp_path, words):
    copy = Path(shutil.copy(RUN, tmp_path / "run.py"))
    done = subprocess.run([sys.executable, copy, *words], capture_output=True, text=True)
    assert done.returncode == 0
    assert done.stdout.startswith("usage: python3 run.py")
    assert [path.name for path in tmp_path.iterdir()] == ["run.py"]
