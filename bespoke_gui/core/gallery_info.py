"""gallery.json: how the images of a gallery were made, and writing or importing a gallery."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from bespoke_gui.core.atomic import write_json
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.protocol import Protocol, generation_id, pinned

INFO = "gallery.json"
PROTOCOL = "protocol.toml"


@dataclass(frozen=True)
class EpochInfo:
    """The checkpoint of one epoch: file name, SHA-256, learning rate at its end if known.

    held_out_loss: the loss on images that were not taught, None where none were held out.
    """

    file: str = ""
    sha256: str = ""
    learning_rate: float | None = None
    held_out_loss: float | None = None


@dataclass
class GalleryInfo:
    """Content of gallery.json. generation_id "" where nothing is known; `declared`: a person
    said how the images were made, nothing proves it."""

    generation_id: str = ""
    run: str = ""
    base: str = ""
    declared: bool = False
    epochs: dict[int, EpochInfo] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form; epochs are keyed by their number as text."""
        data = asdict(self)
        data["epochs"] = {str(n): asdict(entry) for n, entry in sorted(self.epochs.items())}
        return data


def read_info(path: Path) -> GalleryInfo:
    """Read gallery.json; an empty record when there is none, AppError when it is broken."""
    if not path.is_file():
        return GalleryInfo()
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        epochs = {int(n): _epoch(entry) for n, entry in data.get("epochs", {}).items()}
        words = {name: str(data.get(name) or "") for name in ("generation_id", "run", "base")}
        return GalleryInfo(**words, declared=bool(data.get("declared", False)), epochs=epochs)
    except (OSError, ValueError, TypeError, AttributeError) as error:
        hint = "generate the gallery again, or delete the file to open the images as imported"
        raise AppError(f"is no readable gallery record: {error}", file=path, hint=hint) from error


def _epoch(entry: Mapping[str, Any]) -> EpochInfo:
    rate, loss = (
        None if entry.get(name) is None else float(entry[name])
        for name in ("learning_rate", "held_out_loss")
    )
    return EpochInfo(str(entry.get("file", "")), str(entry.get("sha256", "")), rate, loss)


def record(
    folder: Path,
    protocol: Protocol,
    *,
    run: str = "",
    epochs: Mapping[int, EpochInfo] | None = None,
    declared: bool = False,
) -> GalleryInfo:
    """Write protocol.toml and gallery.json beside the images; returns what was recorded.

    The protocol is pinned to the base's weights where they are known.
    Epochs recorded before and not given now are kept when the generation id is the same.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    protocol = pinned(protocol)
    identity = generation_id(protocol)
    before = read_info(folder / INFO)
    kept = before.epochs if before.generation_id == identity else {}
    info = GalleryInfo(
        identity, run or before.run, protocol.base, declared, {**kept, **dict(epochs or {})}
    )
    protocol.save(folder / PROTOCOL)
    write_json(folder / INFO, info.as_dict())
    return info
