"""Rent: one machine for one run: written down, asked for, found again, started, stopped, ended."""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from bespoke_gui.core import machines
from bespoke_gui.core.errors import AppError
from bespoke_gui.launch.remote.waits import Waits
from bespoke_gui.launch.runpod import catalog, guard, keys, ledger, money, pods
from bespoke_gui.launch.runpod.api import Api
from bespoke_gui.launch.runpod.boot import Boot, BootFailed
from bespoke_gui.launch.runpod.catalog import Offer
from bespoke_gui.launch.runpod.ledger import Entry
from bespoke_gui.launch.runpod.pods import Pod
from bespoke_gui.launch.runpod.wish import Wish, body_for, image_problem
from bespoke_gui.launch.runpod.words import ApiError

T = TypeVar("T")


@dataclass
class Rental:
    """The machine of one entry. tell: as a courier's `Tell`. patience: seconds of RunPod's trouble
    that are waited out before a pod that must end is given up.

    Everything it learns goes into the entry first, then to `tell`. _deaf: the pod was asked for
    with a guard that has not spoken yet.
    """

    api: Api
    entry: Entry
    waits: Waits
    tell: Callable[..., object]
    may_pass_cap: bool = False
    patience: float = math.inf
    _deaf: bool = False

    def machine(self, wish: Wish, is_fresh: bool) -> Pod:
        """Return the pod, ready to log in: the one there is, else a new one.

        is_fresh: nothing ran on it yet, so that another one is as good, and it needs its card; what
        a stopped pod holds can be fetched without. Raises AppError kind
        "capacity" when no card is to be had, "lost" when the pod that was there is gone, "budget"
        for an empty account.
        """
        pod = self._waited(self._found)
        if pod is not None:
            try:
                return self._again(pod, needs_card=is_fresh)
            except BootFailed as error:
                if not is_fresh:
                    raise
                self._say(error.message)
                self._drop()
        elif self.entry.id:
            gone = self.entry.id
            self._note(replace(money.ended(self.entry, self.api.now()), id="", counted=None))
            if not is_fresh:
                raise vanished(gone)
        return self._new(wish)

    def look(self) -> Pod | None:
        """Count what the pod costs; None when there is no pod (any more)."""
        pod = pods.get_pod(self.api, self.entry.id) if self.entry.id else None
        if pod is None or pod.is_gone:
            return None
        self._looked(pod)
        return pod

    def end(self) -> None:
        """End every pod of this entry and see that each is gone.

        Raises ApiError when RunPod's trouble outlasts `patience`, and for what no waiting helps.
        """
        if self.entry.asked and not self.entry.id:
            self._late()
        self._end_all()
        at = self.api.now()
        self._note(replace(money.ended(self.entry, at), released=at, kept=False))
        keys.forget(self.entry)
        self._unpin()

    def gone(self) -> None:
        """Write down that the pod is no more, without our doing."""
        at = self.api.now()
        self._note(replace(money.ended(self.entry, at), released=at))

    def count_blindly(self) -> None:
        """Count on at the last price while nobody can look."""
        self._note(money.at_most(self.entry, self.api.now()))

    def keep(self) -> None:
        """Only stop the pod, as was asked, and say what its disk goes on to cost.

        Raises ApiError.
        """
        self.stop("it is kept, as was asked")
        self._note(replace(self.entry, kept=True))
        pod = pods.get_pod(self.api, self.entry.id)
        rate = money.usd(money.storage_hour(pod.storage if pod else 0))
        words = (
            f"the pod {self.entry.id} is stopped and kept: its disk costs {rate} an hour until "
            f"bespoke billing --stop {self.entry.id}; so far it cost "
            f"{money.usd(self.entry.spent_usd)}"
        )
        self.tell("job", kept=words)
        self._say(words)

    def settle(self) -> None:
        """Say what it all came to, with RunPod's own figure where it has booked something."""
        try:
            booked = catalog.billed(self.api, self.entry.id) if self.entry.id else None
        except ApiError:
            booked = None
        self._note(replace(self.entry, billed_usd=booked))
        own = f", {money.usd(booked)} booked by RunPod so far" if booked is not None else ""
        spent = money.usd(self.entry.spent_usd)
        self._say(f"the pod {self.entry.id or self.entry.name} is ended; it cost {spent}{own}")

    def stop(self, why: str) -> None:
        """Stop the pod: its cards cost nothing any more, what lies on it stays. Raises ApiError."""
        if self.entry.id:
            pods.stop_pod(self.api, self.entry.id)
            self._note(replace(self.entry, stopped=why))
            self.look()

    def hold(self, why: str) -> float:
        """Stop the pod though nothing can be written down here; return what its disk costs an hour.

        Raises ApiError.
        """
        pods.stop_pod(self.api, self.entry.id)
        with contextlib.suppress(AppError):
            self._note(replace(self.entry, stopped=why))
        pod = pods.get_pod(self.api, self.entry.id)
        if pod is not None:
            with contextlib.suppress(AppError):
                self._looked(pod)
        return money.storage_hour(pod.storage if pod else 0)

    def _found(self) -> Pod | None:
        """The pod of this entry: by its id, else by its name; doubles are ended."""
        if self.entry.id:
            pod = pods.get_pod(self.api, self.entry.id)
            return None if pod is None or pod.is_gone else pod
        if not self.entry.asked:
            return None
        return self._by_name()

    def _by_name(self) -> Pod | None:
        found = pods.our_pods(self.api, self.entry.name)
        for double in found[1:]:
            self._say(f"{double.id} was made twice: it is ended")
            pods.end_pod(self.api, double.id)
        return found[0] if found else None

    def _again(self, pod: Pod, needs_card: bool) -> Pod:
        """A pod that was there before: as it is, or started once more."""
        self._looked(pod)
        if pod.status == "RUNNING" and self._is_pinned(pod):
            return pod
        if "start" in pod.actions:
            self._say(f"{pod.id} is {pod.status.lower()}: it is started again")
            self._waited(lambda: pods.start_pod(self.api, pod.id))
        return self._booted(pod.id, needs_card)

    def _new(self, wish: Wish) -> Pod:
        self.tell("stage", name="renting")
        reasons: list[AppError] = []
        for offer, center in self._offers(wish):
            try:
                pod = self._created(wish, offer, center)
                self.tell("stage", name="booting")
                return self._booted(pod.id, needs_card=True)
            except (ApiError, BootFailed) as error:
                if not _next_may_do(error):
                    raise
                reasons.append(error)
                self._say(f"{offer.name}: {error.message}")
                self._drop()
        raise _nothing(wish, reasons)

    def _offers(self, wish: Wish) -> Iterator[tuple[Offer, str]]:
        """What to try, in order, with the data center it must be in."""
        center = self._waited(lambda: self._center(wish))
        known = self._waited(lambda: catalog.offers(self.api, wish.cloud, wish.count))
        for offer in catalog.candidates(wish.gpus, known):
            problem = image_problem(wish.image, offer.id)
            if problem:
                self._say(f"{offer.name} is left out: {problem}")
            else:
                yield offer, center

    def _center(self, wish: Wish) -> str:
        if not wish.volume:
            return ""
        for volume in catalog.volumes(self.api):
            if wish.volume in (volume["id"], volume.get("name")):
                return str(volume.get("dataCenter", ""))
        hint = "see the volumes in RunPod's console"
        raise AppError(f"there is no network volume {wish.volume}", hint=hint, kind="usage")

    def _created(self, wish: Wish, offer: Offer, center: str) -> Pod:
        """Create one pod, and only one: a lost answer is looked for by name, not asked again."""
        price = offer.usd_per_hour * wish.count
        self._say(f"asking for {offer.name} ({wish.cloud}, {money.usd(price)} an hour)")
        env = {"PUBLIC_KEY": keys.public_key(self.entry)}
        body = body_for(wish, offer, self.entry.name, env, center)
        self._note(replace(self.entry, asked=True, gpu=offer.id, cloud=wish.cloud, price=price))
        pod = self._guarded(wish, body)
        self._looked(pod)
        self._say(f"rented {pod.gpu or offer.name} as {pod.id}")
        return pod

    def _guarded(self, wish: Wish, body: dict[str, Any]) -> Pod:
        """Create the pod with its guard, in the first form that RunPod takes; without is said."""
        self._deaf = False
        why = "its image is none of RunPod's own"
        extra = guard.environment(wish.workdir, self.api.url, self.api.waits)
        for form in guard.forms(wish.image):
            if not form.guards:
                self._unguarded(why)
                return self._waited(lambda: self._asked(body))
            guarded = {**body, "env": {**body["env"], **extra}, **form.fields}
            try:
                pod = self._waited(lambda guarded=guarded: self._asked(guarded))
                self._deaf = True
                return pod
            except ApiError as error:
                if error.status != 422 or not guard.is_refused(error.detail):
                    raise
                why = "RunPod takes no start command"
        raise AssertionError("not reached")

    def _unguarded(self, why: str) -> None:
        self.tell("job", self_stop=f"not armed at creation: {why}")
        text = f"if this computer dies before the first connection nothing stops the pod: {why}"
        self.tell("log", level="warning", text=text)

    def _asked(self, body: dict[str, Any]) -> Pod:
        """Ask for a pod once; when the answer is lost, look whether it was made."""
        try:
            return pods.create_pod(self.api, body)
        except ApiError as error:
            if not error.sent:
                self._note(replace(self.entry, asked=self.entry.unclear))
                raise
            self._note(replace(self.entry, unclear=True))
            self._say("RunPod did not say whether it made the pod: it is looked for by its name")
            found = self._late()
            if found is None:
                raise
            return found

    def _late(self) -> Pod | None:
        """Look for a pod whose creation was never answered, by its name, for a while."""
        end = time.monotonic() + self.api.waits.lost_answer
        while True:
            try:
                found = self._by_name()
            except ApiError as error:
                if not error.passes:
                    raise
                found = None
            if found is not None or time.monotonic() >= end:
                return found
            self.api.pause(self.api.waits.boot_poll)

    def _booted(self, pod_id: str, needs_card: bool) -> Pod:
        boot = Boot(
            self.api, pod_id, self.waits, self._watched, self._heard, needs_card,
            has_heard=lambda: not self._deaf,
        )  # fmt: skip
        self._unpin()
        pod = boot.wait()
        if self._deaf:
            self._unguarded("its guard did not say that it is there")
        self._note(replace(self.entry, pinned=[pod.host, pod.port, pod.started], stopped=""))
        self._looked(pod)
        return pod

    def _heard(self, line: str) -> None:
        """A line of the pod's log; its guard says there whether it can stop the pod."""
        self._say(f"pod: {line}")
        if state := guard.state_of(line):
            self._deaf = False
            self.tell("job", self_stop=state)

    def _drop(self) -> None:
        """End a pod that will not do, before the next one is asked for; never two at a time."""
        self._end_all()
        self._note(replace(money.ended(self.entry, self.api.now()), id="", counted=None))

    def _end_all(self) -> None:
        known = {self.entry.id} if self.entry.id else set()
        named = self._waited(lambda: pods.our_pods(self.api, self.entry.name), for_ever=True)
        for pod_id in sorted(known | {pod.id for pod in named}):
            while not self._waited(lambda one=pod_id: pods.end_pod(self.api, one), for_ever=True):
                self.api.pause(self.api.waits.boot_poll)

    def _waited(self, action: Callable[[], T], for_ever: bool = False) -> T:
        """Do it again while RunPod has trouble that may pass, each trouble said once.

        Not for ever: as long as a boot may take.
        """
        waits, said = self.api.waits, ""
        end = time.monotonic() + (self.patience if for_ever else waits.boot)
        back_off = waits.release_back_off
        while True:
            try:
                return action()
            except ApiError as error:
                if not error.passes or time.monotonic() >= end:
                    raise
                if error.message != said:
                    self._say(f"{error.message}; it is tried again")
                said = error.message
            self.api.pause(back_off)
            back_off = min(2 * back_off, waits.release_back_off_most)

    def _is_pinned(self, pod: Pod) -> bool:
        same = self.entry.pinned == [pod.host, pod.port, pod.started]
        return same and bool(machines.pinned_keys(pod.host, pod.port))

    def _unpin(self) -> None:
        if self.entry.pinned:
            machines.unpin(str(self.entry.pinned[0]), int(self.entry.pinned[1]))
            self._note(replace(self.entry, pinned=[]))

    def _looked(self, pod: Pod) -> None:
        self._note(money.counted(self.entry, pod))

    def _watched(self, pod: Pod) -> None:
        """A look at a booting pod: it costs money too."""
        self._looked(pod)
        left = money.seconds_left(self.entry)
        if left is not None and left <= 0 and not self.may_pass_cap:
            self.stop(f"the cap of {money.cap_words(self.entry)} was reached")
            raise over(self.entry)

    def _note(self, entry: Entry) -> None:
        self.entry = entry
        ledger.save(entry)
        self.tell("job", **job_fields(entry))

    def _say(self, text: str) -> None:
        self.tell("log", level="info", text=text)


def job_fields(entry: Entry) -> dict[str, Any]:
    """What job.json says of an entry."""
    pod = {
        "id": entry.id, "name": entry.name, "gpu": entry.gpu, "cloud": entry.cloud,
        "state": entry.status, "since": entry.since, "stopped": entry.stopped, "kept": entry.kept,
    }  # fmt: skip
    return {
        "pod": pod, "usd_per_hour": entry.usd_per_hour, "cost_usd": round(entry.spent_usd, 6),
        "cap_usd": entry.max_usd, "cap_hours": entry.max_hours,
        "released": entry.released is not None, **({} if entry.kept else {"kept": ""}),
    }  # fmt: skip


def near(entry: Entry) -> AppError:
    """Return what to say when a cap is near."""
    return AppError(
        f"the cap of {money.cap_words(entry)} is near ({money.usd(entry.spent_usd)} so far): "
        "the run was told to save and end",
        hint="bespoke train --resume goes on from there, with a higher cap",
        kind="budget",
    )


def over(entry: Entry) -> AppError:
    """Return what to say when a cap is reached."""
    return AppError(
        f"the cap of {money.cap_words(entry)} is reached ({money.usd(entry.spent_usd)} so far): "
        f"the pod {entry.id} is stopped, and what was not fetched lies on it",
        hint="bespoke runs fetch starts it again for that; bespoke billing --stop ends it",
        kind="budget",
    )


def vanished(pod_id: str) -> AppError:
    """Return what to say of a pod that is no more, though nobody here ended it."""
    return AppError(
        f"the pod {pod_id} is gone: ended in RunPod's console, by an empty balance or by RunPod",
        hint="what was fetched lies here; bespoke train --resume goes on from the last checkpoint",
        kind="lost",
    )


def _next_may_do(error: AppError) -> bool:
    """Whether another card may be had where this one was not.

    An empty account, a wrong key or a request RunPod does not understand fail with every card.
    """
    if isinstance(error, BootFailed):
        return True
    return isinstance(error, ApiError) and error.status in (400, 403)


def _nothing(wish: Wish, reasons: list[AppError]) -> AppError:
    """What to say when every card was tried; a rule is broken where none was out of stock."""
    tried = ", ".join(wish.gpus)
    if not reasons:
        return AppError(f"none of {tried} can be used", hint="name other cards", kind="capacity")
    last = reasons[-1]
    kind = "capacity" if any(error.kind == "capacity" for error in reasons) else last.kind
    hint = last.hint or "name more cards, or try the other cloud"
    return AppError(f"nothing could be rented of {tried}: {last.message}", hint=hint, kind=kind)
