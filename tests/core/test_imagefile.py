"""Image files of every bad kind: one clear line or a warning, never a surprise."""

import contextlib
import hashlib
import io
import struct
import warnings
import zlib

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFile

from bespoke_gui.core import imagefile
from bespoke_gui.core.errors import AppError

NOISE = Image.effect_noise((200, 200), 90).convert("RGB")
RGB = np.random.default_rng(5).integers(0, 256, (12, 16, 3), dtype=np.uint8)


def png_bytes(image: Image.Image, **options) -> bytes:
    file = io.BytesIO()
    image.save(file, options.pop("format", "PNG"), **options)
    return file.getvalue()


def sixteen_bit_rgb(values: np.ndarray) -> bytes:
    """A 16 bit RGB PNG, which Pillow cannot write."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        crc = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", crc)

    height, width = values.shape[:2]
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    header = struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0)
    parts = [chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def huge_png(width: int, height: int) -> bytes:
    """A header that promises far more pixels than the file holds."""
    good = png_bytes(Image.new("L", (1, 1)))
    header = struct.pack(">II", width, height) + good[24:29]
    return good[:16] + header + struct.pack(">I", zlib.crc32(b"IHDR" + header)) + good[33:]


@pytest.fixture
def put(tmp_path):
    def write(name: str, data: bytes):
        path = tmp_path / name
        path.write_bytes(data)
        return path

    return write


BAD = {
    "empty.png": (b"", "is empty (0 bytes)"),
    "text.png": (b"not an image at all", "is not an image"),
    "truncated.png": (png_bytes(NOISE)[:9000], "is damaged"),
    "truncated.jpg": (png_bytes(NOISE, format="JPEG")[:5000], "is damaged"),
    "header_only.png": (png_bytes(Image.fromarray(RGB))[:20], "is damaged"),
    "bomb.png": (huge_png(20_000, 20_000), "million pixels"),
    "large.png": (huge_png(9_000, 9_000), "9000x9000: more than 64 million pixels"),
    "float.tif": (png_bytes(Image.new("F", (4, 4), 0.5), format="TIFF"), "more than 16 bits"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_one_line_naming_it(put, name):
    data, words = BAD[name]
    path = put(name, data)
    with warnings.catch_warnings(record=True) as leaked:
        warnings.simplefilter("always")
        with pytest.raises(AppError) as caught:
            imagefile.open_image(path)
    assert words in str(caught.value)
    assert str(path) in str(caught.value)
    assert caught.value.hint
    assert "\n" not in str(caught.value)
    assert leaked == []
    problems = imagefile.inspect(path)
    assert [p.severity for p in problems] == ["error"]
    assert path.read_bytes() == data


def test_missing_files_and_folders_are_said(tmp_path):
    with pytest.raises(AppError, match="does not exist"):
        imagefile.open_image(tmp_path / "none.png")
    with pytest.raises(AppError, match="does not exist"):
        imagefile.probe(tmp_path / "none.png")
    with pytest.raises(AppError, match="is a folder"):
        imagefile.open_image(tmp_path)


@pytest.mark.parametrize("name", ["bomb.png", "large.png"])
def test_a_huge_image_is_refused_from_its_header(put, name, monkeypatch):
    path = put(name, BAD[name][0])

    def decoded(self):
        raise AssertionError("decoded")

    monkeypatch.setattr(ImageFile.ImageFile, "load", decoded)
    with pytest.raises(AppError, match="million pixels"):
        imagefile.open_image(path)
    with pytest.raises(AppError, match="million pixels"):
        imagefile.probe(path)


def test_a_renamed_jpeg_is_read_with_a_warning(put):
    path = put("photo.png", png_bytes(Image.fromarray(RGB), format="JPEG"))
    assert imagefile.read_rgb(path).shape == (12, 16, 3)
    (problem,) = imagefile.inspect(path)
    assert (problem.code, problem.severity) == ("suffix_lies", "warning")
    assert "JPEG" in problem.message
    assert "photo.jpg" in problem.hint


def test_a_plain_png_has_no_problems(put):
    path = put("fine.png", png_bytes(Image.fromarray(RGB)))
    assert imagefile.inspect(path) == []
    assert np.array_equal(imagefile.read_rgb(path), RGB)


def test_sixteen_bit_grey_is_scaled_not_clipped(put):
    values = np.array([[0, 257, 32896, 65535, 300, 128]], dtype=np.uint16).repeat(9, 0)
    path = put("grey16.png", png_bytes(Image.fromarray(values)))
    assert imagefile.read_rgb(path)[0, :, 0].tolist() == [0, 1, 128, 255, 1, 0]
    assert "sixteen_bit" in [p.code for p in imagefile.inspect(path)]


def test_sixteen_bit_rgb_is_scaled_and_said(put):
    path = put("rgb16.png", sixteen_bit_rgb(RGB.astype(np.uint16) * 257))
    assert np.array_equal(imagefile.read_rgb(path), RGB)
    assert [p.code for p in imagefile.inspect(path)] == ["sixteen_bit"]


def test_cmyk_is_converted_with_a_warning(put):
    image = Image.fromarray(RGB).convert("CMYK")
    path = put("print.tif", png_bytes(image, format="TIFF"))
    assert np.array_equal(imagefile.read_rgb(path), RGB)
    assert [p.code for p in imagefile.inspect(path)] == ["not_rgb"]


def test_palette_and_its_transparency(put):
    image = Image.new("P", (10, 10), 1)
    image.putpalette([0, 0, 0, 200, 100, 50])
    path = put("palette.png", png_bytes(image))
    assert imagefile.open_image(path).mode == "RGB"
    image.putpixel((0, 0), 0)
    path = put("clear.png", png_bytes(image, transparency=0))
    assert imagefile.open_image(path).mode == "RGBA"
    rgb = imagefile.read_rgb(path, background=(1, 2, 3))
    assert rgb[0, 0].tolist() == [1, 2, 3]
    assert rgb[5, 5].tolist() == [200, 100, 50]


def test_palette_transparency_as_bytes_leaks_no_warning(put):
    image = Image.new("P", (10, 10), 1)
    image.putpalette([0, 0, 0, 200, 100, 50])
    path = put("bytes.png", png_bytes(image, transparency=b"\x00\x80"))
    with warnings.catch_warnings(record=True) as leaked:
        warnings.simplefilter("always")
        assert imagefile.open_image(path).mode == "RGBA"
    assert leaked == []


def test_opaque_alpha_is_dropped_and_real_alpha_kept(put):
    image = Image.fromarray(RGB).convert("RGBA")
    assert imagefile.open_image(put("opaque.png", png_bytes(image))).mode == "RGB"
    image.putpixel((3, 4), (9, 9, 9, 0))
    path = put("holes.png", png_bytes(image))
    assert imagefile.open_image(path).mode == "RGBA"
    assert imagefile.read_rgb(path)[4, 3].tolist() == [255, 255, 255]


def test_grey_one_bit_and_grey_alpha(put):
    for mode, expected in (("L", "RGB"), ("1", "RGB"), ("LA", "RGBA")):
        path = put(f"{mode}.png", png_bytes(Image.new(mode, (9, 9))))
        assert imagefile.open_image(path).mode == expected


def test_the_first_frame_of_an_animation_is_used_and_said(put):
    frames = [Image.new("RGB", (9, 9), colour) for colour in ("red", "blue", "lime")]
    for suffix, kind in (("gif", "GIF"), ("webp", "WEBP"), ("png", "PNG")):
        options = {"save_all": True, "append_images": frames[1:], "lossless": True}
        path = put(f"moving.{suffix}", png_bytes(frames[0], format=kind, **options))
        assert imagefile.read_rgb(path)[0, 0].tolist() == [255, 0, 0]
        (problem,) = imagefile.inspect(path)
        assert problem.code == "animated"
        assert "3 frames" in problem.message


def test_one_pixel_is_read_and_doubted(put):
    path = put("dot.png", png_bytes(Image.new("RGB", (1, 1), "red")))
    assert imagefile.read_rgb(path).tolist() == [[[255, 0, 0]]]
    assert [p.code for p in imagefile.inspect(path)] == ["tiny_image"]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_exif_turn_is_applied(put, orientation):
    from PIL import ImageOps

    exif = Image.Exif()
    exif[0x0112] = orientation
    path = put("turned.png", png_bytes(Image.fromarray(RGB), exif=exif.tobytes()))
    expected = np.asarray(ImageOps.exif_transpose(Image.open(path)))
    assert np.array_equal(imagefile.read_rgb(path), expected)
    turned = [p.code for p in imagefile.inspect(path)] == ["exif_turned"]
    assert turned == (orientation > 1)


def test_a_broken_exif_note_does_not_stop_the_image(put):
    path = put(
        "exif.jpg", png_bytes(Image.fromarray(RGB), format="JPEG", exif=b"Exif\0\0II*\0junk")
    )
    assert imagefile.open_image(path).size == (16, 12)


def test_probe_reads_no_pixels(put, monkeypatch):
    path = put("fine.png", png_bytes(Image.fromarray(RGB)))

    def decoded(self):
        raise AssertionError("decoded")

    monkeypatch.setattr(ImageFile.ImageFile, "load", decoded)
    info = imagefile.probe(path)
    assert (info.width, info.height, info.format, info.frames) == (16, 12, "PNG", 1)


def test_eps_never_reaches_ghostscript(put):
    path = put("draw.png", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n")
    with pytest.raises(AppError, match="is not an image"):
        imagefile.open_image(path)


def test_pillow_stays_strict():
    assert ImageFile.LOAD_TRUNCATED_IMAGES is False


SEEDS = {
    "png": png_bytes(Image.fromarray(RGB)),
    "jpg": png_bytes(Image.fromarray(RGB), format="JPEG"),
    "gif": png_bytes(Image.fromarray(RGB), format="GIF"),
    "webp": png_bytes(Image.fromarray(RGB), format="WEBP"),
    "bmp": png_bytes(Image.fromarray(RGB), format="BMP"),
    "tif": png_bytes(Image.fromarray(RGB), format="TIFF"),
}


@settings(
    max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(
    kind=st.sampled_from(sorted(SEEDS)),
    changes=st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), min_size=1, max_size=6),
    keep=st.floats(0.2, 1.0),
)
def test_damaged_bytes_give_an_image_or_an_apperror(tmp_path, kind, changes, keep):
    data = bytearray(SEEDS[kind])
    for place, value in changes:
        data[place % len(data)] = value
    data = bytes(data[: max(1, int(keep * len(data)))])
    path = tmp_path / f"{hashlib.sha256(data).hexdigest()[:12]}.{kind}"
    path.write_bytes(data)
    with contextlib.suppress(AppError):
        assert imagefile.open_image(path).mode in ("RGB", "RGBA")
    assert all("\n" not in problem.message for problem in imagefile.inspect(path))
