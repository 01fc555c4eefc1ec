"""Wire: one JSON request to one host, with every way it can fail said in words.

The key goes to the host it was given for and nowhere else: redirects to other hosts are refused,
.netrc is not read, and a key is not sent unencrypted outside the private network.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from bespoke_gui import __version__
from bespoke_gui.core import secrets
from bespoke_gui.core.suggest import explain
from bespoke_gui.core.suggest.explain import EndpointError
from bespoke_gui.core.suggest.options import is_near, is_this_computer, port_of

if TYPE_CHECKING:
    import requests

LARGEST = 2_000_000
"""Bytes of an answer that are read at most."""

REDIRECTS = 3
CONNECT_S = 10.0


@dataclass(frozen=True)
class Reply:
    """What came back: the HTTP status, the JSON (None where it is none), and Retry-After."""

    status: int
    data: Any
    body: bytes
    retry_after: str = ""


@dataclass
class Wire:
    """Requests to one base address. timeout_s: seconds for a whole answer, its last byte read."""

    base_url: str
    key: str | None = field(default=None, repr=False)
    timeout_s: float = 120

    def get(self, path: str) -> Reply:
        """GET base + path. Raises EndpointError when there is no reply at all."""
        return self._ask("GET", path, None)

    def post(self, path: str, data: Any) -> Reply:
        """POST JSON to base + path. Raises EndpointError when there is no reply at all."""
        return self._ask("POST", path, json.dumps(data).encode("utf-8"))

    def _ask(self, method: str, path: str, body: bytes | None) -> Reply:
        url = self.base_url + path
        self._require_safe(url)
        deadline = time.monotonic() + self.timeout_s
        for _ in range(REDIRECTS + 1):
            reply, target = self._once(method, url, body, deadline)
            if not target:
                return reply
            url = self._followed(url, target)
        raise EndpointError("the address sends us round in circles", hint="check it", fatal=True)

    def _once(
        self, method: str, url: str, body: bytes | None, deadline: float
    ) -> tuple[Reply, str]:
        """Send one request; return the reply, and where a redirect points to."""
        import requests
        import urllib3.exceptions as low

        try:
            with requests.Session() as session:
                # A proxy is for the world outside, never for this computer.
                session.trust_env = not is_this_computer(urlsplit(url).hostname)
                with session.request(
                    method, url, data=body, headers=self._headers(body), auth=self._sign,
                    timeout=(min(CONNECT_S, self.timeout_s), self.timeout_s),
                    allow_redirects=False, stream=True,
                ) as response:  # fmt: skip
                    if response.is_redirect:
                        return Reply(response.status_code, None, b""), response.headers["location"]
                    return self._read(response, deadline), ""
        except requests.ConnectTimeout:
            raise explain.no_connection(self.base_url, "no answer") from None
        except (requests.Timeout, low.ReadTimeoutError):
            raise explain.too_slow(self.timeout_s) from None
        except (requests.RequestException, low.HTTPError, OSError) as error:
            # Not chained: what libraries say may hold more than people should see.
            raise explain.no_connection(self.base_url, str(error)) from None

    def _headers(self, body: bytes | None) -> dict[str, str]:
        found = {"Accept": "application/json", "User-Agent": f"bespoke/{__version__}"}
        return {**found, "Content-Type": "application/json"} if body is not None else found

    def _sign(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        # Given as `auth`, so that requests does not look for another key in .netrc.
        if self.key:
            request.headers["Authorization"] = f"Bearer {self.key}"
        return request

    def _read(self, response: requests.Response, deadline: float) -> Reply:
        body = bytearray()
        # What has come so far: a whole chunk of a server that drips would outlast any time limit.
        read = getattr(response.raw, "read1", response.raw.read)
        while chunk := read(16_384, decode_content=True):
            body += chunk
            if len(body) > LARGEST:
                raise explain.too_large(LARGEST)
            if time.monotonic() > deadline:
                raise explain.too_slow(self.timeout_s)
        raw = secrets.redacted(bytes(body).decode("utf-8", "replace"), self.key)
        return Reply(
            response.status_code, _json(raw), raw.encode(), response.headers.get("Retry-After", "")
        )

    def _followed(self, url: str, target: str) -> str:
        """Return where a redirect leads, if that is the same host; raises EndpointError."""
        new, old = urlsplit(urljoin(url, target)), urlsplit(url)
        same_host = new.hostname == old.hostname
        upgraded = (old.scheme, new.scheme) == ("http", "https") and new.port in (None, 443)
        if not same_host or not (upgraded or (new.scheme == old.scheme and _same_port(new, old))):
            raise explain.redirected(self.base_url, new.geturl())
        return new.geturl()

    def _require_safe(self, url: str) -> None:
        parts = urlsplit(url)
        if self.key and parts.scheme == "http" and not is_near(parts.hostname):
            raise EndpointError(
                f"the key would travel to {parts.hostname} for everybody to read",
                hint="use an address that begins with https://",
                kind="auth",
                fatal=True,
            )


def _same_port(new: Any, old: Any) -> bool:
    return port_of(new) == port_of(old)


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
