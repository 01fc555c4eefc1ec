"""Run spec: the whole request to an engine, the same for every machine."""

from __future__ import annotations

import datetime
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from bespoke_gui.core.atomic import write_json
from bespoke_gui.core.errors import AppError

SCHEMA = 1
EMBEDDED = "embedded"
"""The base model that ships with Bespoke."""


@dataclass
class DataFolder:
    """One folder of images and same-stem captions; `folder` is absolute or relative to the run.

    `excluded`: file names of images in it that are not trained on. is_reg: its images are for
    regularisation.
    """

    folder: str
    repeats: int = 1
    class_word: str = ""
    excluded: list[str] = field(default_factory=list)
    is_reg: bool = False


@dataclass
class LoraFile:
    """One checkpoint to generate with; epoch 0 with an empty path is the base without LoRA.

    held_out_loss: what its training measured at the end of that epoch, None where it did not.
    strength, folder (below the output) and generation_id: where they are not those of the spec,
    for several strengths of one file.
    """

    epoch: int
    path: str = ""
    sha256: str = ""
    learning_rate: float | None = None
    strength: float | None = None
    folder: str = ""
    generation_id: str = ""
    held_out_loss: float | None = None


@dataclass
class RunSpec:
    """Everything an engine needs; `config` is the parsed training config, sections flattened.

    engine: "lora", "sample", "fake" or "kohya". base: "embedded", a folder, a file or a hub id.
    For "sample", `protocol` (parsed protocol.toml) and `loras` say what to generate into `output`.
    place: what a backend elsewhere was asked for ({"machine": {...}}, or names of GPUs and caps);
    empty for this computer, and never a secret.
    """

    run: str
    engine: str
    base: str = EMBEDDED
    config: dict[str, Any] = field(default_factory=dict)
    data: list[DataFolder] = field(default_factory=list)
    protocol: dict[str, Any] = field(default_factory=dict)
    loras: list[LoraFile] = field(default_factory=list)
    output: str = ""
    device: str = "auto"
    resume: bool = False
    options: dict[str, Any] = field(default_factory=dict)
    place: dict[str, Any] = field(default_factory=dict)
    created: str = ""
    schema: int = SCHEMA

    def save(self, path: Path) -> None:
        """Write the spec as JSON, atomically."""
        self.created = self.created or datetime.datetime.now().isoformat(timespec="seconds")
        write_json(path, asdict(self))


def load_spec(path: Path) -> RunSpec:
    """Read spec.json; raises AppError when it is missing, broken or from a newer version."""
    try:
        data = json.loads(Path(path).read_text(encoding="utf-8"))
        known = {name: data[name] for name in RunSpec.__dataclass_fields__ if name in data}
        spec = RunSpec(**known)
        spec.data = [DataFolder(**folder) for folder in spec.data]  # type: ignore[arg-type]
        spec.loras = [LoraFile(**lora) for lora in spec.loras]  # type: ignore[arg-type]
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise AppError(f"is no readable run spec: {error}", file=path, kind="bad_config") from error
    if spec.schema > SCHEMA:
        raise AppError(
            "was written by a newer Bespoke", file=path, hint="update Bespoke", kind="bad_config"
        )
    return spec
