"""A vision endpoint for tests: a real HTTP server on loopback that can misbehave as asked."""

from __future__ import annotations

import base64
import contextlib
import io
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from PIL import Image


@dataclass
class Asked:
    """One request as it came: headers, parsed JSON, and the picture in it."""

    path: str
    headers: dict[str, str]
    data: Any = None
    picture: Image.Image | None = None
    prompt: str = ""


@dataclass
class Canned:
    """One reply: status, headers and body; `hang` waits until the server ends first."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    hang: bool = False
    drip: bool = False
    cut: bool = False


Script = Callable[[Asked], Canned]


def said(text: Any, finish: str = "stop") -> Canned:
    """A good answer."""
    message = {"role": "assistant", "content": text}
    return reply({"choices": [{"index": 0, "message": message, "finish_reason": finish}]})


def reply(data: Any, status: int = 200, **headers: str) -> Canned:
    """An answer in JSON; underscores in names of headers become hyphens."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return Canned(status, json.dumps(data).encode(), names)


class Server:
    """The endpoint. `plan` holds replies to come; then `script` answers, if there is one."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.plan: list[Canned] = []
        self.script: Script = lambda asked: said(f"a caption of {len(self.asked)}")
        self.models = ["llava:7b", "qwen3-vl:8b"]
        self.key = ""
        self.problems: list[str] = []
        self.ending = threading.Event()
        self.lock = threading.Lock()
        self.busy = 0
        self.busiest = 0
        server = self

        class Handler(_Handler):
            owner = server

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        # A client that went away in the middle is part of the tests.
        self._http.handle_error = lambda request, address: None
        self._thread = threading.Thread(
            target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )
        self._thread.start()

    @property
    def url(self) -> str:
        """The base address, with /v1."""
        return f"http://127.0.0.1:{self._http.server_address[1]}/v1"

    def questions(self) -> list[Asked]:
        """The requests for a caption."""
        return [asked for asked in self.asked if asked.path.endswith("/chat/completions")]

    def close(self) -> None:
        """End the server; what hangs is let go."""
        self.ending.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join(5)

    def answer(self, asked: Asked) -> Canned:
        """Choose the reply to one request."""
        with self.lock:
            self.asked.append(asked)
            if self.plan:
                return self.plan.pop(0)
        given = asked.headers.get("authorization")
        if self.key and given != f"Bearer {self.key}":
            return reply({"error": {"message": f"Incorrect API key: {given}"}}, 401)
        if asked.path.endswith("/models"):
            return reply({"object": "list", "data": [{"id": name} for name in self.models]})
        if not asked.path.endswith("/chat/completions"):
            return Canned(404, b"404 page not found")
        return self._checked(asked)

    def _checked(self, asked: Asked) -> Canned:
        problem = problem_of(asked)
        if problem:
            self.problems.append(problem)
            return reply({"error": {"message": problem}}, 400)
        if asked.data["model"] not in self.models:
            text = f"model {asked.data['model']!r} not found, try pulling it first"
            return reply({"error": {"message": text}}, 404)
        return self.script(asked)


def problem_of(asked: Asked) -> str:
    """What is wrong with a request for a caption, by OpenAI's schema; "" for nothing."""
    data = asked.data
    known = {"model", "messages", "stream", "max_tokens", "max_completion_tokens", "temperature"}
    if not isinstance(data, dict) or set(data) - known:
        return f"unknown fields {sorted(set(data) - known)}"
    if asked.headers.get("content-type") != "application/json":
        return "no JSON"
    if data.get("stream") is not False or not isinstance(data.get("model"), str):
        return "stream and model"
    messages = data.get("messages")
    if not isinstance(messages, list) or [m.get("role") for m in messages] != ["user"]:
        return "messages"
    kinds = [part.get("type") for part in messages[0].get("content", [])]
    if kinds != ["text", "image_url"]:
        return f"parts {kinds}"
    text, image = messages[0]["content"]
    head, _, coded = image["image_url"]["url"].partition(",")
    if head != "data:image/png;base64":
        return f"picture {head[:40]}"
    asked.prompt = text["text"]
    asked.picture = Image.open(io.BytesIO(base64.b64decode(coded, validate=True)))
    asked.picture.load()
    return ""


class _Handler(BaseHTTPRequestHandler):
    owner: Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def _serve(self) -> None:
        length = int(self.headers.get("content-length") or 0)
        body = self.rfile.read(length)
        headers = {name.lower(): value for name, value in self.headers.items()}
        asked = Asked(self.path, headers, json.loads(body) if body else None)
        owner = self.owner
        with owner.lock:
            owner.busy += 1
            owner.busiest = max(owner.busiest, owner.busy)
        with contextlib.suppress(OSError):
            self._send(owner.answer(asked))
        with owner.lock:
            owner.busy -= 1

    def _send(self, canned: Canned) -> None:
        if canned.hang:
            self.owner.ending.wait(60)
            self.close_connection = True
            return
        self.send_response(canned.status)
        for name, value in canned.headers.items():
            self.send_header(name, value)
        length = len(canned.body) + (100 if canned.cut or canned.drip else 0)
        self.send_header("Content-Length", str(length))
        self.end_headers()
        self.wfile.write(canned.body)
        while canned.drip and not self.owner.ending.wait(0.05):
            self.wfile.write(b" ")
            self.wfile.flush()
        self.close_connection = canned.cut or canned.drip


@contextlib.contextmanager
def serving() -> Iterator[Server]:
    """A server for one test."""
    server = Server()
    try:
        yield server
    finally:
        server.close()
