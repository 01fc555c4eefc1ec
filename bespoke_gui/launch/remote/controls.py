"""Controls: the files of control/ here are passed on to control/ of the remote run."""

from __future__ import annotations

from bespoke_gui.core.rundir import CONTROLS, RunDir
from bespoke_gui.launch.remote.link import Link

ONCE = ("save", "sample")
"""Asked once: they are taken away here as soon as they have been passed on."""


class Controls:
    """What was asked here, and what the machine has been told of it over this connection."""

    def __init__(self, run_dir: RunDir, remote_folder: str) -> None:
        self.run_dir = run_dir
        self.folder = f"{remote_folder}/control"
        self._told: set[str] | None = None

    async def pass_on(self, link: Link) -> None:
        """Tell the machine what changed since the last call."""
        if self._told is None:
            self._told = await self._there(link)
        for name in CONTROLS:
            asked = self.run_dir.requested(name)
            if asked and name not in self._told:
                await link.write(f"{self.folder}/{name}", b"")
                self._told.add(name)
            elif not asked and name in self._told:
                await link.remove(f"{self.folder}/{name}")
                self._told.discard(name)
            if asked and name in ONCE:
                self.run_dir.withdraw(name)
                self._told.discard(name)

    async def _there(self, link: Link) -> set[str]:
        """What the machine was told over an earlier connection and has not done yet.

        A save or sample that waits there is not withdrawn: it was asked.
        """
        found = set()
        for name in CONTROLS:
            if name not in ONCE and await link.size(f"{self.folder}/{name}") is not None:
                found.add(name)
        return found
