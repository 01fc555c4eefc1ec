"""Protocol: the prompts, seeds and settings that every epoch is asked, and how to look at them."""

from __future__ import annotations

import functools
import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import tomlkit

from bespoke_gui.core.atomic import write_text
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.prompt_colours import accessories, background_colour
from bespoke_gui.core.protocol_check import check_protocol
from bespoke_gui.core.resources import resource

SCHEMA = 1
EMBEDDED = "embedded"
EMBEDDED_SIZE = 192
EMBEDDED_STEPS = 16
EMBEDDED_GUIDANCE = 2.0
GENERATION_FIELDS = (
    "base", "seeds", "width", "height", "steps", "guidance", "scheduler", "lora_scale",
    "long_prompts",
)  # fmt: skip
"""Settings that determine the images, beside the prompts and negatives."""


@dataclass(frozen=True)
class Prompt:
    """One test prompt. background: words for a plain background's colour, "" for none named."""

    name: str
    text: str
    negative: str = ""
    background: str = ""
    accessories: tuple[str, ...] = ()


@dataclass(frozen=True)
class Protocol:
    """What determines the images (base .. prompts), then how to look at them.

    `base_digest` stands for the base's weights in a record of images made; the generation id
    then rests on it and not on the name. `scheduler` "default" is the one the base model names.
    `thresholds`: measure name -> limit, in place of the training set's percentile.
    """

    base: str = EMBEDDED
    negative: str = ""
    seeds: tuple[int, ...] = (42,)
    width: int = 512
    height: int = 512
    steps: int = 30
    guidance: float = 7.5
    scheduler: str = "default"
    lora_scale: float = 1.0
    long_prompts: str = "chunked"
    prompts: tuple[Prompt, ...] = ()
    base_digest: str = ""
    native_size: int = 24
    downsampler: str = "median"
    merge: str = "auto"
    thresholds: dict[str, float] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Return the protocol as protocol.toml holds it (plain lists, numbers and text)."""
        data: dict[str, Any] = {"schema": SCHEMA}
        for item in fields(self):
            value = getattr(self, item.name)
            data[item.name] = list(value) if isinstance(value, tuple) else value
        data["thresholds"] = dict(self.thresholds)
        data["prompts"] = [_prompt_dict(prompt) for prompt in self.prompts]
        if not self.base_digest:
            del data["base_digest"]
        return data

    def save(self, path: Path) -> None:
        """Write protocol.toml atomically."""
        write_text(Path(path), _toml_text(self.as_dict()))

    def prompt(self, name: str) -> Prompt | None:
        """Return the prompt of that name, None when there is none."""
        return next((prompt for prompt in self.prompts if prompt.name == name), None)


def _prompt_dict(prompt: Prompt) -> dict[str, Any]:
    expect = {"background": prompt.background, "accessories": list(prompt.accessories)}
    data: dict[str, Any] = {"name": prompt.name, "text": prompt.text}
    if prompt.negative:
        data["negative"] = prompt.negative
    return {**data, "expect": expect}


def load_protocol(path: Path) -> Protocol:
    """Read protocol.toml; raises AppError when it is missing, no TOML, or holds a wrong value."""
    path = Path(path)
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        hint = "give a protocol.toml written as UTF-8"
        raise AppError(f"cannot be read: {_reason(error)}", file=path, hint=hint) from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise AppError(f"is no valid TOML: {error}", file=path, hint="mend that line") from error
    return protocol_from(data, file=path)


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)


def protocol_from(data: Mapping[str, Any], file: str | Path = "protocol") -> Protocol:
    """Build a protocol from parsed TOML or JSON; raises AppError naming the first wrong value.

    An expectation that is not written down is read from the prompt's text.
    """
    problems = check_protocol(data)
    if problems:
        first, more = problems[0], len(problems) - 1
        text = first.message + (f" (and {more} more)" if more else "")
        raise AppError(text, file=file, hint=first.hint)
    known = {item.name for item in fields(Protocol)}
    values = {key: value for key, value in data.items() if key in known}
    values["prompts"] = tuple(_prompt_from(prompt) for prompt in data.get("prompts", []))
    if "seeds" in values:
        values["seeds"] = tuple(values["seeds"])
    for name in ("guidance", "lora_scale"):
        values[name] = float(values.get(name, getattr(Protocol, name)))
    values["thresholds"] = {k: float(v) for k, v in data.get("thresholds", {}).items()}
    return Protocol(**values)


def _prompt_from(data: Mapping[str, Any]) -> Prompt:
    text, expect = data["text"], data.get("expect", {})
    return Prompt(
        data["name"],
        text,
        data.get("negative", ""),
        expect.get("background", background_colour(text)),
        tuple(expect.get("accessories", accessories(text))),
    )


def new_prompt(name: str, text: str, negative: str = "") -> Prompt:
    """Return a prompt whose expectations are read from its text."""
    return Prompt(name, text, negative, background_colour(text), tuple(accessories(text)))


def builtin_protocol() -> Protocol:
    """Return the protocol that travels with Bespoke: the seven prompts of the reference run."""
    return load_protocol(resource("protocol.toml"))


def for_base(protocol: Protocol, base: str) -> Protocol:
    """Return the protocol for another base model.

    The embedded base draws 192x192 images in few steps, as its build.json recommends.
    """
    if base != EMBEDDED:
        return replace(protocol, base=base, base_digest="")
    advice = _embedded_advice()
    return replace(
        protocol,
        base=EMBEDDED,
        base_digest="",
        width=int(advice.get("width", EMBEDDED_SIZE)),
        height=int(advice.get("height", EMBEDDED_SIZE)),
        steps=int(advice.get("steps", EMBEDDED_STEPS)),
        guidance=float(advice.get("guidance", EMBEDDED_GUIDANCE)),
    )


def pinned(protocol: Protocol) -> Protocol:
    """Return the protocol with the digest of the embedded base's weights written into it.

    For a record that must still say which weights were used after they were replaced.
    """
    return replace(protocol, base_digest=_base_digest(protocol))


def _base_digest(protocol: Protocol) -> str:
    if protocol.base_digest or protocol.base != EMBEDDED:
        return protocol.base_digest
    return embedded_digest()


def _embedded_advice() -> dict[str, Any]:
    """Return "recommended" of the embedded base's build.json, {} where there is none."""
    try:
        path = resource("embedded_base") / "build.json"
        data = json.loads(path.read_text(encoding="utf-8"))
        return dict(data.get("recommended", {}))
    except (AppError, OSError, ValueError, TypeError, AttributeError):
        return {}


@functools.cache
def embedded_digest() -> str:
    """Return the SHA-256 over the weights of the embedded base, "" when there are none."""
    try:
        folder = resource("embedded_base")
    except AppError:
        return ""
    digest = hashlib.sha256()
    weights = sorted(folder.rglob("*.safetensors"))
    for path in weights:
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest() if weights else ""


def canonical(protocol: Protocol) -> dict[str, Any]:
    """Return exactly what determines the images, in one form for equal meanings.

    Names and order of prompts and the order of seeds do not change any image; a prompt's own
    negative replaces the common one. A base whose weights are known is their digest: the one
    written down, else for the embedded base that of the weights that are installed.
    """
    data = {name: getattr(protocol, name) for name in GENERATION_FIELDS}
    data["base"] = _base_digest(protocol) or protocol.base
    data["seeds"] = sorted(protocol.seeds)
    data["guidance"], data["lora_scale"] = float(protocol.guidance), float(protocol.lora_scale)
    data["prompts"] = sorted(
        [prompt.text, prompt.negative or protocol.negative] for prompt in protocol.prompts
    )
    return data


def generation_id(protocol: Protocol) -> str:
    """Return the SHA-256 (hex) of the canonical form of what determines the images."""
    text = json.dumps(canonical(protocol), sort_keys=True, ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def save_changes(protocol: Protocol, path: Path) -> None:
    """Write a protocol into a protocol.toml that a person may have written: comments and order of
    what did not change stay. Raises AppError when the file there is no TOML or was changed
    meanwhile to one that is not.
    """
    path = Path(path)
    if not path.is_file():
        protocol.save(path)
        return
    before = load_protocol(path).as_dict()
    document = tomlkit.parse(path.read_text(encoding="utf-8-sig"))
    for key, value in protocol.as_dict().items():
        if key == "prompts" and value != before.get(key):
            prompts = tomlkit.aot()
            for prompt in value:
                prompts.append(tomlkit.item(prompt))
            document[key] = prompts
        elif key != "prompts" and value != before.get(key):
            document[key] = tomlkit.item(value)
    write_text(path, tomlkit.dumps(document))


def _toml_text(data: Mapping[str, Any]) -> str:
    document = tomlkit.document()
    document.add(tomlkit.comment("What every epoch is asked. Down to the prompts it determines"))
    document.add(tomlkit.comment("the images; galleries are compared only where it agrees."))
    prompts = tomlkit.aot()
    for prompt in data["prompts"]:
        prompts.append(tomlkit.item(prompt))
    for key, value in data.items():
        if key != "prompts":
            document.add(key, tomlkit.item(value))
    document.add("prompts", prompts)
    return tomlkit.dumps(document)
