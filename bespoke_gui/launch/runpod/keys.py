"""Keys: a throwaway key pair for each rented machine; the private half stays on this computer."""

from __future__ import annotations

import os

from bespoke_gui.core.errors import AppError
from bespoke_gui.launch.runpod.ledger import Entry


def public_key(entry: Entry) -> str:
    """Return the public key ("ssh-ed25519 AAAA..."), made where there is none yet.

    The private one is written for this user only (mode 0600), beside the settings.
    """
    import asyncssh

    try:
        key = asyncssh.import_private_key(private_key(entry))
    except (OSError, asyncssh.KeyImportError):
        key = asyncssh.generate_private_key("ssh-ed25519")
        _write(entry, key.export_private_key("openssh"))
    return " ".join(key.export_public_key("openssh").decode("ascii").split()[:2])


def private_key(entry: Entry) -> str:
    """Return the private key as OpenSSH writes it; OSError where there is none."""
    return entry.key_path.read_text(encoding="ascii")


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
