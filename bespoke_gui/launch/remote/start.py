"""Start: sends a packed run to a machine, starts its supervisor, and asks how it is."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from bespoke_gui.core.errors import AppError
from bespoke_gui.core.runspec import RunSpec
from bespoke_gui.launch.remote.bootstrap import IN_SHELL, Ready, Site, ask, unpack
from bespoke_gui.launch.remote.link import Link
from bespoke_gui.launch.remote.pack_run import Model, Packed, remote_spec
from bespoke_gui.launch.remote.provider import Tell
from bespoke_gui.launch.remote.smoke import PROMPTS, smoke_facts, smoke_prompts, smoke_spec
from bespoke_gui.launch.remote.transfer import upload

ENGINE_ENV = {"HF_HUB_DISABLE_TELEMETRY": "1"}
STATE_S = 60.0
# Not what names one start of a run: it has not been started yet.
GUARDED = ("silent_s", "fetch_s", "deadline", "self_stop", "retry_s", "poll_s")


@dataclass(frozen=True)
class RemoteState:
    """A run there. running: its supervisor lives and exit.json is not written; exit: exit.json,
    which comes after the whole manifest; job: the supervisor's job.json, {} before a start."""

    running: bool
    exit: dict[str, Any] | None = None
    job: dict[str, Any] = field(default_factory=dict)


async def send_run(link: Link, ready: Ready, packed: Packed, told: Tell, smoke: bool = True) -> str:
    """Send weights, data and spec of a run, and its smoke run; return its folder there.

    What is there already is not sent again, what was interrupted goes on. AppError, LinkLost.
    """
    folder = f"{ready.run_root}/{packed.spec.run}"
    for note in packed.notes:
        told("log", level="warning", text=note)
    for model in packed.models.values():
        await _send_model(link, ready, model, told)
    if await link.read(f"{folder}/.unpacked") != packed.sha256.encode():
        await upload(link, packed.zip_path, f"{folder}/data.zip", told)
        await unpack(link, ready.site, f"{folder}/data.zip", packed.sha256, folder)
    spec = remote_spec(packed, ready.site.root, machine_options(packed.spec, ready))
    if smoke:
        await _send_smoke(link, f"{folder}/smoke", spec)
    await _write_spec(link, folder, spec)
    return folder


def machine_options(spec: RunSpec, ready: Ready) -> dict[str, Any]:
    """The options of a spec that depend on the machine: checkout and number of GPUs."""
    if spec.engine != "kohya":
        return {}
    gpus = min(ready.machine.gpus, len(ready.probe.gpus) or 1)
    return {"sd_scripts": ready.machine.sd_scripts, **({"gpus": gpus} if gpus > 1 else {})}


async def _send_smoke(link: Link, folder: str, spec: RunSpec) -> None:
    await link.write(f"{folder}/smoke.json", json.dumps(smoke_facts(spec)).encode())
    if spec.engine == "kohya":
        await link.write(f"{folder}/{PROMPTS}", smoke_prompts(spec).encode())
    await _write_spec(link, folder, smoke_spec(spec))


async def _write_spec(link: Link, folder: str, spec: RunSpec) -> None:
    text = json.dumps(asdict(spec), indent=1, ensure_ascii=False)
    await link.write(f"{folder}/spec.json", text.encode("utf-8"))


async def _send_model(link: Link, ready: Ready, model: Model, told: Tell) -> None:
    """Send weights to models/SHA256 unless they are there, every file checked by its hash."""
    folder = f"{ready.site.root}/models/{model.sha256[:16]}"
    if await link.size(f"{folder}/.complete") is not None:
        return
    words = f"sending {model.name or 'the base model'}: {model.size / 1e9:.2f} GB, kept for later"
    told("log", level="info", text=words)
    for name, (path, sha256) in model.files.items():
        remote = f"{folder}/{name}"
        if (await ask(link, ready.site, "hash", remote)).get("sha256") == sha256:
            continue
        await upload(link, path, remote, told)
        if (await ask(link, ready.site, "hash", remote)).get("sha256") != sha256:
            await link.remove(remote)
            raise AppError("arrived damaged", file=path, hint="try again", kind="network")
    await link.write(f"{folder}/.complete", b"")


async def adjusted(link: Link, site: Site, limits: Mapping[str, Any]) -> dict[str, Any]:
    """Return limits with the deadline in the time of the machine's own clock."""
    data = dict(limits)
    if isinstance(data.get("deadline"), (int, float)):
        before = time.time()
        now = (await ask(link, site, "now")).get("now")
        if isinstance(now, (int, float)):
            data["deadline"] += now - (before + time.time()) / 2
    return data


async def start_supervisor(
    link: Link,
    ready: Ready,
    run_id: str,
    limits: Mapping[str, Any],
    secrets: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Start a sent run; return the supervisor's job.json. A run that goes on already is kept.

    secrets: variables for the engine, such as HF_TOKEN; they travel on standard input and are
    written nowhere. Raises AppError when it cannot be started.
    """
    folder = f"{ready.run_root}/{run_id}"
    before = await remote_state(link, folder)
    if before.running:
        return before.job
    given = {
        "python": ready.python, "code": ready.code_folder, "secrets": dict(secrets or {}),
        "env": {**ENGINE_ENV, **_cache(ready)}, "limits": await adjusted(link, ready.site, limits),
    }  # fmt: skip
    answer = await ask(
        link, ready.site, "start", folder, tool="supervisor.py", stdin=json.dumps(given).encode()
    )
    if "error" in answer:
        raise AppError(str(answer["error"])[:300], file=folder,
                       kind=str(answer.get("kind") or "engine_crash"))  # fmt: skip
    return answer


def _cache(ready: Ready) -> dict[str, str]:
    """Where a machine has a working folder of its own, models from the hub are kept there too."""
    return {"HF_HOME": f"{ready.site.root}/hub"} if ready.machine.workdir else {}


async def start_guard(link: Link, site: Site, run_id: str, limits: Mapping[str, Any]) -> None:
    """Have the machine stop itself if we are gone before the run begins (see supervisor.py)."""
    folder = f"{site.root}/runs/{run_id}"
    kept = {key: limits[key] for key in GUARDED if key in limits}
    data = json.dumps({"limits": await adjusted(link, site, kept)}).encode()
    await link.write(f"{folder}/contact", b"")
    await ask(link, site, "guard", folder, tool="supervisor.py", stdin=data)


async def remote_state(link: Link, folder: str) -> RemoteState:
    """Return how a run there is; one whose supervisor died is given a new one first.

    Raises AppError when what the machine says makes no sense, and LinkLost.
    """
    job, ended = await asyncio.gather(
        _object(link, f"{folder}/job.json"), _object(link, f"{folder}/exit.json")
    )
    tool, python = job.get("file"), (job.get("start") or {}).get("python")
    if ended or not isinstance(tool, str) or not isinstance(python, str):
        return RemoteState(False, ended or None, job)
    found = await _supervisor(link, python, tool, "state", folder)
    if found.get("orphaned") is True:
        await _supervisor(link, python, tool, "adopt", folder)
        found = await _supervisor(link, python, tool, "state", folder)
    ended, job = found.get("exit"), found.get("job")
    return RemoteState(
        found.get("running") is True, ended if isinstance(ended, dict) else None,
        job if isinstance(job, dict) else {},
    )  # fmt: skip


async def _supervisor(
    link: Link, python: str, tool: str, command: str, folder: str
) -> dict[str, Any]:
    words = [*IN_SHELL, python, "-I", tool, command, folder]
    ran = await link.run(words, stdin=b"{}", timeout_s=STATE_S)
    try:
        answer = json.loads(ran.out)
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        raise AppError("the machine does not say how the run is", file=folder, kind="network")
    return answer


async def _object(link: Link, path: str) -> dict[str, Any]:
    """The object in a JSON file there, {} for none."""
    try:
        data = json.loads(await link.read(path))
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}
