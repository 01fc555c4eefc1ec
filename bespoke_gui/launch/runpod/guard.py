"""Guard: what a pod is created with so that it stops itself, even if nobody ever connects to it.

Its container starts resources/pod_guard.sh first, then what its image starts anyway (/start.sh on
RunPod's own images, runpod/containers). `args` is split like a shell's words and takes the place of
the image's command; what gets the script there is an environment variable, for in it nothing needs
quoting.
"""

from __future__ import annotations

import base64
import math
import re
from dataclasses import dataclass
from typing import Any

from bespoke_gui.core.resources import resource
from bespoke_gui.launch.runpod.waits import RentWaits

OFFICIAL = "runpod/"
SCRIPT = "BESPOKE_GUARD"
PLACE = '"${TMPDIR:-/tmp}/bespoke-guard"'  # on the pod
WORDS = f'echo "${SCRIPT}" | base64 -d >{PLACE} && sh {PLACE} </dev/null & exec /start.sh'
SAYS = "bespoke guard: "
ARMED = "armed at creation"
_FIELDS = re.compile(r"\b(?:args|cmd)\b")


@dataclass(frozen=True)
class Form:
    """One way to ask for a start command. RunPod's description names `args`; its own newer client
    (runpodctl, internal/api) sends a list `cmd`; without either nothing guards the boot."""

    fields: dict[str, Any]
    guards: bool = True


FORMS = (
    Form({"args": f"bash -c '{WORDS}'"}),
    Form({"cmd": ["bash", "-c", WORDS]}),
    Form({}, guards=False),
)


def forms(image: str) -> tuple[Form, ...]:
    """Return how to ask for a pod of this image, the best first."""
    return FORMS if image.startswith(OFFICIAL) else FORMS[-1:]


def environment(workdir: str, url: str, waits: RentWaits) -> dict[str, str]:
    """Return the variables that a guarded pod needs; no secret is among them."""
    script = resource("pod_guard.sh").read_bytes()
    first, later = waits.boot_silent, waits.boot_silent + waits.silent
    return {
        SCRIPT: base64.b64encode(script).decode("ascii"),
        f"{SCRIPT}_URL": url,
        f"{SCRIPT}_RUNS": f"{workdir.rstrip('/')}/bespoke/runs",
        # The supervisor there is the first to look after its pod; this one is behind it.
        f"{SCRIPT}_FIRST": str(math.ceil(first)),
        f"{SCRIPT}_LATER": str(math.ceil(later)),
        f"{SCRIPT}_LOOK": str(math.ceil(waits.guard_look)),
    }  # fmt: skip


def is_refused(detail: str) -> bool:
    """Say whether RunPod's words about a request mean the start command."""
    return bool(_FIELDS.search(detail))


def state_of(line: str) -> str:
    """Return what a line of the container's log says of the guard, "" for any other line."""
    said = line.partition(SAYS)[2]
    if said.startswith("armed"):
        return ARMED
    return said if said.startswith("not armed") else ""
