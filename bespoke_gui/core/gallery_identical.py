"""Epochs with the same images: a LoRA that had no effect. Compares pixels without decoding."""

from __future__ import annotations

import hashlib
import struct
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bespoke_gui.core.gallery import Gallery

_PNG = b"\x89PNG\r\n\x1a\n"
_PIXEL_CHUNKS = (b"IHDR", b"PLTE", b"tRNS", b"IDAT")


def pixel_digest(path: Path) -> str:
    """Return the SHA-256 of an image's stored pixels; of the whole file when it is no PNG.

    Metadata names the epoch and so always differs: only the chunks that hold pixels count.
    An unreadable file gives "".
    """
    try:
        data = path.read_bytes()
    except OSError:
        return ""
    pieces = _png_pixels(data) if data.startswith(_PNG) else [data]
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
    return digest.hexdigest()


def _png_pixels(data: bytes) -> list[bytes]:
    pieces, at = [], len(_PNG)
    while at + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        if kind in _PIXEL_CHUNKS:
            pieces.append(data[at + 8 : at + 8 + length])
        at += 12 + length
    return pieces


def identical_epochs(gallery: Gallery) -> list[tuple[int, int]]:
    """Return pairs of epochs with the same pixels in every image both have."""
    firsts = {epoch: _first(gallery, epoch) for epoch in gallery.epochs}
    return [
        (one, other)
        for place, one in enumerate(gallery.epochs)
        for other in gallery.epochs[place + 1 :]
        if firsts[one] and firsts[one] == firsts[other] and _same(gallery, one, other)
    ]


def _first(gallery: Gallery, epoch: int) -> str:
    """Digest of the first prompt's image: most pairs of epochs differ there already."""
    image = gallery.find(epoch, gallery.prompts[0])
    return pixel_digest(image.path) if image else ""


def _same(gallery: Gallery, one: int, other: int) -> bool:
    mine = [image for image in gallery.cells.values() if image.epoch == one]
    twins = [(image, gallery.cells.get((other, image.prompt, image.seed))) for image in mine]
    return all(twin and pixel_digest(i.path) == pixel_digest(twin.path) for i, twin in twins)
