"""Keeping a key: asked for on a terminal or read from a pipe, never taken from the arguments."""

from __future__ import annotations

import sys

from bespoke_gui.commands.output import Result
from bespoke_gui.core import secrets
from bespoke_gui.core.errors import AppError


def keep_key(service: str, title: str) -> Result:
    """Keep the key of a service in the keyring, and nowhere else; raises AppError without one.

    Arguments can be read by every program on this computer, standard input cannot.
    """
    place = secrets.set(service, _asked(title))
    if place == secrets.MEMORY:
        secrets.forget(service)
        hint = f"set the environment variable {secrets.variable(service)} instead"
        raise AppError("this computer has no keyring to keep the key in", hint=hint, kind="auth")
    return Result({"where": place}, f"the key is {secrets.describe(place, service)}")


def forget_key(service: str) -> Result:
    """Take the key of a service out of the keyring; one in the environment stays."""
    secrets.forget(service)
    left = secrets.get(service) is not None
    text = f"one is left in {secrets.variable(service)}" if left else "no key is kept"
    return Result({"known": left}, text)


def _asked(title: str) -> str:
    if sys.stdin.isatty():
        import getpass

        return getpass.getpass(f"{title}: ")
    return sys.stdin.readline()
