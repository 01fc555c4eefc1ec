"""Billing: everything at RunPod that costs money now, whoever forgot it; and how to end it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from bespoke_gui.core import processes, secrets
from bespoke_gui.core.atomic import write_json
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.rundir import RunDir
from bespoke_gui.launch.remote.waits import load_waits
from bespoke_gui.launch.runpod import keys, ledger, money, pods
from bespoke_gui.launch.runpod.api import Api, account
from bespoke_gui.launch.runpod.ledger import Entry
from bespoke_gui.launch.runpod.pods import Pod
from bespoke_gui.launch.runpod.rent import Rental
from bespoke_gui.launch.runpod.waits import rent_waits
from bespoke_gui.launch.runpod.words import SERVICE

PATIENCE_S = 60.0
"""How long the end of a pod is tried where somebody waits for it."""


@dataclass(frozen=True)
class Bill:
    """One pod that costs money, or may. Times in seconds since 1970, money in USD.

    run, folder: whose it is, "" for a pod that another computer rented. followed: whether a courier
    of this computer looks after it. sure: RunPod itself said so just now. kept: only
    stopped, because that was asked. stopped: why Bespoke stopped it here, "" where it did not.
    missing: files that are not here yet.
    """

    id: str
    name: str
    status: str
    gpu: str
    cloud: str
    usd_per_hour: float
    since: float | None
    spent_usd: float
    run: str = ""
    folder: str = ""
    followed: bool = False
    sure: bool = True
    kept: bool = False
    stopped: str = ""
    missing: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """The bill in one line for people."""
        rate = f"{money.usd(self.usd_per_hour)} an hour"
        state = "stopped, its disk costs" if self.status == "EXITED" else "costs"
        what = f"{self.gpu or 'a pod'} ({self.id or self.name}) {state} {rate}"
        what += f", {money.usd(self.spent_usd)} since {_clock(self.since)}"
        whose = f"run {self.run}" if self.run else "not of this computer"
        care = "looked after" if self.followed else "nobody looks after it"
        sure = "" if self.sure else "; RunPod could not be asked whether it is still there"
        return f"{what}; {whose}, {'kept as asked' if self.kept else care}{self._why()}{sure}"

    def _why(self) -> str:
        """Why it is stopped, where that was not asked for."""
        if self.status != "EXITED" or self.kept or not self.run:
            return ""
        if self.stopped:
            return f"; stopped because {self.stopped}"
        return "; it stopped itself because nobody was in contact, or somebody stopped it"

    def as_dict(self) -> dict[str, Any]:
        """Return the bill as the command line prints it."""
        return {**asdict(self), "missing": list(self.missing), "words": self.words}


@dataclass(frozen=True)
class Bills:
    """All of them. problem: why RunPod could not be asked, "" when it was."""

    bills: list[Bill] = field(default_factory=list)
    problem: str = ""

    @property
    def usd_per_hour(self) -> float:
        """What they cost together."""
        return sum(bill.usd_per_hour for bill in self.bills)


def still_billing() -> Bills:
    """Return every pod of ours on the account, and every one written down that may be there.

    Asks RunPod (seconds: off the GUI thread) where there is a key; never raises. What is seen to be
    gone is closed in the ledger.
    """
    written = {entry.name: entry for entry in ledger.entries()}
    still_open = [entry for entry in written.values() if entry.is_open]
    if not secrets.get(SERVICE):
        problem = "no RunPod key is known, so RunPod cannot be asked" if still_open else ""
        return Bills([_unsure(entry) for entry in still_open], problem)
    try:
        api = _account()
        found = pods.our_pods(api)
    except AppError as error:
        return Bills([_unsure(entry) for entry in still_open], str(error))
    names = {pod.name for pod in found}
    bills = [_bill(pod, written.get(pod.name)) for pod in found]
    for entry in still_open:
        if entry.name not in names and not followed(entry.folder):
            _close(api, entry)
    return Bills(bills)


def followed(folder: str | Path) -> bool:
    """Say whether a courier of this computer follows the run in a folder."""
    if not folder:
        return False
    courier = (RunDir(Path(folder)).read_job() or {}).get("courier")
    known = courier if isinstance(courier, dict) else {}
    return processes.alive(known.get("pid"), known.get("started"))


def end(name: str, discard: bool = False, tell: Callable[[str], object] = lambda _: None) -> Bill:
    """End one pod for good, by its id, its name or its run, and see that it is gone.

    Raises AppError kind "usage" for an unknown one, and for one that holds files which are not
    here yet unless `discard`. tell: hears what happens.
    """
    found = still_billing()
    bill = _named(found, name)
    if found.problem:
        raise AppError(f"{bill.words}: {found.problem}", kind="network")
    if bill.missing and not discard:
        raise AppError(
            f"{bill.id or bill.name} holds {len(bill.missing)} files that are not here yet, "
            f"for example {bill.missing[0]}",
            hint=f"bespoke runs fetch {bill.folder}; or --discard loses them", kind="usage",
        )  # fmt: skip
    if bill.followed:
        return _ended_by_courier(bill)
    entry = ledger.load(bill.name) or _foreign(bill)
    run_dir = RunDir(Path(entry.folder)) if entry.folder else None
    rental = Rental(_account(), entry, load_waits(), _teller(run_dir, tell), patience=PATIENCE_S)
    rental.end()
    rental.settle()
    return replace(bill, status="TERMINATED", usd_per_hour=0.0, spent_usd=rental.entry.spent_usd)


def _ended_by_courier(bill: Bill) -> Bill:
    """Have the courier that follows the run give the pod back: it knows what is going on there."""
    from bespoke_gui.launch.base import BACKENDS

    BACKENDS["runpod"].release(RunDir(Path(bill.folder)))
    entry = ledger.load(bill.name)
    spent = entry.spent_usd if entry else bill.spent_usd
    return replace(bill, status="TERMINATED", usd_per_hour=0.0, spent_usd=spent)


def _account() -> Api:
    api = account()
    # Somebody waits for the answer: a list that is late is worse than one that says so.
    api.waits = replace(rent_waits(), api=min(rent_waits().api, 10.0), api_tries=2)
    return api


def _bill(pod: Pod, entry: Entry | None) -> Bill:
    spent = money.counted(entry or Entry(pod.name, "", ""), pod).spent_usd
    is_stopped = pod.status == "EXITED"
    return Bill(
        pod.id, pod.name, pod.status, pod.gpu, pod.cloud.lower(),
        money.storage_hour(pod.storage) if is_stopped else pod.usd_per_hour,
        (entry.since if entry else None) or pod.created, round(spent, 4),
        run=entry.run if entry else "", folder=entry.folder if entry else "",
        followed=followed(entry.folder) if entry else False, kept=bool(entry and entry.kept),
        stopped=entry.stopped if entry else "", missing=_missing(entry),
    )  # fmt: skip


def _unsure(entry: Entry) -> Bill:
    now = money.at_most(entry, time.time())
    return Bill(
        entry.id, entry.name, entry.status, entry.gpu, entry.cloud, entry.usd_per_hour, entry.since,
        round(now.spent_usd, 4), entry.run, entry.folder, followed(entry.folder), sure=False,
        kept=entry.kept, stopped=entry.stopped, missing=_missing(entry),
    )  # fmt: skip


def _missing(entry: Entry | None) -> tuple[str, ...]:
    """Files that the courier wrote down as not being here yet."""
    job = RunDir(Path(entry.folder)).read_job() if entry and entry.folder else None
    listed = (job or {}).get("missing")
    return tuple(str(name) for name in listed) if isinstance(listed, list) else ()


def _close(api: Api, entry: Entry) -> None:
    """Note that a pod is gone that nobody saw go."""
    at = api.now()
    counted = money.at_most(entry, entry.counted or at)
    ledger.save(replace(counted, released=at, usd_per_hour=0.0, status="TERMINATED"))
    keys.forget(entry)


def _named(bills: Bills, name: str) -> Bill:
    fitting = [bill for bill in bills.bills if name in (bill.id, bill.name, bill.run) and name]
    if len(fitting) == 1:
        return fitting[0]
    if not fitting and bills.problem:
        raise AppError(bills.problem, kind="network")
    known = ", ".join(bill.id or bill.name for bill in bills.bills) or "nothing costs money now"
    what = "is not unique" if fitting else "costs nothing now"
    raise AppError(f"{name} {what}", hint=f"there are: {known}", kind="usage")


def _foreign(bill: Bill) -> Entry:
    """An entry for a pod of ours that this computer did not rent."""
    return Entry(
        bill.name, "", "", asked=True, id=bill.id, gpu=bill.gpu, cloud=bill.cloud,
        since=bill.since, usd_per_hour=bill.usd_per_hour, price=bill.usd_per_hour,
        spent_usd=bill.spent_usd, counted=time.time(),
    )  # fmt: skip


def _teller(run_dir: RunDir | None, tell: Callable[[str], object]) -> Callable[..., None]:
    """What a courier would tell: lines for people, and job.json where no courier writes it."""

    def told(event: str, **fields: Any) -> None:
        if event == "log":
            tell(str(fields["text"]))
            return
        job = run_dir.read_job() if run_dir is not None else None
        if run_dir is not None and job and not followed(run_dir.folder):
            write_json(run_dir.job_path, {**job, **fields})

    return told


def _clock(at: float | None) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(at)) if at else "a time unknown"
