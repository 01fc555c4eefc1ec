"""Secrets: keys of services in the system keyring; without one from the environment, or memory.

Nothing here writes a secret anywhere itself, and no error message holds one.
"""

from __future__ import annotations

import os
import re
import threading
from typing import Any

from bespoke_gui.core.errors import AppError

KEYRING, ENVIRONMENT, MEMORY = "keyring", "environment", "memory"
# Backends that keep nothing, and those of keyrings.alt that keep it in a readable file.
_NO_KEYRING = ("keyring.backends.fail", "keyring.backends.null", "keyrings.alt")
LONGEST = 4096

_memory: dict[tuple[str, str], str] = {}
_lock = threading.Lock()


def get(service: str, account: str = "") -> str | None:
    """Return the secret of `service` ("caption", "runpod"), or None where there is none.

    `account` tells several secrets of one service apart, for example the host of an endpoint.
    May wait for the person to unlock the keyring: call it off the GUI thread.
    """
    return _find(service, account)[0]


def set(service: str, value: str, account: str = "") -> str:
    """Keep a secret and return where: "keyring", or "memory" until the app closes.

    Raises AppError kind "usage" when `value` cannot be a key: empty, with spaces or too long.
    """
    value = value.strip()
    _require_key(value)
    with _lock:
        _memory.pop((service, account), None)
    if _store(service, account, value):
        return KEYRING
    with _lock:
        _memory[service, account] = value
    return MEMORY


def lend(service: str, value: str, account: str = "") -> None:
    """Keep a secret for this process alone: a helper process that was handed it needs no more."""
    with _lock:
        _memory[service, account] = value


def forget(service: str, account: str = "") -> None:
    """Remove a secret from memory and the keyring; one in the environment is not ours to remove.

    Raises AppError when the keyring keeps it all the same.
    """
    with _lock:
        _memory.pop((service, account), None)
    backend = _backend()
    if backend is None or not _asked(backend, service, account):
        return
    try:
        backend.delete_password(_entry(service), account or service)
    except Exception as error:  # noqa: BLE001 - backends raise what they like
        raise AppError(
            f"the keyring did not forget the key: {type(error).__name__}",
            hint="remove it with the keyring program of your system",
        ) from None


def where(service: str, account: str = "") -> str:
    """Say where the secret in use is: "keyring", "environment" or "memory".

    Where there is no secret yet: the place a new one would be kept in.
    """
    return _find(service, account)[1]


def describe(place: str, service: str) -> str:
    """Say in words what `where` means for a person."""
    return {
        KEYRING: "kept in the system keyring",
        ENVIRONMENT: f"read from the environment variable {variable(service)}",
        MEMORY: "kept in memory until Bespoke closes (there is no system keyring)",
    }[place]


def variable(service: str) -> str:
    """Return the environment variable of a service, for example BESPOKE_CAPTION_KEY."""
    return f"BESPOKE_{re.sub('[^A-Z0-9]+', '_', service.upper())}_KEY"


def redacted(text: str, secret: str | None) -> str:
    """Return `text` without the secret, for messages that come from elsewhere."""
    return text.replace(secret, "•••") if secret else text


def _find(service: str, account: str) -> tuple[str | None, str]:
    with _lock:
        remembered = _memory.get((service, account))
    if remembered is not None:
        return remembered, MEMORY
    backend = _backend()
    stored = _asked(backend, service, account) if backend is not None else None
    if stored:
        return stored, KEYRING
    given = os.environ.get(variable(service), "").strip()
    if given:
        return given, ENVIRONMENT
    return None, KEYRING if backend is not None else MEMORY


def _backend() -> Any:
    """Return the system's keyring, or None where there is none that keeps secrets safe."""
    try:
        import keyring

        backend = keyring.get_keyring()
    except Exception:  # noqa: BLE001 - a keyring that cannot even be looked for is none
        return None
    return None if type(backend).__module__.startswith(_NO_KEYRING) else backend


def _asked(backend: Any, service: str, account: str) -> str | None:
    try:
        return backend.get_password(_entry(service), account or service) or None
    except Exception:  # noqa: BLE001 - locked, or its service is gone: as if it held nothing
        return None


def _store(service: str, account: str, value: str) -> bool:
    """Put a secret into the keyring; say whether it is really there afterwards."""
    backend = _backend()
    if backend is None:
        return False
    try:
        backend.set_password(_entry(service), account or service, value)
    except Exception:  # noqa: BLE001 - locked or refused: memory is used, and said
        return False
    return _asked(backend, service, account) == value


def _entry(service: str) -> str:
    return f"bespoke {service}"


def _require_key(value: str) -> None:
    """Refuse what cannot travel in a header, without showing it."""
    if not value or len(value) > LONGEST or not value.isascii() or not value.isprintable():
        raise AppError("this is no key", hint="copy the key again, in one line", kind="usage")
    if " " in value:
        raise AppError(
            "a key has no spaces in it", hint="copy the key alone, without words", kind="usage"
        )
