"""Entry of the queue: the whole request for one training, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

STATES = ("waiting", "running", "done", "failed", "paused", "cancelled")
PENDING = ("waiting", "paused")
ENDED = ("done", "failed", "cancelled")
LOCAL = "local"


@dataclass(frozen=True)
class Entry:
    """One training in line.

    text: the config as it was when it was added, so that later edits of the file change nothing;
    config: where it came from. package: a zip or folder in its place. data: folders of images and
    how often each is repeated; none means the project's dataset. place: what a backend elsewhere
    is asked for, as in a run's spec. run: id of its run once it was started. launcher: the
    process that is starting it now ({pid, started, since}), empty otherwise. sweep: the name of
    the sweep it belongs to. note: why it failed, in words. Times are seconds since 1970.
    """

    id: int
    title: str
    text: str = ""
    config: str = ""
    package: str = ""
    data: list[list[Any]] = field(default_factory=list)
    engine: str = "lora"
    base: str = ""
    backend: str = LOCAL
    place: dict[str, Any] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    state: str = "waiting"
    run: str = ""
    launcher: dict[str, Any] = field(default_factory=dict)
    sweep: str = ""
    note: str = ""
    added: float = 0.0
    started: float = 0.0
    ended: float = 0.0

    @property
    def machine(self) -> str:
        """The machine it waits for, as `machine_of` names it."""
        return machine_of(self.backend, self.place)

    def as_dict(self) -> dict[str, Any]:
        """Return what is kept in the file."""
        return asdict(self)

    def told(self) -> dict[str, Any]:
        """Return what the command line prints: without the config's text."""
        kept = ("text", "launcher", "data", "options", "place")
        found = {name: value for name, value in asdict(self).items() if name not in kept}
        return {**found, "machine": self.machine}


def machine_of(backend: str, place: Mapping[str, Any]) -> str:
    """Name the machine that a run keeps busy: "local", "ssh:NAME", else the backend's name.

    Whatever is rented counts as one machine, so that a queue never rents two at a time.
    """
    machine = place.get("machine")
    if isinstance(machine, Mapping):
        name = machine.get("name") or f"{machine.get('host', '')}:{machine.get('port', 22)}"
        return f"{backend}:{name}"
    return backend or LOCAL


def entry_from(data: Mapping[str, Any]) -> Entry | None:
    """Return the entry in a dict; None where it makes no sense. Unknown keys are left out."""
    known: dict[str, Any] = {}
    for item in fields(Entry):
        kind, value = type(getattr(_SAMPLE, item.name)), data.get(item.name)
        if kind is float and type(value) is int:
            value = float(value)
        if type(value) is kind:
            known[item.name] = value
    if "id" not in known or "title" not in known or known.get("state", "") not in STATES:
        return None
    return Entry(**known)


_SAMPLE = Entry(0, "")
