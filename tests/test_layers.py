"""The layer rule is held by three guards; each is shown to fail on a planted violation."""

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TORCH = ("torch", "torchvision", "diffusers", "transformers", "peft", "accelerate")
QT = ("PySide6", "shiboken6")
# layer: modules that must not be loaded after importing every module of it
FORBIDDEN = {
    "core": QT + TORCH,
    "launch": QT + TORCH,
    "commands": QT + TORCH,
    "engines": QT,
    "qtmodels": TORCH,
    "views": TORCH,
}
IMPORT_ALL = """
import importlib, pkgutil, sys
package = importlib.import_module("bespoke_gui." + sys.argv[1])
for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
print("\\n".join(sorted(name for name in sys.modules if name in sys.argv[2].split(","))))
"""


def loaded_by(tree: Path, layer: str) -> list[str]:
    """Import every module of a layer in a fresh interpreter; return the forbidden ones loaded."""
    command = [sys.executable, "-c", IMPORT_ALL, layer, ",".join(FORBIDDEN[layer])]
    done = subprocess.run(command, cwd=tree, capture_output=True, text=True, check=True)
    return done.stdout.split()


def run_linter(tree: Path) -> subprocess.CompletedProcess:
    code = "from importlinter.cli import lint_imports_command as lint; lint()"
    command = [sys.executable, "-c", code, "--no-cache"]
    return subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)


def run_ruff(text: str, name: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "ruff", "check", "--stdin-filename", name, "-"]
    return subprocess.run(
        command, cwd=ROOT, input=text, capture_output=True, text=True, check=False
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the package in which a test may plant a violation."""
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "bespoke_gui", tmp_path / "bespoke_gui", ignore=ignore)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shutil.copytree(ROOT / "resources", tmp_path / "resources", ignore=ignore)
    return tmp_path


def plant(tree: Path, file: str, text: str) -> None:
    path = tree / "bespoke_gui" / file
    path.write_text(path.read_text(encoding="utf-8") + "\n" + text + "\n", encoding="utf-8")


def test_import_linter_passes():
    done = run_linter(ROOT)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("core/atomic.py", "import PySide6.QtCore"),
        ("core/atomic.py", "from bespoke_gui.views import theme"),
        ("core/atomic.py", "def helper():\n    import torch\n"),
        ("launch/base.py", "import bespoke_gui.engines"),
        ("engines/harness.py", "def helper():\n    from PySide6 import QtCore\n"),
        ("views/panels/train.py", "from bespoke_gui.views.panels import gallery"),
        ("views/rooms/train.py", "from bespoke_gui.views.rooms import gallery"),
    ],
)
def test_import_linter_catches(copy, file, text):
    plant(copy, file, text)
    assert run_linter(copy).returncode != 0


@pytest.mark.parametrize("text", ["import torch\n", "def f():\n    import diffusers\n"])
def test_ruff_catches_torch_outside_the_engines(text):
    assert "TID251" in run_ruff(text, "bespoke_gui/core/planted.py").stdout
    assert "TID251" not in run_ruff(text, "bespoke_gui/engines/planted.py").stdout


def test_ruff_catches_pickle():
    text = "import pickle\n\npickle.loads(b'')\n"
    assert "TID251" in run_ruff(text, "bespoke_gui/launch/planted.py").stdout
    assert "S301" in run_ruff(text, "bespoke_gui/engines/planted.py").stdout


def test_ruff_holds_shipped_files_to_python_310():
    text = '"""Planted."""\n\ntype Number = int\n'
    assert "3.10" in run_ruff(text, "bespoke_gui/core/rundir.py").stdout
    assert "3.10" not in run_ruff(text, "bespoke_gui/core/dataset.py").stdout


@pytest.mark.parametrize("layer", FORBIDDEN)
def test_layer_loads_nothing_forbidden(layer):
    if layer == "engines":
        pytest.importorskip("torch")
    assert loaded_by(ROOT, layer) == []


@pytest.mark.parametrize(
    ("layer", "file", "module"),
    [
        ("core", "core/atomic.py", "PySide6"),
        ("launch", "launch/__init__.py", "PySide6"),
        ("views", "views/theme.py", "accelerate"),
    ],
)
def test_fresh_interpreter_catches(copy, layer, file, module):
    pytest.importorskip(module)
    plant(copy, file, f"import importlib\nimportlib.import_module({module!r})")
    assert module in loaded_by(copy, layer)


def imports_of(path: Path) -> set[str]:
    """Return the dotted names that a file imports, `from a import b` as a and a.b."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {node.module or "", *(f"{node.module}.{a.name}" for a in node.names)}
    return names


def test_numpy_finds_its_threads_limited_before_it_is_loaded():
    code = (
        "import sys, bespoke_gui, os; assert 'numpy' not in sys.modules;"
        "print(os.environ['OPENBLAS_NUM_THREADS'])"
    )
    env = {k: v for k, v in os.environ.items() if k != "OPENBLAS_NUM_THREADS"}
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT, env=env
    )
    assert found.stdout.strip() == "1"


def test_no_package_can_be_caught_half_made_by_two_threads():
    """Where a package's __init__ imports its own modules, others import the package only.

    Else one thread that holds the package and one that holds a module wait for each other, and
    Python hands out a half-made module.
    """
    files = {path: imports_of(path) for path in (ROOT / "bespoke_gui").rglob("*.py")}
    bad = []
    for init in (path for path in files if path.name == "__init__.py"):
        name = ".".join(init.parent.relative_to(ROOT).parts)
        own = {f"{name}.{module.stem}" for module in init.parent.glob("*.py")}
        if own & files[init]:
            outside = [path for path in files if init.parent not in path.parents]
            bad += [f"{path}: {sorted(own & files[path])}" for path in outside if own & files[path]]
    assert bad == []


def find_python_310() -> str | None:
    """Return a Python 3.10 that runs: from PATH, or one that pyenv keeps."""
    kept = sorted((Path.home() / ".pyenv" / "versions").glob("3.10.*/bin/python3.10"))
    for python in [shutil.which("python3.10"), *map(str, kept)]:
        probe = [python, "-c", "import sys; sys.exit(sys.version_info[:2] != (3, 10))"]
        if python and not subprocess.run(probe, capture_output=True, check=False).returncode:
            return python
    return None


def test_shipped_files_run_under_python_310():
    python = find_python_310()
    if python is None:
        pytest.skip("no Python 3.10 here")
    names = [
        "events",
        "rundir",
        "runspec",
        "atomic",
        "errors",
        "registry",
        "resources",
        "caption_draw",
    ]
    imports = "; ".join(f"import bespoke_gui.core.{name}" for name in names)
    code = f"{imports}; import bespoke_gui.engines.harness, bespoke_gui.engines.fake"
    done = subprocess.run(
        [python, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
