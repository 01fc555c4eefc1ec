"""Words: every answer of RunPod that is no success, as one line a person can act on."""

from __future__ import annotations

import re

from bespoke_gui.core.errors import AppError

CONSOLE = "https://console.runpod.io"
SERVICE = "runpod"
# The API says "no capacity" only in words, with the same 400 as a broken rule.
CAPACITY = re.compile(
    r"no longer any instances|no (?:available )?(?:instances|machines|capacity|gpus?)\b"
    r"|not (?:enough|sufficient) (?:capacity|gpus?)|insufficient capacity|out of (?:stock|capacity)"
    r"|(?:un|not )available",
    re.IGNORECASE,
)
LONGEST = 300


class ApiError(AppError):
    """An AppError with the HTTP status (0: no answer) and what the server said.

    sent: the request may have been carried out all the same.
    """

    def __init__(
        self, message: str, *, status: int = 0, hint: str = "", kind: str = "network",
        detail: str = "", retry_after: float | None = None, sent: bool = True,
    ) -> None:  # fmt: skip
        super().__init__(message, hint=hint, kind=kind)
        self.status = status
        self.detail = detail
        self.retry_after = retry_after
        self.sent = sent

    @property
    def passes(self) -> bool:
        """Whether the same request may succeed a little later."""
        return self.status in (0, 408, 429) or self.status >= 500


def explained(status: int, detail: str, retry_after: float | None = None) -> ApiError:
    """Return what an answer with this status means; `detail` are the server's own words."""
    said = clean(detail)
    message, hint, kind = _meaning(status, said)
    return ApiError(
        message, status=status, hint=hint, kind=kind, detail=said, retry_after=retry_after,
        sent=status >= 500 or status == 408,
    )  # fmt: skip


def clean(text: str) -> str:
    """One line of printable characters, not too long: servers' words go to screens and files."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"


def no_answer(seconds: float) -> ApiError:
    """Return that nothing came back in time; what was asked may have been done."""
    return ApiError(
        f"RunPod did not answer within {seconds:g} s", hint="it is asked again by itself"
    )


def unreachable(reason: str, *, sent: bool) -> ApiError:
    """Return that there is no connection, or that it broke."""
    what = "the connection to RunPod broke" if sent else "RunPod cannot be reached"
    hint = "check the connection of this computer; status.runpod.io tells of trouble there"
    return ApiError(f"{what}: {clean(reason)}" if reason else what, hint=hint, sent=sent)


def nonsense(url: str) -> ApiError:
    """Return that the answer is none of RunPod's."""
    hint = "check the address (BESPOKE_RUNPOD_URL) and whether a network login page is in the way"
    return ApiError(f"{url} answers with something that is not RunPod's", hint=hint)


def no_key() -> AppError:
    """Return that there is no key to ask with."""
    hint = "give one with: bespoke runpod key set; or set BESPOKE_RUNPOD_KEY"
    return AppError("no RunPod key is known", hint=hint, kind="auth")


def _meaning(status: int, said: str) -> tuple[str, str, str]:
    """Message, hint and failure kind of a status."""
    behind = f": {said}" if said else ""
    if status == 400:
        return _refused(behind, said)
    if status == 429:
        hint = "it is asked again after the time it names"
        return "RunPod was asked too often and wants a pause", hint, "network"
    if status >= 500 or status == 408:
        hint = "it is asked again by itself; status.runpod.io tells of trouble there"
        return f"RunPod has trouble of its own ({status}){behind}", hint, "network"
    message, hint, kind = _KNOWN.get(status, (f"RunPod answers {status}", "", "network"))
    return f"{message}{behind}", hint, kind


def _refused(behind: str, said: str) -> tuple[str, str, str]:
    if CAPACITY.search(said):
        hint = "name more cards, try the other cloud, or wait a little"
        return f"nothing is free at RunPod{behind}", hint, "capacity"
    return f"RunPod refuses the request{behind}", "", "bad_config"


_KNOWN = {
    401: (
        "RunPod does not accept the key",
        f"make a new one at {CONSOLE}/user/settings and give it with: bespoke runpod key set",
        "auth",
    ),
    402: (
        "the balance at RunPod is too low",
        f"add credit at {CONSOLE}/user/billing; a pod needs an hour's worth to start",
        "budget",
    ),
    403: (
        "the RunPod key may not do this",
        f"give it read and write access to pods at {CONSOLE}/user/settings",
        "auth",
    ),
    404: ("RunPod knows nothing of it (any more)", "", "lost"),
    409: ("RunPod cannot do this in the pod's present state", "", "conflict"),
    410: (
        "RunPod has switched this part of its interface off",
        "a newer Bespoke is needed",
        "network",
    ),
    422: (
        "RunPod does not understand the request",
        "its interface may have changed; a newer Bespoke may be needed",
        "bad_config",
    ),
}
