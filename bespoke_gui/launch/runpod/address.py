"""Address and key: where RunPod's interface is, and with what it is asked."""

from __future__ import annotations

import os
from urllib.parse import urlsplit

from bespoke_gui.core import secrets, settings
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.suggest.options import is_this_computer
from bespoke_gui.launch.runpod.words import SERVICE, no_key

USUAL = "https://api.runpod.io"
VARIABLE = "BESPOKE_RUNPOD_URL"


def base_url() -> str:
    """Return $BESPOKE_RUNPOD_URL, else the one of the settings, else RunPod's own.

    Raises AppError kind "usage" for an address over which the key could be read.
    """
    chosen = os.environ.get(VARIABLE) or settings.load().runpod.get("url") or USUAL
    url = str(chosen).rstrip("/")
    parts = urlsplit(url)
    is_safe = parts.scheme == "https" or (
        parts.scheme == "http" and is_this_computer(parts.hostname)
    )
    if not is_safe or not parts.hostname or parts.username:
        hint = f"it begins with https://; the usual one is {USUAL}"
        raise AppError(
            "is no safe address of RunPod's interface", file=url, hint=hint, kind="usage"
        )
    return url


def key() -> str:
    """Return the owner's key; raises AppError kind "auth" when there is none."""
    found = secrets.get(SERVICE)
    if not found:
        raise no_key()
    return found
