"""Photographs, gradients and drawn graphics are never taken for pixel art."""

import io
from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from bespoke_gui.core.pixels.grid import detect
from tests.core.wallpapers import FOLDER, PHOTOGRAPHS, why_missing

LANCZOS = Image.Resampling.LANCZOS
SIDES = (1024, 512, 333, 256, 128, 64)
QUALITIES = (10, 30, 75)


def jpeg(image: Image.Image, quality: int) -> Image.Image:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality)
    return Image.open(file).convert("RGB")


def crops(image: Image.Image) -> Iterator[tuple[str, Image.Image]]:
    """Yield pieces of 512 px at the size they were taken."""
    for name, x, y in (("middle", 0.5, 0.5), ("top left", 0.1, 0.2), ("bottom right", 0.8, 0.7)):
        left, top = int(x * (image.width - 512)), int(y * (image.height - 512))
        yield f"crop {name}", image.crop((left, top, left + 512, top + 512))


def sizes(image: Image.Image) -> Iterator[tuple[str, Image.Image]]:
    for side in SIDES:
        yield f"{side} px", image.resize((side, round(side * image.height / image.width)), LANCZOS)
    yield "512 px nearest", image.resize((512, 512), Image.Resampling.NEAREST)


def views(image: Image.Image) -> Iterator[tuple[str, Image.Image]]:
    for name, view in (*crops(image), *sizes(image)):
        yield name, view
        for quality in QUALITIES:
            yield f"{name}, JPEG {quality}", jpeg(view, quality)


def accepted(image: Image.Image) -> list[str]:
    """Return the views of an image that are taken for pixel art."""
    return [
        f"{name}: {grid}"
        for name, view in views(image)
        if (grid := detect(np.asarray(view))).verdict == "pixel_art"
    ]


@pytest.fixture(scope="module")
def photographs():
    reason = why_missing()
    if reason:
        pytest.skip(reason)
    return FOLDER


@pytest.mark.full
@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_photographs_are_never_accepted(photographs, name):
    with Image.open(photographs / name) as image:
        assert accepted(image.convert("RGB")) == []


def test_there_are_thirty_photographs():
    assert len(set(PHOTOGRAPHS)) >= 30


def ramp(horizontal: float, vertical: float, levels: int = 256) -> Image.Image:
    """A gradient of three channels, in `levels` bands."""
    y, x = np.mgrid[:600, :800] / 800
    channels = [x * horizontal + y * vertical, x * vertical + y, 1 - x * horizontal]
    values = np.clip(np.stack(channels, axis=2), 0, 1)
    return Image.fromarray((np.floor(values * (levels - 1)) * 255 / (levels - 1)).astype(np.uint8))


def rings() -> Image.Image:
    y, x = np.mgrid[:600, :800]
    distance = np.hypot(x - 300, y - 250) / 600
    stack = np.stack([distance, 1 - distance, np.sqrt(distance)], axis=2)
    return Image.fromarray((np.clip(stack, 0, 1) * 255).astype(np.uint8))


def vector_art(seed: int) -> Image.Image:
    """Overlapping discs, polygons and lines with smooth edges, as a drawing program exports."""
    rng = np.random.default_rng(seed)
    image = Image.new("RGB", (2400, 1800), tuple(rng.integers(0, 256, 3).tolist()))
    draw = ImageDraw.Draw(image)
    for _ in range(14):
        colour = tuple(rng.integers(0, 256, 3).tolist())
        x, y, size = rng.integers(0, 2400), rng.integers(0, 1800), rng.integers(80, 700)
        points = rng.integers(-size, size, (5, 2)) + np.array([x, y])
        if rng.random() < 0.4:
            draw.ellipse((x, y, x + size, y + size * rng.uniform(0.5, 1.5)), fill=colour)
        elif rng.random() < 0.7:
            draw.polygon([tuple(point) for point in points.tolist()], fill=colour)
        else:
            draw.line([tuple(point) for point in points.tolist()], fill=colour, width=20)
    return image.resize((800, 600), LANCZOS)


def screenshot(dark: bool) -> Image.Image:
    """A page of text with a bar and buttons."""
    paper, ink = ((30, 30, 36), (220, 220, 220)) if dark else ((255, 255, 255), (20, 20, 20))
    image = Image.new("RGB", (1000, 760), paper)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, 1000, 40), fill=(60, 90, 160))
    for button in range(5):
        draw.rounded_rectangle(
            (20 + 130 * button, 52, 130 + 130 * button, 86), 8, fill=(90, 120, 90)
        )
    font = ImageFont.load_default(size=17)
    words = "the quick brown fox jumps over the lazy dog and lands in a field of barley " * 2
    for line in range(24):
        draw.text((20, 110 + 26 * line), words[line * 3 : line * 3 + 110], ink, font)
    return image


GRAPHICS = {
    "ramp": lambda: ramp(1, 0),
    "slanted ramp": lambda: ramp(0.7, 0.4),
    "ramp of 32 bands": lambda: ramp(1, 0, 32),
    "slanted ramp of 16 bands": lambda: ramp(0.6, 0.5, 16),
    "rings": rings,
    **{f"vector art {seed}": lambda seed=seed: vector_art(seed) for seed in range(4)},
    "light screenshot": lambda: screenshot(dark=False),
    "dark screenshot": lambda: screenshot(dark=True),
}


@pytest.mark.parametrize("name", GRAPHICS)
def test_gradients_and_drawn_graphics_are_not_accepted(name):
    assert accepted(GRAPHICS[name]()) == []
