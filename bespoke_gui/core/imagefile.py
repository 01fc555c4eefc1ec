"""Image files: opened safely, turned into 8 bit RGB or RGBA, and what is odd about them."""

from __future__ import annotations

import contextlib
import io
import itertools
import struct
import threading
import warnings
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, TiffImagePlugin, WebPImagePlugin

from bespoke_gui.core.errors import AppError, Problem, problem_from

MAX_PIXELS = 64_000_000
"""More pixels than this are refused from the header, before a byte is decoded."""

WHITE = (255, 255, 255)
# Others are left out on purpose: EPS would start Ghostscript, and no trainer reads the rest.
# (JPEG brings MPO, its form with several pictures.)
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")
SUFFIXES = {
    "PNG": (".png", ".apng"),
    "JPEG": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "WEBP": (".webp",),
    "GIF": (".gif",),
    "BMP": (".bmp", ".dib"),
    "TIFF": (".tif", ".tiff"),
    "MPO": (".jpg", ".jpeg", ".mpo"),
}
# Formats outside Pillow's first set are loaded by these imports instead of all 40 plugins.
_PLUGINS = (TiffImagePlugin, WebPImagePlugin)
# Everything Pillow's decoders were seen to raise on damaged bytes.
DECODE_ERRORS = (
    OSError,
    SyntaxError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
    MemoryError,
    EOFError,
    RuntimeError,
    struct.error,
    zlib.error,
)
_ORIENTATION = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True)
class ImageInfo:
    """What the header says. width, height: pixels as stored, before any EXIF turn."""

    width: int
    height: int
    format: str
    mode: str
    frames: int
    sixteen_bit: bool
    turned: bool
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Picture:
    """A decoded image: RGB, or RGBA only where some pixel is truly transparent; 8 bit."""

    image: Image.Image
    info: ImageInfo


def open_image(path: Path) -> Image.Image:
    """Return the first frame as 8 bit RGB (or RGBA with real transparency), EXIF turn applied.

    Raises AppError naming the file when it is missing, empty, damaged, no image or too large.
    """
    return load(path).image


def read_rgb(path: Path, background: tuple[int, int, int] = WHITE) -> np.ndarray:
    """Return uint8 (height, width, 3), transparency laid over `background`. Raises AppError."""
    return to_rgb(open_image(path), background)


def to_rgb(image: Image.Image, background: tuple[int, int, int] = WHITE) -> np.ndarray:
    """Return uint8 (height, width, 3) of an RGB or RGBA image laid over `background`."""
    return np.array(over(image, background))


def over(image: Image.Image, background: tuple[int, int, int] = WHITE) -> Image.Image:
    """Return an RGB or RGBA image laid over `background`, in RGB."""
    if image.mode == "RGBA":
        below = Image.new("RGBA", image.size, (*background, 255))
        image = Image.alpha_composite(below, image)
    return image if image.mode == "RGB" else image.convert("RGB")


def over_foreign(image: Image.Image) -> np.ndarray:
    """Return uint8 (height, width, 3), transparency laid over a colour unlike all in the image.

    So that edges of what is drawn are seen whatever colour it has.
    """
    if image.mode != "RGBA":
        return to_rgb(image)
    rgba = np.asarray(image)
    seen = np.unique(rgba[rgba[..., 3] > 0][:, :3] >> 3, axis=0).astype(int) << 3
    corners = np.array(list(itertools.product((0, 255), repeat=3)))
    apart = np.abs(seen[:, None] - corners).sum(axis=2).min(axis=0, initial=765)
    return to_rgb(image, tuple(corners[apart.argmax()].tolist()))


def load(path: Path) -> Picture:
    """Decode `path` with what is known about it. Raises AppError."""
    return load_bytes(read_bytes(path), path)


def load_bytes(data: bytes, path: Path) -> Picture:
    """Decode the bytes of the file `path`, so that hash and pixels come from one reading."""
    with _quiet():
        image = _open(io.BytesIO(data), path)
        info = _info(image, path)
        try:
            image.load()
            return Picture(_eight_bit(image, path), info)
        except DECODE_ERRORS as error:
            raise _damaged(path, error) from error


def read_bytes(path: Path) -> bytes:
    """Return the file's bytes. Raises AppError when it is missing, empty or not readable."""
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise _unreadable(path, error) from error
    if not data:
        raise AppError("is empty (0 bytes)", file=path, hint="restore it from a copy or remove it")
    return data


def probe(path: Path) -> ImageInfo:
    """Read the header alone: size, format, frames and oddities. Raises AppError."""
    try:
        with Path(path).open("rb") as file, _quiet():
            if not file.read(1):
                raise AppError(
                    "is empty (0 bytes)", file=path, hint="restore it from a copy or remove it"
                )
            file.seek(0)
            return _info(_open(file, path), path)
    except OSError as error:
        raise _unreadable(path, error) from error


def inspect(path: Path) -> list[Problem]:
    """Return everything odd about a file, damage found by decoding included; never raises."""
    try:
        return list(load(path).info.problems)
    except AppError as error:
        return [problem_from(error, "unreadable_image", str(path))]


def _open(source: Any, path: Path) -> Image.Image:
    try:
        image = Image.open(source, formats=FORMATS)
    except Image.DecompressionBombError as error:
        raise _too_large(path, "") from error
    except Image.UnidentifiedImageError as error:
        raise AppError(
            "is not an image, or its beginning is damaged",
            file=path,
            hint=f"use {', '.join(FORMATS)}",
        ) from error
    except DECODE_ERRORS as error:
        raise _damaged(path, error) from error
    if image.width * image.height > MAX_PIXELS:
        raise _too_large(path, f"{image.width}x{image.height}: ")
    return image


def _info(image: Image.Image, path: Path) -> ImageInfo:
    try:
        frames = int(getattr(image, "n_frames", 1))
        image.seek(0)
        info = ImageInfo(
            image.width,
            image.height,
            image.format or "",
            image.mode,
            frames,
            _is_sixteen_bit(image),
            _turn(image) is not None,
        )
    except DECODE_ERRORS as error:
        raise _damaged(path, error) from error
    return ImageInfo(**{**vars(info), "problems": tuple(_oddities(info, Path(path)))})


def _oddities(info: ImageInfo, path: Path) -> Iterator[Problem]:
    def found(code: str, severity: str, message: str, hint: str = "") -> Problem:
        return Problem(code, severity, message, str(path), hint)

    known = SUFFIXES.get(info.format, ())
    if path.suffix.lower() not in known:
        message = f"is a {info.format} file, whatever its name says"
        yield found("suffix_lies", "warning", message, f"rename it to {path.stem}{known[0]}")
    if info.sixteen_bit:
        yield found("sixteen_bit", "info", "has 16 bits a channel; scaled to 8")
    if info.mode in ("CMYK", "YCCK", "LAB", "HSV"):
        message = f"is {info.mode}, a trainer sees RGB; colours may shift"
        yield found("not_rgb", "warning", message, "save it as RGB from your drawing program")
    if info.frames > 1:
        yield found("animated", "warning", f"holds {info.frames} frames; the first is used")
    if info.turned:
        yield found("exif_turned", "info", "is turned by its EXIF note; the turn is applied")
    if min(info.width, info.height) < 8:
        message = f"is only {info.width}x{info.height} pixels"
        yield found("tiny_image", "warning", message, "check that it is the right file")


def _is_sixteen_bit(image: Image.Image) -> bool:
    # Pillow reads 16 bit RGB as RGB: only the raw mode of the tiles still tells.
    raw = " ".join(str(tile[3]) for tile in getattr(image, "tile", []))
    return image.mode.startswith("I") or ";16" in raw


def _eight_bit(image: Image.Image, path: Path) -> Image.Image:
    sixteen = _is_sixteen_bit(image)
    turn = _turn(image)
    if image.mode.startswith("I") or image.mode == "F":
        image = _scaled(image, path)
    elif sixteen and isinstance(image.info.get("transparency"), tuple):
        image.info["transparency"] = tuple(value >> 8 for value in image.info["transparency"])
    has_alpha = "A" in image.getbands() or "a" in image.getbands()
    transparent = has_alpha or "transparency" in image.info
    wanted = "RGBA" if transparent else "RGB"
    image = image if image.mode == wanted else image.convert(wanted)
    if transparent and _opaque(image):
        image = image.convert("RGB")
    return image if turn is None else image.transpose(turn)


def _opaque(image: Image.Image) -> bool:
    lowest, _ = image.getchannel("A").getextrema()
    return lowest == 255


def _scaled(image: Image.Image, path: Path) -> Image.Image:
    """Turn 16 bit grey into 8 bit grey: value / 257, rounded, never clipped."""
    values = np.asarray(image)
    if image.mode == "F" or values.min() < 0 or values.max() > 65535:
        raise AppError(
            "has more than 16 bits a pixel", file=path, hint="save it with 8 bits a channel"
        )
    grey = Image.fromarray(((values.astype(np.uint32) + 128) // 257).astype(np.uint8))
    hidden = image.info.get("transparency")
    if not isinstance(hidden, int):
        return grey
    grey.putalpha(Image.fromarray(np.where(values == hidden, 0, 255).astype(np.uint8)))
    return grey


def _turn(image: Image.Image) -> Image.Transpose | None:
    if image.format == "PNG" and not {"exif", "Raw profile type exif"} & image.info.keys():
        # Asking a PNG would decode it, in case a note follows its pixels.
        return None
    try:
        return _TURNS.get(image.getexif().get(_ORIENTATION, 1))
    except DECODE_ERRORS:
        # A broken EXIF note says nothing about the pixels.
        return None


def _damaged(path: Path, error: Exception) -> AppError:
    if isinstance(error, AppError):
        return error
    reason = " ".join(str(error).split())[:80] or type(error).__name__
    return AppError(
        f"is damaged or incomplete: {reason}", file=path, hint="export it again or remove it"
    )


def _too_large(path: Path, size: str) -> AppError:
    return AppError(
        f"{size}more than {MAX_PIXELS // 1_000_000} million pixels",
        file=path,
        hint="make it smaller first",
    )


def _unreadable(path: Path, error: OSError) -> AppError:
    if isinstance(error, FileNotFoundError):
        return AppError("does not exist", file=path, hint="check the path")
    if isinstance(error, IsADirectoryError):
        return AppError("is a folder, not an image", file=path, hint="name a file")
    reason = (error.strerror or str(error)).lower()
    return AppError(f"cannot be read: {reason}", file=path, hint="check its permissions")


_quiet_lock = threading.Lock()
_quiet_depth = 0
_quiet_filters: warnings.catch_warnings | None = None


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep Pillow's warnings to itself. Counted, since warning filters are one per process."""
    global _quiet_depth, _quiet_filters
    with _quiet_lock:
        if _quiet_depth == 0:
            _quiet_filters = warnings.catch_warnings()
            _quiet_filters.__enter__()
            warnings.simplefilter("ignore")
        _quiet_depth += 1
    try:
        yield
    finally:
        with _quiet_lock:
            _quiet_depth -= 1
            if _quiet_depth == 0 and _quiet_filters is not None:
                _quiet_filters.__exit__(None, None, None)
