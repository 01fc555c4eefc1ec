"""Pods of the stand-in: how they boot, what they log, what they cost, and their machine."""

import secrets
from dataclasses import dataclass, field
from typing import Any, Protocol

from tests.launch.standin_runpod.clock import exact, stamp

ACTIONS = {
    "PROVISIONING": ["stop", "terminate"],
    "STARTING": ["stop", "terminate"],
    "RUNNING": ["stop", "restart", "terminate"],
    "EXITED": ["start", "terminate"],
    "ERROR": ["start", "terminate"],
    "TERMINATED": [],
}
ALIVE = ("PROVISIONING", "STARTING", "RUNNING", "ERROR")
DISK_HOUR = 0.10 / 730
"""USD a GB of disk costs in an hour."""


@dataclass(frozen=True)
class Address:
    """Where a machine's sshd listens, and its host keys as `ssh-keygen -l` prints them."""

    host: str
    port: int
    user: str = "root"
    keys: tuple[str, ...] = ()


class Machine(Protocol):
    """What stands behind a pod."""

    def start(self, env: dict[str, str]) -> Address:
        """Boot: everything outside the mounted folder is new, the host key too."""
        ...

    def stop(self) -> None:
        """End every process of it; the mounted folder stays."""
        ...

    def remove(self, keep_data: bool) -> None:
        """Gone for good; `keep_data` for a network volume."""
        ...

    def lines(self) -> list[str]:
        """What its container printed since the last look."""
        ...


@dataclass(frozen=True)
class Boot:
    """How one start of a pod goes; seconds of the stand-in's clock.

    end: "running", "stuck" (starts for ever), "error". lines: what the container logs meanwhile.
    gpus: cards it really gets (None: those asked for). stale_s: so long the old or a dead address
    is told after the start. host_keys: whether the log names them; another_key: it names one that
    the machine does not have.
    """

    provisioning_s: float = 0.2
    starting_s: float = 0.4
    end: str = "running"
    lines: tuple[str, ...] = ()
    gpus: int | None = None
    stale_s: float = 0.0
    stale: tuple[str, int] = ("127.0.0.1", 9)
    host_keys: bool = True
    another_key: bool = False


@dataclass
class Pod:
    """One pod: the body it was asked for with, and what became of it."""

    body: dict[str, Any]
    rate: float
    created: float
    data_center: str
    machine: Machine
    boot: Boot = field(default_factory=Boot)
    id: str = field(default_factory=lambda: secrets.token_hex(7))
    key: str = field(default_factory=lambda: f"rpa_pod_{secrets.token_hex(12)}")
    status: str = "PROVISIONING"
    booted: float = 0.0
    started: float | None = None
    address: Address | None = None
    log: list[tuple[float, str, str]] = field(default_factory=list)
    spans: list[list[float]] = field(default_factory=list)
    """Billed times: [from, to], to = -1 while it goes on."""

    def __post_init__(self) -> None:
        self.booted = self.created
        self.spans.append([self.created, -1])
        self.say("system", f"create container {self.body.get('image', '')}", self.created)

    def say(self, source: str, line: str, now: float) -> None:
        """Log one line; no two lines have the same time."""
        last = self.log[-1][0] if self.log else 0.0
        self.log.append((max(now, last + 1e-5), source, line))

    def settle(self, now: float, env: dict[str, str]) -> None:
        """Bring the pod to where it is at this time."""
        if self.status == "RUNNING":
            for line in self.machine.lines():
                self.say("container", line, now)
        if self.status == "PROVISIONING" and now - self.booted >= self.boot.provisioning_s:
            self.status = "STARTING"
            self.say("system", "start container: begin", now)
            for line in self.boot.lines:
                self.say("container", line, now)
        ready = self.booted + self.boot.provisioning_s + self.boot.starting_s
        if self.status != "STARTING" or now < ready or self.boot.end == "stuck":
            return
        if self.boot.end == "error":
            self.status = "ERROR"
            self.say("system", "start container: failed", now)
            return
        self._run(now, env)

    def _run(self, now: float, env: dict[str, str]) -> None:
        self.address = self.machine.start(env)
        self.status, self.started = "RUNNING", now
        for line in ("Pod Started", "Setting up SSH..."):
            self.say("container", line, now)
        keys = self.address.keys if self.boot.host_keys else ()
        if keys:
            self.say("container", "SSH host keys:", now)
        for key in keys:
            self.say("container", "Key: /etc/ssh/ssh_host_ed25519_key.pub", now)
            wrong = f"256 SHA256:{'A' * 43} root@pod (ED25519)"
            self.say("container", wrong if self.boot.another_key else key, now)
        self.say("container", "Start script(s) finished, Pod is ready to use.", now)

    def start(self, boot: Boot, now: float) -> None:
        """Boot a stopped pod once more."""
        self.boot, self.booted, self.status = boot, now, "PROVISIONING"
        self.spans.append([now, -1])
        self.say("system", "start container", now)

    def stop(self, now: float, status: str = "EXITED") -> None:
        """Stop, or end for good; billing ends with it."""
        self.machine.stop()
        self.status, self.started = status, None
        for span in self.spans:
            span[1] = now if span[1] < 0 else span[1]
        self.say("system", "stop container", now)

    def billed(self, begin: float, end: float) -> float:
        """Seconds within [begin, end) that are billed; `end` is not after now."""
        total = 0.0
        for start, stop in self.spans:
            total += max(0.0, min(end, end if stop < 0 else stop) - max(begin, start))
        return total

    @property
    def is_network(self) -> bool:
        """Whether its data lies on a network volume."""
        return bool(self.body.get("mounts", {}).get("network"))

    @property
    def disk_hour(self) -> float:
        """USD an hour for its disks."""
        persistent = self.body.get("mounts", {}).get("persistent", {}).get("size", 0)
        return (self.body.get("disk", 20) + persistent) * DISK_HOUR

    def view(self, now: float) -> dict[str, Any]:
        """The pod as the API tells of it."""
        body = self.body
        gpu = {key: body["gpu"][key] for key in ("id", "count") if key in body["gpu"]}
        return {
            "id": self.id, "name": body["name"], "status": self.status,
            "actions": ACTIONS[self.status], "image": body.get("image", ""),
            "args": body.get("args", ""), "disk": body.get("disk", 20),
            "mounts": body.get("mounts", {}), "ports": body.get("ports", []),
            "env": body.get("env", {}), "registry": body.get("registry"), "gpu": gpu,
            "cloud": body.get("cloud", "SECURE"), "dataCenterId": self.data_center,
            "cudaVersion": "13.0", "ssh": self._ssh(now), "template": None,
            "cost": self.rate if self.status in ALIVE else 0.0, "locked": False,
            "globalNetworking": {"enabled": False}, "runtime": self._runtime(now),
            "createdAt": stamp(self.created),
            "startedAt": stamp(self.started) if self.started else None,
            "notYetInvented": {"by": "a later version"},
        }  # fmt: skip

    def _ssh(self, now: float) -> dict[str, Any]:
        proxy = _way("ssh.runpod.io", 22, f"{self.id}-64411eb2")
        told = self._told(now)
        direct = _way(told[0], told[1], self.address.user) if told and self.address else None
        return {"proxy": proxy, "direct": direct}

    def _told(self, now: float) -> tuple[str, int] | None:
        if self.status != "RUNNING" or "22/tcp" not in self.body.get("ports", []):
            return None
        if not self.address or not self.started:
            return None
        if now - self.started < self.boot.stale_s:
            return self.boot.stale
        return self.address.host, self.address.port

    def _runtime(self, now: float) -> dict[str, Any] | None:
        if self.status != "RUNNING" or self.started is None:
            return None
        asked = self.body["gpu"].get("count", 1)
        count = asked if self.boot.gpus is None else self.boot.gpus
        told = self._told(now)
        port = {"private": 22, "public": told[1], "type": "tcp", "ip": told[0]} if told else None
        return {
            "uptime": int(now - self.started), "gpus": [{"util": 0, "memoryUtil": 0}] * count,
            "cpu": {"util": 3}, "memory": {"util": 5}, "ports": [port] if port else [],
        }  # fmt: skip

    def events(self, after: float, source: str | None) -> list[tuple[float, str]]:
        """Log lines written after a time, as Server-Sent Events."""
        return [
            (when, _event(when, kind, line))
            for when, kind, line in self.log
            if when > after + 5e-7 and source in (None, kind)
        ]


def _way(host: str, port: int, user: str) -> dict[str, Any]:
    command = f"ssh {user}@{host} -p {port}"
    return {"host": host, "port": port, "username": user, "command": command}


def _event(when: float, source: str, line: str) -> str:
    import json

    at = exact(when)
    return f"id: {at}\ndata: {json.dumps({'ts': at, 'source': source, 'line': line})}\n\n"
