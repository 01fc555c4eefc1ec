"""The machine a command means: its address, the key to log in with, and that its host is known."""

from __future__ import annotations

import argparse
import asyncio
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from bespoke_gui.commands.output import say
from bespoke_gui.core.errors import AppError

if TYPE_CHECKING:
    from bespoke_gui.core.machines import Machine

WORDS = "NAME|ssh://user@host:port"


def add_key_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare how to log in to a machine."""
    parser.add_argument("--key", type=Path, metavar="FILE", help="private key to log in with")
    parser.add_argument("--agent", action="store_true", help="log in with the SSH agent's keys")
    parser.add_argument(
        "--accept-host-key", default="", metavar="SHA256:...",
        help="the machine's host key, when it is used for the first time or was made anew",
    )  # fmt: skip


def chosen_machine(args: argparse.Namespace) -> Machine:
    """The machine that was named, with the key that was given; AppError kind "usage"."""
    from bespoke_gui.core.machines import machine_from

    if not args.machine:
        raise AppError("needs a machine", hint=f"--machine {WORDS}", kind="usage")
    machine = machine_from(args.machine)
    if args.key:
        machine = replace(machine, key_file=str(args.key.expanduser().absolute()))
    if args.agent:
        machine = replace(machine, use_agent=True, key_file="")
    if not machine.key_file and not machine.use_agent:
        hint = "give --key FILE, or --agent for the keys of your SSH agent"
        raise AppError("no key to log in with", file=machine.address, hint=hint, kind="usage")
    return machine


def require_known(machine: Machine, accepted: str = "") -> None:
    """See that the host key of a machine is pinned, and still the one it shows.

    A new or changed one is accepted by its fingerprint, or asked about on a terminal; else
    AppError kind "usage" with the words to use.
    """
    from bespoke_gui.core.machines import fingerprint, pin, pinned_keys, unpin
    from bespoke_gui.launch.remote.connect import changed, server_key, unknown
    from bespoke_gui.launch.remote.link import LinkLost
    from bespoke_gui.launch.remote.waits import load_waits

    try:
        key = asyncio.run(server_key(machine, load_waits()))
    except LinkLost as error:
        hint = "check its address and that it is on"
        raise AppError(str(error), hint=hint, kind="network") from error
    pinned = pinned_keys(machine.host, machine.port)
    if key in pinned:
        return
    words = changed(machine, key, pinned) if pinned else unknown(machine, key)
    if accepted and accepted != fingerprint(key):
        hint = "nothing was sent; ask whoever runs the machine"
        message = f"shows the key {fingerprint(key)}, not the accepted {accepted}"
        raise AppError(message, file=machine.address, hint=hint, kind="auth")
    if not accepted and not _asked(words, first=not pinned):
        raise AppError(words.message, file=words.file, hint=words.hint, kind="usage")
    unpin(machine.host, machine.port)
    pin(machine.host, machine.port, key)


def _asked(words: AppError, first: bool) -> bool:
    """Ask on a terminal whether a machine is to be trusted; a changed key is never asked about."""
    if not first or not (sys.stdin and sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    say(f"{words.file} {words.message}")
    say("Does the machine show the same? Type yes to go on: ")
    return sys.stdin.readline().strip().lower() == "yes"
