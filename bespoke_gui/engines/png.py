"""PNG files from plain bytes, for engines that have no imaging library."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping


def encode_png(width: int, height: int, rgb: bytes, texts: Mapping[str, str]) -> bytes:
    """Return a PNG of 8-bit RGB: `rgb` holds height x width x 3 bytes; texts become iTXt."""
    if len(rgb) != width * height * 3:
        raise ValueError(f"{len(rgb)} bytes are no {width}x{height} RGB image")
    stride = width * 3
    lines = (b"\0" + rgb[y * stride : (y + 1) * stride] for y in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = [b"\x89PNG\r\n\x1a\n", _chunk(b"IHDR", header)]
    for key, value in texts.items():
        body = key.encode("latin-1") + b"\0\0\0\0\0" + value.encode("utf-8")
        parts.append(_chunk(b"iTXt", body))
    parts.append(_chunk(b"IDAT", zlib.compress(b"".join(lines))))
    parts.append(_chunk(b"IEND", b""))
    return b"".join(parts)


def _chunk(kind: bytes, body: bytes) -> bytes:
    check = zlib.crc32(kind + body)
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", check)
