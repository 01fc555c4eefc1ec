"""The archive: small, the same every time, and enough to run an engine from on its own."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from bespoke_gui.launch.remote import machine_side, supervisor
from bespoke_gui.launch.remote.archive import PACKAGE, archive_files, write_archive
from tests.engines.runs import events, make_run
from tests.launch.supervised import PYTHON

LAYERS = ("views", "qtmodels", "launch", "commands", "app")
# Under the isolation of `python -I`, the only way in is the archive itself.
RUN = (
    "import sys; sys.path.insert(0, sys.argv[1]); sys.argv = ['engine', sys.argv[2]];"
    "import runpy\n"
    "try: runpy.run_module('bespoke_gui.engines', run_name='__main__')\n"
    "finally:\n"
    "  names = [m for m in sys.modules if m == 'tomllib' or m.startswith('bespoke_gui.')]\n"
    "  print('LOADED', ' '.join(sorted(names)), file=sys.stderr, flush=True)\n"
)


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory):
    folder = tmp_path_factory.mktemp("there")
    with zipfile.ZipFile(write_archive(folder / "zip", True).path) as archive:
        archive.extractall(folder / "code")
    return folder / "code"


def test_the_same_bytes_every_time_and_small(tmp_path):
    first, again = write_archive(tmp_path / "a", False), write_archive(tmp_path / "b", False)
    assert first.path.read_bytes() == again.path.read_bytes()
    assert first.sha256 == again.sha256
    assert first.size < 1_000_000
    print(f"archive: {first.size} bytes, with base: {write_archive(tmp_path, True).size} bytes")


def test_no_layer_above_the_engines_and_the_base_only_where_asked():
    names = list(archive_files(False))
    assert not [name for name in names if name.split("/")[1] in LAYERS]
    assert f"{PACKAGE}/engines/__main__.py" in names
    assert f"{PACKAGE}/core/__init__.py" in names
    assert not [name for name in names if name.startswith(f"{PACKAGE}/resources/")]
    assert f"{PACKAGE}/resources/embedded_base/model_index.json" in archive_files(True)


OLD = """
import ast, importlib, sys
from pathlib import Path

def looked_for(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from ((node.module, alias.name) for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)

for path in sorted(Path(sys.argv[1]).rglob("*.py")) + [Path(p) for p in sys.argv[2:]]:
    for module, name in looked_for(ast.parse(path.read_bytes())):
        if module.split(".")[0] in sys.stdlib_module_names:
            try:
                found = importlib.import_module(module)
            except ImportError:
                print(path, module)
                continue
            if name and not hasattr(found, name):
                print(path, module, name)
"""


def test_all_of_it_is_clean_for_python_3_10(unpacked):
    """Every file parses there, and what it takes from the standard library is there."""
    if not PYTHON.endswith("3.10"):
        pytest.skip("no Python 3.10 here")
    tools = [str(Path(module.__file__)) for module in (supervisor, machine_side)]
    done = subprocess.run(
        [PYTHON, "-I", "-c", OLD, str(unpacked), *tools], capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


def run_isolated(python, code, run_dir):
    """Run an engine with nothing but the archive and the Python's own packages."""
    env = {"PATH": os.environ["PATH"], "HOME": str(run_dir.folder), "OMP_NUM_THREADS": "1"}
    subprocess.run(
        [python, "-I", "-c", RUN, str(code), str(run_dir.folder)], cwd=run_dir.folder, env=env,
        capture_output=True, check=False, timeout=300,
    )  # fmt: skip
    log = run_dir.log_path.read_text()
    assert (run_dir.read_exit() or {}).get("outcome") == "finished", log
    return log.rpartition("LOADED")[2].split()


def test_the_fake_engine_runs_from_it(unpacked, tmp_path):
    run_dir = make_run(tmp_path / "r", options={"seconds_per_step": 0, "epochs": 2})
    loaded = run_isolated(PYTHON, unpacked, run_dir)
    assert "tomllib" not in loaded
    assert "bespoke_gui.engines.fake" in loaded


@pytest.mark.engine
def test_the_lora_engine_runs_from_it_with_the_embedded_base(unpacked, tmp_path):
    tiny = pytest.importorskip("tests.engines.tiny")
    data = tiny.data_folder(tmp_path, count=2, size=64)
    config = {**tiny.config(), "max_train_epochs": 1, "resolution": "64,64"}
    run_dir = make_run(tmp_path / "r", "lora", data=[data], config=config)
    loaded = run_isolated(sys.executable, unpacked, run_dir)
    assert not [name for name in loaded if name.split(".")[1] in LAYERS]
    assert events(run_dir, "checkpoint")[-1]["final"] is True
