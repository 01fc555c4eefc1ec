"""Thumbnails: native-size images for lists, read in the background and kept on disk."""

from __future__ import annotations

import contextlib
import hashlib
import threading
from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QImage

from bespoke_gui.core.errors import AppError
from bespoke_gui.qtmodels.tasks import TaskContext, run_task

BATCH = 24
DEFAULT_NATIVE = 24


class ThumbnailCache(QObject):
    """Gives native images by path: at once when known, else later by `loaded`.

    A file that cannot be read has a null image and a line in `problem(path)`.
    """

    loaded = Signal(list)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folder: Path | None = None
        self._native = DEFAULT_NATIVE
        self._images: dict[Path, QImage] = {}
        self._problems: dict[Path, str] = {}
        self._wanted: list[Path] = []
        self._asked: set[Path] = set()
        self._generation = 0
        self._timer = QTimer(self, singleShot=True, interval=0)
        self._timer.timeout.connect(self._start)

    def use(self, folder: Path | None, native_size: int | None) -> None:
        """Keep thumbnails in `folder` from now on, for images of this native size."""
        self.clear()
        self._folder = folder
        self._native = native_size or DEFAULT_NATIVE

    def clear(self) -> None:
        """Forget everything in memory; the disk cache stays."""
        self._generation += 1
        self._images, self._problems = {}, {}
        self._wanted, self._asked = [], set()

    def image(self, path: Path) -> QImage | None:
        """Return the native image, or None and start to read it."""
        found = self._images.get(path)
        if found is None and path not in self._asked:
            self._asked.add(path)
            self._wanted.append(path)
            self._timer.start()
        return found

    def problem(self, path: Path) -> str:
        """Return why an image could not be read, or nothing."""
        return self._problems.get(path, "")

    def forget(self, paths: Iterable[Path]) -> None:
        """Read these anew when they are next asked for."""
        for path in paths:
            self._images.pop(path, None)
            self._problems.pop(path, None)
            self._asked.discard(path)

    def _start(self) -> None:
        wanted, self._wanted = self._wanted, []
        for first in range(0, len(wanted), BATCH):
            self._read(wanted[first : first + BATCH])

    def _read(self, paths: list[Path]) -> None:
        generation, folder, native = self._generation, self._folder, self._native

        def work(context: TaskContext) -> list[tuple[Path, QImage, str]]:
            return [read_native(path, folder, native) for path in paths if not context.cancelled]

        def done(found: list[tuple[Path, QImage, str]]) -> None:
            if generation != self._generation:
                return
            for path, image, problem in found:
                self._images[path] = image
                if problem:
                    self._problems[path] = problem
            self.loaded.emit([path for path, _, _ in found])

        run_task(work, done, parent=self)


def read_native(path: Path, folder: Path | None, native: int) -> tuple[Path, QImage, str]:
    """Return (path, native image, problem), from the disk cache where it is fresh."""
    try:
        cached = _cache_file(path, folder, native)
        if cached is not None and cached.is_file():
            image = QImage(str(cached))
            if not image.isNull():
                return path, image, ""
        image = shrink(path, native)
    except AppError as error:
        return path, QImage(), str(error)
    except OSError as error:
        return path, QImage(), f"{path}: cannot be read ({error.strerror or error})"
    if cached is not None:
        # A thumbnail that cannot be kept costs time at the next start, nothing else.
        with contextlib.suppress(OSError):
            cached.parent.mkdir(parents=True, exist_ok=True)
            partial = cached.with_suffix(f".{threading.get_ident()}.png")
            image.save(str(partial))
            partial.replace(cached)
    return path, image, ""


def shrink(path: Path, native: int) -> QImage:
    """Read an image and take the middle pixel of each native cell; never smooths.

    Raises AppError for a file that is no readable image.
    """
    from PIL import Image

    from bespoke_gui.core.imagefile import open_image

    picture = open_image(path).convert("RGBA")
    scale = native / max(picture.size)
    if scale < 1:
        size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
        picture = picture.resize(size, Image.Resampling.NEAREST)
    return QImage(
        picture.tobytes(), picture.width, picture.height, QImage.Format.Format_RGBA8888
    ).copy()


def _cache_file(path: Path, folder: Path | None, native: int) -> Path | None:
    if folder is None:
        return None
    facts = path.stat()
    key = f"{path}|{facts.st_mtime_ns}|{facts.st_size}|{native}"
    return folder / f"{hashlib.sha256(key.encode()).hexdigest()[:24]}.png"
