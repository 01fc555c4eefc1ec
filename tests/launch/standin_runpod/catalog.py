"""The stand-in's catalogue: what GET /v2/catalog/gpus answers, with the rules of its filters."""

from collections.abc import Iterable
from typing import Any

from tests.launch.standin_runpod.account import CENTERS, Gpu, Refused

ONLY_WITH = ("product", "count", "cloud", "countryCodes", "cudaVersions", "minCudaVersion")


def gpu_list(gpus: Iterable[Gpu], query: dict[str, list[str]]) -> list[dict[str, Any]]:
    """All cards; with include=AVAILABILITY their stock for the cloud and count asked for."""
    include = query.get("include", [""])[0]
    if include not in ("", "AVAILABILITY"):
        raise Refused(422, "include must be AVAILABILITY")
    if not include:
        extra = [name for name in ONLY_WITH if name in query]
        if extra:
            raise Refused(400, f"{extra[0]} needs include=AVAILABILITY")
        return [_plain(gpu) for gpu in gpus]
    if "product" not in query:
        raise Refused(400, "include=AVAILABILITY needs product")
    if "cudaVersions" in query and "minCudaVersion" in query:
        raise Refused(400, "cudaVersions and minCudaVersion are mutually exclusive")
    cloud = query.get("cloud", ["SECURE"])[0]
    count = int(query.get("count", ["1"])[0])
    return [{**_plain(gpu), **_stock(gpu, cloud, count)} for gpu in gpus]


def _plain(gpu: Gpu) -> dict[str, Any]:
    return {
        "id": gpu.id, "name": gpu.name, "pool": None, "manufacturer": "NVIDIA",
        "memory": gpu.memory, "secure": gpu.secure > 0, "community": gpu.community > 0,
        "price": {"secure": gpu.secure, "community": gpu.community},
        "maxCount": {"secure": 8, "community": 4},
    }  # fmt: skip


def _stock(gpu: Gpu, cloud: str, count: int) -> dict[str, Any]:
    free = gpu.free[cloud]
    level = "NONE" if free < count else "LOW" if free < 3 else "MEDIUM" if free < 6 else "HIGH"
    found: dict[str, Any] = {"availability": level}
    if level != "NONE":
        found["dataCenters"] = [
            {"id": key, "name": name, "availability": level} for key, name in CENTERS.items()
        ]
    found["cudaVersions"] = [{"version": v, "available": level != "NONE"} for v in gpu.cuda]
    return found
