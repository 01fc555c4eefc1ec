"""Secrets and private paths in a text that leaves this machine: found, and taken out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

REMOVED = "[removed]"
# Options of the trainer whose names sound like secrets and are none.
_HARMLESS = re.compile(r"^(token_warmup|max_token|token_string)")
_SECRET_NAME = re.compile(
    r"(^|_)(api_?key|apikey|access_?key|private_?key|token|secret|passwo?r?d|passphrase|"
    r"credentials?|auth|bearer)(_|$)",
    re.IGNORECASE,
)
# Keys of services as they publish their form: Hugging Face, OpenAI and its like, GitHub, AWS,
# RunPod, Weights & Biases, Slack, Google, private key blocks, URL passwords.
_SECRET_TEXT = re.compile(
    r"hf_[A-Za-z0-9]{16,}|sk-[A-Za-z0-9_-]{16,}|gh[opsur]_[A-Za-z0-9]{20,}|"
    r"github_pat_[A-Za-z0-9_]{20,}|AKIA[0-9A-Z]{16}|rpa_[A-Za-z0-9]{20,}|"
    r"xox[abprs]-[A-Za-z0-9-]{10,}|AIza[0-9A-Za-z_-]{35}|local-[0-9a-f]{40}|"
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----|(?<=://)[^\s/:@]+:[^\s/@]+(?=@)|"
    r"(?<=Bearer )[A-Za-z0-9._~+/-]{16,}|"
    r"(?i:wandb)[^\n]{0,20}?[0-9a-f]{40}(?![0-9a-f])"
)
_HOME = re.compile(
    r"(?<![\w./:-])(?:/(?:home|Users|root|mnt|media|Volumes|tmp|var|private|opt|srv|work)/|~/|"
    r"[A-Za-z]:[\\/]|\\\\[\w.-]+\\)[^\s\"'#,;)\]}]*"
)
WORKSPACE = "/workspace"


def is_secret(key: str, value: Any) -> bool:
    """Whether a config value is a key or password that must not travel: by its name or its form."""
    if isinstance(value, list):
        return any(is_secret(key, entry) for entry in value)
    if not isinstance(value, str) or not value:
        return False
    named = bool(_SECRET_NAME.search(key)) and not _HARMLESS.search(key)
    return named or bool(_SECRET_TEXT.search(value))


def secrets_in(text: str) -> list[str]:
    """Return where a text holds something of the form of a key: lines as "line 3"."""
    lines = text.splitlines()
    return [f"line {n}" for n, line in enumerate(lines, 1) if _SECRET_TEXT.search(line)]


def is_local_path(value: str) -> bool:
    """Whether a value is a path of this machine; below /workspace is where a package will lie."""
    if value == WORKSPACE or value.startswith(f"{WORKSPACE}/"):
        return False
    drive = re.match(r"[A-Za-z]:[\\/]", value) is not None
    return drive or value.startswith(("/", "~", "./", "../", "\\\\")) or "\\" in value


def without_secrets(text: str) -> tuple[str, list[str]]:
    """Take keys and the folders of private paths out of a text; returns it and what was done.

    A path keeps its last part, so that a comment still says which file was meant.
    """
    done = [f"{where} held a key" for where in secrets_in(text)]
    text = _SECRET_TEXT.sub(REMOVED, text)
    done += [f"line {n} named a folder of this machine" for n in _lines_with_paths(text)]
    return _HOME.sub(_last_part, text), done


def _lines_with_paths(text: str) -> Iterator[int]:
    for number, line in enumerate(text.splitlines(), 1):
        if _HOME.search(line):
            yield number


def _last_part(match: re.Match[str]) -> str:
    parts = [part for part in re.split(r"[\\/]+", match[0]) if part]
    return f"…/{parts[-1]}" if len(parts) > 1 else "…"
