"""Check: everything that can be known about a project, dataset, config or package beforehand."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from bespoke_gui.core.config.dataset_config import check_dataset_config, is_dataset_config
from bespoke_gui.core.config.doctor import SEVERITIES, check_config
from bespoke_gui.core.config.facts import facts_about
from bespoke_gui.core.config.train_data import TrainData, as_packaged, read_train_folder
from bespoke_gui.core.config.trainer_config import TrainingConfig
from bespoke_gui.core.dataset import scan
from bespoke_gui.core.dataset_contents import Progress, Stats, look_at_images, read_contents
from bespoke_gui.core.errors import AppError, Problem, problem_from
from bespoke_gui.core.package_layout import CONFIG_NAME, DATA_NAME
from bespoke_gui.core.package_verify import inspect_package
from bespoke_gui.core.project import Project, is_project, open_project

if TYPE_CHECKING:
    from bespoke_gui.core.lints import Linter


@dataclass
class CheckReport:
    """What a check found. target: "project", "dataset", "config" or "package"."""

    target: str
    problems: list[Problem] = field(default_factory=list)
    stats: Stats = field(default_factory=Stats)

    @property
    def ok(self) -> bool:
        """Whether nothing stands in the way of a training."""
        return not any(problem.severity == "error" for problem in self.problems)


def check_target(
    path: Path, config: Path | None = None, progress: Progress | None = None
) -> CheckReport:
    """Check a project, dataset folder, config, package zip or package folder.

    `config`: a training config to judge together with the images. A broken file is a finding;
    raises AppError only when `path` is nothing that can be checked.
    """
    path = Path(path)
    if not path.exists():
        raise AppError("is not there", file=path, hint="check the path")
    if path.is_file():
        report = _file(path, config, progress)
    elif is_project(path):
        report = _project(path, config, progress)
    elif _package_folder(path):
        report = _package(path)
    else:
        report = _dataset_folder(path, config, progress)
    report.problems.sort(key=lambda problem: SEVERITIES.index(problem.severity))
    return report


def _file(path: Path, config: Path | None, progress: Progress | None) -> CheckReport:
    if path.suffix.lower() == ".toml":
        return _config(path, progress)
    if path.suffix.lower() == ".zip" or _is_zip(path):
        if config is not None:
            hint = "leave --config out"
            raise AppError("brings its own config", file=path, hint=hint, kind="usage")
        return _package(path)
    raise AppError(
        "cannot be checked", file=path, hint="name a project, dataset, package or config"
    )


def _config(path: Path, progress: Progress | None) -> CheckReport:
    """Judge a config with the images that it will be trained on, where they can be found."""
    try:
        facts = facts_about(TrainingConfig.load(path), progress=progress)
    except AppError:
        return CheckReport("config", check_config_file(path))
    found = check_config_file(path, data=facts.data, captions=facts.captions, sizes=facts.sizes)
    return CheckReport("config", [*found, *facts.problems])


def _is_zip(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) == b"PK\x03\x04"


def check_config_file(
    path: Path,
    *,
    data: TrainData | None = None,
    captions: dict[str, str | None] | None = None,
    sizes: Counter[tuple[int, int]] | None = None,
) -> list[Problem]:
    """Judge a config file, for a training or a dataset; an unreadable one is a finding."""
    try:
        config = TrainingConfig.load(path)
    except AppError as error:
        return [problem_from(error, "bad_config")]
    if is_dataset_config(config):
        return check_dataset_config(config)
    return check_config(config, data=data, captions=captions, sizes=sizes)


def _package_folder(path: Path) -> bool:
    """A folder is a package when a config lies in it, or in its only visible sub-folder."""
    inside = [p for p in path.iterdir() if p.is_dir() and not p.name.startswith(".")]
    packages = [path] if len(inside) != 1 else [path, inside[0]]
    return any(
        (folder / CONFIG_NAME).is_file() or (folder / DATA_NAME).is_dir() for folder in packages
    )


def _package(path: Path) -> CheckReport:
    found = inspect_package(path)
    stats = Stats(
        found.images,
        found.captions,
        regularisation=found.regularisation,
        sizes=found.sizes,
        formats=found.formats,
        bytes=found.bytes,
    )
    return CheckReport("package", found.problems, stats)


def _project(path: Path, config: Path | None, progress: Progress | None) -> CheckReport:
    from bespoke_gui.core.health.findings import health_findings
    from bespoke_gui.core.health.kept import decided_files

    report = CheckReport("project")
    try:
        project = open_project(path)
    except AppError as error:
        report.problems.append(problem_from(error, "bad_project"))
        return report
    captions: dict[str, str | None] = {}
    decided = decided_files(project.folder)
    data, linter = TrainData(project.name), _linter(project, config, report)
    suffix, separator = project.caption_extension, project.separator
    for folder, repeats in project.dataset_dirs:
        try:
            contents = read_contents(
                folder, suffix, separator, progress, linter, project.native_size
            )
        except AppError as error:
            report.problems.append(problem_from(error, "bad_dataset"))
            continue
        report.problems += contents.problems
        report.problems += health_findings(contents.facts, linter.ignored, decided)
        report.stats.add(contents.stats)
        captions.update(contents.captions)
        data.merge(as_packaged(folder.resolve().name, contents.captions, repeats))
    _regularisation(project, report, data)
    for file in _configs(project, config):
        report.problems += check_config_file(
            file, data=data, captions=captions, sizes=report.stats.sizes
        )
    return report


def _linter(project: Project, config: Path | None, report: CheckReport) -> Linter:
    """Return the linter that knows the project's trigger, dictionary and config."""
    from bespoke_gui.core.lint_ignored import read_ignored
    from bespoke_gui.core.lint_project import project_context
    from bespoke_gui.core.lints import Context, Linter

    chosen = None
    with contextlib.suppress(AppError):  # a config that cannot be read is a finding of its own
        chosen = TrainingConfig.load(config) if config else None
    try:
        return Linter(project_context(project, chosen), ignored=read_ignored(project.folder))
    except AppError as error:
        report.problems.append(problem_from(error, "bad_project"))
        return Linter(Context(project.separator))


def _regularisation(project: Project, report: CheckReport, data: TrainData) -> None:
    """Count and decode regularisation images; they need no captions."""
    for folder, repeats in project.reg_dirs:
        try:
            dataset = scan(folder, project.caption_extension)
        except AppError as error:
            report.problems.append(problem_from(error, "bad_dataset"))
            continue
        dataset.items = dataset.used
        report.stats.regularisation += len(dataset.items)
        report.problems += [*dataset.problems, *look_at_images(dataset, Stats())]
        found = as_packaged(folder.resolve().name, [item.name for item in dataset.items], repeats)
        data.merge(TrainData("", regularisation=found.folders, other=found.other))


def _configs(project: Project, config: Path | None) -> list[Path]:
    return [config] if config else sorted(project.configs_dir.glob("*.toml"))


def _dataset_folder(path: Path, config: Path | None, progress: Progress | None) -> CheckReport:
    from bespoke_gui.core.health.findings import health_findings

    contents = read_contents(path, ".txt", ",", progress, native=0)
    found = contents.problems + health_findings(contents.facts)
    report = CheckReport("dataset", found, contents.stats)
    if not contents.stats.images:
        message, hint = "holds no images", "name the folder that holds your images"
        report.problems.append(Problem("no_images", "error", message, str(path), hint))
    if config is not None:
        report.problems += check_config_file(
            config,
            data=_as_trained(path.resolve(), config, contents.captions),
            captions=contents.captions,
            sizes=contents.stats.sizes,
        )
    return report


def _as_trained(folder: Path, config: Path, captions: Iterable[str]) -> TrainData:
    """Return what the trainer finds in a folder that is to be packaged, or is laid out already.

    A config beside the folder that names it is a package made by hand: it is taken as it stands.
    """
    with contextlib.suppress(AppError):  # a config that cannot be read is a finding of its own
        named = str(TrainingConfig.load(config).get("train_data_dir") or "")
        beside = config.resolve().parent == folder.parent
        if beside and PurePosixPath(named).name == folder.name:
            return read_train_folder(folder)
    return as_packaged(folder.name, captions)
