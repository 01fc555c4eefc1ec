"""One case of the campaign: `python -m tests.faults.case CLASS STAGE SEED FOLDER` prints JSON."""

from __future__ import annotations

import json
import sys
import time
import traceback
from pathlib import Path
from typing import Any

from tests.faults.classes import BY_NAME
from tests.faults.world import EPOCHS, World

STAGE_S = 60.0
END_S = 120.0


def run_case(name: str, stage: str, seed: int, folder: Path) -> dict[str, Any]:
    """Run one case from the renting to the end and judge what came out."""
    world = World(folder, seed)
    fault = BY_NAME[name]
    try:
        fault.plan(world, stage)
        world.start()
        if world.wait_for(stage, STAGE_S):
            time.sleep(world.rng.uniform(0, 0.35))
            fault.strike(world, stage)
        done = world.wait_for_end(END_S)
        world.hits = max(world.hits, len(world.standin.faults.hit))
        return judge(world, done, fault.ends_well)
    finally:
        world.close()


def judge(world: World, done: bool, ends_well: bool) -> dict[str, Any]:
    """Say how the run ended, and every promise that was broken."""
    exit_ = world.exit or {}
    here, truth = world.files_here(), world.truth()
    whole = {name for name in here if here[name] == truth.get(name)}
    broken = [*_about_the_end(world, exit_, done), *_about_files(world, exit_, here, truth)]
    broken += _about_money(world)
    if done and ends_well and exit_.get("outcome") != "finished":
        broken.append("what can be mended ended the run")
    return {
        "outcome": exit_.get("outcome", "none"), "kind": exit_.get("kind", ""),
        "message": exit_.get("message", ""), "here": len(whole), "made": len(truth),
        "hits": world.hits, "broken": broken,
    }  # fmt: skip


def _about_the_end(world: World, exit_: dict[str, Any], done: bool) -> list[str]:
    broken = []
    if not done:
        broken.append("it did not end in time")
    if exit_ and exit_.get("outcome") != "finished" and not exit_.get("message"):
        broken.append("it ended without a reason in words")
    log = world.run_dir.folder / "courier.log"
    if log.exists() and "Traceback" in log.read_text(errors="replace"):
        broken.append(f"a fault of ours: {log.read_text(errors='replace')[-3000:]}")
    return broken


def _about_files(
    world: World, exit_: dict[str, Any], here: dict[str, str], truth: dict[str, str]
) -> list[str]:
    broken = []
    wrong = sorted(name for name, digest in here.items() if digest != truth.get(name))
    if wrong:
        broken.append(f"a file here is not what the machine made: {wrong}")
    if exit_.get("outcome") == "finished" and len(here) < EPOCHS:
        broken.append(f"a wrong done: {len(here)} of {EPOCHS} checkpoints are here")
    said = f"{exit_.get('message', '')} {exit_.get('hint', '')} {exit_.get('missing', '')}"
    silent = sorted(name for name in truth if name not in here and name not in said)
    # What a vanished machine made and could not tell any more has no name here.
    told = world.vanished and "lost with it" in said
    if silent and not told and exit_.get("outcome") != "finished":
        broken.append(f"nothing was said of {silent}")
    if exit_.get("outcome") == "finished" and list(world.run_dir.folder.rglob("*.part")):
        broken.append("a half file was left")
    return broken


def _about_money(world: World) -> list[str]:
    from bespoke_gui.launch.runpod.billing import still_billing

    told = {bill.id for bill in still_billing().bills}
    costing = {pod.id for pod in world.standin.account.billing()}
    broken = [f"a pod costs money and nobody is told: {pod}" for pod in sorted(costing - told)]
    exit_ = world.exit or {}
    if costing and exit_.get("outcome") == "finished":
        broken.append("a pod costs money after a finished run")
    broken += [f"wrong answer of the stand-in: {words}" for words in world.standin.wrong]
    refused = [one for one in world.standin.seen if one.status == 422]
    return broken + [f"the service refused {one.operation} as wrong" for one in refused]


def main(words: list[str]) -> int:
    """Run one case; whatever happens, the last line of the output is its result."""
    name, stage, seed, folder = words
    try:
        result = run_case(name, stage, int(seed), Path(folder))
    except Exception:  # noqa: BLE001 - a case that breaks is a result
        result = {"outcome": "broken", "hits": 1, "broken": [traceback.format_exc()]}
    print(json.dumps({"class": name, "stage": stage, "seed": int(seed), **result}))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
