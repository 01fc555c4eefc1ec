"""The faults of the campaign: each class, how it strikes in each stage, and where it cannot."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psutil

from tests.launch.standin_runpod import Fault

if TYPE_CHECKING:
    from tests.faults.world import World
    from tests.launch.standin_runpod import StandIn

STAGES = ("boot", "upload", "smoke", "training", "transfer", "release")
LINKED = ("upload", "smoke", "training", "transfer")
CREATE, LOOK, END = "POST /v2/pods", "GET /v2/pods/*", "POST /v2/pods/*/action"
LONGER_THAN_PATIENCE_S = 2.5


@dataclass(frozen=True)
class FaultClass:
    """One class. `plan` prepares the service before the start (boot and release), `strike` hits
    when the stage is reached and puts things right again. Not in `stages`: not possible, `why`.
    ends_well: all of the run is still to come out of it, whatever happened.
    """

    name: str
    stages: tuple[str, ...]
    strike: Callable[[World, str], None]
    plan: Callable[[World, str], None] = lambda _world, _stage: None
    why: str = ""
    needs_disk: bool = False
    ends_well: bool = True


def _no_strike(_world: World, _stage: str) -> None:
    """All was planned beforehand."""


def wait_until(done: Callable[[], bool], limit_s: float = 5.0) -> None:
    """Wait until it is so, or the time is over."""
    end = time.monotonic() + limit_s
    while not done() and time.monotonic() < end:
        time.sleep(0.02)


# -- the connection ---------------------------------------------------------------------------


def _plan_answer(**how: object) -> Callable[[World, str], None]:
    """In boot and release the only connection is the one to the service."""

    def plan(world: World, stage: str) -> None:
        if stage in ("boot", "release"):
            wanted = world.rng.choice((CREATE, LOOK)) if stage == "boot" else END
            times = world.rng.choice((1, 2))
            world.standin.faults.plan(Fault(wanted, times=times, **how))  # type: ignore[arg-type]

    return plan


def _on_link(act: Callable[[World], int]) -> Callable[[World, str], None]:
    def strike(world: World, stage: str) -> None:
        if stage not in LINKED:
            world.hits = len(world.standin.faults.hit)
            return
        for _ in range(world.rng.choice((1, 1, 2))):
            world.hits += act(world)
            time.sleep(world.rng.uniform(0.1, 0.6))

    return strike


def _kill(world: World) -> int:
    return sum(network.kill() for network in world.networks)


def _freeze(world: World) -> int:
    return sum(network.freeze() for network in world.networks)


def _half_open(world: World) -> int:
    way = world.rng.choice(("up", "down"))
    return sum(network.freeze(way) for network in world.networks)


# -- the programs -----------------------------------------------------------------------------


def _plan_end(world: World, stage: str) -> None:
    """The end takes a moment, so that another can come first."""
    if stage == "release":
        world.standin.faults.plan(Fault(END, delay=0.8))


def _kill_courier(world: World, _stage: str) -> None:
    for _ in range(world.rng.choice((1, 2))):
        pid = (world.job.get("courier") or {}).get("pid")
        if pid and world.exit is None:
            with contextlib.suppress(psutil.Error):
                courier = psutil.Process(pid)
                courier.kill()
                courier.wait(5)
                world.hits += 1
        time.sleep(world.rng.uniform(0, 0.8))
        world.attach()
        time.sleep(world.rng.uniform(0.2, 0.8))


def _restart_sshd(world: World, _stage: str) -> None:
    for pod in world.pods:
        if pod.machine.sshd:
            pod.machine.sshd.restart()
            world.hits += 1


def _vanish(world: World, _stage: str) -> None:
    wait_until(lambda: bool(world.pods))
    with world.standin.account.lock:
        for pod in world.pods:
            world.standin.account.terminate(pod.id)
            world.vanished = True
            world.hits += 1


# -- disks and bytes --------------------------------------------------------------------------


def _fill_here(world: World, _stage: str) -> None:
    world.here.fill()
    world.hits += 1
    time.sleep(world.rng.uniform(0.5, 1.5))
    world.here.free()


def _fill_there(world: World, _stage: str) -> None:
    world.there.fill()
    world.hits += 1
    time.sleep(world.rng.uniform(0.5, 2.0))
    world.there.free()


def _corrupt(world: World, stage: str) -> None:
    if stage == "transfer" and world.rng.random() < 0.5:
        _spoil_a_file(world)
    else:
        for network in world.networks:
            network.corrupt(world.rng.choice((1, 3)))
            world.hits += 1


def _spoil_a_file(world: World) -> None:
    """Change one byte of a finished file behind the manifest's back; its hash tells."""
    for pod in world.pods:
        for path in sorted(pod.machine.mount.glob("bespoke/runs/*/outputs/*.safetensors")):
            raw = path.read_bytes()
            pod.machine.remember()
            path.write_bytes(raw[:-1] + bytes([raw[-1] ^ 1]))
            time.sleep(world.rng.uniform(0.3, 1.0))
            if world.rng.random() < 0.5:
                path.write_bytes(raw)
            world.hits += 1
            return


# -- the service ------------------------------------------------------------------------------


def _plan_down(world: World, stage: str) -> None:
    """A burst of refusals at the very call that matters; the rest of the outage follows."""
    status = world.rng.choice((429, 500, 502, 503))
    if stage == "boot":
        world.standin.faults.plan(Fault(CREATE, status, after=world.rng.random() < 0.5))
    if stage == "release":
        world.standin.faults.plan(Fault(END, status, times=world.rng.choice((1, 3, 6))))


def _down(world: World, _stage: str) -> None:
    world.standin.pause()
    world.hits += 1
    time.sleep(world.rng.uniform(0.5, 2.5))
    wait_until(lambda: _is_up_again(world.standin), 20)


def _is_up_again(standin: StandIn) -> bool:
    """Start it again; its port may be in some client's hands for a moment."""
    with contextlib.suppress(OSError):
        standin.start()
        return True
    return False


CLASSES = (
    FaultClass("connection killed", STAGES, _on_link(_kill), _plan_answer(lost=True)),
    FaultClass("connection frozen", STAGES, _on_link(_freeze),
               _plan_answer(delay=LONGER_THAN_PATIENCE_S)),
    FaultClass("connection half-open", STAGES, _on_link(_half_open),
               _plan_answer(lost=True, after=True)),
    FaultClass("app killed", STAGES, _kill_courier, _plan_end),
    FaultClass("sshd restarted", LINKED, _restart_sshd, why="no sshd in use"),
    FaultClass("pod vanishes", STAGES, _vanish, _plan_end, ends_well=False),
    FaultClass("disk full here", STAGES, _fill_here, needs_disk=True),
    FaultClass("disk full there", LINKED, _fill_there, why="nothing is written there",
               needs_disk=True, ends_well=False),
    FaultClass("corrupted transfer", LINKED, _corrupt, why="nothing is transferred",
               ends_well=False),
    FaultClass("API down", STAGES, _down, _plan_down),
)  # fmt: skip
BY_NAME = {one.name: one for one in CLASSES}
PAIRS = [(one.name, stage) for one in CLASSES for stage in one.stages]
