"""Kohya engine: runs an sd-scripts checkout as a process of its own, told as run events."""

from __future__ import annotations

from typing import Any

from bespoke_gui.engines.catalogue import ENGINES, Engine
from bespoke_gui.engines.context import RunContext


def run(context: RunContext) -> dict[str, Any]:
    """Train with the checkout named in spec.options["sd_scripts"]; returns fields for exit.json."""
    context.stage("starting")
    from bespoke_gui.engines.kohya.training import train

    return train(context)


ENGINES.add("kohya", Engine("kohya", "kohya's sd-scripts", (), run))
