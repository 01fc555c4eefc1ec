"""Machines behind the stand-in's pods: a bare socket for tests that need no login."""

import contextlib
import socket
import threading
from typing import Any

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

    @staticmethod
    def _greet(listening: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = listening.accept()
                client.sendall(b"SSH-2.0-standin\r\n")
                client.close()
