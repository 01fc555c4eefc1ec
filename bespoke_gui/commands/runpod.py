"""`bespoke runpod key|gpus|volumes`: the account at RunPod: its key, cards with prices, volumes."""

from __future__ import annotations

import argparse
from typing import Any

from bespoke_gui.commands._key import forget_key, keep_key
from bespoke_gui.commands.output import Result
from bespoke_gui.core import secrets

HELP = "RunPod: keep its key, see cards, prices and stock"
SERVICE = "runpod"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    key = actions.add_parser("key", help="keep, forget or check the key")
    key.add_argument("what", choices=("set", "forget", "check"), help="set: asks, or reads a pipe")
    gpus = actions.add_parser("gpus", help="cards that can be rented now, the cheapest first")
    gpus.add_argument("--cloud", default="secure", choices=("secure", "community"))
    gpus.add_argument("--count", type=int, default=1, metavar="N", help="cards in one machine")
    actions.add_parser("volumes", help="network volumes of the account")


def run(args: argparse.Namespace) -> Result:
    """Do it."""
    if args.action == "key":
        if args.what == "set":
            return keep_key(SERVICE, "RunPod key")
        return forget_key(SERVICE) if args.what == "forget" else _check()
    return _gpus(args) if args.action == "gpus" else _volumes()


def _check() -> Result:
    """Ask for the list of pods, which costs nothing and shows that the key is accepted."""
    from bespoke_gui.launch.runpod.api import account
    from bespoke_gui.launch.runpod.pods import our_pods

    api = account()
    found = our_pods(api)
    place = secrets.where(SERVICE)
    data = {"ok": True, "where": place, "url": api.url, "pods": [pod.id for pod in found]}
    kept = secrets.describe(place, SERVICE)
    return Result(data, f"RunPod accepts the key ({kept}); {len(found)} pods of Bespoke there")


def _gpus(args: argparse.Namespace) -> Result:
    from bespoke_gui.launch.runpod.prices import live_offers

    found = live_offers(args.cloud, args.count)
    rows = [f"{'GB':>4} {'$/h':>7} {'stock':>7}  card"]
    for one in found:
        price, stock = one.usd_per_hour * args.count, one.stock.lower() or "?"
        rows.append(f"{one.memory:4} {price:7.2f} {stock:>7}  {one.id}")
    return Result({"gpus": [one.as_dict() for one in found]}, "\n".join(rows))


def _volumes() -> Result:
    from bespoke_gui.launch.runpod.api import account
    from bespoke_gui.launch.runpod.catalog import volumes

    found: list[dict[str, Any]] = volumes(account())
    rows = [
        f"{v['id']}  {v.get('size')} GB in {v.get('dataCenter')}  {v.get('name')}" for v in found
    ]
    return Result({"volumes": found}, "\n".join(rows) or "no network volumes")
