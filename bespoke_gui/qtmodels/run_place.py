"""Where a run is, how the link to it stands and what it costs, in words. From job.json; no Qt."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bespoke_gui.qtmodels import wording
from bespoke_gui.qtmodels.run_story import CheckpointRow, GpuLoad, RunStory

LOCAL = "local"
LINK_WORDS = {"lost": "connection lost", "reconnecting": "connecting again"}
MB_A_GB = 1024


@dataclass(frozen=True)
class Place:
    """words: the machine in one line; link: what is wrong with the connection, "" for nothing;
    tip: everything known."""

    words: str
    link: str = ""
    tip: str = ""


@dataclass(frozen=True)
class Cost:
    """What a run has cost so far. near_cap: four fifths of the budget are spent."""

    words: str
    tip: str = ""
    near_cap: bool = False


def is_remote(job: Mapping[str, Any]) -> bool:
    """Say whether a run is on another machine."""
    return str(job.get("backend") or LOCAL) != LOCAL


def place_of(job: Mapping[str, Any], device: str = "", now: float = 0.0) -> Place:
    """Return where a run is; `device` is what the engine calls its card, `now` epoch seconds."""
    if not is_remote(job):
        card = "" if device in ("", "cpu") else device
        return Place(_joined("This computer", card), tip="Runs on this computer")
    machine, pod = _part(job, "machine"), _part(job, "pod")
    name = str(machine.get("name") or machine.get("host") or "another machine")
    card = str(pod.get("gpu") or device)
    card = "" if card == "cpu" else card.removeprefix("NVIDIA ")
    words = _joined("RunPod", card, str(pod.get("cloud") or "")) if pod else _joined(name, card)
    return Place(words, _link_words(job, now), _tip(job, machine, pod))


def cost_of(job: Mapping[str, Any], now: float, ended: float = 0.0) -> Cost | None:
    """Return what a run cost until `now`, or until it `ended`; None where nothing is paid.

    Times in seconds since 1970.
    """
    per_hour, since = _real(job.get("usd_per_hour")), _real(job.get("since"))
    told = _real(job.get("cost_usd"))
    usd = told
    if usd is None and per_hour and since:
        usd = per_hour * max(0.0, (ended or now) - since) / 3600
    if usd is None or not (usd or per_hour):
        return None
    cap = _real(job.get("cap_usd"))
    words = f"${usd:.2f} of ${cap:.2f}" if cap else f"${usd:.2f}"
    lines = [f"${per_hour:.2f} an hour" if per_hour else ""]
    lines += [f"budget ${cap:.2f}" if cap else "no budget was set"]
    hours = _real(job.get("cap_hours"))
    lines += [f"ends after {wording.count(round(hours), 'hour')} at the latest" if hours else ""]
    lines += [_estimate(job), _self_stop(job)]
    return Cost(words, "\n".join(filter(None, lines)), bool(cap) and usd >= 0.8 * (cap or 0))


def _estimate(job: Mapping[str, Any]) -> str:
    """The estimate for the whole run that was made when its machine was rented."""
    found = job.get("estimate_usd")
    if not isinstance(found, list) or len(found) != 3 or None in (spans := [*map(_real, found)]):
        return ""
    low, likely, high = spans
    return f"estimated ${low:.2f} to ${high:.2f}, likely ${likely:.2f}"


def gpu_words(load: GpuLoad | None) -> str:
    """Return the load of the card in short, as "87%"."""
    return wording.DASH if load is None else f"{load.percent:.0f}%"


def memory_words(load: GpuLoad | None) -> str:
    """Return its memory, as "6.1 of 24 GB in use", "" where it is not known."""
    if load is None or load.memory is None:
        return ""
    used = f"{load.memory / MB_A_GB:.1f}"
    if not load.memory_total:
        return f"{used} GB of its memory in use"
    return f"{used} of {load.memory_total / MB_A_GB:.0f} GB of its memory in use"


def file_state(row: CheckpointRow, story: RunStory, coming: Mapping[str, int]) -> str:
    """Say where a checkpoint of another machine is: there, on its way, or here and verified.

    coming: the bytes that have arrived of files on their way, by path in the run folder.
    """
    if story.is_here(row.path):
        return "here, verified"
    if row.path in coming:
        return f"coming, {min(99, int(100 * coming[row.path] / max(1, row.size)))}%"
    return "on the machine"


def bills(job: Mapping[str, Any]) -> bool:
    """Say whether a machine is rented for this run that was not given back yet."""
    return bool(_part(job, "pod")) and not job.get("released")


def left_over(job: Mapping[str, Any]) -> str:
    """Say what is not in order though a run is over: money that runs, files that are not here."""
    listed = job.get("missing")
    missing = len(listed) if isinstance(listed, list) else 0
    lines = []
    if bills(job):
        rate = _real(job.get("usd_per_hour"))
        costs = f"costs ${rate:.2f} an hour" if rate else "may cost money"
        costs = "costs what its disk costs" if job.get("held") else costs
        lines.append(f"The machine was not given back and still {costs}.")
        if why := str(job.get("release_error") or job.get("held") or job.get("kept") or ""):
            lines.append(why if why.endswith(".") else f"{why}.")
    if missing:
        lies = "lies" if missing == 1 else "lie"
        lines.append(f"{wording.count(missing, 'file')} {lies} there and not here yet.")
    return " ".join(lines)


def _link_words(job: Mapping[str, Any], now: float) -> str:
    link = str(job.get("link") or "")
    words = LINK_WORDS.get(link, "")
    since = _real(job.get("link_since"))
    if words and since and now > since:
        return f"{words}, {wording.duration(now - since)}"
    return words


def _tip(job: Mapping[str, Any], machine: Mapping[str, Any], pod: Mapping[str, Any]) -> str:
    lines = []
    if machine.get("host"):
        user = f"{machine['user']}@" if machine.get("user") else ""
        lines.append(f"{user}{machine['host']}:{machine.get('port') or 22}")
    if folder := _part(job, "remote").get("folder"):
        lines.append(str(folder))
    if pod:
        lines.append(f"pod {pod.get('id', '')} {pod.get('state', '')}".strip())
    lines.append(_self_stop(job))
    missing = job.get("missing")
    if isinstance(missing, list) and missing:
        lines.append(f"{wording.count(len(missing), 'file')} not here yet")
    return "\n".join(filter(None, lines))


def _self_stop(job: Mapping[str, Any]) -> str:
    state = str(job.get("self_stop") or "")
    return f"the machine's own stop switch: {state}" if state else ""


def _part(job: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = job.get(name)
    return part if isinstance(part, Mapping) else {}


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


def _real(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value) if math.isfinite(value) else None
