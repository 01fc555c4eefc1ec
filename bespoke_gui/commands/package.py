"""Command package: writes one file a trainer can use, or says whether a package would train."""

from __future__ import annotations

import argparse
from pathlib import Path

from bespoke_gui.commands._problems import as_dicts, lines, summary
from bespoke_gui.commands.output import Result
from bespoke_gui.core.errors import AppError

HELP = "make one zip a trainer can use, or `package verify ZIP`: would it train?"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments; `verify` as first word judges a package instead."""
    parser.usage = (
        "bespoke package PROJECT_OR_DIR --config TOML --out ZIP [--layout runpod] ...\n"
        "       bespoke package verify ZIP"
    )
    parser.add_argument(
        "source", metavar="PROJECT_OR_DIR", help="what to pack: a project or a folder of images"
    )
    parser.add_argument("zip", nargs="?", type=Path, metavar="ZIP", help=argparse.SUPPRESS)
    parser.add_argument("--config", type=Path, metavar="TOML", help="the training config")
    parser.add_argument("--out", type=Path, metavar="ZIP", help="where the package is written")
    parser.add_argument("--layout", default="runpod", help="for which machine (runpod)")
    parser.add_argument("--name", default="", help="name of the folder inside the zip")
    parser.add_argument("--class-word", default="", help="the name in <repeats>_<name>")
    parser.add_argument("--repeats", type=int, default=0, help="how often an epoch shows an image")


def run(args: argparse.Namespace) -> Result:
    """Package, then verify what was written; or verify only."""
    if args.source == "verify" and args.zip is not None:
        return _verify(args.zip)
    if args.zip is not None:
        hint = "the zip to write is named with --out"
        raise AppError(f"{str(args.zip)!r} is one argument too many", hint=hint, kind="usage")
    if args.source == "verify" and args.config is None:
        raise AppError("no package is named", hint="bespoke package verify ZIP", kind="usage")
    return _package(args)


def _verify(path: Path) -> Result:
    from bespoke_gui.core.package_verify import inspect_package

    found = inspect_package(path)
    verdict = "would train" if found.ok else "would not train"
    text = [*lines(found.problems), f"{path}: {verdict} ({summary(found.problems)})"]
    data = {
        "ok": found.ok,
        "problems": as_dicts(found.problems),
        "images": found.images,
        "captions": found.captions,
    }
    return Result(data, "\n".join(text), 0 if found.ok else 1)


def _package(args: argparse.Namespace) -> Result:
    from bespoke_gui.core.package import build_package
    from bespoke_gui.core.package_verify import inspect_package

    source = Path(args.source)
    if not source.exists():
        hint = "name a project or a folder of images"
        raise AppError("there is no such folder", file=source, hint=hint)
    config = _config(source, args.config)
    report = build_package(
        source,
        config,
        _out(source, config, args.out),
        args.layout,
        args.name,
        repeats=_repeats(args.repeats),
        class_word=args.class_word,
    )
    found = inspect_package(report.package)
    problems = report.problems + found.problems
    size = f"{report.bytes / 1e6:.1f} MB"
    text = [
        *lines(problems),
        f"{report.package}: {report.images} images, {report.captions} captions, {size}",
        f"sha256 {report.sha256}",
    ]
    data = {
        "package": str(report.package),
        "sha256": report.sha256,
        "bytes": report.bytes,
        "files": report.files,
        "images": report.images,
        "captions": report.captions,
        "regularisation": report.regularisation,
        "ok": found.ok,
        "problems": as_dicts(problems),
    }
    return Result(data, "\n".join(text), 0 if found.ok else 1)


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
