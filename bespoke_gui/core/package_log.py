"""The log beside a package: what went in, what changed since the last one, where that one is kept.

Markdown in the form of the logs that artists keep by hand, the newest entry on top.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bespoke_gui.core.atomic import write_text
from bespoke_gui.core.package import PackageReport
from bespoke_gui.core.package_changes import CaptionChange, PackageChanges
from bespoke_gui.core.package_inspection import Inspection

SHOWN = 500  # captions, images; of more only the count is told
_ENTRY = "\n## "


@dataclass(frozen=True)
class LogEntry:
    """What an entry tells. when: local time in words; since: the package compared with."""

    when: str
    report: PackageReport
    found: Inspection
    changes: PackageChanges | None = None
    since: Path | None = None
    backup: Path | None = None


def log_of(package: Path) -> Path:
    """Return where the log of a package lies: beside it."""
    return package.with_name(f"{package.stem}.log.md")


def write_log(entry: LogEntry) -> Path:
    """Add an entry to the log of its package; earlier ones stay. Raises AppError."""
    path = log_of(entry.report.package)
    title = f"# Log of {entry.report.package.name}\n"
    older = ""
    if path.exists():
        _, mark, rest = path.read_text("utf-8", errors="replace").partition(_ENTRY)
        older = mark + rest
    write_text(path, title + entry_text(entry) + older)
    return path


def entry_text(entry: LogEntry) -> str:
    """Return one entry as Markdown."""
    return "\n".join(["", *_head(entry), *_summary(entry), *_detail(entry), *_deploy(entry), ""])


def _head(entry: LogEntry) -> Iterator[str]:
    report, found = entry.report, entry.found
    counts = [sum(p.severity == s for p in found.problems) for s in ("error", "warning", "info")]
    verdict = "would train" if found.ok else "WOULD NOT TRAIN"
    yield f"## {entry.when}: {report.images} images, {report.captions} captions"
    yield ""
    yield f"**File:** `{report.package.name}` ({report.bytes / 1e6:.1f} MB)  "
    yield f"**SHA-256:** `{report.sha256}`  "
    yield f"**Status:** {verdict} ({counts[0]} errors, {counts[1]} warnings, {counts[2]} notes)  "
    if entry.backup:
        yield f"**Compared with:** the one before, `backups/{entry.backup.name}`  "
    elif entry.since:
        yield f"**Compared with:** `{entry.since.name}`  "
    yield ""


def _summary(entry: LogEntry) -> Iterator[str]:
    changes = entry.changes
    if changes is None:
        yield "- The first package here: there is nothing to compare it with."
    elif not changes:
        yield "- Nothing changed."
    else:
        yield from _counts(changes)
    for folder in entry.found.folders:
        yield (
            f"- `training_data/{folder.name}`: {folder.images} images, {folder.captions} captions, "
            f"{folder.repeats}x an epoch"
        )
    if entry.backup:
        yield f"- **Backup:** the package before is kept in `backups/{entry.backup.name}`"


def _counts(changes: PackageChanges) -> Iterator[str]:
    if changes.captions_changed:
        lossy = sum(change.lossy for change in changes.captions_changed)
        lost = f"; {lossy} of them lost words" if lossy else ""
        yield (
            f"- **{len(changes.captions_changed)} of {changes.captions} captions changed**{lost}"
        )
    for (before, after), count in changes.sizes.most_common():
        sizes = _size(before) if before == after else f"{_size(before)} → {_size(after)}"
        yield f"- **{count} of {changes.images} images changed:** {sizes}{_colours(changes)}"
    for names, what in (
        (changes.images_added, "images added"),
        (changes.images_removed, "images removed"),
        (changes.captions_added, "captions added"),
        (changes.captions_removed, "captions removed"),
    ):
        if names:
            yield f"- **{len(names)} {what}**"
    for before, after in changes.folders:
        yield f"- **Folder:** {before or '(none)'} → {after or '(none)'}"
    if changes.config.changes:
        yield f"- **Training config:** {changes.config.words}"


def _size(size: tuple[int, int]) -> str:
    return f"{size[0]}x{size[1]}"


def _colours(changes: PackageChanges) -> str:
    """Mean colours an image, before and after: what a careless resize multiplies."""
    counted = [c for c in changes.images_changed if c.colours_before and c.colours_after]
    if not counted:
        return ""
    before = sum(c.colours_before for c in counted) / len(counted)
    after = sum(c.colours_after for c in counted) / len(counted)
    return f", {before:.0f} → {after:.0f} colours an image"


def _detail(entry: LogEntry) -> Iterator[str]:
    changes = entry.changes
    if not changes:
        return
    if changes.config.changes:
        yield from ("", "### Config changes", "", "```toml")
        yield from (_config_line(change) for change in changes.config.changes)
        yield "```"
    captions = _captions_to_tell(changes)
    if captions:
        yield from ("", "### Caption changes")
        for change in captions[:SHOWN]:
            yield from _caption(change)
        yield from _more(captions)
    for names, title in (
        (changes.images_added, "Images added"),
        (changes.images_removed, "Images removed"),
    ):
        if names:
            yield from ("", f"### {title}", "")
            yield from (f"- {name}" for name in names[:SHOWN])
            yield from _more(names)


def _captions_to_tell(changes: PackageChanges) -> list[CaptionChange]:
    """Captions whose image is in both packages: the others come and go with their image."""
    elsewhere = {_stem(name) for name in changes.images_added + changes.images_removed}
    come_or_gone = [*changes.captions_added, *changes.captions_removed]
    return changes.captions_changed + [c for c in come_or_gone if _stem(c.name) not in elsewhere]


def _stem(name: str) -> str:
    return name.rpartition(".")[0]


def _config_line(change: Any) -> str:
    """One line in the form artists write it: what it is now, then what it was."""
    note = f" ({change.no_effect})" if change.no_effect else ""
    if change.after is None:
        return f"# {change.key} taken out       # ← was {_value(change.before)}{note}"
    now = f"{change.key} = {_value(change.after)}"
    was = "not set" if change.before is None else _value(change.before)
    return f"{now:<40}  # ← from {was}{note}"


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(value)


def _caption(change: CaptionChange) -> Iterator[str]:
    lost = " (lost words)" if change.lossy else ""
    yield from ("", f"{change.name}{lost}", "```")
    yield f"BEFORE: {_line(change.before) or '(no caption)'}"
    yield f"AFTER:  {_line(change.after) or '(no caption)'}"
    yield "```"


def _line(text: str) -> str:
    return " ".join(text.split()).replace("```", "'''")


def _more(found: list[Any]) -> Iterator[str]:
    if len(found) > SHOWN:
        yield from ("", f"... and {len(found) - SHOWN} more")


def _deploy(entry: LogEntry) -> Iterator[str]:
    yield from ("", "### Extract and train", "", "```bash")
    yield from commands_for(entry.report)
    yield "```"


def commands_for(report: PackageReport) -> list[str]:
    """The exact commands, which a README inside the zip cannot know: its name and hash."""
    top, name = report.files[0].split("/")[0], report.package.name
    return [
        "cd /workspace",
        f"echo {shlex.quote(f'{report.sha256}  {name}')} | sha256sum -c",
        f"unzip -q {shlex.quote(name)}",
        f"bash /workspace/{top}/run.sh",
    ]
