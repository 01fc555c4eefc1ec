"""Actions `config set`, `presets` and `new`: write configs, with comments, order and history."""

from __future__ import annotations

import argparse
from typing import Any

from bespoke_gui.commands.output import Result
from bespoke_gui.core.errors import AppError


def change(args: argparse.Namespace) -> Result:
    """Set and take out values of a config; a wrong one changes nothing."""
    from bespoke_gui.core.config.compare import compare_texts
    from bespoke_gui.core.config.history import save_config
    from bespoke_gui.core.config.trainer_config import TrainingConfig

    if not args.values and not args.unset:
        raise AppError("name what to set, as KEY=VALUE, or --unset KEY", kind="usage")
    config = TrainingConfig.load(args.config)
    before = config.text()
    for key, value in [_pair(entry) for entry in args.values]:
        config.set(key, value)
    for key in args.unset:
        if key not in config.values:
            raise AppError(f"{key} is not set", file=args.config, kind="usage")
        config.unset(key)
    save_config(config, source="command line")
    found = compare_texts(before, config.text())
    text = [*(str(one) for one in found.changes), found.words]
    return Result({"path": str(args.config), **found.as_dict()}, "\n".join(text))


def presets(_args: argparse.Namespace) -> Result:
    """List the configs to begin with."""
    from bespoke_gui.core.config.presets import presets as all_presets

    rows = [
        {"name": one.name, "title": one.title, "words": one.words, "size": one.size}
        for one in all_presets().values()
    ]
    return Result(
        {"presets": rows}, "\n".join(f"{r['name']}: {r['title']}. {r['words']}" for r in rows)
    )


def new(args: argparse.Namespace) -> Result:
    """Write a preset to a file that is not there yet."""
    from bespoke_gui.core.config.history import save_config
    from bespoke_gui.core.config.presets import preset

    if args.config.exists():
        raise AppError("is there already", file=args.config, hint="choose another name")
    config = preset(args.preset).config(args.name)
    save_config(config, args.config, f"preset {args.preset}")
    data = {"path": str(args.config), "preset": args.preset}
    return Result(data, f"{args.config}: {preset(args.preset).title}")


def _pair(entry: str) -> tuple[str, Any]:
    from bespoke_gui.core.config.options import Option, option_table
    from bespoke_gui.core.config.values import parse_typed

    key, equals, text = entry.partition("=")
    key = key.strip()
    if not equals or not key:
        raise AppError(f"{entry!r} is no KEY=VALUE", kind="usage")
    table = option_table()
    if key not in table:
        near = table.nearest(key)
        hint = f"did you mean {near}?" if near else "`config check` names the options"
        raise AppError(f"the trainer has no option {key}", hint=hint, kind="usage")
    option: Option = table[key]
    return key, parse_typed(option, text)
