"""Options of suggestions: which model is asked, how, and how fast; kept in the settings."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any
from urllib.parse import SplitResult, urlsplit

from bespoke_gui.core.errors import AppError

SERVICE = "caption"
"""The name under which `core.secrets` keeps keys of endpoints."""

ENDPOINT, LOCAL = "endpoint", "local"
NATIVE, ORIGINAL = "native", "original"
DEFAULT_PROMPT = (
    "This is a pixel-art portrait of 24x24 pixels, shown enlarged. Its caption today: "
    '"{caption}"\n'
    "Write a better caption for training an image model: short phrases with commas between them, "
    "what can be seen and nothing else, colours by name, in one line. Keep every detail of "
    "today's caption that is right. Begin with the same words as today's caption. "
    "Answer with the caption alone."
)
# Smallest and largest value of each number; 0 a minute is no limit.
RANGES: dict[str, tuple[float, float]] = {
    "per_minute": (0, 10_000),
    "timeout_s": (1, 3600),
    "max_tokens": (16, 4096),
    "temperature": (0.0, 2.0),
    "concurrency": (1, 16),
}
_CHOICES = {"source": (ENDPOINT, LOCAL), "image": (NATIVE, ORIGINAL)}


@dataclass(frozen=True)
class SuggestOptions:
    """What is remembered about asking models; never a key.

    source: "endpoint" or "local". base_url: up to and with /v1. folder: a transformers model.
    image: "native" (native pixels enlarged by a whole factor) or "original". per_minute: 0 is
    no limit. timeout_s: seconds for one answer. max_tokens: length of an answer.
    """

    enabled: bool = False
    source: str = ENDPOINT
    base_url: str = "http://localhost:11434/v1"
    model: str = ""
    folder: str = ""
    prompt: str = DEFAULT_PROMPT
    image: str = NATIVE
    per_minute: int = 0
    timeout_s: int = 120
    max_tokens: int = 300
    temperature: float = 0.2
    concurrency: int = 1

    def as_dict(self) -> dict[str, Any]:
        """Return the options as the settings keep them."""
        return asdict(self)


def from_dict(data: Mapping[str, Any]) -> SuggestOptions:
    """Read options from the settings; what is missing, broken or out of range gets its default."""
    options = SuggestOptions()
    for item in fields(SuggestOptions):
        value = data.get(item.name)
        if item.name in data and _fits(item.name, value, getattr(options, item.name)):
            options = replace(options, **{item.name: type(getattr(options, item.name))(value)})
    return options


def checked(options: SuggestOptions) -> SuggestOptions:
    """Return the options with a tidy address; raises AppError kind "usage" for what cannot work."""
    default = SuggestOptions()
    for name in (item.name for item in fields(SuggestOptions)):
        if not _fits(name, getattr(options, name), getattr(default, name)):
            raise _out_of_range(name, getattr(options, name))
    if options.source == LOCAL:
        return options
    if not options.model.strip():
        hint = "name the model, for example one that `ollama list` shows"
        raise AppError("no model is named", hint=hint, kind="usage")
    return replace(options, base_url=tidy_url(options.base_url), model=options.model.strip())


def tidy_url(text: str) -> str:
    """Return a base address without its last slash or path of the endpoint; AppError otherwise.

    An address with a name and password in it is refused: it would lie in the settings in clear.
    """
    text = text.strip()
    if "://" not in text and text:
        text = f"http://{text}" if is_near(_split(f"http://{text}").hostname) else f"https://{text}"
    parts = _split(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise _no_address("is no address")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise _no_address("holds a name, password or question: give only the address")
    path = parts.path.rstrip("/").removesuffix("/chat/completions").removesuffix("/models")
    return f"{parts.scheme}://{parts.netloc}{path}"


def account_of(base_url: str) -> str:
    """Return what a key is kept under: host and port, so that it never goes to another host."""
    parts = _split(base_url)
    return f"{parts.hostname}:{port_of(parts)}"


def port_of(parts: SplitResult) -> int:
    """Return the port of an address, the usual one of its scheme where none is named."""
    return parts.port or (443 if parts.scheme == "https" else 80)


def is_near(host: str | None) -> bool:
    """Whether a host is this computer or one of the same private network."""
    name = (host or "").casefold().rstrip(".")
    if name == "localhost" or name.endswith((".localhost", ".local", ".lan", ".internal")):
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return bool(name) and "." not in name
    return address.is_private or address.is_loopback or address.is_link_local


def is_this_computer(host: str | None) -> bool:
    """Whether a host is this computer itself."""
    try:
        return (host or "").casefold() == "localhost" or ipaddress.ip_address(
            host or ""
        ).is_loopback
    except ValueError:
        return False


def _fits(name: str, value: Any, default: Any) -> bool:
    if isinstance(default, bool) or isinstance(value, bool):
        return isinstance(default, bool) and isinstance(value, bool)
    if name in RANGES:
        low, high = RANGES[name]
        whole = isinstance(value, int) or (isinstance(default, float) and isinstance(value, float))
        return whole and low <= value <= high
    return isinstance(value, str) and value in _CHOICES.get(name, (value,))


def _out_of_range(name: str, value: Any) -> AppError:
    if name in RANGES:
        hint = "between {:g} and {:g}".format(*RANGES[name])
    else:
        hint = f"one of: {', '.join(_CHOICES.get(name, ()))}"
    words = name.replace("_", " ")
    return AppError(f"{words} cannot be {value!r}", hint=hint, kind="usage")


def _split(text: str) -> SplitResult:
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        raise _no_address("is no address") from None
    return parts


def _no_address(what: str) -> AppError:
    # The text itself is not shown: it may hold a password.
    return AppError(
        f"the endpoint's address {what}", hint="for example http://localhost:11434/v1", kind="usage"
    )
