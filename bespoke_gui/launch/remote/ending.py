"""Ending: how a remote run ended, by what is here and not by what the machine says."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bespoke_gui.core.errors import AppError
from bespoke_gui.core.events import FAILURES
from bespoke_gui.core.lorafile import complete
from bespoke_gui.core.rundir import read_json
from bespoke_gui.core.runs import ENDED
from bespoke_gui.launch.remote.clean import clean_text
from bespoke_gui.launch.remote.fetching import Fetcher


@dataclass(frozen=True)
class Ending:
    """What exit.json will say. believed: whether it is what the machine said."""

    outcome: str
    fields: dict[str, Any] = field(default_factory=dict)
    believed: bool = True


def ending_from(noted: object) -> Ending | None:
    """Return the ending that a courier noted in job.json before it was killed, or None."""
    if not isinstance(noted, dict) or noted.get("outcome") not in ENDED:
        return None
    fields = noted.get("fields")
    return Ending(noted["outcome"], fields if isinstance(fields, dict) else {})


def ending_of(said: dict[str, Any], fetcher: Fetcher, announced: set[str], where: str) -> Ending:
    """Judge a remote exit.json. `announced` names checkpoints that the manifest does not know but
    that lie there; `where` names machine and folder for words."""
    outcome = said.get("outcome") if said.get("outcome") in ENDED else "failed"
    missing = sorted({*fetcher.missing(), *announced})
    if missing:
        return _incomplete(missing, where)
    if outcome == "finished" and (trouble := _nothing_to_show(fetcher)):
        hint = "the end of log.txt may say why"
        fields = {"kind": "engine_crash", "message": trouble, "hint": hint}
        return Ending("failed", fields, believed=False)
    return Ending(str(outcome), _words(said, str(outcome)))


def _incomplete(missing: list[str], where: str) -> Ending:
    shown = ", ".join(missing[:5]) + (f" and {len(missing) - 5} more" if len(missing) > 5 else "")
    fields = {
        "kind": "network", "message": f"the run ended, but not here yet: {shown}",
        "hint": f"they are on {where}; `bespoke runs fetch` tries again", "missing": missing,
    }  # fmt: skip
    return Ending("failed", fields, believed=False)


def _nothing_to_show(fetcher: Fetcher) -> str:
    """Why a run that "finished" did not, or "": its results must be here and readable."""
    spec = read_json(fetcher.local.dir.spec_path) or {}
    if spec.get("loras"):
        return "" if fetcher.manifest.files else "the machine says it finished, but sent no image"
    found = [name for name in fetcher.manifest.files if _is_checkpoint(name)]
    if not found:
        return "the machine says it finished, but there is no checkpoint"
    for name in found:
        if trouble := _unreadable(fetcher.folder / name):
            return f"the machine says it finished, but {name} {trouble}"
    return ""


def _is_checkpoint(name: str) -> bool:
    """A LoRA file directly in outputs/; saved states hold such files as well, of other kinds."""
    return name.endswith(".safetensors") and name.count("/") == 1


def _unreadable(path: Path) -> str:
    try:
        complete(path)
    except AppError as error:
        return error.message
    return ""


def _words(said: dict[str, Any], outcome: str) -> dict[str, Any]:
    """The fields of a remote exit.json that are kept, cleaned."""
    found: dict[str, Any] = {}
    for name in ("message", "hint"):
        if isinstance(said.get(name), str):
            found[name] = clean_text(said[name])
    if outcome != "finished":
        kind = said.get("kind")
        usual = "cancelled" if outcome == "cancelled" else "engine_crash"
        found["kind"] = kind if kind in FAILURES else usual
    for name in ("epochs", "steps", "images"):
        if isinstance(said.get(name), int):
            found[name] = said[name]
    return found
