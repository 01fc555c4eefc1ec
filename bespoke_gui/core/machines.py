"""Machines: the saved ones that a run can be sent to, and the host keys they were pinned with."""

from __future__ import annotations

import base64
import binascii
import getpass
import hashlib
import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bespoke_gui.core import settings
from bespoke_gui.core.atomic import write_json, write_text
from bespoke_gui.core.errors import AppError

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
HOST = re.compile(r"[A-Za-z0-9_.:%-]+")
SSH_PORT = 22


@dataclass
class Machine:
    """One machine reached by SSH. An empty `user` is the user of this computer.

    key_file: private key; use_agent: the keys of the SSH agent. workdir: where `bespoke/` is made,
    "" for the home folder. python: the interpreter to use there, "" to make an environment.
    sd_scripts: folder of a kohya-ss/sd-scripts checkout there. usd_per_hour: None where it costs
    nothing or nobody knows.
    """

    name: str
    host: str
    port: int = SSH_PORT
    user: str = ""
    key_file: str = ""
    use_agent: bool = False
    workdir: str = ""
    python: str = ""
    sd_scripts: str = ""
    usd_per_hour: float | None = None
    gpus: int = 1

    @property
    def login(self) -> str:
        """The user to log in as."""
        return self.user or getpass.getuser()

    @property
    def address(self) -> str:
        """Return user@host, with the port where it is not 22."""
        port = "" if self.port == SSH_PORT else f":{self.port}"
        return f"{self.login}@{self.host}{port}"

    def as_dict(self) -> dict[str, Any]:
        """Return what is saved and printed; there is no secret in it."""
        return asdict(self)


def machines_path() -> Path:
    """Return where saved machines are kept."""
    return settings.home() / "machines.json"


def known_hosts_path() -> Path:
    """Return where pinned host keys are kept, in OpenSSH's own format."""
    return settings.home() / "known_hosts"


def load_machines() -> dict[str, Machine]:
    """Return the saved machines by name; an entry that makes no sense is passed over."""
    try:
        data = json.loads(machines_path().read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    entries = data.get("machines") if isinstance(data, dict) else None
    found = [_machine(entry) for entry in entries if isinstance(entry, dict)] if entries else []
    return {machine.name: machine for machine in found if machine is not None}


def save_machine(machine: Machine) -> None:
    """Keep a machine under its name, in place of one of the same name.

    Raises AppError kind "usage" for a name or host that cannot be one.
    """
    if not NAME.fullmatch(machine.name):
        hint = "use letters, digits, dot, dash and underscore"
        raise AppError(f"{machine.name!r} is no name for a machine", hint=hint, kind="usage")
    _require_host(machine.host, machine.port)
    kept = load_machines()
    kept[machine.name] = machine
    _save(kept)


def remove_machine(name: str) -> None:
    """Forget a machine; raises AppError kind "usage" when there is none of that name."""
    kept = load_machines()
    if kept.pop(name, None) is None:
        raise _unknown(name)
    _save(kept)


def machine_from(text: str) -> Machine:
    """Return the machine a person named: a saved NAME, or ssh://user@host:port.

    Raises AppError kind "usage" for an unknown name or a broken address.
    """
    if not text.startswith("ssh://"):
        saved = load_machines().get(text)
        if saved is None:
            raise _unknown(text)
        return saved
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port or SSH_PORT
    except ValueError as error:
        raise AppError(f"{text} is no address: {error}", kind="usage") from error
    if parts.password is not None or parts.path not in ("", "/") or parts.query:
        hint = "write ssh://user@host:port; passwords are not used, keys are"
        raise AppError("is no address of a machine", file=_shown(parts), hint=hint, kind="usage")
    _require_host(host, port)
    return Machine(host, host, port, parts.username or "")


def machine_of(data: object) -> Machine | None:
    """Return the machine that `as_dict` wrote (for example into spec.json), or None."""
    return _machine(data) if isinstance(data, dict) else None


def pinned_keys(host: str, port: int = SSH_PORT) -> list[str]:
    """Return the keys that a host may show, each as "type base64"."""
    pattern = _pattern(host, port)
    found = [line.split(None, 1) for line in _known_lines()]
    return [parts[1] for parts in found if len(parts) == 2 and pattern in parts[0].split(",")]


def pin(host: str, port: int, key_line: str) -> None:
    """Let `host` show this key ("type base64") from now on, besides those pinned before."""
    key = " ".join(key_line.split()[:2])
    fingerprint(key)
    if key not in pinned_keys(host, port):
        _write_known([*_known_lines(), f"{_pattern(host, port)} {key}"])


def unpin(host: str, port: int = SSH_PORT) -> None:
    """Forget all keys of a host."""
    pattern = _pattern(host, port)
    _write_known([line for line in _known_lines() if line.split(None, 1)[0] != pattern])


def fingerprint(key_line: str) -> str:
    """Return "SHA256:..." of a public key "type base64", as ssh-keygen -l prints it.

    Raises AppError for what is no public key.
    """
    parts = key_line.split()
    try:
        blob = base64.b64decode(parts[1], validate=True)
        kind = blob[4 : 4 + int.from_bytes(blob[:4], "big")].decode("ascii")
    except (IndexError, ValueError, binascii.Error):
        kind = ""
        blob = b""
    if not kind or kind != parts[0]:
        raise AppError("is no public key", hint='it reads "ssh-ed25519 AAAA..."')
    digest = base64.b64encode(hashlib.sha256(blob).digest()).decode("ascii")
    return f"SHA256:{digest.rstrip('=')}"


def _machine(data: dict[str, Any]) -> Machine | None:
    kinds: dict[str, tuple[type, ...]] = {"port": (int,), "gpus": (int,), "use_agent": (bool,)}
    known = {}
    for name in Machine.__dataclass_fields__:
        if name not in data:
            continue
        wanted = kinds.get(name, (str,))
        if name == "usd_per_hour":
            wanted = (int, float, type(None))
        if not isinstance(data[name], wanted):
            return None
        known[name] = data[name]
    return Machine(**known) if known.get("name") and known.get("host") else None


def _save(kept: dict[str, Machine]) -> None:
    path = machines_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    write_json(path, {"machines": [kept[name].as_dict() for name in sorted(kept)]})


def _unknown(name: str) -> AppError:
    names = ", ".join(sorted(load_machines())) or "none is saved"
    hint = f"saved: {names}; or write ssh://user@host:port"
    return AppError(f"there is no machine {name}", hint=hint, kind="usage")


def _require_host(host: str, port: int) -> None:
    # A host that begins with a dash would be taken for an option by other programs.
    if not HOST.fullmatch(host) or host.startswith("-") or not 0 < port < 65536:
        raise AppError(f"{host or 'this'}:{port} is no host and port", kind="usage")


def _shown(parts: Any) -> str:
    """The address without what may be a password."""
    return f"ssh://{parts.hostname or ''}"


def _pattern(host: str, port: int) -> str:
    return host if port == SSH_PORT else f"[{host}]:{port}"


def _known_lines() -> list[str]:
    try:
        text = known_hosts_path().read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]


def _write_known(lines: list[str]) -> None:
    path = known_hosts_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text(path, "".join(f"{line}\n" for line in lines))
