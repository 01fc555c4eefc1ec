"""Pods: read, found by name, created, started, stopped and ended."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bespoke_gui.launch.runpod.api import Api
from bespoke_gui.launch.runpod.words import ApiError, nonsense

PREFIX = "bespoke-"
"""How the names of our pods begin."""
PAID = ("PROVISIONING", "STARTING", "RUNNING", "ERROR")
GONE = "TERMINATED"


@dataclass(frozen=True)
class Pod:
    """A pod as RunPod tells of it. usd_per_hour: what it costs now. Times: seconds since 1970.

    host, port: of its sshd, "" and 0 while there is none. cards: those it really has, None while
    nobody knows. storage: GB that it keeps, and that cost, while it is stopped. at: the server's
    time of this answer.
    """

    id: str
    name: str
    status: str
    gpu: str = ""
    count: int = 0
    cloud: str = ""
    usd_per_hour: float = 0.0
    created: float | None = None
    started: float | None = None
    host: str = ""
    port: int = 0
    user: str = "root"
    cards: int | None = None
    uptime: float | None = None
    actions: tuple[str, ...] = ()
    storage: int = 0
    at: float = field(default_factory=time.time)

    @property
    def is_gone(self) -> bool:
        """Whether it was ended for good."""
        return self.status == GONE

    @property
    def is_ours(self) -> bool:
        """Whether its name says that Bespoke made it."""
        return self.name.startswith(PREFIX)


def pod_from(data: Any, at: float | None = None) -> Pod:
    """Read a pod, whatever else newer versions tell; raises ValueError when it is none."""
    if not isinstance(data, dict) or not isinstance(data.get("id"), str) or not data["id"]:
        raise ValueError("no pod")
    gpu, runtime = _object(data.get("gpu")), _object(data.get("runtime"))
    direct = _object(_object(data.get("ssh")).get("direct"))
    cards, mounts = runtime.get("gpus"), _object(data.get("mounts"))
    return Pod(
        id=data["id"], name=_text(data.get("name")), status=_text(data.get("status")),
        gpu=_text(gpu.get("id")), count=_whole(gpu.get("count")) or 1,
        cloud=_text(data.get("cloud")), usd_per_hour=_number(data.get("cost")) or 0.0,
        created=_time(data.get("createdAt")), started=_time(data.get("startedAt")),
        host=_text(direct.get("host")), port=_whole(direct.get("port")),
        user=_text(direct.get("username")) or "root",
        cards=len(cards) if isinstance(cards, list) else None,
        uptime=_number(runtime.get("uptime")),
        actions=tuple(_text(one) for one in data.get("actions") or ()),
        storage=_whole(_object(mounts.get("persistent")).get("size")), at=at or time.time(),
    )  # fmt: skip


def get_pod(api: Api, pod_id: str) -> Pod | None:
    """Return a pod, or None when RunPod has none of that id (any more)."""
    try:
        reply = api.get(f"/v2/pods/{pod_id}")
    except ApiError as error:
        if error.status == 404:
            return None
        raise
    return _read(api, reply.data, reply.at)


def our_pods(api: Api, name: str = "") -> list[Pod]:
    """Return the pods with our prefix, or those of one exact name; the oldest first."""
    found = []
    for entry in api.items("/v2/pods", "pods"):
        try:
            pod = pod_from(entry, api.now())
        except ValueError:
            continue
        if pod.is_ours and not pod.is_gone and name in ("", pod.name):
            found.append(pod)
    return sorted(found, key=lambda pod: (pod.created or 0.0, pod.id))


def create_pod(api: Api, body: dict[str, Any]) -> Pod:
    """Create a pod. ApiError.sent tells whether there may be one in spite of the error."""
    reply = api.post("/v2/pods", body)
    return _read(api, reply.data, reply.at)


def start_pod(api: Api, pod_id: str) -> None:
    """Boot a stopped pod; one that runs already is fine."""
    _act(api, pod_id, "start", ("PROVISIONING", "STARTING", "RUNNING"))


def stop_pod(api: Api, pod_id: str) -> None:
    """Stop a pod: its cards cost nothing any more, its disk stays; a stopped one is fine."""
    _act(api, pod_id, "stop", ("EXITED", GONE))


def end_pod(api: Api, pod_id: str) -> bool:
    """Ask to end a pod for good; return whether it is gone, which a later look must show.

    Its own disk goes with it; a network volume stays.
    """
    try:
        api.post_safely(f"/v2/pods/{pod_id}/action", {"action": "terminate"})
    except ApiError as error:
        if error.status not in (404, 409):
            raise
    pod = get_pod(api, pod_id)
    return pod is None or pod.is_gone


def _act(api: Api, pod_id: str, action: str, done: tuple[str, ...]) -> None:
    try:
        api.post_safely(f"/v2/pods/{pod_id}/action", {"action": action})
    except ApiError as error:
        # A repeated request finds the pod already where it was sent.
        pod = get_pod(api, pod_id) if error.status == 409 else None
        if pod is None or pod.status not in done:
            raise


def _read(api: Api, data: Any, at: float | None) -> Pod:
    try:
        return pod_from(data, at)
    except ValueError:
        raise nonsense(api.url) from None


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _number(value: Any) -> float | None:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return float(value) if is_number else None


def _whole(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _time(value: Any) -> float | None:
    try:
        return datetime.fromisoformat(value).timestamp() if isinstance(value, str) else None
    except ValueError:
        return None
