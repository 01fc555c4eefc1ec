"""Training work: what there is to train on, the preflight, and the specs of new runs. No Qt."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bespoke_gui.core.config.trainer_config import TrainingConfig
from bespoke_gui.core.errors import AppError, Problem
from bespoke_gui.core.models.store import known_models
from bespoke_gui.core.prepared.folder import prepared_size
from bespoke_gui.core.project import Project
from bespoke_gui.core.queue.entry import Entry
from bespoke_gui.core.queue.request import kept_path
from bespoke_gui.core.run_request import data_folders, regularisation_data, train_spec
from bespoke_gui.core.run_request import resumed as resumed
from bespoke_gui.core.rundir import RunDir
from bespoke_gui.core.rundir import read_json as read_json
from bespoke_gui.core.runs import JOB, RunInfo, read_run, run_state
from bespoke_gui.core.runspec import RunSpec
from bespoke_gui.launch.sd_scripts import known_checkout as known_checkout
from bespoke_gui.launch.sd_scripts import remembered_checkout as remembered_checkout

if TYPE_CHECKING:
    from bespoke_gui.core.config.forecast import Forecast
    from bespoke_gui.core.config.prices import Price
    from bespoke_gui.core.config.schedule import Plan
    from bespoke_gui.core.config.speeds import Speed
    from bespoke_gui.core.config.train_data import TrainData


@dataclass(frozen=True)
class TrainingSet:
    """A folder of images to train on; `size` is what the images were prepared to, 0 unknown."""

    folder: Path
    title: str
    size: int = 0
    repeats: int = 1


@dataclass(frozen=True)
class Choices:
    """What a training can be made of. bases: base models of this computer, by name."""

    configs: list[Path] = field(default_factory=list)
    sets: list[TrainingSet] = field(default_factory=list)
    bases: list[str] = field(default_factory=list)


@dataclass
class SetFacts:
    """What is known about a training set once every image was read."""

    problems: list[Problem]
    captions: dict[str, str | None]
    sizes: Counter[tuple[int, int]]

    @property
    def images(self) -> int:
        """How many images there are."""
        return len(self.captions)


@dataclass
class Preflight:
    """Findings, errors first, and the course of the training where it can be told.

    gpu: the card that time and cost are told for, "" for this computer; price: what an hour of
    it costs, None where it costs nothing or nobody knows; data: what the trainer is given.
    """

    problems: list[Problem]
    forecast: Forecast | None = None
    price: Price | None = None
    gpu: str = ""
    data: TrainData | None = None

    @property
    def plan(self) -> Plan | None:
        """Steps, checkpoints and learning rates."""
        return self.forecast.plan if self.forecast else None

    @property
    def errors(self) -> int:
        """How many findings stand in the way."""
        return sum(problem.severity == "error" for problem in self.problems)


def read_choices(project: Project) -> Choices:
    """Return the configs and the sets of a project; prepared sets come first, newest first."""
    configs = sorted(project.configs_dir.glob("*.toml")) if project.configs_dir.is_dir() else []
    prepared = [_prepared(path) for path in _folders(project.prepared_dir)]
    raw = [
        TrainingSet(folder, f"{folder.name} (as it is)", 0, repeats)
        for folder, repeats in project.dataset_dirs
        if folder.is_dir()
    ]
    return Choices(configs, [one for one in prepared if one] + raw, list(known_models()))


def _folders(parent: Path) -> list[Path]:
    try:
        found = [path for path in parent.iterdir() if path.is_dir() and path.name[0] != "."]
        return sorted(found, key=lambda path: path.stat().st_mtime, reverse=True)
    except OSError:
        return []


def _prepared(folder: Path) -> TrainingSet | None:
    size = prepared_size(folder)
    if size is None:
        return None
    return TrainingSet(folder, f"{folder.name} · {size} px" if size else folder.name, size)


def read_set(chosen: TrainingSet, project: Project) -> SetFacts:
    """Read every image and caption of a set; a broken one is a finding."""
    from bespoke_gui.core.dataset_contents import read_contents

    contents = read_contents(chosen.folder, project.caption_extension, project.separator)
    return SetFacts(contents.problems, contents.captions, contents.stats.sizes)


def past_speeds(project: Project) -> list[Speed]:
    """Return how fast the finished trainings of a project went; reads their folders."""
    from bespoke_gui.core.config.past_runs import past_speeds as read

    return read(project)


def machines() -> list[tuple[str, str]]:
    """Return (card, words) of what time and cost can be told for; those with a price first."""
    from bespoke_gui.core.config.prices import sample_prices
    from bespoke_gui.core.config.speeds import speed_table

    prices = sample_prices()
    priced = {name: f"{_short(name)} · ${prices[name].usd_per_hour:.2f} an hour" for name in prices}
    cards = sorted(name for name in speed_table().cards if name not in priced)
    others = {name: _short(name) for name in cards}
    return [("", "This computer"), *priced.items(), *others.items()]


def _short(card: str) -> str:
    return card.removeprefix("NVIDIA ").removeprefix("GeForce ")


def preflight(
    config: TrainingConfig,
    chosen: TrainingSet | None,
    facts: SetFacts | None,
    past: Sequence[Speed] = (),
    gpu: str = "",
    price: Price | None = None,
) -> Preflight:
    """Judge config and set together, as they would be trained; never raises for a finding.

    past: how fast earlier trainings went; gpu: the card that it is judged, and time and cost are
    told, for; "" for this computer. price: what an hour costs, None for the dated sample.
    """
    from bespoke_gui.core.config.doctor import SEVERITIES, check_config
    from bespoke_gui.core.config.forecast import forecast
    from bespoke_gui.core.config.prices import price_of
    from bespoke_gui.core.config.speeds import speed_table
    from bespoke_gui.core.config.train_data import as_packaged

    if chosen is None or facts is None:
        return Preflight(check_config(config))
    if config.get("train_data_dir") is None:
        # Here the chosen set is handed to the engine, whatever the config names.
        config = TrainingConfig(config.text(), config.path)
        config.set("train_data_dir", chosen.folder.as_posix())
    data = as_packaged(chosen.folder.name, facts.captions, chosen.repeats)
    card = speed_table().card(gpu) if gpu else None
    problems = check_config(
        config, data=data, captions=facts.captions, sizes=facts.sizes, card=card
    )
    problems = sorted(
        [*problems, *facts.problems], key=lambda problem: SEVERITIES.index(problem.severity)
    )
    price = price or (price_of(gpu) if gpu else None)
    usd = price.usd_per_hour if price else None
    try:
        course = forecast(
            config.values, data.images, sizes=facts.sizes, past=past, gpu=gpu, usd_per_hour=usd
        )
        return Preflight(problems, course, price, gpu, data)
    except AppError as error:
        known = any(problem.severity == "error" for problem in problems)
        extra = [] if known else [Problem("no_plan", "error", error.message, hint=error.hint)]
        return Preflight(extra + problems, gpu=gpu, data=data)


def training_spec(
    config: TrainingConfig,
    chosen: TrainingSet,
    *,
    engine: str,
    base: str = "",
    name: str = "",
    options: Mapping[str, Any] | None = None,
) -> RunSpec:
    """Return the request for a training; raises AppError where there is no image."""
    data = data_folders(chosen.folder, chosen.repeats) + regularisation_data(chosen.folder)
    return train_spec(config, data, engine=engine, base=base, name=name, options=options)


def queue_entry(
    project: Project,
    config: TrainingConfig,
    chosen: TrainingSet,
    *,
    engine: str,
    base: str = "",
    options: Mapping[str, Any] | None = None,
) -> Entry:
    """Return the request for a training as an entry of the queue."""
    path = config.path
    return Entry(
        0, path.stem if path else "lora", text=config.text(),
        config=kept_path(project, path) if path else "",
        data=[[kept_path(project, chosen.folder), chosen.repeats]], engine=engine, base=base,
        options=dict(options or {}), added=time.time(),
    )  # fmt: skip


def gallery_run(
    project: Project,
    sources: list[Path],
    out: Path,
    *,
    base: str = "",
    engine: str = "sample",
    options: Mapping[str, Any] | None = None,
) -> RunDir:
    """Make the run folder that generates a gallery by the project's protocol; raises AppError."""
    from bespoke_gui.core.generation import chosen_protocol, new_generation

    path = project.protocol_path
    protocol = chosen_protocol(path if path.is_file() else None, base)
    return new_generation(sources, protocol, out, engine=engine, options=options).run_dir


class RunsReader:
    """Reads the runs of a project again and again; one that has not moved on is read once."""

    def __init__(self) -> None:
        self._known: dict[Path, tuple[tuple[object, ...], RunInfo]] = {}

    def read(self, project: Project) -> list[RunInfo]:
        """Return all runs, newest first, and before them the generations that are going on."""
        found = [self._run(folder) for folder in run_folders(project.runs_dir)]
        found.sort(key=lambda run: (run.spec.get("created", ""), run.run), reverse=True)
        jobs = [folder / JOB for folder in _folders(project.galleries_dir)]
        going = [job for job in jobs if (job / "spec.json").is_file()]
        return [self._run(job) for job in going if run_state(RunDir(job)) == "running"] + found

    def _run(self, folder: Path) -> RunInfo:
        run_dir = RunDir(folder)
        state = run_state(run_dir)
        moments = [_modified(path) for path in (run_dir.exit_path, run_dir.job_path)]
        mark = (state, *moments, _modified(run_dir.outputs))
        known = self._known.get(folder)
        if known is None or known[0] != mark:
            known = self._known[folder] = (mark, read_run(folder))
        return known[1]


def run_folders(runs_dir: Path) -> list[Path]:
    """Return the folders in which there is a run."""
    return [folder for folder in _folders(runs_dir) if (folder / "spec.json").is_file()]


def _modified(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0
