"""Plan of a package: what will lie in it, decided before a byte is written."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from bespoke_gui.core.config.compare import Change
from bespoke_gui.core.config.train_data import is_trainer_image
from bespoke_gui.core.config.trainer_config import TrainingConfig
from bespoke_gui.core.errors import AppError, Problem
from bespoke_gui.core.package_config import PackagedConfig, file_of, packaged_config
from bespoke_gui.core.package_layout import (
    CONFIG_NAME,
    DATA_NAME,
    LAYOUTS,
    README_NAME,
    REG_NAME,
    SCRIPT_NAME,
    safe_name,
)
from bespoke_gui.core.package_script import Contents, Folder, readme, run_script
from bespoke_gui.core.package_secrets import is_local_path
from bespoke_gui.core.package_sources import members_of, regularisation_of, sources_of
from bespoke_gui.core.project import find_project, is_project, open_project

SCHEMA = 2
Content = Path | bytes
FileKey = tuple[str, int, int]  # a file, when it was written, its bytes


@dataclass
class PackagePlan:
    """What a package will hold. members: a file or its bytes, by name in the zip, in order.

    config: as it will be packed; changes: what reads differently in it; problems: what a person
    should know. The manifest comes on top when the package is written.
    """

    top: str
    members: dict[str, Content]
    config: TrainingConfig
    contents: Contents
    changes: list[Change] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def key(self, name: str) -> FileKey | None:
        """Return what tells whether a member's file is the same as before, None if it has none."""
        content = self.members[name]
        try:
            stat = content.stat() if isinstance(content, Path) else None
        except OSError:
            stat = None
        return (str(content), stat.st_mtime_ns, stat.st_size) if stat else None

    def read(self, name: str) -> bytes:
        """Return the bytes of a member. Raises AppError."""
        content = self.members[name]
        if isinstance(content, bytes):
            return content
        try:
            return content.read_bytes()
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise AppError(f"cannot be read: {reason}", file=content) from error

    @property
    def images(self) -> int:
        """Images that are taught."""
        return self.contents.images

    @property
    def captions(self) -> int:
        """Captions of those images."""
        return sum(folder.captions for folder in self.contents.folders)

    @property
    def regularisation(self) -> int:
        """Images kept apart, against over-fitting."""
        return sum(folder.images for folder in self.contents.regularisation)


def plan_package(
    dataset_dir: Path,
    config_path: Path,
    layout: str = "runpod",
    name: str = "",
    *,
    repeats: int = 0,
    class_word: str = "",
    caption_extension: str = ".txt",
) -> PackagePlan:
    """Decide what a package of a dataset (or project) folder and a config will hold.

    The same arguments as `build_package`. Raises AppError where no package can be made.
    """
    dataset_dir = Path(dataset_dir)
    top = safe_name(name or _layout_name(layout))
    config = TrainingConfig.load(Path(config_path))
    problems: list[Problem] = []
    extension = _extension(dataset_dir, caption_extension)
    sources = sources_of(dataset_dir, repeats, class_word, extension, problems)
    if not any(source.items for source in sources):
        raise AppError("holds no images", file=dataset_dir, kind="no_data")
    named = str(config.get("reg_data_dir") or "")
    apart = regularisation_of(
        dataset_dir, file_of(config, named) if is_local_path(named) else None, problems
    )
    made = packaged_config(config, top, extension, any(source.items for source in apart))
    members: dict[str, Content] = {}
    members |= members_of(sources, f"{top}/{DATA_NAME}")
    members |= members_of(apart, f"{top}/{REG_NAME}")
    members |= {f"{top}/{given}": path for given, path in made.files.items()}
    contents = Contents(
        str(made.config.get("output_name") or top),
        top,
        _folders(members, f"{top}/{DATA_NAME}/"),
        _folders(members, f"{top}/{REG_NAME}/"),
        sorted(made.files),
        made.needed,
        _environment(made),
    )
    members |= _texts(top, made.config, contents)
    found = [*problems, *made.problems]
    ordered = dict(sorted(members.items()))
    return PackagePlan(top, ordered, made.config, contents, made.changes, found)


def manifest_text(plan: PackagePlan, files: dict[str, dict[str, str | int]], version: str) -> str:
    """Return the manifest: what the package holds; `files` by name below its top folder."""
    apart = plan.regularisation
    contents: dict[str, Any] = {
        "schema": SCHEMA,
        "bespoke": version,
        "package": plan.top,
        "images": plan.images,
        "captions": plan.captions,
        **({"regularisation": apart} if apart else {}),
        "files": files,
    }
    return canonical_json({**contents, "checksum": checksum(contents)})


def canonical_json(data: Mapping[str, Any]) -> str:
    """Return the one form in which a manifest is written, so that any other was not ours."""
    return json.dumps(data, indent=1, ensure_ascii=False) + "\n"


def checksum(contents: Mapping[str, Any]) -> str:
    """Return the SHA-256 of all that a manifest says beside its own checksum."""
    rest = {key: value for key, value in contents.items() if key != "checksum"}
    return hashlib.sha256(canonical_json(rest).encode("utf-8")).hexdigest()


def _layout_name(layout: str) -> str:
    if layout not in LAYOUTS:
        hint = f"choose one of: {', '.join(LAYOUTS)}"
        raise AppError(f"there is no layout {layout!r}", hint=hint, kind="usage")
    return LAYOUTS[layout]


def _extension(folder: Path, given: str) -> str:
    """A project says itself how its captions end."""
    project = open_project(folder) if is_project(folder) else find_project(folder)
    return project.caption_extension if project and given == ".txt" else given


def _environment(made: PackagedConfig) -> list[str]:
    """Variables that stand for the secrets left out."""
    hints = [p.hint for p in made.problems if p.code == "secret_left_out"]
    found = (re.search(r"export (\w+)=", hint) for hint in hints)
    return [match[1] for match in found if match]


def _texts(top: str, config: TrainingConfig, contents: Contents) -> dict[str, Content]:
    return {
        f"{top}/{CONFIG_NAME}": config.text().encode("utf-8"),
        f"{top}/{SCRIPT_NAME}": run_script(config, contents).encode("utf-8"),
        f"{top}/{README_NAME}": readme(config, contents).encode("utf-8"),
    }


def _folders(members: Iterable[str], prefix: str) -> list[Folder]:
    """Count images and captions of each `<repeats>_<class>` folder below `prefix`."""
    images: dict[str, int] = {}
    captions: dict[str, int] = {}
    for name in members:
        if name.startswith(prefix):
            path = PurePosixPath(name)
            counts = images if is_trainer_image(path.name) else captions
            counts[path.parent.name] = counts.get(path.parent.name, 0) + 1
    return [
        Folder(name, int(name.split("_")[0]), count, captions.get(name, 0))
        for name, count in sorted(images.items())
    ]
