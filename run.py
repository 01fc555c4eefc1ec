"""Start Bespoke from a fresh clone: `python3 run.py` (window), `--test`, `--loop`. Stdlib only."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent
ENVIRONMENT = ROOT / ".venv"
PYTHON = ENVIRONMENT / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
HELP = """usage: python3 run.py [PROJECT]   the window: on PROJECT, the one opened last, or the demo
       python3 run.py --loop      the whole loop without a window; says where the results lie
       python3 run.py --test      every check and every test; --full adds the long campaigns

The first run makes an environment in .venv and installs what is needed (a network is used)."""
# What each way of starting needs, as extras of pyproject.toml.
EXTRAS = {"window": "", "loop": "[engine]", "test": "[engine,test]"}
# What that takes on disk and in time: nothing else is said until it is done.
SIZES = {
    "window": "420 MB, a minute or two",
    "loop": "some gigabytes with torch, several minutes",
    "test": "some gigabytes with torch, several minutes",
}
CHECKS = (
    ("ruff format --check", ["-m", "ruff", "format", "--check", "."]),
    ("ruff", ["-m", "ruff", "check", "."]),
    ("import-linter", ["-c", "from importlinter.cli import lint_imports_command as lint; lint()"]),
    ("pyright", ["-m", "pyright"]),
)
NO_TESTS = 5  # pytest's own exit code
# One more than there are cores: many tests wait for a process of their own.
WORKERS = (os.cpu_count() or 1) + 1


def main(arguments: list[str]) -> int:
    """Make the environment if it is not ready, then start what was asked for."""
    if sys.version_info < (3, 11):  # noqa: UP036 - people start this with any Python
        print("Bespoke needs Python 3.11 or newer; this is", sys.version.split()[0])
        return 2
    if {"-h", "--help"} & set(arguments):
        print(HELP)
        return 0
    wanted = next((name for name in ("test", "loop") if f"--{name}" in arguments), "window")
    rest = [argument for argument in arguments if argument != f"--{wanted}"]
    if not prepare(wanted):
        return 1
    if wanted == "test":
        return test(rest)
    module = ["-m", "bespoke_gui", "loop", *rest] if wanted == "loop" else window(rest)
    return start(module)


def window(arguments: list[str]) -> list[str]:
    """Open the project given, else the one opened last, or the demo."""
    return ["-c", "import sys; from bespoke_gui.app import main; sys.exit(main())", *arguments]


def prepare(wanted: str) -> bool:
    """Install what `wanted` needs, once; a changed pyproject or constraints file installs anew."""
    extras = EXTRAS[wanted]
    stamp = ENVIRONMENT / f"bespoke-{wanted}.stamp"
    state = hashlib.sha256(
        b"".join((ROOT / name).read_bytes() for name in ("pyproject.toml", "constraints.txt"))
    ).hexdigest()
    if stamp.is_file() and stamp.read_text() == state:
        return True
    if not PYTHON.exists():
        print(f"Making an environment in {ENVIRONMENT.name} (once) ...", flush=True)
        venv.create(ENVIRONMENT, with_pip=True)
    print(f"Installing what Bespoke needs (once, {SIZES[wanted]}) ...", flush=True)
    pip = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    pins = ["--constraint", "constraints.txt"]
    # torch first and alone: asked for by range it could bring gigabytes that a test never uses.
    first = [[*pip, *pins, "torch"]] if extras else []
    for command in [*first, [*pip, *pins, "--editable", f".{extras}"]]:
        if subprocess.run(command, cwd=ROOT, check=False).returncode:
            print("The installation failed; the lines above say why. Run the same command again.")
            return False
    stamp.write_text(state)
    print("Everything is installed.", flush=True)
    return True


def start(arguments: list[str]) -> int:
    """Run Python of the environment with `arguments`; on POSIX it takes this process's place."""
    command = [str(PYTHON), *arguments]
    if os.name != "nt":
        sys.stdout.flush()
        os.execv(command[0], command)
    return subprocess.run(command, check=False).returncode


def test(arguments: list[str]) -> int:
    """Run every check and every test; `--full` adds the long campaigns."""
    failed = []
    for name, command in CHECKS:
        print(f"== {name}", flush=True)
        if subprocess.run([PYTHON, *command], cwd=ROOT, check=False).returncode:
            failed.append(name)
    if not tested([one for one in arguments if one != "--full"], long="--full" in arguments):
        failed.append("pytest")
    print("All checks passed." if not failed else f"Failed: {', '.join(failed)}", flush=True)
    return 1 if failed else 0


def tested(arguments: list[str], long: bool) -> bool:
    """Whether the tests passed: the short ones side by side, the long campaigns one by one."""
    runs = {"pytest": ["-n", str(WORKERS), "--dist", "worksteal"]}
    if long:
        runs["the long campaigns"] = ["--full", "-m", "full", "-o", "faulthandler_timeout=1800"]
    codes = []
    for name, options in runs.items():
        print(f"== {name}", flush=True)
        command = [PYTHON, "-m", "pytest", *options, *arguments]
        codes.append(subprocess.run(command, cwd=ROOT, check=False).returncode)
    # Arguments may leave one of the two without a test, never both.
    return set(codes) <= {0, NO_TESTS} and 0 in codes


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
