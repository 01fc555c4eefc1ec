"""Waits of rented machines, in seconds; tests shorten them by $BESPOKE_WAITS like the others."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, fields

from bespoke_gui.launch.remote.waits import VARIABLE


@dataclass(frozen=True)
class RentWaits:
    """Seconds, unless the name says otherwise.

    api: for one whole answer. api_tries: how often a safe request is tried. api_back_off to
    api_back_off_most: between those tries, doubling. boot: until a pod must be reachable.
    boot_poll: between looks at it. boot_quiet: for a booted pod to name its host keys.
    lost_answer: how long a pod is looked for by name when the answer to its creation never came.
    no_gpu: how long a running pod may show no card. money: between looks at the price.
    cap_grace: a run that passed a cap has so long to save, end and be fetched before its pod is
    stopped. reserve: the pod ends its run so long before the cap. silent: a finished pod that
    hears nothing stops itself; boot_silent: so does one to which nobody ever connected; guard_look:
    between the looks of its guard; guard_says: how long its first word is waited for.
    release_back_off to release_back_off_most: between tries to end it. release_try: how long one
    try to end it lasts; the courier tries for ever.
    """

    api: float = 30.0
    api_tries: int = 5
    api_back_off: float = 1.0
    api_back_off_most: float = 30.0
    boot: float = 1200.0
    boot_poll: float = 3.0
    boot_quiet: float = 90.0
    lost_answer: float = 20.0
    no_gpu: float = 45.0
    money: float = 15.0
    cap_grace: float = 600.0
    reserve: float = 300.0
    silent: float = 2700.0
    boot_silent: float = 1800.0
    guard_look: float = 20.0
    guard_says: float = 10.0
    release_back_off: float = 2.0
    release_back_off_most: float = 60.0
    release_try: float = 20.0


def rent_waits() -> RentWaits:
    """Return the waits, those in $BESPOKE_WAITS (a JSON object) in place of the usual ones."""
    try:
        given = json.loads(os.environ.get(VARIABLE) or "{}")
    except ValueError:
        return RentWaits()
    if not isinstance(given, dict):
        return RentWaits()
    known = {
        item.name: type(getattr(RentWaits, item.name))(given[item.name])
        for item in fields(RentWaits)
        if isinstance(given.get(item.name), (int, float))
    }
    return RentWaits(**known)
