"""PNG files of enlarged pixel art: most rows repeat the one above, which is written as zeros."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
from PIL import Image

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_TRUECOLOUR = 2
_UP = 2  # filter: each byte less the one above
# Fastest deflate: rows of zeros leave little for a better one to find.
_LEVEL = 1
_REPEATING = 0.5


def encode(rgb: np.ndarray) -> bytes:
    """Return the PNG file of uint8 (height, width, 3 or 4); same pixels, same bytes.

    PNG specification (ISO/IEC 15948), clauses 9 and 10: 8 bit truecolour, filter Up. Pictures
    whose rows seldom repeat are written by Pillow, which chooses a filter for each row.
    """
    if rgb.shape[2] == 4:
        return _pillow(rgb)
    flat = np.ascontiguousarray(rgb).reshape(len(rgb), -1)
    height, width = rgb.shape[:2]
    lines = np.empty((height, 1 + 3 * width), np.uint8)
    lines[0, 0], lines[0, 1:] = 0, flat[0]
    lines[1:, 0] = _UP
    np.subtract(flat[1:], flat[:-1], out=lines[1:, 1:])
    if np.count_nonzero(lines[1:, 1:].any(axis=1)) > _REPEATING * height:
        return _pillow(rgb)
    head = struct.pack(">IIBBBBB", width, height, 8, _TRUECOLOUR, 0, 0, 0)
    body = zlib.compress(lines.data, _LEVEL)
    chunks = ((b"IHDR", head), (b"IDAT", body), (b"IEND", b""))
    return _SIGNATURE + b"".join(_chunk(kind, data) for kind, data in chunks)


def _pillow(rgb: np.ndarray) -> bytes:
    file = io.BytesIO()
    # Run-length deflate: as small as the default on pixel art, and 1.5 times as fast.
    Image.fromarray(rgb).save(file, "PNG", compress_type=zlib.Z_RLE)
    return file.getvalue()


def _chunk(kind: bytes, data: bytes) -> bytes:
    check = zlib.crc32(data, zlib.crc32(kind))
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)
