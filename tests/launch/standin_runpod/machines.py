"""Machines behind the stand-in's pods: a real sshd, or a bare socket for tests without login."""

import contextlib
import getpass
import os
import shlex
import shutil
import socket
import threading
from pathlib import Path
from typing import Any, ClassVar

import psutil

from tests.launch.sshd import SSHD, Sshd
from tests.launch.standin_runpod.pods import Address


class BareMachine:
    """Listens, says an SSH banner, and knows nothing else."""

    def __init__(self, pod: Any) -> None:
        self.pod = pod
        self._socket: socket.socket | None = None

    def start(self, env: dict[str, str]) -> Address:
        """Listen on a free port."""
        self._socket = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._greet, args=(self._socket,), daemon=True).start()
        key = f"256 SHA256:{'B' * 43} root@pod (ED25519)"
        return Address("127.0.0.1", self._socket.getsockname()[1], "root", (key,))

    def stop(self) -> None:
        """Listen no more."""
        if self._socket:
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)
            self._socket.close()
            self._socket = None

    def remove(self, keep_data: bool) -> None:
        """There is nothing to keep."""

    def lines(self) -> list[str]:
        """No program of it says anything."""
        return []

    @staticmethod
    def _greet(listening: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = listening.accept()
                client.sendall(b"SSH-2.0-standin\r\n")
                client.close()


class SshdMachine:
    """A real sshd with a pod's environment; its disk is a folder, mounted where the pod says.

    The container's start command is run for real, /start.sh of its image being a script that lets
    PUBLIC_KEY log in and becomes sshd: a command that does not come to it leaves no way in. The
    mounted path must lie in `folder`. Stopping ends every process that has the pod's id in its
    environment, as the end of a container does.
    """

    folder: ClassVar[Path]

    def __init__(self, pod: Any) -> None:
        self.pod = pod
        self.root = self.folder / pod.id
        self.mount = Path(_mount(pod.body))
        if not self.mount.is_relative_to(self.folder):
            raise ValueError(f"{self.mount} does not lie in {self.folder}")
        self.sshd: Sshd | None = None
        self._starts = 0
        self._said = 0

    def start(self, env: dict[str, str]) -> Address:
        """Boot on another port with another host key; only the mount is as it was."""
        self._starts += 1
        self.mount.mkdir(parents=True, exist_ok=True)
        self.sshd = Sshd(self.root / str(self._starts))
        (self.sshd.folder / "authorized_keys").unlink()
        self._said = 0
        seen = {key: value for key, value in env.items() if key != "PUBLIC_KEY"}
        seen["RUNPOD_TCP_PORT_22"] = str(self.sshd.port)
        # Not the home of whoever runs the tests: what its shell starts must not die with the pod.
        seen["HOME"] = str(self.sshd.workdir)
        # Programs of the image that this computer has not, such as nvidia-smi.
        seen["PATH"] = f"{self.folder / 'bin'}:{os.environ['PATH']}"
        # Who logs in sees what start.sh writes down for them, not the whole environment.
        shown = [f'{key}="{seen[key]}"' for key in seen if not key.startswith("BESPOKE_")]
        self.sshd.extra = "SetEnv " + " ".join(shown) + "\n"
        self.sshd.env = {**seen, "PUBLIC_KEY": env.get("PUBLIC_KEY", "")}
        self.sshd.command = self._command()
        self.sshd.start()
        key = f"256 {self.sshd.fingerprint} root@{self.pod.id} (ED25519)"
        return Address("127.0.0.1", self.sshd.port, getpass.getuser(), (key,))

    def stop(self) -> None:
        """End sshd and everything that was started through it."""
        if self.sshd:
            self.sshd.stop()
            self.sshd = None
        for process in self.processes():
            with contextlib.suppress(psutil.Error):
                process.kill()

    def lines(self) -> list[str]:
        """What the container has printed since the last look, sshd's own words aside."""
        if self.sshd is None:
            return []
        whole = self.sshd.said()
        fresh, self._said = whole[self._said :], len(whole)
        return fresh

    def _command(self) -> list[str]:
        """The image's command, or the one of the request, split as RunPod does it."""
        assert self.sshd is not None
        folder = self.sshd.folder
        start = folder / "start.sh"
        start.write_text(
            f'#!/bin/sh\necho "$PUBLIC_KEY" >> "{folder}/authorized_keys"\n'
            f'exec "{SSHD}" -D -E "{folder}/sshd.log" -f "{folder}/sshd_config"\n'
        )
        start.chmod(0o755)
        words = shlex.split(self.pod.body.get("args", "")) or ["/start.sh"]
        return [word.replace("/start.sh", str(start)) for word in words]

    def processes(self) -> list[psutil.Process]:
        """What runs in this pod."""
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                if process.environ().get("RUNPOD_POD_ID") == self.pod.id:
                    found.append(process)
        return found

    def remove(self, keep_data: bool) -> None:
        """Delete its disks; a network volume stays."""
        shutil.rmtree(self.root, ignore_errors=True)
        if not keep_data:
            shutil.rmtree(self.mount, ignore_errors=True)


def sshd_pods(folder: Path) -> type[SshdMachine]:
    """Machines whose disks lie in `folder`, for StandIn(machine=...)."""
    return type("SshdPod", (SshdMachine,), {"folder": Path(folder)})


def _mount(body: dict[str, Any]) -> str:
    mounts = body.get("mounts", {})
    network = mounts.get("network") or [{}]
    return (mounts.get("persistent") or network[0]).get("path", "/")
