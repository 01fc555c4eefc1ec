"""`bespoke keys list|set|forget`: keys of services, in the system's keyring only."""

from __future__ import annotations

import argparse
import os

from bespoke_gui.commands._key import forget_key, keep_key
from bespoke_gui.commands.output import Result
from bespoke_gui.core import secrets

HELP = "keep or forget the keys of the Hugging Face hub, wandb and RunPod"
SERVICES = {
    "huggingface": ("Hugging Face token", "HF_TOKEN", "gated base models"),
    "wandb": ("wandb key", "WANDB_API_KEY", 'log_with = "wandb"'),
    "runpod": ("RunPod key", "", "renting cards"),
}
"""Title, the variable that others use for it, and what it is needed for."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    actions.add_parser("list", help="which keys there are and where; never the keys")
    for name, words in (("set", "asks for it, or reads a pipe"), ("forget", "from the keyring")):
        actions.add_parser(name, help=words).add_argument("service", choices=sorted(SERVICES))


def run(args: argparse.Namespace) -> Result:
    """Do it."""
    if args.action == "list":
        return _list()
    if args.action == "set":
        return keep_key(args.service, SERVICES[args.service][0])
    return forget_key(args.service)


def _list() -> Result:
    found = [_entry(name) for name in SERVICES]
    lines = [f"{one['service']}  {one['words']}  ({one['for']})" for one in found]
    return Result({"keys": found}, "\n".join(lines))


def _entry(name: str) -> dict[str, object]:
    _, variable, use = SERVICES[name]
    known, place = secrets.get(name) is not None, secrets.where(name)
    words = secrets.describe(place, name) if known else "none"
    if not known and variable and os.environ.get(variable):
        known, place, words = True, secrets.ENVIRONMENT, f"read from {variable}"
    return {"service": name, "known": known, "where": place if known else "", "words": words,
            "for": use}  # fmt: skip
