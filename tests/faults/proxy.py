"""Faulty network: a TCP proxy whose connections can be cut, frozen, half-opened or corrupted."""

from __future__ import annotations

import contextlib
import select
import socket
import struct
import threading
import time
from dataclasses import dataclass, field

PIECE = 64 * 1024
SLOW_PIECE = 8 * 1024
RESET = struct.pack("ii", 1, 0)  # SO_LINGER with no wait: closing sends RST, as a dead router does


@dataclass
class _Pair:
    """One connection through the proxy."""

    near: socket.socket
    far: socket.socket
    frozen: set[str] = field(default_factory=set)

    def reset(self) -> None:
        for end in (self.near, self.far):
            with contextlib.suppress(OSError):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                end.close()


class FaultyNetwork:
    """Forwards 127.0.0.1:`port` to a target that may change; faults hit what is connected now.

    `down` refuses new connections as well, until it is set back. bytes_per_s: how much it carries
    each way of a connection, 0 for all it can.
    """

    def __init__(self, host: str = "127.0.0.1", target: int = 0) -> None:
        self.host, self.target = host, target
        self.down = False
        self.bytes_per_s = 0
        self._pairs: list[_Pair] = []
        self._corrupt = 0
        self._lock = threading.Lock()
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        threading.Thread(target=self._accept, name="faulty-network", daemon=True).start()

    @property
    def connections(self) -> int:
        """How many connections stand now."""
        with self._lock:
            return len(self._pairs)

    def kill(self) -> int:
        """Reset every connection; returns how many there were."""
        with self._lock:
            pairs, self._pairs = self._pairs, []
        for pair in pairs:
            pair.reset()
        return len(pairs)

    def freeze(self, *directions: str) -> int:
        """Stop carrying bytes "up" or "down" (both when none is named); nothing is closed."""
        with self._lock:
            for pair in self._pairs:
                pair.frozen.update(directions or ("up", "down"))
            return len(self._pairs)

    def corrupt(self, pieces: int = 1) -> None:
        """Flip a byte in each of the next `pieces` pieces that come down."""
        self._corrupt = pieces

    def close(self) -> None:
        """End the proxy and what is connected."""
        with contextlib.suppress(OSError):
            self._server.close()
        self.kill()

    def __enter__(self) -> FaultyNetwork:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._server.accept()
            except OSError:
                return
            threading.Thread(target=self._carry, args=(near,), daemon=True).start()

    def _carry(self, near: socket.socket) -> None:
        try:
            if self.down:
                raise ConnectionRefusedError
            far = socket.create_connection((self.host, self.target), timeout=5)
        except OSError:
            near.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            near.close()
            return
        for end in (near, far):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        pair = _Pair(near, far)
        with self._lock:
            self._pairs.append(pair)
        with contextlib.suppress(OSError, ValueError):
            self._pump(pair)
        pair.reset()
        with self._lock, contextlib.suppress(ValueError):
            self._pairs.remove(pair)

    def _pump(self, pair: _Pair) -> None:
        ways = {"up": (pair.near, pair.far), "down": (pair.far, pair.near)}
        while True:
            open_ways = [name for name in ways if name not in pair.frozen]
            # A short wait, so that a thaw or a freeze is noticed soon.
            ready, _, _ = select.select([ways[name][0] for name in open_ways], [], [], 0.05)
            for name in open_ways:
                source, sink = ways[name]
                if source not in ready or name in pair.frozen:
                    continue
                piece = source.recv(SLOW_PIECE if self.bytes_per_s else PIECE)
                if not piece:
                    return
                sink.sendall(self._spoilt(name, piece))
                if self.bytes_per_s:
                    time.sleep(len(piece) / self.bytes_per_s)

    def _spoilt(self, way: str, piece: bytes) -> bytes:
        if way != "down" or self._corrupt < 1:
            return piece
        self._corrupt -= 1
        middle = len(piece) // 2
        return piece[:middle] + bytes([piece[middle] ^ 1]) + piece[middle + 1 :]
