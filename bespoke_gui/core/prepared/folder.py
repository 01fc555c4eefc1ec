"""The folder of a prepared set: when it may be used, its manifest, and its journal."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bespoke_gui import __version__
from bespoke_gui.core import atomic
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.prepared.records import PreparedImage, Settings, image_from, settings_from
from bespoke_gui.core.rundir import read_json

MANIFEST = "manifest.json"
JOURNAL = ".prepare.jsonl"
SCHEMA = 1
_OWN = ("settings",)


@dataclass
class Earlier:
    """What an earlier run left: records by image name; complete when it wrote its manifest."""

    images: dict[str, PreparedImage] = field(default_factory=dict)
    complete: bool = False


def claim(sources: Iterable[Path], out: Path, header: dict[str, Any]) -> Earlier:
    """Check that `out` may be written and return what an earlier, matching run left there.

    Raises AppError when `out` lies in a folder of `sources` or around it, or holds anything else.
    """
    for source in sources:
        _refuse_overlap(source, out)
    if not out.exists():
        return Earlier()
    if not out.is_dir():
        raise AppError("is a file, a new folder is needed", file=out)
    if not any(out.iterdir()):
        return Earlier()
    earlier = _from_journal(out, header) or _from_manifest(out, header)
    if earlier is None:
        raise AppError(
            "is not empty and holds no prepared set of these images with these settings",
            file=out,
            hint="name a new folder",
            kind="conflict",
        )
    for left in out.rglob(".*.tmp"):
        left.unlink(missing_ok=True)
    return earlier


def header(src: Path, out: Path, captions: Path | None, settings: Settings) -> dict[str, Any]:
    """Return what a run must agree on with an earlier one to go on with it."""
    return {
        "schema": SCHEMA,
        "source": _relative(src, out),
        "captions": _relative(captions, out) if captions else "",
        "settings": settings.as_dict(),
    }


def write_manifest(
    out: Path,
    header: dict[str, Any],
    images: Iterable[PreparedImage],
    summary: dict[str, Any],
    left_out: Mapping[str, str],
) -> None:
    """Write the manifest, the last step of a run; the journal is then no longer needed.

    left_out: hashes of images that were decided to stay out, by name.
    """
    data: dict[str, Any] = {**header, "bespoke": __version__, "summary": summary}
    data["left_out"] = dict(left_out)
    data["images"] = {image.name: _without_name(image) for image in images}
    atomic.write_json(out / MANIFEST, data)
    (out / JOURNAL).unlink(missing_ok=True)


def read_manifest(out: Path) -> tuple[dict[str, Any], dict[str, PreparedImage]]:
    """Return header and records of a prepared set: its folder, or its manifest.

    Raises AppError when it has none.
    """
    path = out / MANIFEST if out.is_dir() else out
    try:
        data = json.loads(path.read_text("utf-8"))
        records = data["images"]
        images = {name: image_from({**record, "name": name}) for name, record in records.items()}
    except FileNotFoundError as error:
        raise AppError("holds no manifest.json: not a prepared set", file=out) from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise AppError(
            "is not a manifest of a prepared set", file=path, hint="prepare the set again"
        ) from error
    return data, {name: image for name, image in images.items() if image is not None}


def prepared_size(out: Path) -> int | None:
    """Return the size in px that a set was prepared to, 0 where its manifest does not say.

    None: no manifest that can be read, so no prepared set.
    """
    manifest = read_json(out / MANIFEST)
    if manifest is None:
        return None
    settings = manifest.get("settings")
    size = settings.get("size") if isinstance(settings, dict) else None
    return size if isinstance(size, int) else 0


class Journal:
    """One line an image while a run lasts, so that a killed one can go on."""

    def __init__(self, out: Path, header: dict[str, Any], earlier: Earlier) -> None:
        self._out = out
        try:
            self._file = (out / JOURNAL).open("w", encoding="utf-8", newline="\n")
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise AppError(f"cannot be written: {reason}", file=out) from error
        self._line(header)
        for image in earlier.images.values():
            self.add(image)

    def add(self, image: PreparedImage) -> None:
        """Record one finished image."""
        self._line(image.as_dict())

    def close(self) -> None:
        """Close the file; it stays where it is."""
        with contextlib.suppress(OSError):
            self._file.close()

    def _line(self, data: dict[str, Any]) -> None:
        try:
            self._file.write(json.dumps(data) + "\n")
            self._file.flush()
        except OSError as error:
            raise atomic.write_error(self._out, error) from error


def read_journal(out: Path) -> tuple[dict[str, Any], dict[str, PreparedImage]]:
    """Return header and records of a run that was cut off. Raises AppError when there is none."""
    try:
        lines = (out / JOURNAL).read_text("utf-8", errors="replace").splitlines()
    except OSError as error:
        raise AppError("holds no journal of an unfinished run", file=out) from error
    parsed = [_parse(line) for line in lines]
    if not parsed or not isinstance(parsed[0], dict):
        raise AppError("is no journal of an unfinished run", file=out / JOURNAL)
    images = [image for image in map(image_from, parsed[1:]) if image is not None]
    return parsed[0], {image.name: image for image in images}


def _from_journal(out: Path, header: dict[str, Any]) -> Earlier | None:
    try:
        data, images = read_journal(out)
    except AppError:
        return None
    if not _agree(data, header):
        return None
    return Earlier(images, (out / MANIFEST).exists())


def _from_manifest(out: Path, header: dict[str, Any]) -> Earlier | None:
    try:
        data, images = read_manifest(out)
    except AppError:
        return None
    if not _agree(data, header):
        return None
    return Earlier(images, complete=True)


def _agree(data: Any, header: dict[str, Any]) -> bool:
    """Say whether an earlier run made the same pixels of the same images.

    Decisions about single images may have changed since; each record says what it was made with.
    """
    if not isinstance(data, dict) or any(data.get(k) != header[k] for k in header if k not in _OWN):
        return False
    earlier, now = settings_from(data.get("settings")), settings_from(header["settings"])
    return earlier is not None and now is not None and earlier.same_pixels(now)


def _parse(line: str) -> Any:
    # The last line of a killed run may be cut off.
    with contextlib.suppress(ValueError):
        return json.loads(line)
    return None


def _refuse_overlap(src: Path, out: Path) -> None:
    inner, outer = out.resolve(), src.resolve()
    if inner == outer:
        raise AppError("is the source itself; images are never changed in place", file=out)
    if inner.is_relative_to(outer):
        raise AppError("lies inside the source folder", file=out, hint="name a folder beside it")
    if outer.is_relative_to(inner):
        raise AppError("holds the source folder", file=out, hint="name a folder beside it")


def _without_name(image: PreparedImage) -> dict[str, Any]:
    record = image.as_dict()
    del record["name"]
    return record


def _relative(path: Path, out: Path) -> str:
    """Return `path` as seen from `out`, so that a project can move; absolute across drives."""
    try:
        return Path(os.path.relpath(path.resolve(), out.resolve())).as_posix()
    except ValueError:
        return path.resolve().as_posix()
