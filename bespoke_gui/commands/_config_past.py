"""Actions `config diff`, `history` and `restore`: a config against others and its own past."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from bespoke_gui.commands.output import Result
from bespoke_gui.core.errors import AppError

if TYPE_CHECKING:
    from bespoke_gui.core.history import Version


def diff(args: argparse.Namespace) -> Result:
    """Compare with another file, or say what changed since an earlier text."""
    from bespoke_gui.core.config.compare import compare_configs, compare_texts
    from bespoke_gui.core.config.history import config_version
    from bespoke_gui.core.config.trainer_config import TrainingConfig

    config = TrainingConfig.load(args.config)
    if (args.other is None) == (args.version is None):
        raise AppError("name another config, or --version N", kind="usage")
    if args.other is not None:
        found = compare_configs(config, TrainingConfig.load(args.other))
    else:
        found = compare_texts(config_version(args.config, args.version).text, config.text())
    text = [*(str(change) for change in found.changes), found.words]
    return Result(found.as_dict(), "\n".join(text))


def history(args: argparse.Namespace) -> Result:
    """List the texts that a config had, each with what changed in it."""
    from bespoke_gui.core.config.history import config_versions

    versions = config_versions(args.config)
    if not versions and not args.config.is_file():
        raise AppError("is not there", file=args.config, hint="check the path")
    rows = [_row(n, version, versions) for n, version in enumerate(versions, 1)]
    text = [f"{r['number']}. {r['created'][:19]} {r['source']}: {r['changes']}" for r in rows]
    return Result({"versions": rows}, "\n".join(text or ["nothing was kept yet"]))


def restore(args: argparse.Namespace) -> Result:
    """Bring an earlier text back."""
    from bespoke_gui.core.config.history import config_version, restore_config

    version = config_version(args.config, args.version)
    restore_config(args.config, args.version)
    data = {"path": str(args.config), "version": args.version, "created": version.created}
    return Result(data, f"{args.config}: as it was on {version.created[:19]}")


def _row(number: int, version: Version, versions: list[Version]) -> dict[str, Any]:
    older = versions[number].text if number < len(versions) else None
    words = "the first text that was kept" if older is None else _changes(older, version.text)
    return {
        "number": number,
        "created": version.created,
        "source": version.source,
        "changes": words,
        "text": version.text,
    }


def _changes(older: str, newer: str) -> str:
    from bespoke_gui.core.config.compare import compare_texts

    try:
        return compare_texts(older, newer).words
    except AppError:
        return "one of the two texts is not readable"
