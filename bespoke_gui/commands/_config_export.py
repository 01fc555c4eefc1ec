"""Action `config export`: a config for OneTrainer or ai-toolkit, and what they do not take."""

from __future__ import annotations

import argparse

from bespoke_gui.commands.output import Result, progress
from bespoke_gui.core.errors import AppError


def export(args: argparse.Namespace) -> Result:
    """Write the export and list what it holds and what it does not."""
    from bespoke_gui.core.config.facts import facts_about
    from bespoke_gui.core.config.trainer_config import TrainingConfig
    from bespoke_gui.core.trainers.base import EXPORTERS, export_config, write_export

    exporter = EXPORTERS[args.to]
    config = TrainingConfig.load(args.config)
    if args.out.exists() and args.out.resolve() == args.config.resolve():
        raise AppError("is the config itself", file=args.out, hint="choose another name")
    data = facts_about(config, args.dataset, progress).data
    found = export_config(config, args.to, data)
    path = write_export(found, args.out)
    lost = [f"not exported: {one.key} = {one.value!r}: {one.why}" for one in found.unmapped]
    words = f"{path}: {len(found.mapped)} options for {exporter.title}, {len(lost)} not exported"
    result = {
        "path": str(path),
        "trainer": exporter.name,
        "mapped": found.mapped,
        "unmapped": [one.as_dict() for one in found.unmapped],
    }
    return Result(result, "\n".join([*lost, words]))
