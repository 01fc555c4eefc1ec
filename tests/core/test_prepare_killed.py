"""Prepare killed or cancelled at any moment: nothing is half, and it goes on where it stopped."""

import hashlib
import random
import signal
import subprocess
import sys
import time

import numpy as np
import psutil
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from bespoke_gui.core.errors import AppError
from bespoke_gui.core.imagefile import read_rgb
from bespoke_gui.core.prepare import prepare
from bespoke_gui.core.prepared.folder import JOURNAL, MANIFEST
from bespoke_gui.core.prepared.sets import set_state

COUNT = 60
CHILD = """
import sys
from pathlib import Path
from bespoke_gui.core.prepare import prepare
if __name__ == "__main__":
    prepare(Path(sys.argv[1]), Path(sys.argv[2]), 384, native=24, workers=2)
"""


def digests(folder):
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    folder = tmp_path_factory.mktemp("killed") / "in"
    folder.mkdir()
    for number in range(COUNT):
        rng = np.random.default_rng(number)
        cells = rng.integers(0, 256, (9, 3), dtype=np.uint8)[rng.integers(0, 9, (24, 24))]
        Image.fromarray(cells.repeat(16, 0).repeat(16, 1)).save(folder / f"{number}.png")
        (folder / f"{number}.txt").write_text(f"punk {number}")
    return folder


@pytest.fixture(scope="module")
def whole(source, tmp_path_factory):
    out = tmp_path_factory.mktemp("whole") / "out"
    prepare(source, out, 384, native=24, workers=1)
    return {name: digest for name, digest in digests(out).items() if name != MANIFEST}


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL there")
@pytest.mark.parametrize("seed", range(4))
def test_killed_at_a_random_moment_it_goes_on(source, whole, tmp_path, seed):
    out, before = tmp_path / "out", digests(source)
    files = random.Random(seed).randrange(2 * COUNT)
    child = subprocess.Popen([sys.executable, "-c", CHILD, str(source), str(out)])
    process = psutil.Process(child.pid)
    end = time.monotonic() + 60
    while child.poll() is None and time.monotonic() < end:
        if out.is_dir() and sum(1 for _ in out.iterdir()) > files:
            break
        time.sleep(0.002)
    workers = process.children(recursive=True) if child.poll() is None else []
    child.send_signal(signal.SIGKILL)
    child.wait()
    _, alive = psutil.wait_procs(workers, timeout=20)
    assert alive == []
    assert digests(source) == before
    for path in out.glob("*.png") if out.is_dir() else []:
        if not path.name.startswith("."):
            assert read_rgb(path).shape == (384, 384, 3)
    if out.is_dir() and any(out.iterdir()):
        assert (out / JOURNAL).exists() or (out / MANIFEST).exists()
    report = prepare(source, out, 384, native=24, workers=1)
    assert len(report.images) == COUNT
    assert {name: d for name, d in digests(out).items() if name != MANIFEST} == whole
    assert set_state(out).complete


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(after=st.integers(0, COUNT - 1), workers=st.sampled_from([1, 2]))
def test_cancelled_at_any_moment_nothing_is_left(source, tmp_path_factory, after, workers):
    out = tmp_path_factory.mktemp("cancelled") / "out"
    done = []
    with pytest.raises(AppError) as caught:
        prepare(
            source,
            out,
            384,
            native=24,
            progress=lambda *step: done.append(step),
            cancelled=lambda: len(done) >= after,
            workers=workers,
        )
    assert caught.value.kind == "cancelled"
    assert not out.exists()
