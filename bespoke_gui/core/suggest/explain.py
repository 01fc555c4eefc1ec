"""Errors of endpoints in words: what went wrong, and what the person can do about it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from bespoke_gui.core.errors import AppError
from bespoke_gui.core.suggest.options import is_near

QUOTED = 200


class EndpointError(AppError):
    """An endpoint could not be asked. `fatal`: it would be the same for every other image.

    retry_after: seconds the endpoint asks to wait, None where it does not say; `passing`: the
    same question may be answered in a while.
    """

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        kind: str = "bad_input",
        fatal: bool = False,
        passing: bool = False,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message, hint=hint, kind=kind)
        self.fatal = fatal
        self.passing = passing
        self.retry_after = retry_after


def no_connection(base_url: str, reason: str) -> EndpointError:
    """Return the error for an endpoint that nobody answers at; `reason` is what the system said."""
    parts = urlsplit(base_url)
    where = parts.netloc
    low = reason.casefold()
    if any(
        words in low for words in ("name or service", "getaddrinfo", "name resolution", "nodename")
    ):
        return _network(f"there is no host {parts.hostname}", "check the address for typing errors")
    if "certificate" in low or "ssl" in low:
        hint = "use http:// for a server on this computer, else ask who runs the server"
        return _network(f"{where} does not prove that it is what it says (TLS)", hint)
    if "refused" in low:
        return _network(f"nobody answers at {where}", _is_it_running(parts.port, parts.hostname))
    if "proxy" in low:
        return _network(f"the proxy does not let us reach {where}", "check the proxy settings")
    if "reset" in low or "aborted" in low or "incomplete" in low or "broken" in low:
        return EndpointError(
            f"{where} broke the connection off", hint="try again", kind="network", passing=True
        )
    return _network(f"{where} cannot be reached", "check the address and the connection")


def too_slow(timeout_s: float) -> EndpointError:
    """Return the error for an answer that did not come in time."""
    return EndpointError(
        f"no answer within {timeout_s:g} s",
        hint="raise the time limit (the first answer loads the model), or take a smaller model",
        kind="network",
    )


def bad_status(status: int, data: Any, model: str, base_url: str) -> EndpointError:
    """Return the error for an HTTP status other than 200; `data` is the answer's JSON or None."""
    said = _said(data)
    if status == 429 and _says(said, "quota", "billing", "credit"):
        status = 402
    if status in _FATAL:
        message, hint, kind = _FATAL[status]
        return EndpointError(message + _quote(said), hint=hint, kind=kind, fatal=True)
    if status == 404:
        return _not_found(said, model, base_url)
    if status in _OF_ONE_IMAGE:
        message, hint = _OF_ONE_IMAGE[status]
        return EndpointError(message + _quote(said), hint=hint)
    if status == 429:
        hint = "lower the requests per minute, or go on later: what was answered is kept"
        return EndpointError(
            "the endpoint asks for fewer requests" + _quote(said), hint=hint, kind="capacity",
            passing=True,
        )  # fmt: skip
    if status >= 500:
        hint = "try again in a while; the server's own log says why"
        return EndpointError(
            f"the server failed ({status})" + _quote(said), hint=hint, kind="network",
            passing=status != 501,
        )  # fmt: skip
    return EndpointError(f"the endpoint answered {status}" + _quote(said), hint="check the address")


def redirected(base_url: str, target: str) -> EndpointError:
    """Return the error for an endpoint that sends us to another host."""
    host = urlsplit(target).netloc or "another address"
    return EndpointError(
        f"{urlsplit(base_url).netloc} sends us on to {host}, where no key and image is sent",
        hint="if you trust it, put that address into the settings",
        kind="network",
        fatal=True,
    )


def no_json(body: bytes) -> EndpointError:
    """Return the error for an answer that is no JSON."""
    if body.lstrip()[:1] == b"<":
        message = "the address answers with a web page, not with JSON"
        hint = "the address of an endpoint usually ends in /v1"
        return EndpointError(message, hint=hint, fatal=True)
    hint = "check that the address is of an OpenAI-compatible endpoint"
    return EndpointError("the answer is no readable JSON", hint=hint)


def too_large(limit: int) -> EndpointError:
    """Return the error for an answer that is larger than any caption."""
    return EndpointError(
        f"the answer is larger than {limit // 1_000_000} MB and was not read to its end",
        hint="check that the address is of an OpenAI-compatible endpoint",
    )


def error_in(data: Any) -> EndpointError | None:
    """Return the error that an endpoint put into an answer of status 200, if there is one."""
    if isinstance(data, dict) and data.get("error"):
        return EndpointError(
            "the endpoint reports an error" + _quote(_said(data)), hint="see there"
        )
    return None


_FATAL = {
    401: ("the endpoint does not accept the key", "give the right key for this host", "auth"),
    402: ("there is no credit left at this endpoint", "top up the account, or ask another", "auth"),
    403: (
        "the key may not use this model",
        "choose another model, or allow it for the key",
        "auth",
    ),
    405: ("the address does not take questions", "it usually ends in /v1", "bad_input"),
}
_OF_ONE_IMAGE = {
    400: ("the endpoint does not understand the question", "check that the model can see images"),
    413: ("the image is too large for this endpoint", "send native pixels instead of originals"),
    415: ("the endpoint takes no images", "choose a model that can see images"),
    422: ("the endpoint refuses the question", "check that the model can see images"),
}


def _not_found(said: str, model: str, base_url: str) -> EndpointError:
    if _says(said, "model", model):
        hint = (
            f"`ollama pull {model}` fetches it" if _is_ollama(base_url) else "choose one it lists"
        )
        message = f"there is no model {model!r} at this endpoint"
        return EndpointError(message, hint=hint, kind="missing_model", fatal=True)
    return EndpointError(
        "there is no such path at this address" + _quote(said),
        hint="the address of an endpoint usually ends in /v1",
        fatal=True,
    )


def _network(message: str, hint: str) -> EndpointError:
    return EndpointError(message, hint=hint, kind="network", fatal=True)


def _is_it_running(port: int | None, host: str | None) -> str:
    if port == 11434:
        return "is Ollama running? `ollama serve` starts it"
    if port == 1234:
        return "is LM Studio's server running? Developer, Start server"
    return "is the server running there?" if is_near(host) else "check the address"


def _is_ollama(base_url: str) -> bool:
    return urlsplit(base_url).port == 11434


def _said(data: Any) -> str:
    """Return what the endpoint says itself, in the usual places, in one line."""
    found = data
    for name in ("error", "detail", "message", "msg"):
        found = found[0] if isinstance(found, list) and found else found
        if isinstance(found, dict) and found.get(name):
            found = found[name]
    return " ".join(found.split()) if isinstance(found, str) else ""


def _quote(said: str) -> str:
    short = said if len(said) <= QUOTED else said[:QUOTED] + "…"
    return f": {short}" if short else ""


def _says(said: str, *words: str) -> bool:
    return any(word and word.casefold() in said.casefold() for word in words)
