"""Many captions changed at once: an automatic snapshot first, then file by file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from bespoke_gui.core import captions as store
from bespoke_gui.core.captions import Caption
from bespoke_gui.core.errors import AppError, Problem, problem_from
from bespoke_gui.core.history import History, automatic_name


@dataclass
class BulkReport:
    """What was done: `written` are the captions as they now are, `problems` what failed.

    `snapshot` names the state before, empty when nothing had to be written.
    """

    snapshot: str = ""
    written: dict[str, Caption] = field(default_factory=dict)
    unchanged: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def write_all(
    captions: Mapping[str, Caption], texts: Mapping[str, str], history: History, reason: str
) -> BulkReport:
    """Give captions new texts; only those that differ are written.

    Nothing is written when the snapshot cannot be kept (AppError). After that a file that fails
    is a problem of the report and the others go on.
    """
    report = BulkReport()
    todo = {name: text for name, text in texts.items() if _differs(captions[name], text)}
    report.unchanged = [name for name in texts if name not in todo]
    if not todo:
        return report
    report.snapshot = history.snapshot(
        automatic_name(reason), store.texts(captions), automatic=True
    ).name
    done: dict[Path, Caption] = {}  # two images of the same stem share one caption file
    for name, text in todo.items():
        try:
            caption = done.get(captions[name].path, captions[name])
            report.written[name] = done[caption.path] = store.write(caption, text, flush_name=False)
        except AppError as error:
            report.problems.append(problem_from(error, "not_written", name))
    store.sync_folders(report.written.values())
    before = {name: captions[name].text for name in report.written if not captions[name].missing}
    history.record_all(before, "before")
    history.record_all({name: todo[name] for name in report.written}, reason)
    return report


def restore(
    folder: Path,
    history: History,
    name: str,
    captions: Mapping[str, Caption] | None = None,
    suffix: str = ".txt",
) -> BulkReport:
    """Bring all captions of a snapshot back; captions made since then are left alone.

    `captions` are today's, by relative path (read from `folder` when not given). Raises AppError
    when there is no such snapshot or the state before cannot be kept.
    """
    current = dict(store.read_folder(folder, suffix) if captions is None else captions)
    saved = history.load(name, current)
    for key in [key for key in saved if key not in current]:
        path = _inside(folder, key, suffix)
        current[key] = store.read_safely(path)
    return write_all(current, saved, history, f"restore: {name}")


def _differs(caption: Caption, text: str) -> bool:
    return caption.unreadable or caption.text != text


def _inside(folder: Path, key: str, suffix: str) -> Path:
    relative = PurePosixPath(key).with_suffix(suffix)
    if relative.is_absolute() or ".." in relative.parts:
        raise AppError(f"the snapshot names a file outside the folder: {key}", file=folder)
    return folder / relative
