"""RunPod backend: runs on a machine that is rented for them and given back afterwards."""

from __future__ import annotations

from bespoke_gui.core.rundir import RunDir
from bespoke_gui.launch.base import BACKENDS
from bespoke_gui.launch.remote.backend import RemoteBackend
from bespoke_gui.launch.runpod import address
from bespoke_gui.launch.runpod.provider import RunpodProvider
from bespoke_gui.launch.runpod.wish import wish_of


class RunpodBackend(RemoteBackend):
    """A remote backend that says what nobody can rent with before anything is started."""

    def __init__(self) -> None:
        super().__init__("runpod", "RunPod", RunpodProvider())

    def start(self, run_dir: RunDir) -> None:
        """Start the courier. Raises AppError kind "usage" for a wish that makes no sense, and
        "auth" where there is no key."""
        wish_of(run_dir)
        address.base_url()
        address.key()
        super().start(run_dir)


BACKENDS.add("runpod", RunpodBackend())
