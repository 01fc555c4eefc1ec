"""Bootstrap: makes another machine ready for a run: tools, code, and the environment once."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bespoke_gui.core import settings
from bespoke_gui.core.errors import AppError, Problem
from bespoke_gui.core.machines import Machine
from bespoke_gui.core.resources import resource
from bespoke_gui.core.runspec import EMBEDDED, RunSpec
from bespoke_gui.launch.engine_env import WITHOUT_TORCH, explained, source_root
from bespoke_gui.launch.remote.archive import write_archive
from bespoke_gui.launch.remote.link import Link, LinkLost
from bespoke_gui.launch.remote.probe import Probe, Python, numbers, problems, read_probe
from bespoke_gui.launch.remote.provider import Tell
from bespoke_gui.launch.remote.transfer import upload

TOOLS = ("supervisor.py", "machine_side.py", "machine_clean.py")
# Sessions on a RunPod pod lack what its container was started with; there it is in this file.
IN_SHELL = ("sh", "-c", '[ -r /etc/rp_environment ] && . /etc/rp_environment; exec "$@"', "bespoke")
FIND = """
for name in "$@"; do
  found=$(command -v "$name") || continue
  "$found" -c 'import sys; sys.exit(sys.version_info[:2] < (3, 10))' 2>/dev/null || continue
  echo "$found"; exit 0
done
exit 1
"""
ROOT = 'mkdir -p "${1:-.}/bespoke" && cd "${1:-.}/bespoke" && pwd'
NAMES = ("python3", "python3.13", "python3.12", "python3.11", "python3.10", "python",
         "/venv/main/bin/python", "/opt/conda/bin/python")  # fmt: skip
# PyPI's builds, by their own metadata: 2.7 is for CUDA 12.6, 2.10 the newest for CUDA 12 (12.8),
# the pinned one for CUDA 13, which takes a driver from 580 on; CUDA 12 takes one from 525 on
# (docs.nvidia.com/deploy/cuda-compatibility). Builds after 12.6 know no card before Turing
# (github.com/pytorch/pytorch/issues/172352).
TORCH_FOR_OLD_CARDS = "torch==2.7.1"
TORCH_FOR_CUDA_12 = "torch==2.10.0"
TURING = (7, 5)
CPU_WHEELS = "https://download.pytorch.org/whl/cpu"
# Their builds on the machine were made for each other: none of them is replaced.
WITH_TORCH = ("torch", "numpy", "pillow")
PATIENCE_S = 600.0
UNMAKE_S = 20.0
MOST_TRIES = 3
KINDS = {"little_disk": "disk_full", "no_venv": "missing_package", "no_python": "missing_package",
         "missing_packages": "missing_package"}  # fmt: skip


@dataclass(frozen=True)
class Site:
    """Where Bespoke lives on a machine: absolute paths there, and the Python of its tools."""

    root: str
    python: str
    tools: str


@dataclass(frozen=True)
class Ready:
    """A machine that a run can be sent to. python: what engines run with there."""

    python: str
    code_folder: str
    run_root: str
    probe: Probe
    site: Site
    machine: Machine


async def prepare_machine(link: Link, spec: RunSpec, machine: Machine, told: Tell) -> Ready:
    """Look at a machine, send the code, make the environment; all of it once, then reused.

    Raises AppError in one line for what stands in the way (kinds capacity, disk_full,
    missing_package, network) and LinkLost; calling it again goes on where it was.
    """
    told("stage", name="checking the machine")
    site = await find_site(link, machine)
    probe = await look_at(link, site, machine)
    _judge(problems(probe, spec, machine), told)
    await _check_checkout(link, spec, machine)
    told("stage", name="preparing the machine")
    code = await send_code(link, site, spec.base == EMBEDDED, told)
    python = await _engine_python(link, site, spec, machine, probe, told)
    return Ready(python, code, f"{site.root}/runs", probe, site, machine)


# -- tools ------------------------------------------------------------------------------------


async def find_site(link: Link, machine: Machine) -> Site:
    """Find a Python and the working folder, and send the tools; AppError when there is none."""
    workdir = machine.workdir.removeprefix("~/") if machine.workdir != "~" else ""
    made = await link.run([*IN_SHELL, "sh", "-c", ROOT, "sh", workdir])
    if made.code:
        raise AppError("the working folder cannot be made there", file=machine.workdir or "~",
                       hint=made.err.decode("utf-8", "replace").strip()[:200])  # fmt: skip
    root = made.text.splitlines()[-1]
    named = [machine.python] if machine.python else []
    found = await link.run([*IN_SHELL, "sh", "-c", FIND, "sh", *named, *NAMES])
    if found.code:
        hint = "install one there, or name its path"
        raise AppError("there is no Python 3.10 or newer", file=machine.name, hint=hint,
                       kind="missing_package")  # fmt: skip
    here = source_root() / "bespoke_gui" / "launch" / "remote"
    files = {name: (here / name).read_bytes() for name in TOOLS}
    digest = hashlib.sha256(b"".join(files.values())).hexdigest()[:16]
    site = Site(root, found.text.splitlines()[-1], f"{root}/tools/{digest}")
    for name, data in files.items():
        if await link.size(f"{site.tools}/{name}") != len(data):
            await link.write(f"{site.tools}/{name}", data)
    return site


async def ask(
    link: Link,
    site: Site,
    *words: str,
    tool: str = "machine_side.py",
    stdin: bytes = b"",
    timeout_s: float = PATIENCE_S,
) -> dict[str, Any]:
    """Run one command of a tool there and return its answer; AppError when it gives none."""
    command = [*IN_SHELL, site.python, "-I", f"{site.tools}/{tool}", *words]
    ran = await link.run(command, stdin=stdin, timeout_s=timeout_s)
    try:
        answer = json.loads(ran.out)
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        last = ran.err.decode("utf-8", "replace").strip().splitlines()[-1:] or ["no answer"]
        raise AppError(f"the machine could not do `{words[0]}`: {last[0][:200]}")
    return answer


async def look_at(link: Link, site: Site, machine: Machine) -> Probe:
    """Return what the machine has."""
    named = [machine.python] if machine.python else []
    before = time.time()
    answer = await ask(link, site, "probe", site.root, *named)
    return read_probe(answer, (before + time.time()) / 2)


def _judge(found: Sequence[Problem], told: Tell) -> None:
    """Tell the warnings, raise the first error."""
    for problem in found:
        if problem.severity != "error":
            hint = f" ({problem.hint})" if problem.hint else ""
            told("log", level="warning", text=f"{problem.file}: {problem.message}{hint}")
    for problem in found:
        if problem.severity == "error":
            raise AppError(problem.message, file=problem.file, hint=problem.hint,
                           kind=KINDS.get(problem.code, "capacity"))  # fmt: skip


async def _check_checkout(link: Link, spec: RunSpec, machine: Machine) -> None:
    if spec.engine != "kohya":
        return
    script = str(spec.options.get("script") or "train_network.py")
    if not machine.sd_scripts or await link.size(f"{machine.sd_scripts}/{script}") is None:
        what = f"{machine.sd_scripts} holds no {script}" if machine.sd_scripts else (
            "no sd-scripts checkout is known there")  # fmt: skip
        hint = "name the folder of the checkout there, or take the engine lora"
        raise AppError(what, file=machine.name, kind="missing_package", hint=hint)


# -- code -------------------------------------------------------------------------------------


async def send_code(link: Link, site: Site, with_base: bool, told: Tell) -> str:
    """Send what engines need; return its folder, named after the hash of the code."""
    folder = settings.home() / "remote_code"
    packed = await asyncio.to_thread(write_archive, folder, with_base)
    target = f"{site.root}/code/{packed.sha256[:16]}"
    if await link.read(f"{target}/.unpacked") != packed.sha256.encode():
        await upload(link, packed.path, f"{target}/code.zip", told)
        await unpack(link, site, f"{target}/code.zip", packed.sha256, target)
    return target


async def unpack(link: Link, site: Site, packed: str, sha256: str, folder: str) -> None:
    """Unpack a zip there when its hash is right; AppError kind "network" when it is not."""
    answer = await ask(link, site, "unpack", packed, sha256, folder)
    if answer.get("unpacked") is True:
        return
    await link.remove(packed)
    full = answer.get("errno") in (28, 122)
    hint = "free some space there" if full else "try again"
    raise AppError(str(answer.get("error", "no answer"))[:300], file=packed, hint=hint,
                   kind="disk_full" if full else "network")  # fmt: skip


# -- environment ------------------------------------------------------------------------------


async def _engine_python(
    link: Link, site: Site, spec: RunSpec, machine: Machine, probe: Probe, told: Tell
) -> str:
    """The Python for the engine: the named one, any where torch is not ours to bring, our own."""
    named = next((one for one in probe.pythons if one.named), None)
    if named is not None:
        return named.path
    if spec.engine in WITHOUT_TORCH:
        with_torch = [one.path for one in probe.pythons if one.torch and spec.engine == "kohya"]
        return (with_torch or [site.python])[0]
    base = base_python(probe)
    wanted = wanted_environment(base, probe)
    return await make_environment(link, site, wanted, bool(probe.gpus), told)


def base_python(probe: Probe) -> Python:
    """The Python to make the environment with: one whose torch can be reused before others."""
    able = [one for one in probe.pythons if one.venv]
    return next((one for one in able if one.new_torch), able[0])


def wanted_environment(base: Python, probe: Probe) -> dict[str, Any]:
    """What the environment is made of: the pins, where this Python and torch fit them.

    first: one package that pip is asked for before all others and alone, with words of its own.
    """
    reuse = base.new_torch
    pins = base.version >= (3, 11)
    lines = []
    for line in _lines("engine_requirements.txt" if pins else "engine_minimum.txt"):
        name = line.split("=")[0].split(">")[0]
        if not (reuse and name in WITH_TORCH):
            lines.append(line)
    if not reuse:
        lines = [_torch_for(probe) or line if _is_torch(line) else line for line in lines]
    # The processor's build is a tenth of the others; where that place is out of reach, PyPI's do.
    torch = [line for line in lines if _is_torch(line) and not probe.gpus]
    first = [*torch, "--no-deps", "--extra-index-url", CPU_WHEELS] if torch else []
    return {"python": base.path, "system_site": reuse, "first": first, "words": [],
            "requirements": "\n".join(lines) + "\n", "version": list(base.version),
            "torch": base.torch if reuse else ""}  # fmt: skip


def _is_torch(line: str) -> bool:
    return line.startswith(("torch=", "torch>"))


def _torch_for(probe: Probe) -> str:
    """The torch that the cards and their driver can run, "" where that is the pinned one."""
    if any(gpu.capability and gpu.capability < TURING for gpu in probe.gpus):
        return TORCH_FOR_OLD_CARDS
    return TORCH_FOR_CUDA_12 if probe.gpus and numbers(probe.cuda) < (13,) else ""


def _lines(name: str) -> list[str]:
    text = resource(name).read_text(encoding="utf-8")
    return [line.strip() for line in text.splitlines() if line.strip() and line[0] != "#"]


def environment_name(wanted: dict[str, Any]) -> str:
    """The name of its folder: what is made of other things lies elsewhere."""
    return hashlib.sha256(json.dumps(wanted, sort_keys=True).encode()).hexdigest()[:16]


async def make_environment(
    link: Link, site: Site, wanted: dict[str, Any], gpus: bool, told: Tell, poll_s: float = 1.0
) -> str:
    """Make an environment, or take the one made before; return its Python.

    It is made by a process of its own: a lost connection does not matter, calling again goes on.
    When this is cancelled that process is ended. Raises AppError with the reason pip gave.
    """
    env = f"{site.root}/env/{environment_name(wanted)}"
    state = await ask(link, site, "look", env)
    if state.get("state") == "ready":
        return _made(state, [], gpus)
    if state.get("state") in ("none", "failed"):
        told("log", level="info", text="making the environment; it is kept for later runs")
        state = await ask(link, site, "make", env, stdin=json.dumps(wanted).encode())
    try:
        return await _until_made(link, site, env, wanted, state, gpus, told, poll_s)
    except asyncio.CancelledError:
        with contextlib.suppress(LinkLost, AppError):
            await ask(link, site, "unmake", env, timeout_s=UNMAKE_S)
        raise


async def _until_made(
    link: Link, site: Site, env: str, wanted: dict[str, Any], state: dict[str, Any], gpus: bool,
    told: Tell, poll_s: float,
) -> str:  # fmt: skip
    """Tell what pip says until the environment is there; one whose maker died is made again."""
    offset, lines, tries = 0, [""], 1
    while True:
        if state.get("state") == "none" and tries < MOST_TRIES:
            # Its maker is gone without a word: the machine was restarted, or short of memory.
            told("log", level="warning", text="its making was cut short there; it is made anew")
            state = await ask(link, site, "make", env, stdin=json.dumps(wanted).encode())
            offset, tries = 0, tries + 1
        piece = await link.read(f"{env}/log.txt", offset)
        offset += len(piece)
        *whole, rest = (lines[-1] + piece.decode("utf-8", "replace")).split("\n")
        lines = [*lines[:-1], *whole, rest][-500:]
        for line in whole:
            told("log", level="info", text=line[:500])
        if state.get("state") != "making" and not piece:
            return _made(state, lines, gpus)
        await asyncio.sleep(poll_s if not piece else 0)
        state = await ask(link, site, "look", env)


def _made(state: dict[str, Any], lines: list[str], gpus: bool) -> str:
    if state.get("state") != "ready":
        error = explained(lines)
        if "ensurepip" in "\n".join(lines):
            error = AppError("no environment can be made there: the module ensurepip is missing",
                             hint="install python3-venv there", kind="missing_package")  # fmt: skip
        raise error
    if gpus and state.get("cuda") is False:
        why = f": {state['why']}" if state.get("why") else "; its driver may be too old"
        raise AppError(
            f"torch {state.get('torch')} cannot use the GPU there{why}",
            hint="take a machine with a newer driver, or another card", kind="capacity",
        )  # fmt: skip
    return str(state.get("python"))
