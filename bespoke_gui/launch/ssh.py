"""SSH backend: any Linux machine with Python that can be logged in to with a key."""

from __future__ import annotations

from bespoke_gui.launch.base import BACKENDS
from bespoke_gui.launch.remote.backend import RemoteBackend
from bespoke_gui.launch.remote.own_machine import OwnMachine

BACKENDS.add("ssh", RemoteBackend("ssh", "A machine by SSH", OwnMachine()))
