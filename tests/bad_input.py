"""Makers of bad files: the table every reader is tried with; add to it with each new reader."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

CAPTION = "pixel art, 24x24, portrait of bespoke punk lad, brown hair, blue solid background"


def portrait(size: int = 96) -> Image.Image:
    """A clean picture of 24x24 cells."""
    cells = np.random.default_rng(3).integers(0, 4, (24, 24, 3)).astype(np.uint8) * 80
    return Image.fromarray(cells).resize((size, size), Image.Resampling.NEAREST)


def header_only(width: int, height: int) -> bytes:
    """A PNG that claims a size and holds one row of nothing."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(b"\0" * 64)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def _truncated(path: Path) -> None:
    portrait(512).save(path)
    path.write_bytes(path.read_bytes()[:400])


def _renamed(path: Path) -> None:
    portrait().save(path, "JPEG", quality=95)


def _sixteen_bit(path: Path) -> None:
    grey = np.asarray(portrait().convert("L")).astype(np.uint16) * 257
    Image.fromarray(grey).save(path)


def _animated(path: Path) -> None:
    portrait().save(path, save_all=True, append_images=[portrait().rotate(90)], duration=100)


# name: (maker, readable) — readable ones go on with a note at most, the others are left out.
IMAGES: dict[str, tuple[Callable[[Path], object], bool]] = {
    "empty.png": (lambda path: path.write_bytes(b""), False),
    "text.png": (lambda path: path.write_text("this is no image"), False),
    "truncated.png": (_truncated, False),
    "huge.png": (lambda path: path.write_bytes(header_only(20_000, 20_000)), False),
    "renamed.png": (_renamed, True),
    "sixteen.png": (_sixteen_bit, True),
    "cmyk.jpg": (lambda path: portrait().convert("CMYK").save(path), True),
    "palette.png": (lambda path: portrait().quantize(16).save(path), True),
    "animated.gif": (_animated, True),
    "tiny.png": (lambda path: Image.new("RGB", (1, 1), "red").save(path), True),
}
CAPTIONS: dict[str, bytes] = {
    "blank": b"",
    "spaces": b"  \n ",
    "bom": b"\xef\xbb\xbf" + CAPTION.encode(),
    "utf16": CAPTION.encode("utf-16"),
    "windows": CAPTION.replace("brown", "br\xfcnett").encode("cp1252"),
    "crlf": (CAPTION + "\r\n").encode(),
    "lines": (CAPTION + "\nsecond line\n").encode(),
    "nul": CAPTION.encode() + b"\0\0",
}
CONFIGS: dict[str, bytes] = {
    "broken.toml": b"[training_arguments\nlearning_rate = ",
    "empty.toml": b"",
    "absurd.toml": b'learning_rate = "a lot"\nnetwork_dim = -4\nmax_train_epochs = 1e99\nseed = []',
    "binary.toml": bytes(range(256)),
    "utf16.toml": "resolution = '512,512'".encode("utf-16"),
}
LORAS: dict[str, bytes] = {
    "truncated.safetensors": struct.pack("<Q", 4000) + b'{"a":{"dtype":"F16"',
    "two_bytes.safetensors": b"\x12\x34",
    "giant_header.safetensors": struct.pack("<Q", 1 << 60) + b"{}",
    "pickle.safetensors": b"\x80\x02}q\x00X\x01\x00\x00\x00aq\x01K\x01s.",
    "pickle.pt": b"\x80\x02}q\x00X\x01\x00\x00\x00aq\x01K\x01s.",
    "text.safetensors": b"<html>404: Not Found</html>",
}
# Files that captions are imported from; each holds one good row, for good_0.png, if any.
_GOOD = b'{"file_name": "good_0.png", "text": "new text"}\n'
_OUT = '{"file_name": %s, "text": "leads out"}\n'
TABLES: dict[str, bytes] = {
    "broken.jsonl": _GOOD + b'{"file_name": "good_1.png", "text": \n[1]\n"x"\n{}\n\n',
    "deep.jsonl": _GOOD + b"[" * 100_000 + b"\n",
    "number.jsonl": _GOOD + b'{"file_name": "good_1.png", "text": ' + b"9" * 9_000 + b"}\n",
    "outside.jsonl": _GOOD
    + (_OUT % '"../good_1.png"').encode()
    + (_OUT % '"/etc/passwd"').encode()
    + (_OUT % r'"C:\\\\good_1.png"').encode()
    + (_OUT % r'"sub/../../good_1.png"').encode(),
    "half.jsonl": _GOOD + b'{"file_name": "good_1.png", "text": "\\ud800 half"}\n',
    "nul.jsonl": _GOOD + b'{"file_name": "good_1.png", "text": "a\\u0000b"}\n',
    "windows.jsonl": _GOOD + '{"file_name": "good_1.png", "text": "br\xfcnett"}'.encode("cp1252"),
    "twice.jsonl": _GOOD + b'{"file_name": "good_0.png", "text": "another"}\n',
    "nul.csv": b"file_name,text\ngood_0.png,new text\ngood_1.png,a\0b\n",
    "quote.csv": b'file_name,text\ngood_0.png,new text\ngood_1.png,"never ends\ngood_2.png,x\n',
    "cells.csv": b"file_name,text\ngood_0.png,new text\ngood_1.png,red, hat\n",
    "outside.csv": b"file_name,text\ngood_0.png,new text\n../good_1.png,x\n/good_1.png,x\n",
    "utf16.csv": "file_name,text\ngood_0.png,new text\nnobody.png,x\n".encode("utf-16"),
    "no_column.csv": b"name,words\ngood_0.png,new text\n",
    "two_columns.csv": b"file_name,text,text\ngood_0.png,new text,x\n",
    "empty.csv": b"",
    "binary.csv": bytes(range(256)),
    "broken.json": b'{"good_0": {"caption": "new text"',
    "list.json": b'["good_0"]',
    "outside.json": b'{"good_0": {"caption": "new text"}, "../good_1": {"caption": "x"}}',
}
# Those that cannot be used at all.
UNUSABLE_TABLES = {
    "no_column.csv", "two_columns.csv", "empty.csv", "binary.csv", "broken.json", "list.json",
}  # fmt: skip


def write_dataset(folder: Path, good: int = 3) -> dict[str, bytes]:
    """Write good pairs and every bad one; return the bytes of all files by name."""
    folder.mkdir(parents=True)
    for number in range(good):
        portrait().save(folder / f"good_{number}.png")
        (folder / f"good_{number}.txt").write_text(CAPTION)
    for name, (make, _) in IMAGES.items():
        make(folder / name)
        (folder / name).with_suffix(".txt").write_text(CAPTION)
    for name, body in CAPTIONS.items():
        portrait().save(folder / f"caption_{name}.png")
        (folder / f"caption_{name}.txt").write_bytes(body)
    portrait().save(folder / "no_caption.png")
    return contents(folder)


def contents(folder: Path) -> dict[str, bytes]:
    """Return every file below `folder` by relative name."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}
