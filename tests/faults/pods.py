"""Pods behind a faulty network, on a disk that can be filled; what they held is remembered."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import subprocess
from pathlib import Path
from typing import Any, ClassVar

from tests.faults.proxy import FaultyNetwork
from tests.launch.standin_runpod.machines import SshdMachine
from tests.launch.standin_runpod.pods import Address

BYTES_PER_S = 600_000
DISK_MB = 48


class FaultyPod(SshdMachine):
    """A real sshd that is only reached through a FaultyNetwork.

    truth: SHA-256 of every LoRA file its runs had made when it was stopped or removed.
    """

    networks: ClassVar[list[FaultyNetwork]]
    truth: ClassVar[dict[str, str]]

    def start(self, env: dict[str, str]) -> Address:
        """Boot; the address is that of the network in front."""
        address = super().start(env)
        network = FaultyNetwork(target=address.port)
        network.bytes_per_s = BYTES_PER_S
        self.networks.append(network)
        return Address("127.0.0.1", network.port, address.user, address.keys)

    def remove(self, keep_data: bool) -> None:
        """Remember what it made, then lose it."""
        self.remember()
        super().remove(keep_data)

    def remember(self) -> None:
        """Keep the hashes of the LoRA files that lie there now, half written ones aside."""
        for path in self.mount.glob("bespoke/runs/*/outputs/*.safetensors"):
            with contextlib.suppress(OSError):
                self.truth[path.name] = hashlib.sha256(path.read_bytes()).hexdigest()


def faulty_pods(folder: Path) -> type[FaultyPod]:
    """Pods whose disks lie in `folder`, with networks and truth of their own."""
    own: dict[str, Any] = {"folder": Path(folder), "networks": [], "truth": {}}
    return type("FaultyPodHere", (FaultyPod,), own)


class SmallDisk:
    """A disk of DISK_MB in memory at `folder`; `real` is False where none can be mounted."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.folder.mkdir(parents=True)
        words = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "tmpfs", str(folder)]
        has_mount = shutil.which("mount") is not None
        self.real = has_mount and subprocess.run(words, capture_output=True).returncode == 0
        self._filler = self.folder / ".filler"

    def fill(self) -> None:
        """Leave not one byte free."""
        piece = bytes(64 * 1024)
        with self._filler.open("ab", buffering=0) as file, contextlib.suppress(OSError):
            while file.write(piece):
                pass

    def free(self) -> None:
        """Give the room back."""
        self._filler.unlink(missing_ok=True)

    def close(self) -> None:
        """Take the disk away."""
        if self.real:
            subprocess.run(["umount", "-l", str(self.folder)], capture_output=True)


def mounts_work(folder: Path) -> bool:
    """Whether this user may mount a small disk."""
    disk = SmallDisk(folder / "try")
    disk.close()
    return disk.real
