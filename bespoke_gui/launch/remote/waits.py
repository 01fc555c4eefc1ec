"""Waits: every patience of a remote run, in seconds; tests shorten them by $BESPOKE_WAITS."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, fields

VARIABLE = "BESPOKE_WAITS"


@dataclass(frozen=True)
class Waits:
    """Seconds, unless the name says otherwise.

    connect: until a connection must stand. keepalive x keepalive_misses: a silent link is given up.
    back_off .. back_off_most: between tries to connect, doubling. command: of one remote command.
    controls: between looks at control/. state: between looks at the remote run. contact: between
    signs of life for the supervisor. asked, terminated: rungs of the cancel ladder. disk_full:
    between tries while something cannot be written on this computer. local_grace: until a rented
    machine whose run has ended is stopped for that, all kept on it. fetch_tries: how often a file
    with a wrong hash is fetched. give_up: until a machine that cannot be reached ends a run that
    did not start yet, or that shall stop. money: between looks at the money. release: until a
    machine that cannot be given back is told of; trying goes on. courier_tries: how often a courier
    that dies before it has lived courier_settled is started again by itself, after courier_back_off
    to courier_back_off_most, doubling.
    """

    connect: float = 20.0
    keepalive: float = 5.0
    keepalive_misses: int = 3
    back_off: float = 1.0
    back_off_most: float = 60.0
    command: float = 60.0
    controls: float = 0.2
    state: float = 2.0
    contact: float = 15.0
    heartbeat: float = 2.0
    asked: float = 30.0
    terminated: float = 10.0
    disk_full: float = 5.0
    local_grace: float = 1800.0
    fetch_tries: int = 3
    give_up: float = 300.0
    money: float = 15.0
    release: float = 60.0
    courier_tries: int = 5
    courier_settled: float = 20.0
    courier_back_off: float = 2.0
    courier_back_off_most: float = 60.0


def load_waits() -> Waits:
    """Return the waits, those in $BESPOKE_WAITS (a JSON object) in place of the usual ones."""
    try:
        given = json.loads(os.environ.get(VARIABLE) or "{}")
    except ValueError:
        return Waits()
    if not isinstance(given, dict):
        return Waits()
    known = {
        item.name: type(getattr(Waits, item.name))(given[item.name])
        for item in fields(Waits)
        if isinstance(given.get(item.name), (int, float))
    }
    return Waits(**known)
