"""The stand-in's HTTP side: keys, schemas, faults, and one method an operation."""

import json
import re
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.launch.standin_runpod.account import BUCKETS, Account, Refused
from tests.launch.standin_runpod.catalog import gpu_list
from tests.launch.standin_runpod.clock import Clock, http_date, parsed
from tests.launch.standin_runpod.faults import Fault, Faults
from tests.launch.standin_runpod.machines import BareMachine
from tests.launch.standin_runpod.schema import Contract, contract

TITLES = {
    400: "Bad Request", 401: "Unauthorized", 402: "Payment Required", 403: "Forbidden",
    404: "Not Found", 405: "Method Not Allowed", 409: "Conflict", 410: "Gone",
    422: "Unprocessable Entity", 429: "Too Many Requests",
}  # fmt: skip
LARGEST = 1_000_000


@dataclass
class Seen:
    """One request as it came, and the status of its answer (0: none was sent)."""

    operation: str
    path: str
    body: Any = None
    status: int = 0
    key: str = ""


@dataclass
class StandIn:
    """Serves one account at `url`. wrong: answers of its own that break the contract.

    page: pods or volumes in one answer, 0 for all. Use it as a context manager.
    """

    rate: float = 1.0
    machine: Callable[[Any], Any] | None = None
    port: int = 0
    page: int = 0
    known: Contract = field(default_factory=contract)
    faults: Faults = field(default_factory=Faults)
    seen: list[Seen] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.clock = Clock(self.rate)
        self.account = Account(self.clock, self.machine or BareMachine)
        self._server: ThreadingHTTPServer | None = None
        self.closing = threading.Event()

    def __enter__(self) -> "StandIn":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def key(self) -> str:
        """The owner's key."""
        return self.account.key

    def start(self) -> "StandIn":
        """Listen; on the same port again after `pause`."""
        self.closing.clear()
        handler = type("Handler", (_Handler,), {"standin": self})
        self._server = _Server(("127.0.0.1", self.port), handler)
        self.port = self._server.server_address[1]
        self.url = self.account.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def pause(self) -> None:
        """Nobody answers any more (pods go on and cost); `start` brings the API back."""
        self.closing.set()
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def close(self) -> None:
        """Stop listening and end every pod."""
        self.pause()
        with self.account.lock:
            for pod_id in list(self.account.pods):
                self.account.terminate(pod_id)

    def calls(self, operation: str) -> list[Seen]:
        """The requests of one operation, as "POST /v2/pods"."""
        return [one for one in self.seen if one.operation == operation]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news."""


@dataclass
class _Answer:
    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    stream: Callable[[], Any] | None = None


class _Handler(BaseHTTPRequestHandler):
    standin: StandIn
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""

    def date_time_string(self, timestamp: float | None = None) -> str:
        """The Date header goes by the stand-in's clock."""
        return http_date(self.standin.clock.now())

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_DELETE(self) -> None:
        self._serve()

    def do_PUT(self) -> None:
        self._serve()

    def do_PATCH(self) -> None:
        self._serve()

    def _serve(self) -> None:
        url = urlsplit(self.path)
        seen = Seen(f"{self.command} {_template(url.path)}", url.path)
        seen.body = self._body()
        seen.key = self.headers.get("Authorization", "").removeprefix("Bearer ")
        self.standin.seen.append(seen)
        fault = self.standin.faults.take(f"{self.command} {url.path}")
        if fault and fault.delay:
            time.sleep(fault.delay)
        answer = self._faulty(fault)
        if answer is None:
            answer = self._answer(seen, parse_qs(url.query, keep_blank_values=True))
            if fault and fault.after and fault.status:
                answer = _trouble(Refused(fault.status, fault.detail or "upstream failure"))
        if fault and fault.lost:
            self._hang_up()
            return
        seen.status = answer.status
        self._send(answer)

    def _faulty(self, fault: Fault | None) -> _Answer | None:
        """The answer that a fault gives before anything is done."""
        if fault is None or fault.after:
            return None
        if fault.body:
            return _Answer(200, fault.body)
        if fault.lost:
            return _Answer(0)
        if not fault.status:
            return None
        answer = _trouble(Refused(fault.status, fault.detail or "injected"))
        if fault.status == 429:
            answer.headers["Retry-After"] = str(fault.retry_after)
        return answer

    def _answer(self, seen: Seen, query: dict[str, list[str]]) -> _Answer:
        account = self.standin.account
        try:
            with account.lock:
                account.settle()
                answer = self._do(seen, query)
        except Refused as refused:
            answer = _trouble(refused)
        self._check(seen.operation, answer)
        return answer

    def _check(self, operation: str, answer: _Answer) -> None:
        """Hold our own answers against the contract too."""
        if answer.stream or operation not in self.standin.known.operations:
            return
        errors = self.standin.known.answer_errors(operation, answer.status, answer.body)
        self.standin.wrong += [f"{operation}: {error}" for error in errors]

    def _do(self, seen: Seen, query: dict[str, list[str]]) -> _Answer:
        if seen.path.startswith("/v1/"):
            raise Refused(410, "REST v1 was retired on 2026-11-15")
        pod_id = self._may(seen)
        operation = OPERATIONS.get(seen.operation)
        if operation is None:
            raise Refused(405 if _known_path(seen.path) else 404, "no such operation here")
        errors = self.standin.known.request_errors(seen.operation, seen.body)
        if errors:
            raise Refused(422, "Request validation failed.", tuple(errors))
        return operation(self, pod_id, query, seen.body)

    def _may(self, seen: Seen) -> str:
        """Check the key; return the pod's id that the path names, or ""."""
        account = self.standin.account
        header = self.headers.get("Authorization", "")
        found = re.fullmatch(r"/v2/(?:pods|network-volumes)/([^/]+)(?:/.*)?", seen.path)
        named = found[1] if found else ""
        if not header.startswith("Bearer "):
            raise Refused(401, "missing bearer token")
        if seen.key == account.key:
            return named
        if seen.key == account.read_only_key:
            if self.command != "GET":
                raise Refused(403, "access denied")
            return named
        for pod in account.pods.values():
            if seen.key == pod.key:
                if not account.pod_keys or named != pod.id:
                    raise Refused(403, "access denied")
                return named
        raise Refused(401, "invalid bearer token")

    def _body(self) -> Any:
        length = min(int(self.headers.get("Content-Length") or 0), LARGEST)
        data = self.rfile.read(length) if length else b""
        try:
            return json.loads(data) if data else None
        except ValueError:
            return data.decode("utf-8", "replace")

    def _send(self, answer: _Answer) -> None:
        try:
            if answer.stream:
                self._stream(answer)
            else:
                self._whole(answer)
        except OSError:
            self.close_connection = True

    def _whole(self, answer: _Answer) -> None:
        data = b""
        if isinstance(answer.body, str):
            data = answer.body.encode("utf-8")
        elif answer.body is not None:
            data = json.dumps(answer.body).encode("utf-8")
        self.send_response(answer.status)
        kind = "application/problem+json" if answer.status >= 400 else "application/json"
        self.send_header("Content-Type", kind)
        self.send_header("RateLimit-Policy", '"minute";q=60;w=60, "hour";q=3000;w=3600')
        self.send_header("RateLimit", '"minute";r=59;t=60, "hour";r=2999;t=3600')
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _stream(self, answer: _Answer) -> None:
        self.close_connection = True
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Cache-Control", "no-cache")
        self.send_header("X-Accel-Buffering", "no")
        self.end_headers()
        for piece in answer.stream() if answer.stream else ():
            self.wfile.write(piece.encode("utf-8"))
            self.wfile.flush()

    def _hang_up(self) -> None:
        self.close_connection = True
        with_reset = b"\x01\x00\x00\x00\x00\x00\x00\x00"
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, with_reset)
        self.connection.close()

    def _list_pods(self, _id: str, query: dict[str, list[str]], _body: Any) -> _Answer:
        now = self.standin.clock.now()
        views = [pod.view(now) for pod in self.standin.account.pods.values()]
        return self._paged("pods", views, query)

    def _paged(self, name: str, items: list[Any], query: dict[str, list[str]]) -> _Answer:
        start = int(query.get("cursor", ["0"])[0])
        end = start + (self.standin.page or len(items))
        body: dict[str, Any] = {name: items[start:end]}
        if end < len(items):
            body["nextCursor"] = str(end)
        return _Answer(200, body)

    def _create_pod(self, _id: str, _query: dict[str, list[str]], body: Any) -> _Answer:
        pod = self.standin.account.create(body)
        return _Answer(201, pod.view(self.standin.clock.now()))

    def _get_pod(self, pod_id: str, _query: dict[str, list[str]], _body: Any) -> _Answer:
        return _Answer(200, self.standin.account.get(pod_id).view(self.standin.clock.now()))

    def _delete_pod(self, pod_id: str, _query: dict[str, list[str]], _body: Any) -> _Answer:
        self.standin.account.terminate(pod_id)
        return _Answer(204)

    def _act(self, pod_id: str, _query: dict[str, list[str]], body: Any) -> _Answer:
        pod = self.standin.account.act(pod_id, body["action"])
        return _Answer(200, pod.view(self.standin.clock.now())) if pod else _Answer(204)

    def _logs(self, pod_id: str, query: dict[str, list[str]], _body: Any) -> _Answer:
        pod = self.standin.account.get(pod_id)
        source = query.get("source", [None])[0]
        if source not in (None, "container", "system"):
            raise Refused(422, "source must be container or system")
        return _Answer(200, stream=lambda: self._lines(pod, source, self._log_start(pod, query)))

    def _log_start(self, pod: Any, query: dict[str, list[str]]) -> float:
        """The time after which lines are sent: Last-Event-ID before since before tail."""
        for text in (self.headers.get("Last-Event-ID"), query.get("since", [""])[0]):
            when = parsed(text) if text else None
            if when is not None:
                return when
        tail = int(query.get("tail", ["100"])[0])
        lines = pod.log[len(pod.log) - tail :] if tail else []
        return lines[0][0] - 1e-5 if lines else (pod.log[-1][0] if pod.log else 0.0)

    def _lines(self, pod: Any, source: str | None, after: float) -> Any:
        """New lines as they come, until the pod is gone or the API is."""
        account = self.standin.account
        while not self.standin.closing.is_set():
            with account.lock:
                account.settle()
                fresh = pod.events(after, source)
                is_gone = pod.id not in account.pods
            for after, text in fresh:  # noqa: B007 - the last one's time is where to go on
                yield text
            if is_gone:
                return
            if not fresh:
                yield ": keep-alive\n\n"
            self.standin.closing.wait(0.05)

    def _list_volumes(self, _id: str, query: dict[str, list[str]], _body: Any) -> _Answer:
        return self._paged("networkVolumes", list(self.standin.account.volumes.values()), query)

    def _create_volume(self, _id: str, _query: dict[str, list[str]], body: Any) -> _Answer:
        account = self.standin.account
        kind = body.get("type", "STANDARD")
        volume = account.add_volume(body["name"], body["size"], body["dataCenter"], kind)
        return _Answer(201, account.volumes[volume])

    def _gpus(self, _id: str, query: dict[str, list[str]], _body: Any) -> _Answer:
        return _Answer(200, {"gpus": gpu_list(self.standin.account.gpus.values(), query)})

    def _billing(self, _id: str, query: dict[str, list[str]], _body: Any) -> _Answer:
        bucket = query.get("bucketSize", ["day"])[0]
        if bucket not in BUCKETS:
            raise Refused(422, "bucketSize is none of hour, day, week, month, year")
        return _Answer(200, self.standin.account.bill(query.get("podId", [""])[0], bucket))


OPERATIONS: dict[str, Callable[..., _Answer]] = {
    "GET /v2/pods": _Handler._list_pods,
    "POST /v2/pods": _Handler._create_pod,
    "GET /v2/pods/{id}": _Handler._get_pod,
    "DELETE /v2/pods/{id}": _Handler._delete_pod,
    "POST /v2/pods/{id}/action": _Handler._act,
    "GET /v2/pods/{id}/logs": _Handler._logs,
    "GET /v2/network-volumes": _Handler._list_volumes,
    "POST /v2/network-volumes": _Handler._create_volume,
    "GET /v2/catalog/gpus": _Handler._gpus,
    "GET /v2/billing/pods": _Handler._billing,
}


def _template(path: str) -> str:
    """The path with {id} in place of what it names."""
    return re.sub(r"^(/v2/(?:pods|network-volumes))/[^/]+", r"\1/{id}", path)


def _known_path(path: str) -> bool:
    return any(name.split(" ", 1)[1] == _template(path) for name in OPERATIONS)


def _trouble(refused: Refused) -> _Answer:
    title = TITLES.get(refused.status, "Internal Server Error")
    body = {"title": title, "status": refused.status, "detail": refused.detail}
    if refused.errors:
        body["errors"] = list(refused.errors)
    headers = {"Retry-After": "1"} if refused.status == 429 else {}
    return _Answer(refused.status, body, headers)
