"""A rented machine from the command line: the wish, asked for before anything starts; its cost."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from bespoke_gui.commands.output import say

if TYPE_CHECKING:
    from bespoke_gui.core.rundir import RunDir
    from bespoke_gui.core.runspec import RunSpec


def rented_place(args: argparse.Namespace) -> dict[str, Any]:
    """Return the wish as a spec's `place`, after RunPod said that its cards exist.

    Raises AppError for what could not be rented: nothing is paid for yet.
    """
    from bespoke_gui.launch.runpod.quote import quote

    asked = {
        "gpus": args.gpu.split(","), "max_usd": args.max_usd, "max_hours": args.max_hours,
        "cloud": args.cloud, "volume": args.volume, "keep_pod": args.keep_pod,
    }  # fmt: skip
    # A cap of 0 is wrong, not absent.
    given = {name: value for name, value in asked.items() if value is not None and value != ""}
    found = quote(given)
    if not any(offer.is_free for offer in found.offers):
        say("none of these cards is in stock at this moment; they are tried all the same")
    return found.wish.as_place()


def say_estimate(spec: RunSpec) -> None:
    """Say what a run will likely cost, with what that rests on."""
    from bespoke_gui.launch.runpod.quote import cost_of, quote

    say(cost_of(spec, quote(spec.place)).words)


def cost_of_run(run_dir: RunDir) -> dict[str, Any]:
    """Return what a run on a rented machine has cost, and whether that goes on; {} for others."""
    job = run_dir.read_job() or {}
    if not isinstance(job.get("cost_usd"), (int, float)):
        return {}
    return {"cost_usd": job["cost_usd"], "released": bool(job.get("released"))}


def cost_words(cost: dict[str, Any]) -> list[str]:
    """Return what `cost_of_run` found, for people."""
    if not cost:
        return []
    if cost["released"]:
        return [f"it cost ${cost['cost_usd']:.4f} and the machine is given back"]
    return [f"${cost['cost_usd']:.4f} so far, the machine is not given back: bespoke billing"]
