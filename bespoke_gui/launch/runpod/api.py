"""RunPod's REST v2: one request and its answer, tried again only where that is safe."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from bespoke_gui import __version__
from bespoke_gui.core import secrets
from bespoke_gui.core.suggest.options import is_this_computer
from bespoke_gui.launch.runpod import address
from bespoke_gui.launch.runpod.waits import RentWaits, rent_waits
from bespoke_gui.launch.runpod.words import ApiError, explained, no_answer, nonsense, unreachable

if TYPE_CHECKING:
    import requests

LARGEST = 8_000_000
"""Bytes of an answer that are read at most."""
MOST_PAGES = 100
CONNECT_S = 10.0
LONGEST_PAUSE = 120.0


@dataclass(frozen=True)
class Reply:
    """An answer: HTTP status, JSON (None where there is none) and the server's time (or None)."""

    status: int
    data: Any
    at: float | None = None


@dataclass
class Api:
    """The account behind one key. `pause` waits between tries; it may raise to give up.

    Every method raises ApiError (an AppError) in one line.
    """

    url: str
    key: str = field(repr=False)
    waits: RentWaits = field(default_factory=rent_waits)
    pause: Callable[[float], object] = time.sleep
    _ahead: float = field(default=0.0, repr=False)

    def now(self) -> float:
        """Seconds since 1970 by RunPod's clock, as its last answer told."""
        return time.time() + self._ahead

    def get(self, path: str, **query: str) -> Reply:
        """GET, again while RunPod has passing trouble."""
        return self._again("GET", path, query, None, lambda error: error.passes)

    def items(self, path: str, name: str, **query: str) -> Iterator[dict[str, Any]]:
        """Yield the entries of a list, over all its pages; what is no object is passed over."""
        cursors: set[str] = set()
        for _ in range(MOST_PAGES):
            data = self.get(path, **query).data
            found = data.get(name) if isinstance(data, dict) else None
            if not isinstance(found, list):
                raise nonsense(self.url)
            yield from (entry for entry in found if isinstance(entry, dict))
            cursor = data.get("nextCursor")
            if not isinstance(cursor, str) or not cursor or cursor in cursors:
                return
            cursors.add(cursor)
            query = {**query, "cursor": cursor}

    def post(self, path: str, body: dict[str, Any]) -> Reply:
        """POST what must not happen twice: again only when it surely was not carried out.

        ApiError.sent says whether it may have been.
        """
        return self._again("POST", path, {}, body, lambda error: error.passes and not error.sent)

    def post_safely(self, path: str, body: dict[str, Any]) -> Reply:
        """POST what does no harm twice."""
        return self._again("POST", path, {}, body, lambda error: error.passes)

    def stream(
        self, path: str, headers: dict[str, str], timeout_s: float, **query: str
    ) -> Generator[str, None, None]:
        """Yield the lines of a stream until it ends; one silent for `timeout_s` ends by ApiError.

        Close the iterator to hang up.
        """
        with self._session() as session, self._open(
            session, "GET", path, query, None, {**headers, "Accept": "text/event-stream"}, timeout_s
        ) as response:  # fmt: skip
            if response.status_code != 200:
                self._judged(response, self._body(response, time.monotonic() + self.waits.api))
            yield from self._lines(response, timeout_s)

    def _again(
        self, method: str, path: str, query: dict[str, str], body: Any,
        may: Callable[[ApiError], bool],
    ) -> Reply:  # fmt: skip
        back_off = self.waits.api_back_off
        for left in range(self.waits.api_tries - 1, -1, -1):
            try:
                return self._once(method, path, query, body)
            except ApiError as error:
                if not left or not may(error):
                    raise
                wait = back_off if error.retry_after is None else error.retry_after
            self.pause(min(wait, LONGEST_PAUSE))
            back_off = min(back_off * 2, self.waits.api_back_off_most)
        raise AssertionError("not reached")

    def _once(self, method: str, path: str, query: dict[str, str], body: Any) -> Reply:
        deadline = time.monotonic() + self.waits.api
        with self._session() as session, self._open(
            session, method, path, query, body, {"Accept": "application/json"}, self.waits.api
        ) as response:  # fmt: skip
            return self._judged(response, self._body(response, deadline))

    def _session(self) -> requests.Session:
        import requests

        session = requests.Session()
        # A proxy is for the world outside, never for this computer.
        session.trust_env = not is_this_computer(urlsplit(self.url).hostname)
        return session

    def _open(
        self, session: requests.Session, method: str, path: str, query: dict[str, str], body: Any,
        headers: dict[str, str], timeout_s: float,
    ) -> requests.Response:  # fmt: skip
        import requests

        headers = {**headers, "User-Agent": f"bespoke/{__version__}"}
        data = None
        if body is not None:
            headers["Content-Type"], data = "application/json", json.dumps(body).encode("utf-8")
        try:
            # The key never follows a redirect, and is given as `auth` so that .netrc is not read.
            return session.request(
                method, self.url + path, params=query, data=data, headers=headers,
                auth=self._sign, timeout=(min(CONNECT_S, timeout_s), timeout_s),
                allow_redirects=False, stream=True,
            )  # fmt: skip
        except requests.ConnectTimeout:
            raise unreachable("no answer", sent=False) from None
        except requests.Timeout:
            raise no_answer(timeout_s) from None
        except (requests.RequestException, OSError) as error:
            raise unreachable(_reason(error), sent=not _never_sent(error)) from None

    def _sign(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self.key}"
        return request

    def _body(self, response: requests.Response, deadline: float) -> bytes:
        import requests
        import urllib3.exceptions as low

        body = bytearray()
        read = getattr(response.raw, "read1", response.raw.read)
        try:
            while chunk := read(65_536, decode_content=True):
                body += chunk
                # What has come so far counts: a server that drips would outlast any timeout.
                if len(body) > LARGEST:
                    raise nonsense(self.url)
                if time.monotonic() > deadline:
                    raise no_answer(self.waits.api)
        except low.ReadTimeoutError:
            raise no_answer(self.waits.api) from None
        except (requests.RequestException, low.HTTPError, OSError) as error:
            raise unreachable(_reason(error), sent=True) from None
        return bytes(body)

    def _judged(self, response: requests.Response, body: bytes) -> Reply:
        """Return the answer; raises ApiError for every status that is no success."""
        text = secrets.redacted(body.decode("utf-8", "replace"), self.key)
        data = _json(text)
        if response.status_code >= 300:
            raise explained(response.status_code, _detail(data, text), _retry_after(response))
        if data is None and response.status_code != 204:
            raise nonsense(self.url)
        at = _server_time(response)
        if at is not None:
            self._ahead = at - time.time()
        return Reply(response.status_code, data, at)

    def _lines(self, response: requests.Response, timeout_s: float) -> Iterator[str]:
        import requests
        import urllib3.exceptions as low

        try:
            for line in response.iter_lines(chunk_size=1):
                yield line.decode("utf-8", "replace")
        except (requests.Timeout, low.ReadTimeoutError):
            raise no_answer(timeout_s) from None
        except (requests.RequestException, low.HTTPError, OSError) as error:
            raise unreachable(_reason(error), sent=True) from None


def account(pause: Callable[[float], object] = time.sleep) -> Api:
    """Return the account of the key that is known; raises AppError kind "auth" without one."""
    return Api(address.base_url(), address.key(), pause=pause)


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _detail(data: Any, text: str) -> str:
    """The server's own words about a failure: its detail and the first of its errors."""
    if not isinstance(data, dict):
        return "" if "<" in text else text[:200]
    errors = data.get("errors")
    listed = [str(error) for error in errors[:3]] if isinstance(errors, list) else []
    said = str(data.get("detail") or data.get("title") or "")
    return "; ".join(part for part in (said, *listed) if part)


def _retry_after(response: requests.Response) -> float | None:
    try:
        return max(0.0, float(response.headers.get("Retry-After", "")))
    except ValueError:
        return None


def _server_time(response: requests.Response) -> float | None:
    try:
        return parsedate_to_datetime(response.headers.get("Date", "")).timestamp()
    except (ValueError, TypeError):
        return None


def _reason(error: BaseException) -> str:
    """The innermost cause, without addresses that say nothing to people."""
    reason = getattr(error, "reason", None)
    inner = reason or next((arg for arg in error.args if isinstance(arg, BaseException)), None)
    if isinstance(inner, BaseException):
        return _reason(inner)
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return type(error).__name__


def _never_sent(error: BaseException) -> bool:
    """Whether the connection was not even made, so that nothing can have been done."""
    import urllib3.exceptions as low

    chain: list[Any] = [error]
    while chain:
        one = chain.pop()
        if isinstance(one, (low.NewConnectionError, low.NameResolutionError)):
            return True
        chain += [arg for arg in getattr(one, "args", ()) if isinstance(arg, BaseException)]
        if isinstance(getattr(one, "reason", None), BaseException):
            chain.append(one.reason)
    return False
