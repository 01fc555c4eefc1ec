"""Answer of a model: found in what an endpoint sent, tidied a little, and nothing but data."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from bespoke_gui.core.suggest.explain import EndpointError

LONGEST = 4000
"""Characters; no caption is longer, so a longer answer is a model that ran away."""

CUT = "cut off at the token limit"
_THOUGHT = re.compile(r"\A\s*<think(?:ing)?>.*?</think(?:ing)?>", re.DOTALL | re.IGNORECASE)
_FENCE = re.compile(r"\A```[\w-]*[ \t]*\n(?=.*\w)(.*?)\n?```\Z", re.DOTALL)
_QUOTES = ('""', "''", "“”", "‘’", "«»", "``")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\x85]")


@dataclass(frozen=True)
class Answer:
    """What a model proposes for one image; `note` says what is odd about it, or nothing."""

    text: str
    note: str = ""


def read_answer(data: Any) -> Answer:
    """Return the answer in a chat completion. Raises EndpointError when there is none in it."""
    choice = _choice(data)
    message = choice.get("message")
    message = message if isinstance(message, dict) else {}
    text = clean(_content(message))
    cut = choice.get("finish_reason") == "length"
    if not text:
        raise _empty(choice, message, cut)
    return Answer(within_length(text), CUT if cut else "")


def clean(text: str) -> str:
    """Trim; remove a thought before the answer, and a code fence or quotes round the whole of it.

    Line ends become "\\n", other control characters go; everything else stays as it was said.
    """
    text = text.encode("utf-8", "replace").decode("utf-8")  # half surrogate pairs fit no file
    text = _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " "))
    text = _THOUGHT.sub("", text).strip()
    fenced = _FENCE.match(text)
    return _without_quotes(fenced[1].strip() if fenced and "```" not in fenced[1] else text)


def within_length(text: str) -> str:
    """Return `text`; raises EndpointError when it is too long for a caption."""
    if len(text) > LONGEST:
        raise EndpointError(
            f"the model answered {len(text)} characters, no caption is that long",
            hint="lower the token limit, or ask for one line in the prompt",
        )
    return text


def _without_quotes(text: str) -> str:
    for pair in _QUOTES:
        inner = text[1:-1]
        around = len(text) > 1 and text[0] == pair[0] and text[-1] == pair[1]
        if around and not set(pair) & set(inner):
            return inner.strip()
    return text


def _choice(data: Any) -> dict[str, Any]:
    choices = data.get("choices") if isinstance(data, dict) else None
    first = choices[0] if isinstance(choices, list) and choices else None
    if not isinstance(first, dict):
        raise EndpointError(
            "the endpoint's answer has no choices, so it holds no caption",
            hint="check that the address is of an OpenAI-compatible endpoint",
        )
    return first


def _content(message: dict[str, Any]) -> str:
    """Return the text: a string, or the text parts of a list."""
    content = message.get("content")
    if isinstance(content, list):
        parts = [part.get("text") for part in content if isinstance(part, dict)]
        return "".join(part for part in parts if isinstance(part, str))
    return content if isinstance(content, str) else ""


def _empty(choice: dict[str, Any], message: dict[str, Any], cut: bool) -> EndpointError:
    if message.get("refusal") or choice.get("finish_reason") == "content_filter":
        return EndpointError(
            "the model refuses to describe this image", hint="caption it by hand, or ask another"
        )
    if cut:
        return EndpointError(
            "the answer was cut off before it began: the model spent its tokens on thinking",
            hint="raise the token limit, or choose a model that does not think",
        )
    return EndpointError(
        "the model answered nothing", hint="check that it can see images, or change the prompt"
    )
