"""Money: what a pod has cost so far, how long it may go on, and both in words."""

from __future__ import annotations

from dataclasses import replace

from bespoke_gui.launch.runpod.ledger import Entry
from bespoke_gui.launch.runpod.pods import PAID, Pod

STOPPED_GB_MONTH = 0.20
"""USD for a GB of a stopped pod's disk in a month: twice what a running one's costs."""
SHARE = 0.1
"""At most this part of what is allowed is kept for saving and fetching."""


def counted(entry: Entry, pod: Pod) -> Entry:
    """Return the entry with the cost up to this look at the pod.

    Per second, by RunPod's own clock and the pod's own price; from its creation on where this is
    the first look. A time for which nobody looked is counted at the price before.
    """
    is_new = entry.id != pod.id
    begin = pod.created if is_new or entry.counted is None else entry.counted
    rate = pod.usd_per_hour if is_new else entry.usd_per_hour
    seconds = max(0.0, pod.at - begin) if begin is not None else 0.0
    return replace(
        entry, id=pod.id, status=pod.status, gpu=pod.gpu or entry.gpu,
        cloud=pod.cloud.lower() or entry.cloud, since=entry.since or pod.created or pod.at,
        usd_per_hour=pod.usd_per_hour if pod.status in PAID else 0.0,
        price=pod.usd_per_hour or entry.price, spent_usd=entry.spent_usd + rate * seconds / 3600,
        counted=max(pod.at, begin or pod.at),
    )  # fmt: skip


def ended(entry: Entry, at: float) -> Entry:
    """Return the entry of a pod that is gone: counted to `at`, then no more."""
    seconds = max(0.0, at - entry.counted) if entry.counted is not None else 0.0
    spent = entry.spent_usd + entry.usd_per_hour * seconds / 3600
    return replace(entry, spent_usd=spent, usd_per_hour=0.0, counted=at, status="TERMINATED")


def at_most(entry: Entry, now: float) -> Entry:
    """Return the entry counted up to `now` at its last known price, where nobody can look."""
    return replace(ended(entry, now), usd_per_hour=entry.usd_per_hour, status=entry.status)


def seconds_left(entry: Entry) -> float | None:
    """Return how long the machine may still be paid for, from `counted` on; None without caps."""
    left = []
    if entry.max_usd is not None and entry.price > 0:
        left.append((entry.max_usd - entry.spent_usd) / entry.price * 3600)
    if entry.max_hours is not None and entry.since is not None and entry.counted is not None:
        left.append(entry.max_hours * 3600 - (entry.counted - entry.since))
    return min(left) if left else None


def reserve(entry: Entry, most: float) -> float:
    """Return the seconds before a cap at which a run must end, so that it can be saved."""
    allowed = []
    if entry.max_usd is not None and entry.price > 0:
        allowed.append(entry.max_usd / entry.price * 3600)
    if entry.max_hours is not None:
        allowed.append(entry.max_hours * 3600)
    return min([most, *(SHARE * seconds for seconds in allowed)])


def cap_words(entry: Entry) -> str:
    """Name the caps of an entry (see `caps_words`)."""
    return caps_words(entry.max_usd, entry.max_hours)


def caps_words(max_usd: float | None, max_hours: float | None) -> str:
    """Name caps, as "$5.00 or 3 h"; "" without any."""
    parts = [usd(max_usd)] if max_usd is not None else []
    parts += [f"{max_hours:g} h"] if max_hours is not None else []
    return " or ".join(parts)


def storage_hour(gb: int) -> float:
    """Return the USD an hour that the disk of a stopped pod costs."""
    return gb * STOPPED_GB_MONTH / 730


def usd(amount: float | None) -> str:
    """An amount for people: cents, and what is less than one cent too."""
    if amount is None:
        return "an unknown amount"
    return f"${amount:.2f}" if amount >= 0.01 or amount <= 0 else f"${amount:.4f}"
