"""`bespoke captions suggest`: texts proposed by a model, shown as a diff; no caption is written."""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from bespoke_gui.commands._captions_suggest_arguments import NUMBERS
from bespoke_gui.commands._captions_text import coloured, counted, marked_pieces
from bespoke_gui.commands.output import Result, progress, say
from bespoke_gui.core import secrets, settings, worddiff
from bespoke_gui.core.caption_set import CaptionSet, open_captions
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.suggest import client, options
from bespoke_gui.core.suggest.answers import Answers
from bespoke_gui.core.suggest.batch import Batch, BatchReport, Job, Outcome, Told, ready
from bespoke_gui.core.suggest.batch import seconds_left as time_left
from bespoke_gui.core.suggest.jobs import asking_for, jobs_of
from bespoke_gui.core.suggest.options import SuggestOptions
from bespoke_gui.core.suggest.pace import Pace
from bespoke_gui.core.worddiff import TextDiff, read_through


class Runs(Protocol):
    """A batch, whoever answers it."""

    def run(self, jobs: list[Job], told: Told | None = None) -> BatchReport:
        """Ask about the images."""
        ...


@dataclass
class Progress:
    """Tells on standard error how far it is, and keeps the outcomes for the end."""

    total: int
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    started: float = field(default_factory=time.monotonic)

    def tell(self, outcome: Outcome) -> None:
        """Take one outcome."""
        self.outcomes[outcome.name] = outcome
        if outcome.error is not None:
            say(f"{outcome.name}: {outcome.error}")
        done = len(self.outcomes)
        asked = sum(not found.kept for found in self.outcomes.values())
        left = time_left(time.monotonic() - self.started, asked, self.total - done)
        words = "" if left is None else f"{int(left) // 60}:{int(left) % 60:02d} left"
        progress(done, self.total, f"{outcome.name} {words}")


def suggest(args: argparse.Namespace) -> Result:
    """Ask about every image; what is answered is kept, and a second run goes on from there."""
    chosen = _options(args)
    key = _key(args, chosen)
    chosen = _with_model(chosen, key)
    found = open_captions(args.folder)
    jobs = jobs_of(found, args.only, args.missing)
    if not jobs:
        hint = "check --only, or name the folder with the images"
        raise AppError("holds no image to ask about", file=args.folder, hint=hint, kind="no_data")
    pace = Pace(chosen.per_minute)
    told = Progress(len(jobs))
    say(
        f"asking {_who(chosen)} about {counted(len(jobs), 'image')}; nothing is written to captions"
    )
    report = BatchReport()
    try:
        report = _batch(chosen, key, found, pace, args.again).run(list(jobs.values()), told.tell)
    except KeyboardInterrupt:
        pace.cancelled.set()
        report.cancelled = True
        say("\ncancelled; what was answered is kept, the same command goes on from there")
    return _result(found, jobs, told.outcomes, report)


def _options(args: argparse.Namespace) -> SuggestOptions:
    """Return the settings with what was given on the command line."""
    kept = options.from_dict(settings.load().suggest)
    if not (args.endpoint or args.local or kept.enabled):
        hint = "name one: --endpoint URL --model NAME, or --local FOLDER"
        raise AppError("no captioning model is set up", hint=hint, kind="usage")
    source = options.LOCAL if args.local else options.ENDPOINT if args.endpoint else kept.source
    given = {
        "base_url": args.endpoint, "model": args.model, "folder": args.local,
        "prompt": args.prompt, "image": args.image, "timeout_s": args.timeout,
        **{name: getattr(args, name) for name in NUMBERS if name != "timeout"},
    }  # fmt: skip
    given = {name: value for name, value in given.items() if value is not None}
    chosen = replace(kept, source=source, **given)
    if source == options.LOCAL:
        return ready(chosen)
    return replace(chosen, base_url=options.tidy_url(chosen.base_url))


def _key(args: argparse.Namespace, chosen: SuggestOptions) -> str | None:
    """Return the key for the endpoint's host, and say where it comes from."""
    if chosen.source == options.LOCAL:
        return None
    if args.key_env:
        key = os.environ.get(args.key_env, "").strip()
        if not key:
            hint = "put the key into it, or leave --key-env out"
            raise AppError(f"the variable {args.key_env} is empty", hint=hint, kind="usage")
        return key
    account = options.account_of(chosen.base_url)
    key = secrets.get(options.SERVICE, account)
    if key:
        place = secrets.where(options.SERVICE, account)
        say(f"the key is {secrets.describe(place, options.SERVICE)}")
    return key


def _with_model(chosen: SuggestOptions, key: str | None) -> SuggestOptions:
    """Return options ready to ask with; without a model the error names those there are."""
    if chosen.source == options.ENDPOINT and not chosen.model.strip():
        names = client.Endpoint(chosen, key).models()
        hint = f"name one with --model: {', '.join(names[:20]) or 'it lists none'}"
        raise AppError("no model is named", hint=hint, kind="usage")
    return ready(chosen)


def _batch(
    chosen: SuggestOptions, key: str | None, found: CaptionSet, pace: Pace, again: bool
) -> Runs:
    asking, answers = asking_for(found.home, chosen, again), Answers(found.home)
    if chosen.source == options.LOCAL:
        from bespoke_gui.launch.captioning import LocalBatch

        return LocalBatch(found.home, answers, asking, pace.cancelled)
    return Batch(client.Endpoint(chosen, key, pace), answers, asking, pace)


def _who(chosen: SuggestOptions) -> str:
    if chosen.source == options.LOCAL:
        return f"the model in {chosen.folder}"
    return f"{chosen.model} at {chosen.base_url}"


def _result(
    found: CaptionSet, jobs: Mapping[str, Job], outcomes: Mapping[str, Outcome], report: BatchReport
) -> Result:
    files: dict[str, dict[str, Any]] = {}
    diffs: dict[str, TextDiff] = {}
    failed = {}
    for name, job in jobs.items():
        outcome = outcomes.get(job.name)
        if outcome is not None and outcome.answer is not None:
            text = outcome.answer.text
            diff = worddiff.compare(job.caption, text, separator=found.separator)
            diffs[name] = diff
            files[name] = {
                "before": job.caption, "suggestion": text, "note": outcome.answer.note,
                "kept": outcome.kept, "lost": diff.lost, "gained": diff.gained,
                "lossy": diff.lossy,
            }  # fmt: skip
        elif outcome is not None:
            failed[name] = str(outcome.error)
    summary = {
        "images": len(jobs), "answered": len(files), "failed": len(failed),
        "kept": sum(entry["kept"] for entry in files.values()),
        "lossy": sum(entry["lossy"] for entry in files.values()),
    }  # fmt: skip
    data = {
        "files": files, "failed": failed, "summary": summary, "cancelled": report.cancelled,
        "stopped": str(report.stopped or ""),
    }  # fmt: skip
    code = 130 if report.cancelled else 1 if failed or report.stopped else 0
    return Result(data, _text(files, diffs, summary, report), code)


def _text(
    files: Mapping[str, Mapping[str, Any]],
    diffs: Mapping[str, TextDiff],
    summary: Mapping[str, int],
    report: BatchReport,
) -> str:
    colour, lines = coloured(), []
    for name, diff in diffs.items():
        note = files[name]["note"]
        sign = " LOSSY" if diff.lossy else ""
        lines += [f"{name}:{sign}{f' ({note})' if note else ''}"]
        lines += [f"  {marked_pieces(read_through(diff.pieces), colour)}"]
        lines += [f"  lost: {', '.join(diff.lost)}"] if diff.lost else []
    lines.append(
        f"{counted(summary['images'], 'image')}: {summary['answered']} answered"
        f" ({summary['kept']} of them earlier), {summary['failed']} failed,"
        f" {summary['lossy']} would lose words; no caption was written"
    )
    lines += [f"stopped: {report.stopped}"] if report.stopped else []
    return "\n".join(lines)
