"""Client of an OpenAI-compatible vision endpoint: Ollama, LM Studio, or a paid one."""

from __future__ import annotations

import base64
import email.utils
import time
from dataclasses import dataclass, field
from typing import Any

from bespoke_gui.core.suggest import explain
from bespoke_gui.core.suggest.answer import Answer, read_answer
from bespoke_gui.core.suggest.explain import EndpointError
from bespoke_gui.core.suggest.options import SuggestOptions
from bespoke_gui.core.suggest.pace import Pace
from bespoke_gui.core.suggest.wire import Reply, Wire

TRIES = 5
FIRST_WAIT_S = 1.0
LONGEST_WAIT_S = 300.0


@dataclass
class Endpoint:
    """One endpoint with one model. `pace` is shared by all threads that ask it."""

    options: SuggestOptions
    key: str | None = field(default=None, repr=False)
    pace: Pace = field(default_factory=Pace, repr=False)
    _renamed: dict[str, str] = field(default_factory=dict, repr=False)

    @property
    def wire(self) -> Wire:
        """Where requests go."""
        return Wire(self.options.base_url, self.key, self.options.timeout_s)

    def models(self) -> list[str]:
        """Return the names of the models it lists, sorted. Raises EndpointError."""
        reply = self.wire.get("/models")
        self._require_good(reply)
        entries = reply.data.get("data") if isinstance(reply.data, dict) else None
        if not isinstance(entries, list):
            raise EndpointError(
                "the endpoint does not list its models",
                hint="type the model's name; the address usually ends in /v1",
            )
        names = (entry.get("id") for entry in entries if isinstance(entry, dict))
        return sorted({name for name in names if isinstance(name, str)})

    def ask(self, prompt: str, png: bytes) -> Answer:
        """Return what the model says about a PNG picture.

        Waits its turn; asks again after 429 (as long as Retry-After says), server errors and
        broken connections. Raises EndpointError, or Stopped when the pace was cancelled.
        """
        wait = FIRST_WAIT_S
        for attempt in range(TRIES):
            self.pace.turn()
            try:
                return self._ask_once(prompt, png)
            except EndpointError as error:
                if not error.passing or attempt == TRIES - 1:
                    raise
                self._hold(error, wait)
                wait *= 2
        raise AssertionError("the last try returns or raises")

    def _hold(self, error: EndpointError, wait: float) -> None:
        seconds = wait if error.retry_after is None else error.retry_after
        if seconds > LONGEST_WAIT_S:
            minutes = round(seconds / 60)
            raise EndpointError(
                f"the endpoint asks to wait {minutes} minutes", kind="capacity", fatal=True,
                hint="go on later: what was answered is kept",
            ) from None  # fmt: skip
        self.pace.hold(seconds)

    def _ask_once(self, prompt: str, png: bytes) -> Answer:
        reply = self.wire.post("/chat/completions", self._question(prompt, png))
        if reply.status == 400 and self._learns(reply):
            reply = self.wire.post("/chat/completions", self._question(prompt, png))
        self._require_good(reply)
        return read_answer(reply.data)

    def _question(self, prompt: str, png: bytes) -> dict[str, Any]:
        url = "data:image/png;base64," + base64.b64encode(png).decode("ascii")
        content = [
            {"type": "text", "text": prompt},
            {"type": "image_url", "image_url": {"url": url}},
        ]
        numbers = {
            "max_tokens": self.options.max_tokens, "temperature": self.options.temperature,
        }  # fmt: skip
        return {
            "model": self.options.model,
            "messages": [{"role": "user", "content": content}],
            "stream": False,
            **{self._renamed.get(name, name): value for name, value in numbers.items()
               if self._renamed.get(name, name)},
        }  # fmt: skip

    def _learns(self, reply: Reply) -> bool:
        """Whether a refusal says that this model knows a number by another name, or not at all."""
        said = reply.body.decode("utf-8", "replace")
        if "max_completion_tokens" in said and "max_tokens" not in self._renamed:
            self._renamed["max_tokens"] = "max_completion_tokens"
            return True
        if "temperature" in said and "temperature" not in self._renamed:
            self._renamed["temperature"] = ""
            return True
        return False

    def _require_good(self, reply: Reply) -> None:
        if reply.status != 200:
            error = explain.bad_status(
                reply.status, reply.data, self.options.model, self.options.base_url
            )
            error.retry_after = seconds_until(reply.retry_after)
            raise error
        if reply.data is None:
            raise explain.no_json(reply.body)
        found = explain.error_in(reply.data)
        if found is not None:
            raise found


def seconds_until(header: str) -> float | None:
    """Return what a Retry-After header means in seconds: a number or a date; None for neither."""
    header = header.strip()
    try:
        return max(0.0, float(header))
    except ValueError:
        pass
    try:
        return max(0.0, email.utils.parsedate_to_datetime(header).timestamp() - time.time())
    except (ValueError, TypeError, OverflowError):
        return None
