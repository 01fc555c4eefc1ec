"""`bespoke machines ...`: the saved machines that a run can be sent to by SSH."""

from __future__ import annotations

import argparse
import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bespoke_gui.commands import _machine_clean
from bespoke_gui.commands._machine import WORDS, add_key_arguments, chosen_machine, require_known
from bespoke_gui.commands.output import Result, say

if TYPE_CHECKING:
    from bespoke_gui.core.machines import Machine

HELP = "list, add, remove, check and clean machines to train on by SSH"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    actions.add_parser("list", help="the saved machines")
    add = actions.add_parser("add", help="save a machine under a name")
    add.add_argument("name", metavar="NAME")
    add.add_argument("machine", metavar="ssh://user@host:port")
    add_key_arguments(add)
    add.add_argument("--workdir", default="", metavar="DIR", help="where to work there; else home")
    add.add_argument("--python", default="", metavar="PATH", help="interpreter to use there")
    add.add_argument("--sd-scripts", default="", metavar="DIR", help="sd-scripts checkout there")
    add.add_argument("--usd-per-hour", type=float, metavar="N", help="what it costs, if it does")
    add.add_argument("--gpus", type=int, default=1, metavar="N", help="cards to use there")
    add.add_argument("--no-check", action="store_true", help="do not look at it now")
    remove = actions.add_parser("remove", help="forget a machine; nothing there is touched")
    remove.add_argument("name", metavar="NAME")
    check = actions.add_parser("check", help="connect, and say what the machine has")
    check.add_argument("machine", metavar=WORDS)
    add_key_arguments(check)
    clean = actions.add_parser(
        "clean", help="say what lies there of earlier runs, and remove what is old (with --yes)"
    )
    clean.add_argument("machine", metavar=WORDS)
    add_key_arguments(clean)
    _machine_clean.add_arguments(clean)


def run(args: argparse.Namespace) -> Result:
    """Do what is asked."""
    doing = {"list": _list, "add": _add, "remove": _remove, "check": _check, "clean": _clean}
    return doing[args.action](args)


def _list(_args: argparse.Namespace) -> Result:
    from bespoke_gui.core.machines import load_machines

    found = list(load_machines().values())
    lines = [f"{one.name}  {one.address}" for one in found]
    return Result({"machines": [_shown(one) for one in found]}, "\n".join(lines) or "none saved")


def _add(args: argparse.Namespace) -> Result:
    from bespoke_gui.core.machines import save_machine

    machine = replace(
        chosen_machine(args), name=args.name, workdir=args.workdir, python=args.python,
        sd_scripts=args.sd_scripts, usd_per_hour=args.usd_per_hour, gpus=max(1, args.gpus),
    )  # fmt: skip
    if not args.no_check:
        require_known(machine, args.accept_host_key)
    save_machine(machine)
    if args.no_check:
        return Result({"machines": [_shown(machine)]}, f"{machine.name} is saved")
    result = _looked_at(machine)
    return Result(result.data, f"{machine.name} is saved\n{result.text}", result.code)


def _remove(args: argparse.Namespace) -> Result:
    from bespoke_gui.core.machines import remove_machine

    remove_machine(args.name)
    return Result({"removed": args.name}, f"{args.name} is forgotten")


def _check(args: argparse.Namespace) -> Result:
    machine = chosen_machine(args)
    require_known(machine, args.accept_host_key)
    return _looked_at(machine)


def _clean(args: argparse.Namespace) -> Result:
    machine = chosen_machine(args)
    require_known(machine, args.accept_host_key)
    return _machine_clean.clean(machine, args)


def _looked_at(machine: Machine) -> Result:
    """Connect and ask; what would stand in the way of a training is named."""
    from bespoke_gui.core.runspec import RunSpec
    from bespoke_gui.launch.remote.probe import problems

    say(f"connecting to {machine.address}")
    probe = asyncio.run(_probe(machine))
    engine = "kohya" if machine.sd_scripts else "lora"
    found = problems(probe, RunSpec(run="", engine=engine, base=""), machine)
    cards = ", ".join(f"{gpu.name} ({gpu.memory_gb:g} GB)" for gpu in probe.gpus) or "no GPU"
    python = ", ".join(f"{one.path} {'.'.join(map(str, one.version))}" for one in probe.pythons)
    lines = [f"{cards}; {probe.disk_free / 1e9:.0f} GB of disk free; {python or 'no Python'}"]
    lines += [f"{one.severity}: {one.message}" + (f" ({one.hint})" if one.hint else "")
              for one in found]  # fmt: skip
    data = {
        "machines": [_shown(machine)], "machine": _shown(machine), "probe": probe.as_dict(),
        "problems": [one.as_dict() for one in found],
    }  # fmt: skip
    return Result(data, "\n".join(lines), int(any(one.severity == "error" for one in found)))


async def _probe(machine: Machine) -> Any:
    from bespoke_gui.core.errors import AppError
    from bespoke_gui.launch.remote.bootstrap import find_site, look_at
    from bespoke_gui.launch.remote.connect import connect
    from bespoke_gui.launch.remote.link import LinkLost
    from bespoke_gui.launch.remote.waits import load_waits

    try:
        link = await connect(machine, load_waits())
        try:
            return await look_at(link, await find_site(link, machine), machine)
        finally:
            await link.close()
    except LinkLost as error:
        hint = "check its address and that it is on"
        raise AppError(str(error), hint=hint, kind="network") from error


def _shown(machine: Machine) -> dict[str, Any]:
    from bespoke_gui.core.machines import fingerprint, pinned_keys

    keys = [fingerprint(key) for key in pinned_keys(machine.host, machine.port)]
    return {**machine.as_dict(), "address": machine.address, "host_keys": keys}
