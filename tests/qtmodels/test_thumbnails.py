import numpy as np
import pytest
from PIL import Image
from PySide6.QtGui import QImage

from bespoke_gui.qtmodels import thumbnails
from bespoke_gui.qtmodels.thumbnails import ThumbnailCache, read_native, shrink
from tests.qt_fixtures import draw_portrait


def pixels(image: QImage) -> np.ndarray:
    image = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = [bytes(image.constScanLine(y))[: image.width() * 3] for y in range(image.height())]
    return np.frombuffer(b"".join(rows), np.uint8).reshape(image.height(), image.width(), 3)


@pytest.mark.parametrize("size", [24, 96, 384, 512, 500])
def test_shrink_gives_the_native_pixels_back(tmp_path, size):
    path = tmp_path / "a.png"
    draw_portrait(1, size).save(path)
    assert np.array_equal(pixels(shrink(path, 24)), np.asarray(draw_portrait(1)))


def test_shrink_keeps_the_shape_of_a_wide_image(tmp_path):
    path = tmp_path / "wide.png"
    Image.new("RGB", (480, 240)).save(path)
    image = shrink(path, 24)
    assert (image.width(), image.height()) == (24, 12)


def test_second_reading_comes_from_the_cache(tmp_path, monkeypatch):
    path = tmp_path / "a.png"
    draw_portrait(2, 96).save(path)
    _, first, _ = read_native(path, tmp_path / "cache", 24)
    monkeypatch.setattr(thumbnails, "shrink", lambda *_: pytest.fail("decoded again"))
    _, second, problem = read_native(path, tmp_path / "cache", 24)
    assert np.array_equal(pixels(first), pixels(second))
    assert problem == ""


def test_a_changed_file_is_read_again(tmp_path):
    path = tmp_path / "a.png"
    draw_portrait(1, 96).save(path)
    read_native(path, tmp_path / "cache", 24)
    draw_portrait(3, 96).save(path)
    _, image, _ = read_native(path, tmp_path / "cache", 24)
    assert np.array_equal(pixels(image), np.asarray(draw_portrait(3)))


def test_a_damaged_cache_file_is_no_problem(tmp_path):
    path = tmp_path / "a.png"
    draw_portrait(1, 96).save(path)
    read_native(path, tmp_path / "cache", 24)
    next((tmp_path / "cache").glob("*.png")).write_bytes(b"")
    _, image, problem = read_native(path, tmp_path / "cache", 24)
    assert np.array_equal(pixels(image), np.asarray(draw_portrait(1)))
    assert problem == ""


@pytest.mark.parametrize("content", [b"", b"no image", b"\x89PNG\r\n\x1a\n broken"])
def test_an_unreadable_image_has_words(tmp_path, content):
    path = tmp_path / "bad.png"
    path.write_bytes(content)
    _, image, problem = read_native(path, None, 24)
    assert image.isNull()
    assert "bad.png" in problem


def test_cache_loads_in_the_background_and_tells(qtbot, threaded_tasks, tmp_path):
    paths = [tmp_path / f"{n}.png" for n in range(60)]
    for n, path in enumerate(paths):
        draw_portrait(n % 5, 48).save(path)
    cache = ThumbnailCache()
    cache.use(tmp_path / "cache", 24)
    assert all(cache.image(path) is None for path in paths)
    qtbot.waitUntil(lambda: all(cache.image(path) is not None for path in paths))
    assert np.array_equal(pixels(cache.image(paths[3])), np.asarray(draw_portrait(3)))


def test_cleared_cache_ignores_what_is_still_under_way(qtbot, threaded_tasks, tmp_path):
    path = tmp_path / "a.png"
    draw_portrait(1, 48).save(path)
    cache = ThumbnailCache()
    cache.image(path)
    cache._start()
    cache.clear()
    thumbnails_before = dict(cache._images)
    qtbot.wait(100)
    assert cache._images == thumbnails_before == {}
