"""`bespoke engine status|install|remove`: the training engine on this machine."""

from __future__ import annotations

import argparse

from bespoke_gui.commands.output import Result, say

HELP = "show, install or remove the training engine"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    actions.add_parser("status", help="which Python would train, and what is installed")
    install = actions.add_parser("install", help="fetch the engine into an environment of its own")
    install.add_argument("--pip", default="", metavar="WORDS", help="more words for pip")
    actions.add_parser("remove", help="delete that environment; models and runs stay")


def run(args: argparse.Namespace) -> Result:
    """Do it and print the status."""
    from bespoke_gui.launch import engine_env

    if args.action == "install":
        size = engine_env.INSTALL_BYTES / 1e9
        say(f"the engine takes about {size:.1f} GB in {engine_env.folder()}")
        engine_env.install(say, source=args.pip)
    freed = engine_env.remove() if args.action == "remove" else None
    data = engine_env.facts()
    if freed is not None:
        data["freed"] = freed
    return Result(data, _text(data))


def _text(data: dict[str, object]) -> str:
    if not data["ready"]:
        return "no training engine; `bespoke engine install` fetches one"
    return f"training uses {data['python']} ({data['source']})"
