"""The account of the stand-in: balance, stock, pods, volumes, and what they have cost."""

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.launch.standin_runpod.clock import Clock, stamp
from tests.launch.standin_runpod.pods import ACTIONS, Boot, Machine, Pod

CENTERS = {"EU-RO-1": "EU Romania 1", "US-KS-2": "US Kansas 2"}
NONE_LEFT = (
    "There are no longer any instances available with the requested specifications. "
    "Please refresh and try again."
)
BUCKETS = {"hour": 3600, "day": 86400, "week": 7 * 86400, "month": 30 * 86400, "year": 365 * 86400}


class Refused(Exception):
    """An answer other than success: HTTP status and words."""

    def __init__(self, status: int, detail: str, errors: tuple[str, ...] = ()) -> None:
        super().__init__(detail)
        self.status, self.detail, self.errors = status, detail, errors


@dataclass
class Gpu:
    """One type of card; free: cards left in each cloud. USD an hour."""

    id: str
    memory: int
    secure: float
    community: float
    free: dict[str, int] = field(default_factory=lambda: {"SECURE": 8, "COMMUNITY": 4})
    cuda: tuple[str, ...] = ("12.4", "12.8", "13.0")
    barred: bool = False

    @property
    def name(self) -> str:
        return self.id.replace("NVIDIA ", "").replace("GeForce ", "")


def usual_gpus() -> dict[str, Gpu]:
    """A catalogue with prices made up for tests."""
    cards = (
        Gpu("NVIDIA A100 80GB PCIe", 80, 1.39, 1.19),
        Gpu("NVIDIA A100-SXM4-80GB", 80, 1.49, 1.29),
        Gpu("NVIDIA GeForce RTX 4090", 24, 0.69, 0.34),
        Gpu("NVIDIA GeForce RTX 5090", 32, 0.89, 0.69),
        Gpu("NVIDIA RTX A4000", 16, 0.25, 0.17),
        Gpu("NVIDIA L4", 24, 0.39, 0.0),
    )
    return {card.id: card for card in cards}


@dataclass
class Account:
    """Everything behind one key. `boots`: how the next starts go, then as `boot` says."""

    clock: Clock
    machine: Callable[[Pod], Machine]
    key: str = "rpa_owner_0123456789"
    read_only_key: str = "rpa_read_0123456789"
    balance: float = 25.0
    gpus: dict[str, Gpu] = field(default_factory=usual_gpus)
    boots: list[Boot] = field(default_factory=list)
    boot: Boot = field(default_factory=Boot)
    pods: dict[str, Pod] = field(default_factory=dict)
    ended: dict[str, Pod] = field(default_factory=dict)
    volumes: dict[str, dict[str, Any]] = field(default_factory=dict)
    pod_keys: bool = True
    url: str = ""
    lock: threading.RLock = field(default_factory=threading.RLock)
    _charged: float = 0.0

    def settle(self) -> None:
        """Let pods boot and be paid for up to now; without money they end."""
        now = self.clock.now()
        for pod in list(self.pods.values()):
            pod.settle(now, self._env(pod))
        spent = sum(self._cost(pod, 0, now)[0] for pod in self._all())
        self.balance -= spent - self._charged
        self._charged = spent
        if self.balance <= 0:
            self._run_dry(now)

    def spent(self, pod_id: str = "") -> float:
        """USD for one pod, or for all that ever were."""
        with self.lock:
            self.settle()
            now = self.clock.now()
            chosen = [pod for pod in self._all() if pod_id in ("", pod.id)]
            return sum(self._cost(pod, 0, now)[0] for pod in chosen)

    def billing(self) -> list[Pod]:
        """The pods that cost money now."""
        with self.lock:
            self.settle()
            return [pod for pod in self.pods.values() if pod.spans[-1][1] < 0]

    def create(self, body: dict[str, Any]) -> Pod:
        """Place a pod, or say why not."""
        gpu, center = self._placed(body)
        cloud = body.get("cloud", "SECURE")
        count = body["gpu"]["count"]
        rate = round((gpu.secure if cloud == "SECURE" else gpu.community) * count, 4)
        if self.balance < rate:
            raise Refused(402, "insufficient balance: deploying needs an hour of credit")
        gpu.free[cloud] -= count
        boot = self.boots.pop(0) if self.boots else self.boot
        pod = Pod(body, rate, self.clock.now(), center, None, boot)  # type: ignore[arg-type]
        pod.machine = self.machine(pod)
        self.pods[pod.id] = pod
        return pod

    def get(self, pod_id: str) -> Pod:
        """One pod; 404 for one that is no more."""
        if pod_id not in self.pods:
            raise Refused(404, "pod not found")
        return self.pods[pod_id]

    def act(self, pod_id: str, action: str) -> Pod | None:
        """Start, stop, restart or terminate; 409 where that is not allowed now."""
        pod, now = self.get(pod_id), self.clock.now()
        if action not in ACTIONS[pod.status]:
            raise Refused(409, f"cannot {action} a pod that is {pod.status}")
        if action == "terminate":
            self.terminate(pod_id)
            return None
        if action in ("stop", "restart"):
            pod.stop(now)
        if action in ("start", "restart"):
            pod.start(self.boots.pop(0) if self.boots else self.boot, now)
        return pod

    def terminate(self, pod_id: str) -> None:
        """End a pod for good; its own disk is destroyed, a network volume stays."""
        pod = self.get(pod_id)
        pod.stop(self.clock.now(), "TERMINATED")
        pod.machine.remove(keep_data=pod.is_network)
        card = self.gpus[pod.body["gpu"]["id"]]
        card.free[pod.body.get("cloud", "SECURE")] += pod.body["gpu"]["count"]
        self.ended[pod_id] = self.pods.pop(pod_id)

    def add_volume(self, name: str, size: int, center: str, kind: str = "STANDARD") -> str:
        """Make a network volume and return its id."""
        if center not in CENTERS:
            raise Refused(400, f"data center {center} does not exist")
        volume = secrets.token_hex(5)
        self.volumes[volume] = {
            "id": volume, "name": name, "size": size, "dataCenter": center, "type": kind,
        }  # fmt: skip
        return volume

    def bill(self, pod_id: str, bucket: str) -> dict[str, Any]:
        """The answer of GET /v2/billing/pods, over all that ever ran."""
        size, now = BUCKETS[bucket], self.clock.now()
        pods = [pod for pod in self._all() if pod_id in ("", pod.id)]
        begin = min((pod.created for pod in pods), default=now) // size * size
        records = []
        while begin < now:
            records += [self._record(pod, begin, begin + size, now) for pod in pods]
            begin += size
        records = [record for record in records if record["totalAmount"] > 0]
        fields = ("totalAmount", "gpuAmount", "cpuAmount", "diskAmount")
        times = {"startTime": stamp(now - now % size), "endTime": stamp(now - now % size + size)}
        return {
            "records": records,
            "metadata": {
                "query": {**times, "bucketSize": bucket, "podId": pod_id or None},
                "recordCount": len(records),
                "uniquePodCount": len({record["podId"] for record in records}),
                "totals": {name: sum(record[name] for record in records) for name in fields},
            },
        }

    def _all(self) -> list[Pod]:
        return [*self.pods.values(), *self.ended.values()]

    def _cost(self, pod: Pod, begin: float, end: float) -> tuple[float, float, float]:
        hours = pod.billed(begin, end) / 3600
        gpu, disk = hours * pod.rate, hours * pod.disk_hour
        return gpu + disk, gpu, disk

    def _record(self, pod: Pod, begin: float, end: float, now: float) -> dict[str, Any]:
        total, gpu, disk = self._cost(pod, begin, min(end, now))
        return {
            "startTime": stamp(begin), "endTime": stamp(end), "podId": pod.id,
            "totalAmount": total, "gpuAmount": gpu, "cpuAmount": 0, "diskAmount": disk,
        }  # fmt: skip

    def _run_dry(self, now: float) -> None:
        for pod in list(self.pods.values()):
            if pod.spans[-1][1] >= 0:
                continue
            if pod.is_network:
                pod.stop(now)
            else:
                self.terminate(pod.id)

    def _placed(self, body: dict[str, Any]) -> tuple[Gpu, str]:
        """The card and data center, by the rules that no schema can say."""
        if ("gpu" in body) == ("cpu" in body):
            raise Refused(400, "exactly one of gpu or cpu must be set")
        if "cpu" in body:
            raise Refused(400, "this stand-in has no CPU pods")
        mounts = body.get("mounts", {})
        if "persistent" in mounts and "network" in mounts:
            raise Refused(400, "mounts.persistent and mounts.network are mutually exclusive")
        gpu = body["gpu"]
        if gpu.get("allowedCudaVersions") and "minCudaVersion" in gpu:
            raise Refused(400, "allowedCudaVersions and minCudaVersion are mutually exclusive")
        card = self.gpus.get(gpu["id"])
        if card is None:
            raise Refused(400, f"gpu type {gpu['id']} does not exist")
        if card.barred:
            raise Refused(403, "your account has no access to this pool")
        # The service says the same when the count is left out, whatever its description says.
        if card.free[body.get("cloud", "SECURE")] < gpu.get("count", 99):
            raise Refused(400, NONE_LEFT)
        if not _cuda_fits(card, gpu):
            raise Refused(400, NONE_LEFT)
        return card, self._center(body, mounts)

    def _center(self, body: dict[str, Any], mounts: dict[str, Any]) -> str:
        centers = body.get("dataCenterIds") or list(CENTERS)
        if mounts.get("network"):
            volume = self.volumes.get(mounts["network"][0]["volumeId"])
            if volume is None:
                raise Refused(404, "network volume not found")
            if volume["dataCenter"] not in centers:
                raise Refused(400, "network volume is in another data center")
            return volume["dataCenter"]
        known = [center for center in centers if center in CENTERS]
        if not known:
            raise Refused(400, NONE_LEFT)
        return known[0]

    def _env(self, pod: Pod) -> dict[str, str]:
        """What a pod finds in its environment."""
        volume = pod.body["mounts"]["network"][0]["volumeId"] if pod.is_network else ""
        return {
            **pod.body.get("env", {}), "RUNPOD_POD_ID": pod.id, "RUNPOD_API_KEY": pod.key,
            "RUNPOD_DC_ID": pod.data_center, "RUNPOD_VOLUME_ID": volume,
            "RUNPOD_PUBLIC_IP": "127.0.0.1", "CUDA_VERSION": "12.8.1", "PYTORCH_VERSION": "2.8.0",
        }  # fmt: skip


def _cuda_fits(card: Gpu, gpu: dict[str, Any]) -> bool:
    allowed = gpu.get("allowedCudaVersions")
    least = gpu.get("minCudaVersion")
    known = [version for version in card.cuda if not allowed or version in allowed]
    return any(not least or _number(version) >= _number(least) for version in known)


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
