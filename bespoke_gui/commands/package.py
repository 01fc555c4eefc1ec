"""Command package: writes one file a trainer can use, or says whether a package would train."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bespoke_gui.commands._package_task import add_task_arguments, export_task
from bespoke_gui.commands._problems import as_dicts, lines, summary
from bespoke_gui.commands.output import Result, progress
from bespoke_gui.core.errors import AppError, Problem

if TYPE_CHECKING:
    from bespoke_gui.core.package_changes import PackageChanges
    from bespoke_gui.core.package_inspection import Inspection
    from bespoke_gui.core.package_make import Made, Preview

HELP = "make one zip a trainer can use; `package verify ZIP`: would it train?; `package diff A B`"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments; `verify` or `diff` as first word does that instead."""
    parser.usage = (
        "bespoke package PROJECT_OR_DIR --config TOML --out ZIP [--layout runpod] [--dry-run] ...\n"
        "       bespoke package verify ZIP_OR_DIR [--sha256 HEX]\n"
        "       bespoke package diff OLD_ZIP NEW_ZIP\n"
        "       bespoke package export-task ZIP --to skypilot|dstack|accelerate --gpu NAME "
        "--out DIR ...\n"
        "       bespoke package list PROJECT\n"
        "       bespoke package bin|restore PROJECT NAME.zip"
    )
    parser.add_argument(
        "source", metavar="PROJECT_OR_DIR", help="what to pack: a project or a folder of images"
    )
    parser.add_argument("zip", nargs="*", type=Path, metavar="ZIP", help=argparse.SUPPRESS)
    parser.add_argument("--config", type=Path, metavar="TOML", help="the training config")
    parser.add_argument("--out", type=Path, metavar="ZIP", help="where the package is written")
    parser.add_argument("--layout", default="runpod", help="for which machine (runpod)")
    parser.add_argument("--name", default="", help="name of the folder inside the zip")
    parser.add_argument("--class-word", default="", help="the name in <repeats>_<name>")
    parser.add_argument("--repeats", type=int, default=0, help="how often an epoch shows an image")
    parser.add_argument(
        "--dry-run", action="store_true", help="say what would be packed and changed, write nothing"
    )
    parser.add_argument("--sha256", default="", metavar="HEX", help="what the zip must hash to")
    add_task_arguments(parser)


def run(args: argparse.Namespace) -> Result:
    """Package, then verify what was written; or verify or compare only."""
    if args.source == "verify" and len(args.zip) == 1:
        return _verify(args.zip[0], args.sha256.strip().lower())
    if args.source == "diff" and len(args.zip) == 2:
        return _diff(*args.zip)
    if args.source == "export-task" and len(args.zip) == 1:
        return export_task(args)
    if args.source == "list" and len(args.zip) == 1:
        return _list(args.zip[0])
    if args.source in ("bin", "restore") and len(args.zip) == 2:
        return _bin(*args.zip) if args.source == "bin" else _restore(*args.zip)
    if args.zip:
        hint = "the zip to write is named with --out"
        raise AppError(f"{str(args.zip[-1])!r} is one argument too many", hint=hint, kind="usage")
    if args.source == "verify" and args.config is None:
        raise AppError("no package is named", hint="bespoke package verify ZIP", kind="usage")
    if args.source == "diff" and args.config is None:
        hint = "bespoke package diff OLD_ZIP NEW_ZIP"
        raise AppError("two packages are needed", hint=hint, kind="usage")
    return _package(args)


def _verify(path: Path, sha256: str) -> Result:
    from bespoke_gui.core.package_verify import inspect_package

    found = inspect_package(path, progress)
    if sha256 and found.sha256 != sha256:
        message = f"has the SHA-256 {found.sha256 or 'of no zip'}, not the one given"
        hint = "copy it again from where it was made"
        found.problems.append(Problem("wrong_sha256", "error", message, str(path), hint))
    verdict = "would train" if found.ok else "would not train"
    text = [*lines(found.problems), *_folders(found)]
    text.append(f"{path}: {verdict} ({summary(found.problems)})")
    return Result(_judgement(found), "\n".join(text), 0 if found.ok else 1)


def _judgement(found: Inspection) -> dict[str, Any]:
    return {
        "ok": found.ok,
        "problems": as_dicts(found.problems),
        "images": found.images,
        "captions": found.captions,
        "sha256": found.sha256,
        "folders": {folder.name: vars(folder) for folder in found.folders},
        "regularisation": {folder.name: vars(folder) for folder in found.apart},
    }


def _folders(found: Inspection) -> list[str]:
    """What the trainer will find, one line a folder."""
    return [
        f"{folder.name}: {folder.images} images, {folder.captions} captions, "
        f"each image {folder.repeats}x an epoch"
        for folder in found.folders
    ]


def _diff(before: Path, after: Path) -> Result:
    from bespoke_gui.core.package_changes import changes_since

    changes = changes_since(before, after)
    return Result(changes.as_dict(), f"{after}: {changes.words} since {before}")


def _list(folder: Path) -> Result:
    from bespoke_gui.core.package_shelf import binned_in, packages_in
    from bespoke_gui.core.project import open_project

    project = open_project(folder)
    found = packages_in(project.packages_dir)
    binned = [b.name for b in binned_in(project.bespoke_dir, project.packages_dir)]
    packages = [
        {
            "package": str(entry.path),
            "bytes": entry.bytes,
            "made": entry.made,
            "sha256": entry.sha256,
            "log": str(entry.log) if entry.log else None,
        }
        for entry in found
    ]
    text = [f"{entry.path.name}: {entry.bytes / 1e6:.1f} MB, {entry.sha256}" for entry in found]
    text += [f"in the bin: {name}" for name in binned]
    return Result({"packages": packages, "bin": binned}, "\n".join(text) or "no packages")


def _bin(folder: Path, name: Path) -> Result:
    from bespoke_gui.core.package_shelf import bin_package
    from bespoke_gui.core.project import open_project

    project = open_project(folder)
    path = name if name.is_absolute() else project.packages_dir / name.name
    binned = bin_package(path, project.bespoke_dir)
    text = f"{binned.name} is in the bin; `bespoke package restore` brings it back"
    return Result({"moved": {str(was): str(now) for was, now in binned.moves}}, text)


def _restore(folder: Path, name: Path) -> Result:
    from bespoke_gui.core.package_shelf import binned_in, take_back
    from bespoke_gui.core.project import open_project

    project = open_project(folder)
    found = binned_in(project.bespoke_dir, project.packages_dir)
    binned = next((b for b in found if b.name == name.name), None)
    if binned is None:
        hint = ", ".join(dict.fromkeys(b.name for b in found)) or "the bin is empty"
        raise AppError("is not in the bin", file=name, hint=hint)
    take_back(binned)
    moved = {str(now): str(was) for was, now in binned.moves}
    return Result({"moved": moved}, f"{binned.name} is back")


def _package(args: argparse.Namespace) -> Result:
    from bespoke_gui.core.package_make import Order, make_package, preview_package

    source = Path(args.source)
    if not source.exists():
        hint = "name a project or a folder of images"
        raise AppError("there is no such folder", file=source, hint=hint)
    config = _config(source, args.config)
    order = Order(
        source,
        config,
        _out(source, config, args.out),
        args.layout,
        args.name,
        _repeats(args.repeats),
        args.class_word,
    )
    return (
        _previewed(preview_package(order, progress))
        if args.dry_run
        else _made(make_package(order, progress))
    )


def _previewed(preview: Preview) -> Result:
    plan, found = preview.plan, preview.found
    text = [*lines(preview.problems), *_folders(found), _since(preview.changes, preview.since)]
    text.append(f"would hold {plan.images} images and {plan.captions} captions; nothing written")
    data = {
        **_judgement(found),
        "files": list(plan.members),
        "changes": preview.changes.as_dict() if preview.changes else None,
        "since": str(preview.since) if preview.since else None,
        "rewritten": [change.as_dict() for change in plan.changes],
        "problems": as_dicts(preview.problems),
    }
    return Result(data, "\n".join(text), 0 if found.ok else 1)


def _made(made: Made) -> Result:
    report, found = made.report, made.found
    size = f"{report.bytes / 1e6:.1f} MB"
    text = [
        *lines(made.problems),
        *_folders(found),
        f"{report.package}: {report.images} images, {report.captions} captions, {size}",
        _since(made.changes, made.since),
        *([f"the package before is kept as {made.backup}"] if made.backup else []),
        f"sha256 {report.sha256}",
    ]
    data = {
        **_judgement(found),
        "package": str(report.package),
        "sha256": report.sha256,
        "bytes": report.bytes,
        "files": report.files,
        "images": report.images,
        "captions": report.captions,
        "regularisation": report.regularisation,
        "log": str(made.log) if made.log else None,
        "changes": made.changes.as_dict() if made.changes else None,
        "since": str(made.since) if made.since else None,
        "backup": str(made.backup) if made.backup else None,
        "rewritten": [change.as_dict() for change in report.changes],
        "problems": as_dicts(made.problems),
    }
    return Result(data, "\n".join(text), 0 if found.ok else 1)


def _since(changes: PackageChanges | None, since: Path | None) -> str:
    if since is None:
        return "there is no earlier package to compare it with"
    if changes is None:
        return f"{since.name} cannot be read, so nothing is compared"
    return f"since {since.name}: {changes.words}"


def _repeats(value: int) -> int:
    if value < 0:
        raise AppError("--repeats must be 1 or more", kind="usage")
    return value


def _config(source: Path, given: Path | None) -> Path:
    """The config named, or the only one of the project."""
    from bespoke_gui.core.project import is_project, open_project

    if given is not None:
        return given
    found = sorted(open_project(source).configs_dir.glob("*.toml")) if is_project(source) else []
    if len(found) != 1:
        names = ", ".join(path.name for path in found)
        hint = f"name one with --config ({names})" if names else "name a config with --config"
        raise AppError("it is not clear which config to pack", hint=hint, kind="usage")
    return found[0]


def _out(source: Path, config: Path, given: Path | None) -> Path:
    """The zip named, or the usual place of a project."""
    from bespoke_gui.core.project import is_project, open_project

    if given is not None:
        return given
    if not is_project(source):
        raise AppError("no place for the package is named", hint="add --out ZIP", kind="usage")
    return open_project(source).packages_dir / f"{config.stem}.zip"
