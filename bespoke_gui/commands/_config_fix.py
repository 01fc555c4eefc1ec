"""Actions `config fix` and `config options`: mend what the doctor finds; what options do."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from bespoke_gui.commands.output import Result, progress
from bespoke_gui.core.errors import AppError

if TYPE_CHECKING:
    from bespoke_gui.core.config.trainer_config import TrainingConfig
    from bespoke_gui.core.errors import Problem


def fix(args: argparse.Namespace) -> Result:
    """Make every plain fix, or those of the options named; comments, order and history stay."""
    from bespoke_gui.core.config.doctor import check_config
    from bespoke_gui.core.config.facts import facts_about
    from bespoke_gui.core.config.fixes import fix_all
    from bespoke_gui.core.config.history import save_config
    from bespoke_gui.core.config.trainer_config import TrainingConfig

    config = TrainingConfig.load(args.config)
    facts = facts_about(config, args.dataset, progress)

    def judge(one: TrainingConfig) -> list[Problem]:
        return check_config(one, data=facts.data, captions=facts.captions, sizes=facts.sizes)

    text, made = fix_all(config, judge, args.only)
    config.replace(text)
    if made and not args.dry_run:
        save_config(config, source="config fix")
    rows = [{"key": problem.where, "code": problem.code, "fix": one.words} for problem, one in made]
    lines = [f"{problem.where}: {one.words} ({problem.message})" for problem, one in made]
    verb = "would be made" if args.dry_run else "made"
    lines.append(f"{len(made)} fix{'' if len(made) == 1 else 'es'} {verb}")
    data = {"path": str(args.config), "fixes": rows, "written": bool(made) and not args.dry_run}
    return Result(data, "\n".join(lines))


def options(args: argparse.Namespace) -> Result:
    """List options of the trainer whose name, label or explanation has all words given."""
    from bespoke_gui.core.config.option_words import described_options

    search = " ".join(args.words)
    found = [one for one in described_options().values() if one.matches(search)]
    if not found:
        raise AppError(f"no option is like {search!r}", hint="try fewer words", kind="usage")
    rows = [
        {
            "key": one.key, "label": one.label, "group": one.group, "help": one.help,
            "kind": one.option.kind, "many": one.option.many, "default": one.option.default,
            "choices": list(one.option.choices),
        }
        for one in found
    ]  # fmt: skip
    lines = [f"{row['key']} ({row['label'] or row['group']}): {row['help']}" for row in rows]
    return Result({"options": rows}, "\n".join(line.rstrip(": ") for line in lines))
