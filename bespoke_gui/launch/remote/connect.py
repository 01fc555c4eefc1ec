"""Connecting: keys to log in with, host keys that are pinned, and what is said when they differ."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import asyncssh

from bespoke_gui.core.errors import AppError
from bespoke_gui.core.machines import Machine, fingerprint, pinned_keys
from bespoke_gui.launch.remote.link import LinkLost
from bespoke_gui.launch.remote.ssh_link import GONE, SshLink
from bespoke_gui.launch.remote.waits import Waits

# AES in hardware is several times as fast as the default; checkpoints do not compress.
CIPHERS = ["aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "chacha20-poly1305@openssh.com",
           "aes256-ctr", "aes128-ctr"]  # fmt: skip


async def connect(machine: Machine, waits: Waits, private_key: str = "") -> SshLink:
    """Connect and log in; `private_key` (OpenSSH text) takes the place of the machine's keys.

    Raises LinkLost when it cannot be reached, AppError kind "auth" for a host key that is unknown
    or not the pinned one, and for a refused login.
    """
    pinned = pinned_keys(machine.host, machine.port)
    if not pinned:
        raise unknown(machine, await server_key(machine, waits))
    try:
        async with asyncio.timeout(waits.connect), _keys(machine, private_key) as keys:
            connection = await asyncssh.connect(
                machine.host, machine.port, config=None, username=machine.login,
                client_keys=keys, agent_path=None, known_hosts=(_public(pinned), [], []),
                keepalive_interval=waits.keepalive, keepalive_count_max=waits.keepalive_misses,
                encryption_algs=CIPHERS, compression_algs=["none"],
            )  # fmt: skip
            try:
                return SshLink(connection, await connection.start_sftp_client())
            except BaseException:
                connection.abort()  # nobody else would: it is in no hand yet
                raise
    except asyncssh.HostKeyNotVerifiable as error:
        raise changed(machine, await server_key(machine, waits), pinned) from error
    except asyncssh.PermissionDenied as error:
        raise refused(machine) from error
    except GONE as error:
        raise LinkLost(_reason(error, machine)) from error


async def server_key(machine: Machine, waits: Waits) -> str:
    """Ask a machine for its host key ("type base64"), without logging in."""
    try:
        async with asyncio.timeout(waits.connect):
            key = await asyncssh.get_server_host_key(machine.host, machine.port, config=None)
    except GONE as error:
        raise LinkLost(_reason(error, machine)) from error
    if key is None:
        raise AppError("shows no host key", file=machine.address, kind="auth")
    return " ".join(key.export_public_key("openssh").decode("ascii").split()[:2])


def unknown(machine: Machine, key: str) -> AppError:
    """What to say of a machine that was never seen before."""
    shown = fingerprint(key)
    return AppError(
        f"is not known yet; its key is {shown}", file=machine.address,
        hint=f"if the machine shows the same: --accept-host-key {shown}", kind="auth",
    )  # fmt: skip


def changed(machine: Machine, key: str, pinned: list[str]) -> AppError:
    """What to say of a machine that shows another key than before."""
    shown, before = fingerprint(key), ", ".join(fingerprint(old) for old in pinned)
    return AppError(
        f"shows another key than before: {shown} instead of {before}; nothing was sent",
        file=machine.address,
        hint=f"another machine may answer; if it was made anew: --accept-host-key {shown}",
        kind="auth",
    )  # fmt: skip


def refused(machine: Machine) -> AppError:
    """What to say when the login was refused."""
    what = machine.key_file or ("the keys of the agent" if machine.use_agent else "the key")
    hint = f"add its public key to ~/.ssh/authorized_keys of {machine.login} there"
    return AppError(f"does not accept {what}", file=machine.address, hint=hint, kind="auth")


@contextlib.asynccontextmanager
async def _keys(machine: Machine, private_key: str) -> AsyncIterator[Sequence[Any]]:
    """Only the keys that were chosen: nothing of ~/.ssh, no agent unless asked for."""
    if private_key:
        yield [asyncssh.import_private_key(private_key)]
    elif machine.key_file:
        yield [_key_of(Path(machine.key_file).expanduser())]
    elif machine.use_agent:
        async with _agent(machine) as agent:
            yield list(await agent.get_keys())
    else:
        raise AppError(
            "no key to log in with was chosen", file=machine.address,
            hint="give a key file, or choose the SSH agent", kind="auth",
        )  # fmt: skip


@contextlib.asynccontextmanager
async def _agent(machine: Machine) -> AsyncIterator[asyncssh.SSHAgentClient]:
    """The SSH agent of this computer; it signs while the login lasts."""
    try:
        agent = await asyncssh.connect_agent()
    except (OSError, asyncssh.Error) as error:
        hint = "start it, or give a key file"
        raise AppError("no SSH agent answers", file=machine.address, hint=hint,
                       kind="auth") from error  # fmt: skip
    async with agent:
        yield agent


def _key_of(path: Path) -> asyncssh.SSHKey:
    try:
        return asyncssh.read_private_key(path)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise AppError(f"this key cannot be read: {reason}", file=path, kind="auth") from error
    except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError) as error:
        if "passphrase" in str(error).lower():
            hint = "load it into your SSH agent and choose the agent"
            raise AppError("this key has a passphrase", file=path, hint=hint,
                           kind="auth") from error  # fmt: skip
        hint = "choose the private key, not the .pub file"
        raise AppError("is no private key", file=path, hint=hint, kind="auth") from error


def _public(lines: list[str]) -> list[asyncssh.SSHKey]:
    return [asyncssh.import_public_key(line) for line in lines]


def _reason(error: BaseException, machine: Machine) -> str:
    if isinstance(error, TimeoutError):
        return f"{machine.address} does not answer"
    if isinstance(error, OSError) and error.strerror:
        return f"{machine.address} cannot be reached: {error.strerror.lower()}"
    return f"{machine.address} cannot be reached: {error}"
