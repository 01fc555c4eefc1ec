"""Keys: a throwaway key pair for each rented machine; the private half stays on this computer.

It lies in the system keyring. Where there is none it is written for this user only (mode 0600): it
opens nothing but that one machine and goes with it, and a run whose courier was killed could not
be fetched without it.
"""

from __future__ import annotations

import base64
import contextlib
import os

from bespoke_gui.core import secrets
from bespoke_gui.core.errors import AppError
from bespoke_gui.launch.runpod.ledger import Entry

SERVICE = "runpod ssh"


def public_key(entry: Entry) -> str:
    """Return the public key ("ssh-ed25519 AAAA..."), made where there is none yet."""
    import asyncssh

    try:
        key = asyncssh.import_private_key(private_key(entry))
    except (OSError, asyncssh.KeyImportError):
        key = asyncssh.generate_private_key("ssh-ed25519")
        _keep(entry, key.export_private_key("openssh"))
    return " ".join(key.export_public_key("openssh").decode("ascii").split()[:2])


def private_key(entry: Entry) -> str:
    """Return the private key as OpenSSH writes it; OSError where there is none."""
    kept = secrets.get(SERVICE, entry.name)
    if kept:
        return base64.b64decode(kept).decode("ascii")
    return entry.key_path.read_text(encoding="ascii")


def forget(entry: Entry) -> None:
    """Delete the private key of a machine that is no more."""
    entry.key_path.unlink(missing_ok=True)
    with contextlib.suppress(AppError):
        secrets.forget(SERVICE, entry.name)


def _keep(entry: Entry, text: bytes) -> None:
    place = secrets.set(SERVICE, base64.b64encode(text).decode("ascii"), entry.name)
    if place != secrets.KEYRING:
        secrets.forget(SERVICE, entry.name)
        _write(entry, text)


def _write(entry: Entry, text: bytes) -> None:
    path = entry.key_path
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = path.with_suffix(".new")
    try:
        # Never readable for others, not even for the moment before a chmod.
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        with os.fdopen(os.open(temporary, flags, 0o600), "wb") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        raise AppError(
            f"the key cannot be written: {(error.strerror or str(error)).lower()}", file=path
        ) from error
