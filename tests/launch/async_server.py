"""An SSH server inside the test's own process: where no sshd is installed, and where 0.1 s count.

    with AsyncServer(tmp_path) as server:
        machine = server.machine()    # as tests.launch.sshd.Sshd makes one

Commands really run, as the user of the tests, and files are those of this computer.
"""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import threading
from pathlib import Path

import asyncssh

from tests.launch.sshd import Reachable, write_key

PIECE = 64 * 1024


class AsyncServer(Reachable):
    """One server on a free loopback port, in a thread of its own. `env`: variables of sessions."""

    def __init__(self, folder: Path, env: dict[str, str] | None = None) -> None:
        self.folder = Path(folder) / "ssh"
        self.workdir = self.folder / "home"
        self.workdir.mkdir(parents=True)
        self.env = env
        self.key_file = self.folder / "client_key"
        self.host_key = write_key(self.folder / "host_key")
        (self.folder / "authorized_keys").write_text(write_key(self.key_file) + "\n")
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="ssh-server", daemon=True)

    def __enter__(self) -> AsyncServer:
        self._thread.start()
        if not self._ready.wait(20):
            raise AssertionError("the SSH server did not start")
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(self._listen())
        self.port = server.get_port()
        self._ready.set()
        self._loop.run_forever()
        server.close()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.close()

    async def _listen(self) -> asyncssh.SSHAcceptor:
        return await asyncssh.listen(
            "127.0.0.1", 0, server_host_keys=[str(self.folder / "host_key")],
            authorized_client_keys=str(self.folder / "authorized_keys"),
            process_factory=self._serve, sftp_factory=True, encoding=None, line_editor=False,
        )  # fmt: skip

    async def _serve(self, process: asyncssh.SSHServerProcess[bytes]) -> None:
        """Run what is asked for with a shell, as sshd does."""
        child = await asyncio.create_subprocess_shell(
            process.command or "exit 1", executable="/bin/bash", cwd=Path.home(), env=self.env,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            start_new_session=True,
        )  # fmt: skip
        feeding = asyncio.ensure_future(_copy_in(process, child))
        watching = asyncio.ensure_future(_end_with(process, child))
        try:
            await asyncio.gather(
                _copy_out(child.stdout, process.stdout), _copy_out(child.stderr, process.stderr)
            )
            code = await child.wait()
            with contextlib.suppress(asyncssh.Error, OSError):
                process.exit(code if code >= 0 else 255)
        finally:
            for task in (feeding, watching):
                task.cancel()


async def _copy_in(process: asyncssh.SSHServerProcess[bytes], child: asyncio.subprocess.Process):
    assert child.stdin is not None
    with contextlib.suppress(asyncssh.Error, OSError):
        while piece := await process.stdin.read(PIECE):
            child.stdin.write(piece)
            await child.stdin.drain()
        child.stdin.close()


async def _copy_out(source: asyncio.StreamReader | None, sink: asyncssh.SSHWriter[bytes]) -> None:
    assert source is not None
    with contextlib.suppress(asyncssh.Error, OSError):
        while piece := await source.read(PIECE):
            sink.write(piece)
            await sink.drain()


async def _end_with(process: asyncssh.SSHServerProcess[bytes], child: asyncio.subprocess.Process):
    """A command whose channel is closed gets no reader any more; it ends, as with sshd."""
    await process.wait_closed()
    with contextlib.suppress(ProcessLookupError):
        child.terminate()
