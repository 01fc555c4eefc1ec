"""Boot: wait until a pod can be logged in to, its log shown, its host key held against that log."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from bespoke_gui.core import machines
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.machines import Machine
from bespoke_gui.launch.remote.link import LinkLost
from bespoke_gui.launch.remote.waits import Waits
from bespoke_gui.launch.runpod import logs, pods
from bespoke_gui.launch.runpod.api import Api
from bespoke_gui.launch.runpod.pods import Pod
from bespoke_gui.launch.runpod.words import ApiError

SHOWN = 200
"""Lines of the container's log that are told at most."""
Looked = Callable[[Pod], object]
Said = Callable[[str], object]


class BootFailed(AppError):
    """This pod will not do; the next card may. kind: capacity, lost or auth."""


@dataclass
class Boot:
    """One pod on its way up. looked: called with every look at it; said: with lines of its log.

    needs_card: False for a pod that is started again only to fetch what lies on it. has_heard: what
    else its log must have said, which is waited for only a moment.
    """

    api: Api
    pod_id: str
    waits: Waits
    looked: Looked
    said: Said
    needs_card: bool = True
    has_heard: Callable[[], bool] = lambda: True
    _told: int = 0
    _key: str = ""
    _why: str = "its container did not start"
    _seen: list[logs.LogLine] = field(default_factory=list)

    def wait(self) -> Pod:
        """Return the pod once its sshd shows the very host key that its log names; it is pinned.

        Raises BootFailed with the last lines of the log, or ApiError.
        """
        end = time.monotonic() + self.api.waits.boot
        with logs.Follower(self.api, self.pod_id, self._hear) as follower:
            self._seen = follower.seen
            while time.monotonic() < end:
                pod = self._look()
                if pod is not None and self._is_ready(pod):
                    self._hear_out()
                    return pod
                self.api.pause(self.api.waits.boot_poll)
            minutes = self.api.waits.boot / 60
            raise self._failed(f"was not ready after {minutes:.3g} min: {self._why}", "capacity")

    def _hear_out(self) -> None:
        end = time.monotonic() + self.api.waits.guard_says
        while not self.has_heard() and time.monotonic() < end:
            self.api.pause(self.api.waits.boot_poll / 10)

    def _look(self) -> Pod | None:
        """The pod now; None while RunPod has passing trouble of its own."""
        try:
            pod = pods.get_pod(self.api, self.pod_id)
        except ApiError as error:
            if not error.passes:
                raise
            self._why = error.message
            return None
        if pod is None or pod.is_gone:
            raise self._failed("was ended by somebody, or by RunPod", "lost")
        self.looked(pod)
        if pod.status == "ERROR":
            raise self._failed("could not be started (RunPod says ERROR)", "capacity")
        if pod.status == "EXITED":
            raise self._failed("stopped while it started", "capacity")
        return pod

    def _is_ready(self, pod: Pod) -> bool:
        if pod.status != "RUNNING":
            self._why = f"RunPod says {pod.status}"
            return False
        if self.needs_card and pod.cards == 0:
            self._why = "it has no card"
            if (pod.uptime or 0) >= self.api.waits.no_gpu:
                raise self._failed("came without a card", "capacity")
            return False
        if not pod.host or not pod.port:
            self._why = "it has no public address yet"
            return False
        return self._is_the_one(pod)

    def _is_the_one(self, pod: Pod) -> bool:
        """Whether the address shows a host key that the log names; another one may be stale."""
        named = logs.fingerprints(list(self._seen))
        if not named:
            self._why = "its log names no host key"
            if (pod.uptime or 0) >= self.api.waits.boot_quiet:
                hint = "use an image of runpod/*: they print their host keys"
                raise self._failed("does not say its host key, so it cannot be known", "auth", hint)
            return False
        # Here, because the library takes a while to load and windows load all backends.
        from bespoke_gui.launch.remote.connect import server_key

        try:
            key = asyncio.run(server_key(machine_at(pod), self.waits))
        except (LinkLost, AppError):
            self._why = f"nothing answers at {pod.host}:{pod.port}"
            return False
        shown = machines.fingerprint(key)
        if shown not in named:
            self._why = f"{pod.host}:{pod.port} shows the key {shown}, its log names {named[0]}"
            return False
        machines.unpin(pod.host, pod.port)
        machines.pin(pod.host, pod.port, key)
        return True

    def _hear(self, line: logs.LogLine) -> None:
        self._told += 1
        if self._told <= SHOWN and line.text:
            self.said(line.text)

    def _failed(self, what: str, kind: str, hint: str = "") -> BootFailed:
        last = " | ".join(line.text for line in list(self._seen)[-3:] if line.text)
        log = f"; its log ends: {last}" if last else "; its log is empty"
        return BootFailed(f"the pod {what}{log}", hint=hint, kind=kind)


def machine_at(pod: Pod) -> Machine:
    """Return the pod as a machine that SSH can reach."""
    usd = pod.usd_per_hour
    return Machine(pod.name, pod.host, pod.port, pod.user, usd_per_hour=usd, gpus=pod.count or 1)
