"""A real OpenSSH sshd of our own on a loopback port, with throwaway keys; killed, frozen at will.

    with Sshd(tmp_path) as sshd:
        machine = sshd.machine()      # a core.machines.Machine; its host key is pinned

Sessions run as the user who runs the tests; `machine.workdir` lies in the folder of the kit.
"""

from __future__ import annotations

import contextlib
import getpass
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import asyncssh
import psutil
import pytest

from bespoke_gui.core import machines
from bespoke_gui.core.machines import Machine

SSHD = shutil.which("sshd") or "/usr/sbin/sshd"
SFTP_SERVER = Path("/usr/lib/openssh/sftp-server")
needs_sshd = pytest.mark.skipif(not Path(SSHD).exists(), reason="no sshd on this machine")

CONFIG = """
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/authorized_keys
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
MaxStartups 200:30:400
MaxSessions 100
LogLevel VERBOSE
PrintMotd no
Subsystem sftp {sftp}
"""


class Reachable:
    """What both servers of the tests are: a loopback port with a host key and a key to log in."""

    port: int
    host_key: str
    key_file: Path
    workdir: Path

    @property
    def fingerprint(self) -> str:
        """SHA256:... of the host key."""
        return machines.fingerprint(self.host_key)

    def machine(self, name: str = "box", pinned: bool = True) -> Machine:
        """Return this server as a machine; its host key is pinned unless told otherwise."""
        if pinned:
            machines.pin("127.0.0.1", self.port, self.host_key)
        return Machine(
            name, "127.0.0.1", self.port, getpass.getuser(), str(self.key_file),
            workdir=str(self.workdir), python=sys.executable,
        )  # fmt: skip


class Sshd(Reachable):
    """One sshd. `host_key` and `fingerprint` are its own, `key_file` lets one log in.

    extra: more lines of its configuration. command, env: what is started in place of sshd, and
    becomes it.
    """

    def __init__(self, folder: Path, port: int = 0) -> None:
        self.folder = Path(folder) / "sshd"
        self.folder.mkdir(parents=True, exist_ok=True)
        self.workdir = self.folder / "home"
        self.workdir.mkdir(exist_ok=True)
        self.port = port or free_port()
        self.extra = ""
        self.command: list[str] = []
        self.env: dict[str, str] | None = None
        self.key_file = self.folder / "client_key"
        self._process: subprocess.Popen[bytes] | None = None
        self.new_host_key()
        public = write_key(self.key_file)
        (self.folder / "authorized_keys").write_text(public + "\n")

    def __enter__(self) -> Sshd:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def new_host_key(self) -> None:
        """Make another host key, shown after the next start."""
        self.host_key = write_key(self.folder / "host_key")

    def authorize(self, public: str) -> None:
        """Let one more key log in."""
        with (self.folder / "authorized_keys").open("a") as file:
            file.write(public.strip() + "\n")

    def start(self) -> None:
        """Start it, and wait until it listens."""
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(exist_ok=True)
        sftp = SFTP_SERVER if SFTP_SERVER.exists() else "internal-sftp"
        config = self.folder / "sshd_config"
        config.write_text(CONFIG.format(port=self.port, folder=self.folder, sftp=sftp) + self.extra)
        command = self.command or [SSHD, "-D", "-E", str(self.log), "-f", str(config)]
        with self.output.open("ab") as output:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=self.env,
                start_new_session=True,
            )  # fmt: skip
        self.command = []  # after the first start only sshd is started again
        self._wait_for_port()

    def stop(self) -> None:
        """End the listener and every session; what was started detached goes on."""
        sessions = self.sessions()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
        for session in sessions:
            with contextlib.suppress(psutil.Error):
                session.kill()

    @property
    def log(self) -> Path:
        """What sshd says."""
        return self.folder / "sshd.log"

    @property
    def output(self) -> Path:
        """What everything else that is started prints."""
        return self.folder / "output.log"

    def said(self) -> list[str]:
        """The whole lines that were printed."""
        text = self.output.read_text(errors="replace") if self.output.exists() else ""
        return text.split("\n")[:-1]

    def restart(self) -> None:
        """Stop and start on the same port with the same keys."""
        self.stop()
        self.start()

    def sessions(self) -> list[psutil.Process]:
        """The sshd processes of the connections there are."""
        if self._process is None:
            return []
        with contextlib.suppress(psutil.Error):
            children = psutil.Process(self._process.pid).children(recursive=True)
            return [child for child in children if _is_sshd(child)]
        return []

    def cut(self) -> int:
        """Kill every connection; return how many processes that were."""
        return self._signal(signal.SIGKILL)

    def freeze(self) -> int:
        """Stop every connection without closing it: packets are taken, nothing answers."""
        return self._signal(signal.SIGSTOP)

    def thaw(self) -> int:
        """Let frozen connections go on."""
        return self._signal(signal.SIGCONT)

    def _signal(self, number: int) -> int:
        sessions = self.sessions()
        for session in sessions:
            with contextlib.suppress(psutil.Error):
                session.send_signal(number)
        return len(sessions)

    def _wait_for_port(self) -> None:
        end = time.monotonic() + 20
        while time.monotonic() < end:
            if self._process is not None and self._process.poll() is not None:
                break
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port)):
                return
            time.sleep(0.02)
        raise AssertionError("\n".join([*self.said(), self.log.read_text()]))


def _is_sshd(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.Error):
        return process.name().startswith("sshd")
    return False


def write_key(path: Path, passphrase: str | None = None) -> str:
    """Write a throwaway private key for this user only; return its public line."""
    key = asyncssh.generate_private_key("ssh-ed25519")
    path.touch(mode=0o600)
    path.write_bytes(key.export_private_key("openssh", passphrase))
    return " ".join(key.export_public_key().decode().split()[:2])


def free_port() -> int:
    """Return a loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
