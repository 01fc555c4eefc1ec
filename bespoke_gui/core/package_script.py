"""The run script and the README of a package, made from its config and what it holds."""

from __future__ import annotations

import math
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from string import Template

from bespoke_gui import __version__
from bespoke_gui.core.config.disk import disk_needed
from bespoke_gui.core.config.options import option_table
from bespoke_gui.core.config.schedule import Plan, checkpoint_name, plan
from bespoke_gui.core.config.train_data import regularisation_shown
from bespoke_gui.core.config.trainer_config import TrainingConfig
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.resources import resource

# Gigabytes: Stable Diffusion 1.5 as the hub has it, and the packages of sd-scripts.
BASE_GB, TRAINER_GB = 6.0, 3.0
_SHOWN = 12


@dataclass(frozen=True)
class Folder:
    """A `<repeats>_<class>` folder of a package and how much lies in it."""

    name: str
    repeats: int
    images: int
    captions: int


@dataclass(frozen=True)
class Contents:
    """What script and README are about. folders and regularisation: what is trained on."""

    name: str
    package: str
    folders: list[Folder]
    regularisation: list[Folder]
    files: list[str]
    needed: list[str]
    secrets: list[str]

    @property
    def images(self) -> int:
        """How many images are taught."""
        return sum(folder.images for folder in self.folders)

    @property
    def shown(self) -> int:
        """How many images an epoch shows: images times repeats, and as many to balance them."""
        taught = sum(folder.images * folder.repeats for folder in self.folders)
        apart = {folder.name: folder.images for folder in self.regularisation}
        return taught + regularisation_shown(taught, apart)


def run_script(config: TrainingConfig, contents: Contents) -> str:
    """Return run.sh: values of this package first, then what is the same for all."""
    body = resource("package/run.sh").read_text("utf-8").replace("\r\n", "\n")
    modules = " ".join(shlex.quote(name) for name in _modules(config))
    needed = " ".join(shlex.quote(path) for path in contents.needed)
    head = [
        "#!/usr/bin/env bash",
        "# Trains this package with kohya-ss/sd-scripts and says whether the result is there.",
        f"PACKAGE={shlex.quote(contents.package)}",
        f"IMAGES={contents.images}",
        f"CHECKPOINT={shlex.quote(checkpoint_name(config.values))}",
        f"PRECISION={shlex.quote(str(config.get('mixed_precision') or 'no'))}",
        f"NEEDS_GB={disk_gigabytes(config, contents)}",
        f"COMMIT={option_table().commit}",
        f"BASE={shlex.quote(str(config.get('pretrained_model_name_or_path') or ''))}",
        f"MODULES=({modules})",
        f"NEEDED=({needed})",
        "",
    ]
    return "\n".join(head) + body


def readme(config: TrainingConfig, contents: Contents) -> str:
    """Return README.md with the exact commands and what will come of them."""
    course = course_of(config, contents)
    values = {
        "name": contents.name,
        "version": __version__,
        "package": contents.package,
        "summary": _summary(config, course),
        "extra": "".join(f"├── {name}\n" for name in contents.files),
        "tree": _tree(contents),
        "table": "\n".join(_table(contents)),
        "course": _course(config, course),
        "disk": str(disk_gigabytes(config, contents)),
        "bf16": _bf16(config),
        "needed": _needed(config, contents),
        "commit": option_table().commit,
        "secrets": _secrets(contents),
        "checkpoint": checkpoint_name(config.values),
        "checkpoints": _checkpoints(config, course),
    }
    return Template(resource("package/README.md").read_text("utf-8")).substitute(values)


def course_of(config: TrainingConfig, contents: Contents) -> Plan | None:
    """Return the course of the training, None where the config has none that can be told."""
    try:
        return plan(config.values, max(1, contents.shown))
    except AppError:
        return None


def disk_gigabytes(config: TrainingConfig, contents: Contents) -> int:
    """Return how much disk the training needs, rounded up: base, trainer, checkpoints, states."""
    course = course_of(config, contents)
    own = disk_needed(config.values, course).total if course else 0
    base = 0.0 if contents.needed else BASE_GB
    return math.ceil(TRAINER_GB + base + own / 1e9)


def _modules(config: TrainingConfig) -> list[str]:
    """Python packages that this config asks for beside those of sd-scripts."""
    optimizer = str(config.get("optimizer_type") or "").lower()
    wanted = {
        "xformers": config.get("xformers") is True,
        "bitsandbytes": optimizer.endswith("8bit") or optimizer.startswith("paged"),
        "lion_pytorch": optimizer == "lion",
        "dadaptation": optimizer.startswith("dadapt"),
        "prodigyopt": optimizer == "prodigy",
        "schedulefree": optimizer.endswith("schedulefree"),
        "wandb": str(config.get("log_with") or "") in ("wandb", "all"),
    }
    return [name for name, is_wanted in wanted.items() if is_wanted]


def _summary(config: TrainingConfig, course: Plan | None) -> str:
    size = str(config.get("resolution") or "").replace(",", "x") or "size not set"
    return f"{size}, {course.epochs} epochs" if course else size


def _tree(contents: Contents) -> str:
    parts = [("training_data", contents.folders)]
    if contents.regularisation:
        parts.append(("reg", contents.regularisation))
    lines = []
    for index, (name, folders) in enumerate(parts):
        last = index == len(parts) - 1
        lines.append(f"{'└' if last else '├'}── {name}/")
        for number, folder in enumerate(folders, 1):
            corner = "└" if number == len(folders) else "├"
            counts = f"{folder.images} images, {folder.captions} captions"
            lines.append(f"{' ' if last else '│'}   {corner}── {folder.name}/  ← {counts}")
    return "\n".join(lines)


def _table(contents: Contents) -> Iterator[str]:
    for folder in contents.folders:
        yield (
            f"| training_data/{folder.name} | {folder.images} | {folder.captions} "
            f"| {_times(folder.repeats)} |"
        )
    for folder in contents.regularisation:
        yield f"| reg/{folder.name} | {folder.images} | {folder.captions} | to balance the above |"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _course(config: TrainingConfig, course: Plan | None) -> str:
    if course is None:
        return "The config sets no course that can be told in advance."
    batch = config.get("train_batch_size") or 1
    return (
        f"{course.images} images an epoch, {batch} at a time: {course.steps_per_epoch} steps an "
        f"epoch, {course.epochs} epochs, {course.total_steps} steps."
    )


def _bf16(config: TrainingConfig) -> str:
    wanted = config.get("mixed_precision") == "bf16"
    return ", of the Ampere generation (2020) or newer for bf16" if wanted else ""


def _needed(config: TrainingConfig, contents: Contents) -> str:
    packages = [
        f"- A `{name}` that fits its torch: the config asks for it" for name in _modules(config)
    ]
    lines = packages + [f"- Copy there first: `{path}`" for path in contents.needed]
    return "".join(f"{line}\n" for line in lines)


def _secrets(contents: Contents) -> str:
    if not contents.secrets:
        return ""
    lines = [f"export {name}=...   # left out of the package" for name in contents.secrets]
    return "\nBefore you start, on the machine:\n\n```bash\n" + "\n".join(lines) + "\n```\n"


def _checkpoints(config: TrainingConfig, course: Plan | None) -> str:
    names: Mapping[int, str] = dict(course.checkpoints) if course else {}
    listed = [f"- epoch {epoch}: `{name}`" for epoch, name in names.items()]
    if not listed:
        listed = [f"- `{checkpoint_name(config.values)}`"]
    if len(listed) > _SHOWN:
        listed = [*listed[: _SHOWN - 2], f"- ... {len(listed) - _SHOWN + 1} more", listed[-1]]
    listed[-1] += " (the last epoch has no number)"
    return "\n".join(listed)
