"""Provenance: what is known about how a gallery's images were made, and how surely."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from bespoke_gui.core.errors import Problem
from bespoke_gui.core.gallery import Gallery
from bespoke_gui.core.gallery_names import metadata
from bespoke_gui.core.protocol import generation_id

RECORDED, DECLARED, UNKNOWN = "recorded", "declared", "unknown"


@dataclass(frozen=True)
class Provenance:
    """kind: "recorded" by the engine, "declared" by a person, or "unknown".

    conflicts: why the record cannot be trusted as it stands; empty when it can.
    """

    kind: str
    generation_id: str = ""
    conflicts: list[Problem] = field(default_factory=list)


def provenance(gallery: Gallery) -> Provenance:
    """Return how sure it is how the images were made; reads the metadata of every image.

    A record is in conflict with itself when protocol.toml was changed after the images were
    made, or when an image carries the id of another protocol.
    """
    info = gallery.info
    if not info.generation_id:
        return Provenance(UNKNOWN)
    conflicts = _changed_protocol(gallery) + _foreign_images(gallery)
    kind = DECLARED if info.declared else RECORDED
    return Provenance(kind, info.generation_id, conflicts)


def _changed_protocol(gallery: Gallery) -> list[Problem]:
    protocol = gallery.protocol
    if protocol is None:
        return [_conflict("protocol.toml is gone", "protocol.toml")]
    if generation_id(protocol) == gallery.info.generation_id:
        return []
    text = "was changed after the images were made"
    return [_conflict(text, "protocol.toml", "generate the gallery again")]


def _foreign_images(gallery: Gallery) -> list[Problem]:
    found = {image.name: metadata(image.path).get("generation_id") for image in gallery.images()}
    foreign = [name for name, own in found.items() if own and own != gallery.info.generation_id]
    if not foreign:
        return []
    number = Counter(found[name] for name in foreign)
    text = f"{len(foreign)} images were made under {len(number)} other protocols"
    return [_conflict(text, foreign[0], "take them out or generate the gallery again")]


def _conflict(message: str, file: str, hint: str = "") -> Problem:
    return Problem("provenance", "error", message, file, hint)
