"""Bench work: what prompts can be tried on, and the run that tries one. No Qt in here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from bespoke_gui.core.errors import AppError
from bespoke_gui.core.generation import chosen_protocol
from bespoke_gui.core.kept_trials import KeptTrial, kept_trials
from bespoke_gui.core.project import Project
from bespoke_gui.core.protocol import builtin_protocol
from bespoke_gui.core.run_request import lora_files
from bespoke_gui.core.rundir import RunDir
from bespoke_gui.core.runs import JOB, list_runs, run_state, whole_epochs
from bespoke_gui.core.runspec import LoraFile
from bespoke_gui.core.trial import keep_prompt, new_trial
from bespoke_gui.qtmodels.run_model import run_title

if TYPE_CHECKING:
    from bespoke_gui.core.protocol import Prompt, Protocol

Number = TypeVar("Number", int, float)
STRONGEST = 10.0


@dataclass(frozen=True)
class Source:
    """A run, or LoRA files; `base`: the model that a run was trained on, "" for unknown."""

    title: str
    paths: tuple[Path, ...]
    base: str = ""


@dataclass(frozen=True)
class Wish:
    """What is to be tried."""

    texts: tuple[str, ...]
    negative: str
    source: Source
    epochs: tuple[int, ...]
    strengths: tuple[float, ...]
    seeds: tuple[int, ...]

    @property
    def count(self) -> int:
        """How many images that makes: the LoRA off once for each seed."""
        each = len(self.texts) * len(self.seeds)
        return each * (1 + len(self.epochs) * len(self.strengths))


@dataclass(frozen=True)
class Bench:
    """What a project offers: sources, the trials that were kept, and the one being made now."""

    sources: list[Source]
    trials: list[KeptTrial]
    running: RunDir | None


def read_bench(project: Project) -> Bench:
    """Read the runs with checkpoints and the kept trials, newest first."""
    trials = kept_trials(project.tries_dir)
    jobs = (RunDir(trial.folder / JOB) for trial in trials)
    running = (job for job in jobs if job.spec_path.is_file() and run_state(job) == "running")
    return Bench(_sources(project), trials, next(running, None))


def _sources(project: Project) -> list[Source]:
    return [
        Source(run_title(run), (run.folder,), str(run.spec.get("base", "")))
        for run in list_runs(project)
        if whole_epochs(run)
    ]


def file_source(paths: list[Path]) -> Source:
    """Return LoRA files as a source."""
    more = f" and {len(paths) - 1} more" if len(paths) > 1 else ""
    return Source(f"{paths[0].name}{more}", tuple(paths))


def source_of(trial: KeptTrial, known: list[Source]) -> Source:
    """Return what a trial was made of, by its place, else by its name (the project was moved)."""
    if not trial.sources:
        raise AppError("does not say what was tried", file=trial.folder)
    same = (one for one in known if one.paths == trial.sources)
    names = [path.name for path in trial.sources]
    alike = (one for one in known if [path.name for path in one.paths] == names)
    found = next(same, None) or next(alike, None)
    return found or file_source(list(trial.sources))


def loras_of(source: Source) -> list[LoraFile]:
    """Return the epochs of a source; reads the files. AppError where there is none."""
    return lora_files(source.paths)


def settings_of(project: Project, base: str = "") -> Protocol:
    """Return base, sampler and sizes: the project's protocol, or the built-in one. AppError."""
    path = project.protocol_path
    return chosen_protocol(path if path.is_file() else None, base)


def read_seeds(words: str) -> tuple[int, ...]:
    """Return different whole numbers from 0; raises AppError naming what is none."""
    return _numbers(words, int, lambda seed: seed >= 0, "is no seed", "write 42, 43")


def read_strengths(words: str) -> tuple[float, ...]:
    """Return different strengths other than 0; raises AppError naming what is none."""
    hint = "write 0.6, 0.8, 1; the LoRA off is made anyway"
    fits: Callable[[float], bool] = lambda level: 0 < abs(level) <= STRONGEST  # noqa: E731
    return _numbers(words, float, fits, "is no strength", hint)


def _numbers(
    words: str, kind: Callable[[str], Number], fits: Callable[[Number], bool], why: str, hint: str
) -> tuple[Number, ...]:
    found: dict[Number, None] = {}
    for one in words.replace(";", " ").replace(",", " ").split():
        try:
            number = kind(one)
        except ValueError:
            number = None
        if number is None or not fits(number):
            raise AppError(f'"{one}" {why}', hint=hint, kind="usage")
        found[number] = None
    if not found:
        raise AppError(f"an empty line {why}", hint=hint, kind="usage")
    return tuple(found)


def trial_run(
    project: Project,
    wish: Wish,
    out: Path,
    *,
    engine: str = "sample",
    options: Mapping[str, Any] | None = None,
) -> RunDir:
    """Make the run folder that tries a prompt; what is in `out` already is kept. AppError."""
    settings = replace(settings_of(project, wish.source.base), negative=wish.negative)
    return new_trial(
        wish.source.paths, wish.texts, settings, out, epochs=wish.epochs,
        strengths=wish.strengths, seeds=wish.seeds, engine=engine, options=options,
    ).run_dir  # fmt: skip


def keep(project: Project, text: str, negative: str) -> Prompt:
    """Add a prompt to the project's protocol, which begins as the built-in one. AppError."""
    path = project.protocol_path
    if not path.is_file():
        builtin_protocol().save(path)
    return keep_prompt(path, text, negative=negative)
