"""Supervisor: keeps one run on another machine, where this single file is sent by itself.

Python 3.10 and its standard library, nothing else, on Linux. It lives in a session of its own, so
that no lost connection ends it. `python supervisor.py COMMAND RUN_DIR`, COMMAND one of

start  reads one JSON object from standard input: {python, code, env, secrets, limits}; secrets
       become variables of the engine and are written nowhere. Prints the object of job.json.
adopt  goes on where a supervisor died, with the engine where that still lives; none is started
       but the one that follows a smoke run.
guard  no engine yet: only stops the machine when nobody is in contact ({limits} on its input).
state  prints {running, orphaned, exit, job}.

Where RUN_DIR/smoke holds a run that was not made yet, that one comes first; its smoke.json says
what it must write and what it is asked ({expect: [patterns], controls: [names]}).
exit.json is written last: then manifest.jsonl names every finished file, one JSON object a line:
{name, size, sha256, mtime}, or {name, gone: true} for one that was removed again; the last line
of a name counts. limits.json may change at any time (see Limits).
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import traceback
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

CHUNK = 1 << 20
BEAT_S = 2.0
RESERVE = 64 * 1024
MARK = "BESPOKE_SUPERVISED"
KEY, POD = "RUNPOD_API_KEY", "RUNPOD_POD_ID"
CONTROLS = ("stop", "pause", "save", "sample", "stop_after_epoch")
UNFINISHED = (".tmp", ".part", ".partial")
FORCED = "ended by force; the last checkpoint and state are kept"
RESUME = "the checkpoints so far are kept; resume the run to go on"


# -- files ------------------------------------------------------------------------------------


def read_json(path: Path) -> dict[str, Any] | None:
    """Return the object in a JSON file, or None when it is missing or unreadable."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return data if isinstance(data, dict) else None


def write_json(path: Path, data: dict[str, Any]) -> None:
    """Write an object to a JSON file: a reader sees the old one or the whole new one."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}.tmp")
    try:
        with temporary.open("w", encoding="utf-8") as file:
            file.write(json.dumps(data, indent=1, ensure_ascii=False) + "\n")
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def append(path: Path, data: dict[str, Any]) -> None:
    """Add one JSON line, whole or not at all; an engine killed while writing left half a one."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
    try:
        size = os.fstat(handle).st_size
        torn = size > 0 and os.pread(handle, 1, size - 1) != b"\n"
        line = ("\n" if torn else "") + json.dumps(data, ensure_ascii=False) + "\n"
        raw = line.encode("utf-8")
        try:
            if os.write(handle, raw) != len(raw):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            os.fsync(handle)
        except OSError:
            if os.fstat(handle).st_size < size + len(raw):
                os.ftruncate(handle, size)
            raise
    finally:
        os.close(handle)


def modified(path: Path) -> float:
    """When a file was last written, 0 for none."""
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


# -- processes --------------------------------------------------------------------------------


def boot() -> str:
    """What differs after each start of the machine: numbers of processes begin anew then."""
    with contextlib.suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    return ""


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat behind the name: state first."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return []


def identity(pid: int) -> dict[str, Any]:
    """What names one process for good: number, start time (ticks and epoch seconds) and boot."""
    ticks = int((_stat(pid) or ["0"] * 20)[19])
    since = 0.0
    for line in Path("/proc/stat").read_text().splitlines():
        if line.startswith("btime "):
            since = float(line.split()[1])
    started = round(since + ticks / os.sysconf("SC_CLK_TCK"), 2)
    return {"pid": pid, "started": started, "ticks": ticks, "boot": boot()}


def alive(process: object) -> bool:
    """Whether the very process of an identity lives; a number alone is reused."""
    if not isinstance(process, dict) or not isinstance(process.get("pid"), int):
        return False
    found = _stat(process["pid"])
    same = len(found) > 19 and int(found[19]) == process.get("ticks")
    return same and found[0] not in "ZX" and process.get("boot") == boot()


def family(token: str) -> list[int]:
    """All processes an engine started, in whatever session: they carry its mark."""
    wanted = f"{MARK}={token}".encode()
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            marked = wanted in (folder / "environ").read_bytes().split(b"\0")
            if marked and (_stat(int(folder.name)) or "Z")[0] not in "ZX":
                found.append(int(folder.name))
    return found


def signal_family(token: str, number: int) -> None:
    """Send a signal to an engine and everything it started."""
    for pid in family(token):
        with contextlib.suppress(OSError):
            os.kill(pid, number)


def memory_kills() -> int:
    """How many processes this machine's kernel has ended because memory was full."""
    with contextlib.suppress(OSError, ValueError):
        for line in Path("/proc/vmstat").read_text().splitlines():
            if line.startswith("oom_kill "):
                return int(line.split()[1])
    return 0


# -- limits -----------------------------------------------------------------------------------


@dataclass
class Limits:
    """limits.json. Seconds, but deadline: when the run must end, in epoch seconds of this machine.

    asked_s, terminated_s: patience before each next rung of the cancel ladder. silent_s: without
    contact for so long after the end the machine is stopped; also `fetch_s` after the deadline.
    self_stop: {"url": RunPod's address} on a machine that costs money while it is on. states:
    whether an unfinished run's last state is in the manifest. settle_s: a file must be unchanged
    for so long. poll_s: between looks.
    """

    deadline: float | None = None
    silent_s: float = 900.0
    fetch_s: float = 300.0
    asked_s: float = 30.0
    terminated_s: float = 10.0
    self_stop: dict[str, Any] = field(default_factory=dict)
    states: bool | None = None
    settle_s: float = 1.0
    poll_s: float = 0.2
    retry_s: float = 30.0

    @property
    def with_states(self) -> bool:
        return bool(self.self_stop) if self.states is None else self.states


def limits_from(data: dict[str, Any] | None) -> Limits:
    """Take what is known and of the right type."""
    numbers = {"deadline", "silent_s", "fetch_s", "asked_s", "terminated_s", "settle_s", "poll_s",
               "retry_s"}  # fmt: skip
    taken = {}
    for name, value in (data or {}).items():
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        right = (
            (name in numbers and number)
            or (name == "self_stop" and isinstance(value, dict))
            or (name == "states" and isinstance(value, bool))
        )
        if right:
            taken[name] = value
    return Limits(**taken)


# -- manifest ---------------------------------------------------------------------------------


def complete(path: Path) -> bool:
    """Whether a file's own format says that nothing of it is missing."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            if path.suffix == ".safetensors":
                length = int.from_bytes(file.read(8), "little")
                return 8 + length <= size and _tensors_end(file.read(length)) == size - 8 - length
            if path.suffix == ".png":
                file.seek(max(0, size - 12))
                return file.read() == b"\0\0\0\0IEND\xaeB`\x82"
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False
    return True


def _tensors_end(header: bytes) -> int:
    """Where the data of the last tensor ends, by the header of a safetensors file."""
    items = json.loads(header).items()
    return max(
        (item["data_offsets"][1] for name, item in items if name != "__metadata__"), default=0
    )


def sha256(path: Path) -> str:
    """SHA-256 of a file, in pieces."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(CHUNK):
            digest.update(piece)
    return digest.hexdigest()


class Manifest:
    """manifest.jsonl: which files of outputs/ are finished, with their size and SHA-256."""

    def __init__(self, folder: Path, token: str) -> None:
        self.folder = folder
        self.token = token
        self.path = folder / "manifest.jsonl"
        self._listed: dict[str, tuple[int, int]] = {}
        self._seen: dict[str, tuple[tuple[int, int], float]] = {}
        self._load()

    def _load(self) -> None:
        """Know again what an earlier supervisor listed; a line cut short is taken away."""
        try:
            raw = self.path.read_bytes()
        except OSError:
            return
        whole = raw[: raw.rfind(b"\n") + 1]
        if whole != raw:
            os.truncate(self.path, len(whole))
        for line in whole.splitlines():
            with contextlib.suppress(ValueError, KeyError, TypeError):
                item = json.loads(line)
                self._listed.pop(item["name"], None)
                if "size" in item:
                    self._listed[item["name"]] = (item["size"], item["mtime"])

    def scan(self, settle_s: float) -> None:
        """List what became finished, and what is gone."""
        there = dict(self._files())
        for name, path in there.items():
            if self._settled(name, path, settle_s) and not self._open_for_writing(path):
                self._list(name, path)
        self._drop(there)

    def last_scan(self, with_state: bool) -> list[str]:
        """List all that is finished once no engine lives; returns the names of unfinished files."""
        there = dict(self._files())
        if with_state:
            there.update(self._state_files())
        left = [name for name, path in there.items() if not self._list(name, path)]
        self._drop(there)
        return left

    def _files(self) -> Iterator[tuple[str, Path]]:
        for path in sorted((self.folder / "outputs").rglob("*")):
            name = path.relative_to(self.folder).as_posix()
            parts = name.split("/")
            hidden = any(part.startswith(".") or part.endswith("-state") for part in parts)
            wanted = not hidden and not name.endswith(UNFINISHED)
            if wanted and not path.is_symlink() and path.is_file():
                yield name, path

    def _state_files(self) -> Iterator[tuple[str, Path]]:
        """The files of the newest saved state: what a resumed run goes on from."""
        places = [*self.folder.glob("state/step_*"), *self.folder.glob("outputs/*-state")]
        newest = max(places, key=modified, default=None)
        for path in sorted(newest.rglob("*")) if newest else ():
            if path.is_file() and not path.is_symlink():
                yield path.relative_to(self.folder).as_posix(), path

    def _settled(self, name: str, path: Path, settle_s: float) -> bool:
        """Whether a file that is not listed as it is has stayed the same for a while."""
        try:
            found = path.stat()
        except OSError:
            return False
        now = (found.st_size, found.st_mtime_ns)
        if self._listed.get(name) == now:
            return False
        before, since = self._seen.get(name, ((-1, -1), 0.0))
        if before != now:
            self._seen[name] = (now, time.monotonic())
            return settle_s <= 0
        return time.monotonic() - since >= settle_s

    def _open_for_writing(self, path: Path) -> bool:
        for pid in family(self.token):
            for link in Path(f"/proc/{pid}/fd").glob("*"):
                with contextlib.suppress(OSError, ValueError):
                    if link.readlink() == path.resolve() and _writes(pid, link.name):
                        return True
        return False

    def _list(self, name: str, path: Path) -> bool:
        """Write the line of a file; False when it is not whole, or changes at this moment."""
        try:
            before = path.stat()
            now = (before.st_size, before.st_mtime_ns)
            if self._listed.get(name) == now:
                return True
            if not complete(path):
                return False
            digest = sha256(path)
            after = path.stat()
        except OSError:
            return False
        if (after.st_size, after.st_mtime_ns) != now:
            return False
        append(self.path, {"name": name, "size": now[0], "sha256": digest, "mtime": now[1]})
        self._listed[name] = now
        return True

    def _drop(self, there: dict[str, Path]) -> None:
        """Say which listed files were removed (save_last_n_epochs does that)."""
        for name in [name for name in self._listed if name not in there]:
            if not (self.folder / name).exists():
                append(self.path, {"name": name, "gone": True})
                del self._listed[name]


def _writes(pid: int, descriptor: str) -> bool:
    for line in Path(f"/proc/{pid}/fdinfo/{descriptor}").read_text().splitlines():
        if line.startswith("flags:"):
            return int(line.split()[1], 8) & os.O_ACCMODE != os.O_RDONLY
    return False


# -- the machine that costs money -------------------------------------------------------------


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """The key must not follow to another address."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


class SelfStop:
    """Stops the pod this runs on, with the key that RunPod gave the pod itself."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self.url = str(settings.get("url") or "").rstrip("/")
        self.pod = str(settings.get("pod") or os.environ.get(POD, ""))
        self._key = os.environ.get(KEY, "")
        self._opener = urllib.request.build_opener(_NoRedirect)

    def test(self) -> str:
        """Return "armed", or "not armed: WHY"; asks about the pod and changes nothing."""
        why = self._missing() or self._ask("GET", "")
        return f"not armed: {why}" if why else "armed"

    def stop(self) -> str:
        """Stop the pod; return "" or why that did not work."""
        return self._missing() or self._ask("POST", "/action", {"action": "stop"})

    def _missing(self) -> str:
        if not self._key:
            return f"the pod has no key of its own ({KEY} is not set)"
        if not self.pod:
            return f"the pod's id is unknown ({POD} is not set)"
        parts = urllib.parse.urlsplit(self.url)
        if parts.scheme != "https" and parts.hostname not in ("127.0.0.1", "localhost", "::1"):
            return "the address of RunPod is not https"
        return ""

    def _ask(self, method: str, what: str, body: dict[str, Any] | None = None) -> str:
        request = urllib.request.Request(
            f"{self.url}/v2/pods/{urllib.parse.quote(self.pod, safe='')}{what}", method=method,
            data=json.dumps(body).encode() if body else None,
            headers={"Authorization": f"Bearer {self._key}", "Content-Type": "application/json",
                     "User-Agent": "bespoke-supervisor"},
        )  # fmt: skip
        try:
            with self._opener.open(request, timeout=15):
                return ""
        except urllib.error.HTTPError as error:
            words = {401: "RunPod refused the pod's key", 403: "the pod's key may not do this",
                     404: "RunPod does not know this pod", 429: "RunPod asks to wait"}  # fmt: skip
            return f"{words.get(error.code, 'RunPod answered')} ({error.code})"
        except (OSError, http.client.HTTPException, ValueError) as error:
            reason = getattr(error, "reason", error)
            return f"RunPod cannot be reached: {reason}"


# -- one run ----------------------------------------------------------------------------------


class Engine:
    """One engine process: our child, or one that another supervisor started."""

    def __init__(self, identity: dict[str, Any], child: subprocess.Popen[bytes] | None) -> None:
        self.identity = identity
        self._child = child

    def running(self) -> bool:
        if self._child is not None:
            return self._child.poll() is None
        return alive(self.identity)

    @property
    def code(self) -> int | None:
        """Its exit code, negative for a signal; None where only its parent could know."""
        return self._child.returncode if self._child is not None else None


class Supervisor:
    """One run folder from the start of its engine to exit.json, and the machine after that."""

    def __init__(self, folder: Path, given: dict[str, Any]) -> None:
        self.folder = folder
        self.start = {name: given.get(name) for name in ("python", "code", "env")}
        self.secrets = {str(k): str(v) for k, v in (given.get("secrets") or {}).items()}
        self.job: dict[str, Any] = {}
        self.engine: Engine | None = None
        self.reason = ""
        self.kills = memory_kills()
        self.kills_before = self.kills
        self._writing = threading.RLock()
        self._limits = (0, Limits())
        self._beaten = 0.0
        self._must_end = False

    # -- what is written ----------------------------------------------------------------------

    @property
    def limits(self) -> Limits:
        path = self.folder / "limits.json"
        try:
            stamp = path.stat().st_mtime_ns
        except OSError:
            return self._limits[1]
        if stamp != self._limits[0]:
            self._limits = (stamp, limits_from(read_json(path)))
        return self._limits[1]

    def note(self, **changes: Any) -> None:
        """Change fields of job.json; a full disk does not end the run."""
        with self._writing:
            self.job.update(changes)
            with contextlib.suppress(OSError):
                write_json(self.folder / "job.json", self.job)

    def emit(self, event: str, **fields: Any) -> None:
        """Append one event to the run's own."""
        stamp = round(time.time(), 3)
        with contextlib.suppress(OSError):
            append(self.folder / "events.jsonl", {"event": event, "time": stamp, **fields})

    # -- beginning ----------------------------------------------------------------------------

    def begin(self) -> None:
        """Forget an earlier start, write job.json, start the first engine."""
        if alive((read_json(self.folder / "job.json") or {}).get("engine")):
            raise Refused("the engine of this run still works")
        for name in CONTROLS:
            (self.folder / "control" / name).unlink(missing_ok=True)
        for name in ("exit.json", "engine_exit.json"):
            (self.folder / name).unlink(missing_ok=True)
        (self.folder / "outputs").mkdir(exist_ok=True)
        (self.folder / "control").mkdir(exist_ok=True)
        (self.folder / "reserve").write_bytes(bytes(RESERVE))
        self.job = {
            "backend": "supervised", **identity(os.getpid()), "token": uuid.uuid4().hex,
            "since": round(time.time(), 3), "rung": "", "self_stop": "", "start": self.start,
            "file": str(Path(__file__).absolute()),
        }  # fmt: skip
        write_json(self.folder / "job.json", self.job)
        self._start_engine(self.folder / "smoke" if self._smoke_due() else self.folder)

    def adopt(self) -> None:
        """Go on with the engine that a dead supervisor left, alive or not."""
        before = read_json(self.folder / "job.json") or {}
        self.start = before.get("start") or {}
        self.job = {**before, **identity(os.getpid())}
        write_json(self.folder / "job.json", self.job)
        self.engine = Engine(before.get("engine") or {}, None)

    def _smoke_due(self) -> bool:
        """A smoke run that went well is not made again."""
        smoke = self.folder / "smoke"
        done = (read_json(smoke / "exit.json") or {}).get("outcome") == "finished"
        return (smoke / "spec.json").is_file() and not done

    def _start_engine(self, folder: Path) -> None:
        if folder != self.folder:
            self.emit("stage", name="smoke run")
            self._prepare_smoke(folder)
        (folder / "engine_exit.json").unlink(missing_ok=True)
        command = [str(self.start["python"]), "-m", "bespoke_gui.engines", str(folder)]
        with (self.folder / "log.txt").open("ab") as log:
            child = subprocess.Popen(
                command, cwd=str(self.start["code"]), stdin=subprocess.DEVNULL, stdout=log,
                stderr=subprocess.STDOUT, env=self._environment(), start_new_session=True,
            )  # fmt: skip
        # When memory runs out the kernel shall take the engine, not the one who tells of it.
        with contextlib.suppress(OSError):
            Path(f"/proc/{child.pid}/oom_score_adj").write_text("500")
        self.engine = Engine(identity(child.pid), child)
        self.note(engine=self.engine.identity, phase="smoke" if folder != self.folder else "run",
                  phase_since=round(time.time(), 3))  # fmt: skip

    def _prepare_smoke(self, smoke: Path) -> None:
        """Forget an earlier try; what a smoke run prints belongs to the run's log."""
        for name in ("outputs", "state", "control"):
            shutil.rmtree(smoke / name, ignore_errors=True)
        (smoke / "exit.json").unlink(missing_ok=True)
        log = smoke / "log.txt"
        if not log.is_symlink():
            log.unlink(missing_ok=True)
            log.symlink_to("../log.txt")
        (smoke / "control").mkdir()
        for name in self._smoke_facts().get("controls", ()):
            if name in CONTROLS:
                (smoke / "control" / name).touch()

    def _smoke_facts(self) -> dict[str, Any]:
        return read_json(self.folder / "smoke" / "smoke.json") or {}

    def _environment(self) -> dict[str, str]:
        given = {str(k): str(v) for k, v in (self.start["env"] or {}).items()}
        env = {**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1", **given, **self.secrets}
        env.pop(KEY, None)  # the engine has no use for the key that stops its machine
        env.update({"PYTHONPATH": str(self.start["code"]), MARK: self.job["token"],
                    "BESPOKE_EXIT": "engine_exit.json"})  # fmt: skip
        return env

    # -- following ----------------------------------------------------------------------------

    def follow(self) -> None:
        """Stay until the run has ended and exit.json says how."""
        manifest = Manifest(self.folder, self.job["token"])
        done = threading.Event()
        lister = threading.Thread(target=self._keep_listing, args=(manifest, done), daemon=True)
        lister.start()
        try:
            ending = self._follow_engines()
        finally:
            done.set()
            lister.join()
        signal_family(self.job["token"], signal.SIGKILL)
        self._settle(manifest, ending)

    def _keep_listing(self, manifest: Manifest, done: threading.Event) -> None:
        while not done.wait(self.limits.poll_s):
            with contextlib.suppress(OSError):
                manifest.scan(self.limits.settle_s)

    def _follow_engines(self) -> dict[str, Any]:
        """Follow the smoke run and the run itself; return the fields of exit.json."""
        smoke = self.job.get("phase") == "smoke"
        self._wait()
        if not smoke:
            return self._ending(self.folder)
        ending = self._ending(self.folder / "smoke")
        trouble = ending if ending["outcome"] != "finished" else self._smoke_lacks()
        if trouble:
            return self._smoke_failed(trouble)
        self._smoke_passed(ending)
        try:
            self._start_engine(self.folder)
        except OSError as error:
            return self._failure("engine_crash", f"the engine cannot be started: {error}", "")
        self._wait()
        return self._ending(self.folder)

    def _wait(self) -> None:
        """Until the engine has ended: controls, deadline, ladder, heartbeat."""
        while self.engine is not None and self.engine.running():
            self._beat()
            self._look_at_deadline()
            self._climb()
            time.sleep(self.limits.poll_s)
        if not self.job.get("rung"):
            self._climb()  # the engine may have obeyed before that was seen here

    def _beat(self) -> None:
        if time.monotonic() - self._beaten < BEAT_S:
            return
        self._beaten = time.monotonic()
        self.kills_before, self.kills = self.kills, memory_kills()
        with contextlib.suppress(OSError):
            (self.folder / "heartbeat").touch()

    def _look_at_deadline(self) -> None:
        deadline = self.limits.deadline
        if deadline is None or self.reason or time.time() < deadline:
            return
        self.reason = "budget"
        self.emit("log", level="warning", text="the time limit is reached: saving and ending")
        self.ask()

    def ask(self) -> None:
        """Have the engine save and end, as control/stop does; that cannot be withdrawn."""
        self._must_end = True
        with contextlib.suppress(OSError):
            (self.folder / "control" / "stop").touch()

    def _climb(self) -> None:
        """Take the next due rung: asked by file, terminated, killed."""
        rung, now = self.job.get("rung", ""), time.time()
        asked = self._must_end or (self.folder / "control" / "stop").exists()
        if not asked and rung in ("", "asked"):
            if rung:
                self.note(rung="", rung_since=None)
            return
        waited = now - (self.job.get("rung_since") or now)
        if not rung:
            self._pass_on_stop()
            self.note(rung="asked", rung_since=now)
        elif rung == "asked" and waited >= self.limits.asked_s:
            signal_family(self.job["token"], signal.SIGTERM)
            self.note(rung="terminated", rung_since=now)
        elif rung in ("terminated", "killed") and waited >= self.limits.terminated_s:
            signal_family(self.job["token"], signal.SIGKILL)
            self.note(rung="killed", rung_since=now)

    def _pass_on_stop(self) -> None:
        if self.job.get("phase") == "smoke":
            with contextlib.suppress(OSError):
                (self.folder / "smoke" / "control" / "stop").touch()

    # -- the end ------------------------------------------------------------------------------

    def _ending(self, folder: Path) -> dict[str, Any]:
        """How the engine of `folder` ended: as it said itself, else what is known of its death."""
        said = read_json(folder / "engine_exit.json")
        if said is not None and said.get("outcome") in ("finished", "failed", "cancelled"):
            return self._over_budget(said) if said["outcome"] == "cancelled" else said
        if self.job.get("rung") in ("terminated", "killed"):
            return self._over_budget({"outcome": "cancelled", "kind": "cancelled",
                                      "message": FORCED})  # fmt: skip
        return self._death()

    def _over_budget(self, said: dict[str, Any]) -> dict[str, Any]:
        if self.reason != "budget":
            return said
        hours = (time.time() - self.job["since"]) / 3600
        message = f"the time limit was reached after {hours:.2f} h: {said.get('message', '')}"
        return self._failure("budget", message.rstrip(": "), RESUME)

    def _death(self) -> dict[str, Any]:
        """Words for an engine that wrote nothing."""
        code = self.engine.code if self.engine else None
        hint = f"the end of log.txt may say why; {RESUME}"
        if shutil.disk_usage(self.folder).free < RESERVE * 4:
            return self._failure("disk_full", "the disk of the machine is full",
                                 f"free some space there; {RESUME}")  # fmt: skip
        if code == -signal.SIGKILL and memory_kills() > self.kills_before:
            why = "the machine's memory was full: its kernel ended the engine"
            return self._failure("oom", why, f"take a machine with more memory; {RESUME}")
        if code == -signal.SIGKILL:
            why = "the engine was killed from outside (most often: the machine's memory was full)"
        elif code is not None and code < 0:
            why = f"the engine crashed ({signal.Signals(-code).name})"
        elif code is not None:
            why = f"the engine ended without a word (exit code {code})"
        else:
            why = "the engine and its supervisor ended without a word; was the machine restarted?"
        return self._failure("lost" if code is None else "engine_crash", why, hint)

    def _failure(self, kind: str, message: str, hint: str) -> dict[str, Any]:
        """Say that the run failed, in its events too, where the engine said nothing."""
        fields = {"kind": kind, "message": message, "hint": hint}
        self.emit("failed", **fields)
        return {"outcome": "failed", **fields}

    def _settle(self, manifest: Manifest, ending: dict[str, Any]) -> None:
        """Complete the manifest, then write exit.json: the last thing, whatever the disk says."""
        with_state = self.limits.with_states and ending.get("outcome") != "finished"
        left = self._persist(lambda: manifest.last_scan(with_state))
        if left:
            ending = {**ending, "unfinished": left}
        ended = round(time.time(), 3)
        whole = {"time": ended, **ending}
        self._persist(lambda: write_json(self.folder / "exit.json", whole))
        (self.folder / "reserve").unlink(missing_ok=True)
        self.note(ended=ended)

    def _persist(self, work: Callable[[], Any]) -> Any:
        """Do what must be done; a full disk gives back what was kept for this moment."""
        while True:
            try:
                return work()
            except OSError:
                if not self.folder.is_dir():
                    return None
                (self.folder / "reserve").unlink(missing_ok=True)
                time.sleep(self.limits.poll_s)

    # -- smoke run ----------------------------------------------------------------------------

    def _smoke_lacks(self) -> dict[str, Any] | None:
        """What a smoke run that says "finished" did not write."""
        for pattern in self._smoke_facts().get("expect", ()):
            if not any(complete(path) for path in (self.folder / "smoke").glob(pattern)):
                return {"outcome": "failed", "kind": "engine_crash", "hint": "see log.txt",
                        "message": f"it ended without writing {pattern}"}  # fmt: skip
        return None

    def _smoke_failed(self, trouble: dict[str, Any]) -> dict[str, Any]:
        if trouble["outcome"] == "cancelled":
            self.emit("done", outcome="cancelled", message="stopped in the smoke run")
            return {"outcome": "cancelled", "kind": "cancelled",
                    "message": "stopped in the smoke run; nothing was trained"}  # fmt: skip
        message = f"the smoke run failed: {trouble.get('message', '')}"
        kind = str(trouble.get("kind") or "engine_crash")
        return self._failure(kind, message, str(trouble.get("hint", "")))

    def _smoke_passed(self, ending: dict[str, Any]) -> None:
        smoke, took = self.folder / "smoke", time.time() - self.job.get("phase_since", time.time())
        with contextlib.suppress(OSError):
            write_json(smoke / "exit.json", {**ending, "seconds": round(took, 1)})
        for name in ("outputs", "state"):
            shutil.rmtree(smoke / name, ignore_errors=True)
        text = f"the smoke run went well: steps, a checkpoint and a sample in {took:.0f} s"
        self.emit("log", level="info", text=text)

    # -- the machine after the run ------------------------------------------------------------

    def arm(self) -> None:
        """Test the key that stops this machine, until that works; for a thread of its own."""
        while self.limits.self_stop:
            word = SelfStop(self.limits.self_stop).test()
            self.note(self_stop=word)
            if word == "armed" or "is not set" in word:
                return
            time.sleep(self.limits.retry_s)

    def watch(self) -> None:
        """After the end: stop the machine when it is due; returns when that is done or moot."""
        began = time.time()
        while self.limits.self_stop and not self._taken_over():
            if self._due(began):
                why = SelfStop(self.limits.self_stop).stop()
                if self.job:
                    self.note(stopped=None if why else round(time.time(), 3), stop_failed=why)
                if not why:
                    return
                time.sleep(self.limits.retry_s)
            time.sleep(self.limits.poll_s)

    def _taken_over(self) -> bool:
        """Another supervisor looks after this run now, or the run folder is gone."""
        job = read_json(self.folder / "job.json") or {}
        return not self.folder.is_dir() or (job.get("pid") != os.getpid() and alive(job))

    def _due(self, began: float) -> bool:
        runs = [path.parent for path in self.folder.parent.glob("*/job.json")]
        if any(going(path) for path in runs if path != self.folder):
            return False
        limits, now = self.limits, time.time()
        # Whoever is in contact with another run of this machine needs it as well.
        contact = max((modified(p / "contact") for p in {*runs, self.folder}), default=0.0)
        over = limits.deadline is not None and now > max(began, limits.deadline) + limits.fetch_s
        return over or now - max(contact, began) > limits.silent_s


def going(folder: Path) -> bool:
    """Whether a run of this machine has a living supervisor and has not ended."""
    return not (folder / "exit.json").exists() and alive(read_json(folder / "job.json"))


# -- commands ---------------------------------------------------------------------------------


class Refused(Exception):
    """Why a command cannot be done, in one line."""


def lock(folder: Path, who: str = "supervisor") -> int:
    """Hold the run's lock until this process ends; Refused when another supervisor has it."""
    handle = os.open(folder / f"{who}.lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise Refused(f"this run has a {who} already") from error
    except OSError:  # a network disk without locks: the processes alone say it
        if going(folder):
            raise Refused(f"this run has a {who} already") from None
    return handle


def state(folder: Path) -> dict[str, Any]:
    """What can be said of a run now. orphaned: its supervisor died before the run ended."""
    job, ended = read_json(folder / "job.json") or {}, read_json(folder / "exit.json")
    running = ended is None and alive(job)
    orphaned = ended is None and "engine" in job and not running
    return {"running": running, "orphaned": orphaned, "exit": ended, "job": job}


def supervise(
    folder: Path, command: str, given: dict[str, Any], tell: Callable[[dict[str, Any]], None]
) -> None:
    """Do the command in this process, from its start to the end of what it looks after."""
    supervisor = Supervisor(folder, given)
    if command == "guard":
        lock(folder, "guard")
        tell({"pid": os.getpid()})
        supervisor.watch()
        return
    handle = lock(folder)
    signal.signal(signal.SIGTERM, lambda *_: supervisor.ask())
    signal.signal(signal.SIGINT, lambda *_: supervisor.ask())
    if command == "adopt":
        supervisor.adopt()
    else:
        supervisor.begin()
    tell(supervisor.job)
    threading.Thread(target=supervisor.arm, name="arm", daemon=True).start()
    supervisor.follow()
    os.close(handle)
    supervisor.watch()


def detach(folder: Path, command: str, given: dict[str, Any]) -> dict[str, Any]:
    """Start `supervise` in a session of its own; return what it tells when it stands."""
    reader, writer = os.pipe()
    if (child := os.fork()) > 0:
        os.close(writer)
        os.waitpid(child, 0)
        with os.fdopen(reader, "rb") as pipe:
            told = pipe.read()
        return json.loads(told) if told else {"error": "the supervisor did not start"}
    os.close(reader)
    os.setsid()
    if os.fork() > 0:
        os._exit(0)
    _leave_terminal(folder)

    def tell(words: dict[str, Any]) -> None:
        os.write(writer, json.dumps(words).encode())
        os.close(writer)

    _run_to_the_end(folder, command, given, tell)
    os._exit(0)


def _run_to_the_end(
    folder: Path, command: str, given: dict[str, Any], tell: Callable[[dict[str, Any]], None]
) -> None:
    try:
        supervise(folder, command, given, tell)
    except Refused as error:
        tell({"error": str(error), "kind": "conflict"})
    except OSError as error:
        traceback.print_exc()
        with contextlib.suppress(OSError):
            tell({"error": f"the supervisor cannot start: {error}"})
    except BaseException:  # noqa: BLE001 - its own log must say why
        traceback.print_exc()


def _leave_terminal(folder: Path) -> None:
    """No file of the connection stays open: it could not end before the run does."""
    log = os.open(folder / "supervisor.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    nothing = os.open(os.devnull, os.O_RDWR)
    sys.stdout.flush()
    for source, target in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(source, target)
    os.close(log)
    os.close(nothing)


def main(words: list[str]) -> int:
    """Do one command; the answer is one JSON object on standard output."""
    if len(words) != 2 or words[0] not in ("start", "adopt", "guard", "state"):
        sys.stderr.write("usage: supervisor.py start|adopt|guard|state RUN_DIR\n")
        return 2
    command, folder = words[0], Path(words[1]).absolute()
    if command == "state":
        answer = state(folder)
    else:
        given = json.loads(sys.stdin.read() or "{}")
        if given.get("limits") is not None:
            write_json(folder / "limits.json", given["limits"])
        answer = detach(folder, command, given)
    sys.stdout.write(json.dumps(answer) + "\n")
    return 1 if "error" in answer else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
