"""Tidy: what lies on another machine of earlier runs, and removing what is not wanted any more."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from bespoke_gui.core import settings
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.lorafile import file_hash
from bespoke_gui.core.machines import Machine
from bespoke_gui.core.project import open_project
from bespoke_gui.core.rundir import RunDir
from bespoke_gui.launch.remote.archive import write_archive
from bespoke_gui.launch.remote.bootstrap import (
    Site,
    ask,
    base_python,
    environment_name,
    find_site,
    look_at,
    wanted_environment,
)
from bespoke_gui.launch.remote.clean import clean_text
from bespoke_gui.launch.remote.connect import connect
from bespoke_gui.launch.remote.link import Link, LinkLost
from bespoke_gui.launch.remote.manifest import Manifest
from bespoke_gui.launch.remote.probe import Probe
from bespoke_gui.launch.remote.waits import load_waits

TOOL = "machine_clean.py"
# As in that file, which only Linux can import.
HASHED = ("code", "env", "models", "tools")
KINDS = (*HASHED, "runs")
HASH = re.compile(r"[0-9a-f]{16}")
RUN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,150}")
WORDS = {"code": "code of Bespoke", "env": "environment", "models": "weights", "tools": "tools",
         "runs": "run"}  # fmt: skip
OLD_DAYS = 14.0
DAY_S = 86_400.0
MOST_TEXT = 8 << 20
CLOSE_S = 0.05
T = TypeVar("T")


@dataclass(frozen=True)
class Lying:
    """One folder of ours on a machine.

    kind: code, env, models, tools or runs; age_s: since it was last used; runs: those there that
    name it. kept: why it cannot be removed, "" where it can. current: this version of Bespoke
    would send or make it anew for the next run. manifest: of a run, the hash of what was verified.
    """

    kind: str
    name: str
    bytes: int = 0
    age_s: float = 0.0
    runs: tuple[str, ...] = ()
    kept: str = ""
    current: bool = False
    outcome: str = ""
    manifest: str = ""

    @property
    def key(self) -> str:
        """How it is named: kind and folder, as "env/238836ad5585b112"."""
        return f"{self.kind}/{self.name}"

    def as_dict(self) -> dict[str, Any]:
        """Return what the command line prints."""
        return {**asdict(self), "removable": not self.kept}


@dataclass(frozen=True)
class Removed:
    """What a clean-up came to. kept: by key, why something was left there after all."""

    keys: tuple[str, ...]
    bytes: int
    kept: dict[str, str]


def old_ones(found: Sequence[Lying], days: float = OLD_DAYS) -> list[Lying]:
    """Return what may go without being missed: not used for `days`, not what comes next."""
    return [
        one for one in found
        if not one.kept and not one.current and one.age_s >= days * DAY_S
        and (one.kind != "runs" or one.outcome == "finished")
    ]  # fmt: skip


def look_there(machine: Machine, runs: Sequence[Path] = ()) -> list[Lying]:
    """Connect and return what lies there; `runs` are folders of runs beside the known projects.

    A run whose files are not all here and verified is kept. AppError in one line otherwise.
    """
    return _connected(machine, lambda link: _lying(link, machine, _known_runs(runs)))


def remove_there(machine: Machine, chosen: Sequence[Lying], runs: Sequence[Path] = ()) -> Removed:
    """Connect and remove what is chosen, as far as nothing there speaks against it by then."""
    return _connected(machine, lambda link: _remove(link, machine, chosen, _known_runs(runs)))


def _connected(machine: Machine, work: Callable[[Link], Awaitable[T]]) -> T:
    async def go() -> T:
        try:
            link = await connect(machine, load_waits())
            try:
                return await work(link)
            finally:
                await link.close()
        except LinkLost as error:
            hint = "check its address and that it is on"
            raise AppError(str(error), hint=hint, kind="network") from error
        finally:
            # What asyncssh gave up is closed in the next turns of the loop, which ends here.
            await asyncio.sleep(CLOSE_S)

    return asyncio.run(go())


# -- looking ----------------------------------------------------------------------------------


async def _lying(link: Link, machine: Machine, known: dict[str, Path]) -> list[Lying]:
    site = await find_site(link, machine)
    probe = await look_at(link, site, machine)
    answer = await ask(link, site, "list", site.root, tool=TOOL)
    now = answer.get("now")
    now = float(now) if isinstance(now, (int, float)) else time.time()
    entries = answer.get("entries")
    found = [_read(one, now) for one in entries] if isinstance(entries, list) else []
    current = await asyncio.to_thread(_current, site, probe)
    whole = [replace(one, current=one.key in current) for one in found if one is not None]
    return [await _judged(link, site, one, known) for one in whole]


def _read(data: object, now: float) -> Lying | None:
    """An entry as the machine says it; None for what makes no sense."""
    if not isinstance(data, dict):
        return None
    kind, name = data.get("kind"), data.get("name")
    pattern = HASH if kind in HASHED else RUN
    if kind not in KINDS or not isinstance(name, str) or not pattern.fullmatch(name):
        return None
    size, used, runs = data.get("bytes"), data.get("used"), data.get("runs")
    return Lying(
        str(kind), name, size if isinstance(size, int) and size >= 0 else 0,
        max(0.0, now - used) if isinstance(used, (int, float)) else 0.0,
        tuple(clean_text(str(run), 200) for run in runs[:100]) if isinstance(runs, list) else (),
        clean_text(str(data.get("kept") or ""), 300), False,
        clean_text(str(data.get("outcome") or ""), 40), str(data.get("manifest") or "")[:64],
    )  # fmt: skip


def _current(site: Site, probe: Probe) -> set[str]:
    """The keys of what this version of Bespoke uses there."""
    folder = settings.home() / "remote_code"
    found = {f"code/{write_archive(folder, base).sha256[:16]}" for base in (False, True)}
    if any(one.venv for one in probe.pythons):
        found.add(f"env/{environment_name(wanted_environment(base_python(probe), probe))}")
    return found | {f"tools/{site.tools.rsplit('/', 1)[-1]}"}


async def _judged(link: Link, site: Site, one: Lying, known: dict[str, Path]) -> Lying:
    """A run is kept unless everything it made is here."""
    if one.kind != "runs" or one.kept:
        return one
    text = await _whole(link, f"{site.root}/runs/{one.name}/manifest.jsonl")
    kept = await asyncio.to_thread(_not_verified, text, known.get(one.name))
    return replace(one, kept=kept, manifest=hashlib.sha256(text).hexdigest())


async def _whole(link: Link, path: str) -> bytes:
    found = b""
    while len(found) < MOST_TEXT and (piece := await link.read(path, len(found))):
        found += piece
    return found[:MOST_TEXT]


def _not_verified(manifest: bytes, local: Path | None) -> str:
    """Why a run must stay there: its files are compared with those here, by size and hash."""
    read = Manifest()
    read.take(manifest)
    if not read.files and not read.refused:
        return ""
    if local is None:
        return "its folder is not known on this computer"
    if RunDir(local).read_exit() is None:
        return "it has not ended here yet"
    missing = [name for name, entry in read.files.items() if not _same(local / name, entry)]
    if missing or read.refused:
        return f"not here and verified: {', '.join([*missing, *read.refused][:3])}"
    return ""


def _same(path: Path, entry: Any) -> bool:
    try:
        return path.stat().st_size == entry.size and file_hash(path) == entry.sha256
    except (OSError, AppError):
        return False


def _known_runs(more: Sequence[Path]) -> dict[str, Path]:
    """The run folders of the projects opened lately and of `more`, by the name of the run."""
    folders = [*more]
    for text in settings.load().recent:
        try:
            folders.append(open_project(Path(text)).runs_dir)
        except AppError:
            continue
    return {path.name: path for folder in folders for path in _runs_in(folder)}


def _runs_in(folder: Path) -> Iterator[Path]:
    try:
        yield from (path for path in folder.iterdir() if (path / "spec.json").is_file())
    except OSError:
        return


# -- removing ---------------------------------------------------------------------------------


async def _remove(
    link: Link, machine: Machine, chosen: Sequence[Lying], known: dict[str, Path]
) -> Removed:
    site = await find_site(link, machine)
    judged = [await _judged(link, site, one, known) for one in chosen]
    kept = {one.key: one.kept for one in judged if one.kept}
    wanted = [
        {"kind": one.kind, "name": one.name, "manifest": one.manifest}
        for one in judged if not one.kept
    ]  # fmt: skip
    given = json.dumps({"entries": wanted}).encode()
    answer = await ask(link, site, "remove", site.root, tool=TOOL, stdin=given)
    gone, size = [], 0
    for one in answer.get("removed") or []:
        entry = _read(one, 0.0)
        if entry is not None:
            gone.append(entry.key)
            size += entry.bytes
    for one in answer.get("kept") or []:
        entry = _read(one, 0.0)
        if entry is not None:
            kept[entry.key] = clean_text(str(one.get("why") or "it stayed there"), 300)
    return Removed(tuple(gone), size, kept)
