"""What is done on another machine before a run: look at it, unpack, make the environment once.

Sent there as this single file. Python 3.10 and its standard library, nothing else, on Linux.
`python machine_side.py COMMAND ...`; the answer is one JSON object on standard output.

probe ROOT [PYTHON]      what the machine has; PYTHON: one to look at as well
unpack ZIP SHA256 FOLDER check a zip's hash, then put its content into FOLDER, whole or not at all
make ENV                 start making the environment ENV detached, as standard input asks
look ENV                 {state: "none", "making", "ready" or "failed", ...}
unmake ENV               end the process that makes ENV, if one does, and remove what it made
hash FILE                {size, sha256}
now                      {now}: this machine's clock, in epoch seconds
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import traceback
import zipfile
from pathlib import Path
from typing import Any

CHUNK = 1 << 20
READY, FAILED, LOG, LOCK = "ready.json", "failed.json", "log.txt", "lock"
UNPACKED = ".unpacked"
REPLACED = ("data", "bespoke_gui")
PYTHONS = (
    "python3", "python3.13", "python3.12", "python3.11", "python3.10", "python",
    "/venv/main/bin/python", "/opt/conda/bin/python", "/usr/local/bin/python3", "/usr/bin/python3",
)  # fmt: skip
PACKAGES = ("torch", "diffusers", "transformers", "peft", "accelerate", "safetensors", "PIL")
ASK = """
import importlib.metadata as m, importlib.util as u, json, sys
def version(name):
    try: return m.version(name)
    except m.PackageNotFoundError: return ""
there = [name for name in sys.argv[1].split(",") if u.find_spec(name)]
venv = bool(u.find_spec("venv") and u.find_spec("ensurepip"))
print(json.dumps({"version": list(sys.version_info[:3]), "torch": version("torch"),
                  "packages": there, "venv": venv}))
"""
# Python's own --system-site-packages knows only the packages of the installation: where torch lies
# in an environment, as on many rented machines, that one has to be named.
VENV = """
import pathlib, sys, venv
target, reuse = pathlib.Path(sys.argv[1]), len(sys.argv) > 2
venv.EnvBuilder(with_pip=True, symlinks=True, system_site_packages=reuse).create(target)
if reuse and sys.prefix != sys.base_prefix:
    places = [path for path in sys.path if path.startswith(sys.prefix) and "-packages" in path]
    for folder in target.glob("lib/python*/site-packages"):
        (folder / "machine.pth").write_text("\\n".join(places) + "\\n")
"""
CHECK = """
import json, sys
import accelerate, diffusers, peft, safetensors, torch, transformers
cuda, why = torch.cuda.is_available(), ""
if cuda:
    try: torch.ones(8, device="cuda").sum().item()
    except Exception as error: cuda, why = False, str(error).splitlines()[0][:200]
print(json.dumps({"torch": torch.__version__, "cuda": cuda, "why": why,
                  "diffusers": diffusers.__version__}))
"""


def output_of(command: list[str], timeout: float = 30) -> str:
    """What a program prints; "" when it is missing, fails or takes too long."""
    try:
        done = subprocess.run(
            command, capture_output=True, timeout=timeout, stdin=subprocess.DEVNULL, check=False
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else ""


# -- probe ------------------------------------------------------------------------------------


def probe(root: Path, named: str = "") -> dict[str, Any]:
    """What the machine has: cards, driver, disk, memory, and every Python worth looking at."""
    root.mkdir(parents=True, exist_ok=True)
    disk = shutil.disk_usage(root)
    cards, listed = gpus()
    return {
        "root": str(root), "gpus": cards, "nvidia_smi": listed, "cuda": cuda_of_driver(),
        "disk_free": disk.free, "disk_total": disk.total, "memory": memory(),
        "cpus": os.cpu_count() or 1, "pythons": pythons(named), "now": time.time(),
    }  # fmt: skip


def gpus() -> tuple[list[dict[str, Any]], bool]:
    """The cards nvidia-smi shows, and whether there is such a program."""
    program = smi()
    if not program:
        return [], False
    for query in (
        "name,memory.total,driver_version,compute_cap",
        "name,memory.total,driver_version",
    ):
        text = output_of([program, f"--query-gpu={query}", "--format=csv,noheader,nounits"])
        found = [card(line) for line in text.splitlines() if line.count(",") >= 2]
        if found:
            return found, True
    return [], True


def smi() -> str:
    """Where nvidia-smi lies, also where a session's PATH does not lead to it."""
    known = ("/usr/bin/nvidia-smi", "/usr/lib/wsl/lib/nvidia-smi", "/opt/bin/nvidia-smi")
    return shutil.which("nvidia-smi") or next((p for p in known if Path(p).is_file()), "")


def card(line: str) -> dict[str, Any]:
    """One line of nvidia-smi: name, memory in MiB, driver, compute capability."""
    parts = [part.strip() for part in line.split(",")]
    number = re.sub(r"[^0-9]", "", parts[1])
    capability = parts[3] if len(parts) > 3 else ""
    return {"name": parts[0], "memory_mb": int(number or 0), "driver": parts[2],
            "capability": capability}  # fmt: skip


def cuda_of_driver() -> str:
    """The newest CUDA the driver can run, as nvidia-smi says in its head (other words from 610)."""
    found = re.search(r"CUDA (?:UMD )?Version:\s*([0-9.]+)", output_of([smi()]) if smi() else "")
    return found.group(1) if found else ""


def memory() -> int:
    """Bytes of memory this machine has, or its container may use."""
    total = 0
    with contextlib.suppress(OSError, ValueError):
        total = int(re.search(r"MemTotal:\s*(\d+)", Path("/proc/meminfo").read_text())[1]) * 1024  # type: ignore[index]
    for name in ("memory.max", "memory/memory.limit_in_bytes"):
        with contextlib.suppress(OSError, ValueError):
            total = min(total, int((Path("/sys/fs/cgroup") / name).read_text()))
    return total


def pythons(named: str = "") -> list[dict[str, Any]]:
    """Every Python from 3.10 on, the named one first, with what it has installed."""
    found: dict[str, dict[str, Any]] = {}
    for name in (named, *PYTHONS):
        where = shutil.which(name) if name else None
        if where and own(where) not in found:
            facts = ask(where)
            if facts and facts["version"] >= [3, 10]:
                facts = {"path": str(Path(where).absolute()), "named": name == named, **facts}
            found[own(where)] = facts
    return [facts for facts in found.values() if "path" in facts]


def own(python: str) -> str:
    """What tells a Python from others: its file, or its environment, which shares that file."""
    path = Path(python).absolute()
    return str(path if (path.parent.parent / "pyvenv.cfg").exists() else path.resolve())


def ask(python: str) -> dict[str, Any]:
    """What one Python says of itself; {} when it does not run."""
    with contextlib.suppress(ValueError):
        return json.loads(output_of([python, "-c", ASK, ",".join(PACKAGES)]) or "{}")
    return {}


# -- files ------------------------------------------------------------------------------------


def hash_of(path: Path) -> dict[str, Any]:
    """Size and SHA-256 of a file; size None where there is none."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while piece := file.read(CHUNK):
                digest.update(piece)
            return {"size": file.tell(), "sha256": digest.hexdigest()}
    except OSError:
        return {"size": None, "sha256": ""}


def unpack(packed: Path, sha256: str, folder: Path) -> dict[str, Any]:
    """Put the content of a zip into `folder`; what is there already of a saved state stays.

    Returns {unpacked: true} or {error}. Doing it again is free.
    """
    marker = folder / UNPACKED
    if marker.is_file() and marker.read_text() == sha256:
        return {"unpacked": True}
    if hash_of(packed)["sha256"] != sha256:
        return {"error": "arrived damaged"}
    fresh = folder / f".unpacking-{os.getpid()}"
    for old in folder.glob(".unpacking-*"):
        shutil.rmtree(old, ignore_errors=True)
    try:
        extract(packed, fresh)
        place(fresh, folder)
        marker.write_text(sha256)
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        return {"error": f"cannot be unpacked: {error}", "errno": getattr(error, "errno", None)}
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    packed.unlink()
    return {"unpacked": True}


def extract(packed: Path, folder: Path) -> None:
    """Write every member below `folder`; ValueError for a name that leads out of it."""
    folder.mkdir(parents=True)
    with zipfile.ZipFile(packed) as archive:
        for name in archive.namelist():
            parts = name.split("/")
            if name.startswith("/") or ".." in parts or "\\" in name or name.endswith("/"):
                raise ValueError(f"unsafe name {name!r}")
            target = folder.joinpath(*parts)
            target.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(name) as source, target.open("wb") as file:
                shutil.copyfileobj(source, file, CHUNK)


def place(fresh: Path, folder: Path) -> None:
    """Move what was unpacked into its place."""
    for entry in sorted(fresh.iterdir()):
        target = folder / entry.name
        if entry.name in REPLACED:
            shutil.rmtree(target, ignore_errors=True)
        if not target.exists():
            entry.rename(target)
        elif entry.is_dir() and not any(target.iterdir()):
            target.rmdir()
            entry.rename(target)


# -- environment ------------------------------------------------------------------------------


def look(env: Path) -> dict[str, Any]:
    """How far the environment is; `log_size` bytes of its log are there."""
    size = (env / LOG).stat().st_size if (env / LOG).exists() else 0
    for name, word in ((READY, "ready"), (FAILED, "failed")):
        with contextlib.suppress(OSError, ValueError):
            return {"state": word, "log_size": size, **json.loads((env / name).read_text())}
    return {"state": "making" if locked(env) else "none", "log_size": size}


def locked(env: Path) -> bool:
    """Whether somebody makes it at this moment."""
    if not (env / LOCK).exists():
        return False
    with (env / LOCK).open("r+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError:
            return False
    return False


def make(env: Path, wanted: dict[str, Any]) -> dict[str, Any]:
    """Make an environment in a session of its own; what an earlier, cut try left is removed.

    wanted: python, requirements (text), system_site (take the machine's packages too), words (more
    for pip), first (words for a call of pip before that one).
    """
    if look(env)["state"] in ("ready", "making"):
        return look(env)
    env.mkdir(parents=True, exist_ok=True)
    for name in (FAILED, LOG):
        (env / name).unlink(missing_ok=True)
    if (child := os.fork()) > 0:
        os.waitpid(child, 0)
        return wait_for_start(env)
    os.setsid()
    if os.fork() > 0:
        os._exit(0)
    try:
        make_here(env, wanted)
    except BaseException:  # noqa: BLE001 - its log must say why
        traceback.print_exc()
        write(env / FAILED, {"step": "begin", "code": 1})
    os._exit(0)


def wait_for_start(env: Path) -> dict[str, Any]:
    """Return when the process that makes it holds the lock, or is through."""
    for _ in range(200):
        if look(env)["state"] != "none":
            break
        time.sleep(0.05)
    return look(env)


def make_here(env: Path, wanted: dict[str, Any]) -> None:
    """Make it in this process, everything said into its log."""
    log = os.open(env / LOG, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(source, target)
    with (env / LOCK).open("a+") as lock:
        # Not at once or never: whoever looks at the state holds the lock for a moment.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if (env / READY).exists():
            return
        lock.truncate(0)
        lock.write(str(os.getpgrp()))
        lock.flush()
        shutil.rmtree(env / "venv", ignore_errors=True)
        python, requirements = env / "venv" / "bin" / "python", env / "requirements.txt"
        requirements.write_text(wanted["requirements"])
        venv = [wanted["python"], "-c", VENV, str(env / "venv")]
        if wanted.get("system_site"):
            venv.append("reuse")
        pip = [str(python), "-m", "pip", "install", "--no-input", "--disable-pip-version-check",
               "--progress-bar", "off"]  # fmt: skip
        first = [[*pip, *wanted["first"]]] if wanted.get("first") else []
        rest = [*pip, *wanted.get("words", ()), "-r", str(requirements)]
        check = [str(python), "-c", wanted.get("check") or CHECK]
        finish(env, python, [venv, *first, rest, check])


def unmake(env: Path) -> dict[str, Any]:
    """End whoever makes an environment, pip included, and remove what there is of it."""
    if look(env)["state"] == "making":
        with contextlib.suppress(OSError, ValueError):
            group = int((env / LOCK).read_text())
            # Only while the lock is held is that number theirs.
            if group > 1 and locked(env):
                end_group(group)
    if look(env)["state"] in ("making", "none") and (env / LOCK).exists():
        with (env / LOCK).open("a+") as lock, contextlib.suppress(OSError):
            waited(lock)
            shutil.rmtree(env / "venv", ignore_errors=True)
            (env / LOG).unlink(missing_ok=True)
    return look(env)


def end_group(group: int) -> None:
    """Kill a group of processes, and wait a little until all of it is gone."""
    with contextlib.suppress(ProcessLookupError):
        for _ in range(100):
            os.killpg(group, signal.SIGKILL)
            time.sleep(0.05)


def waited(lock: Any, seconds: float = 5) -> None:
    """Take a lock that its holder is about to give up; OSError when he does not."""
    end = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)
        else:
            return


def finish(env: Path, python: Path, commands: list[list[str]]) -> None:
    """Run the commands; write ready.json with what the last one printed, or failed.json."""
    drop = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "RUNPOD_API_KEY")
    clean = {key: value for key, value in os.environ.items() if key not in drop}
    printed = b"{}"
    for command in commands:
        shown = [word for word in command if "\n" not in word][:6]
        os.write(1, f"$ {' '.join(shown)}\n".encode())
        last = command is commands[-1]
        done = subprocess.run(
            command, env=clean, check=False, stdout=subprocess.PIPE if last else None
        )
        if done.returncode:
            write(env / FAILED, {"step": command[2], "code": done.returncode})
            return
        printed = done.stdout
    write(env / READY, {"python": str(python), **json.loads(printed.strip().splitlines()[-1])})


def write(path: Path, data: dict[str, Any]) -> None:
    """Write JSON atomically."""
    temporary = path.with_name(f".{path.name}.tmp")
    temporary.write_text(json.dumps(data))
    temporary.replace(path)


def main(words: list[str]) -> int:
    """Do one command and print its answer."""
    command, given = words[0], words[1:]
    if command == "probe":
        answer = probe(Path(given[0]).expanduser().absolute(), *given[1:])
    elif command == "unpack":
        answer = unpack(Path(given[0]), given[1], Path(given[2]))
    elif command == "make":
        answer = make(Path(given[0]), json.loads(sys.stdin.read()))
    elif command == "look":
        answer = look(Path(given[0]))
    elif command == "unmake":
        answer = unmake(Path(given[0]))
    elif command == "hash":
        answer = hash_of(Path(given[0]))
    else:
        answer = {"now": time.time()}
    sys.stdout.write(json.dumps(answer) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
