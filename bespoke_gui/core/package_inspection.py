"""Inspection: what verifying a package found, and the figures of its data."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bespoke_gui.core.errors import Problem

if TYPE_CHECKING:
    from bespoke_gui.core.config.train_data import TrainData
    from bespoke_gui.core.config.trainer_config import TrainingConfig
    from bespoke_gui.core.package_script import Folder


@dataclass(frozen=True)
class Seen:
    """One image as it was judged: size in pixels, None where it cannot be read."""

    problems: list[Problem]
    bytes: int = 0
    size: tuple[int, int] | None = None
    format: str = ""


@dataclass
class Inspection:
    """What verifying found: problems, and the figures of the data.

    folders, apart: what the trainer finds to teach and to balance with; sha256: the zip's.
    """

    problems: list[Problem] = field(default_factory=list)
    images: int = 0
    captions: int = 0
    sizes: Counter[tuple[int, int]] = field(default_factory=Counter)
    formats: Counter[str] = field(default_factory=Counter)
    bytes: int = 0
    texts: dict[str, str | None] = field(default_factory=dict)
    regularisation: int = 0
    folders: list[Folder] = field(default_factory=list)
    apart: list[Folder] = field(default_factory=list)
    data: TrainData | None = None
    config: TrainingConfig | None = None
    sha256: str = ""

    @property
    def ok(self) -> bool:
        """Whether it would train: no finding is an error."""
        return not any(problem.severity == "error" for problem in self.problems)

    def take(self, seen: Seen) -> None:
        """Count an image that is taught."""
        self.problems += seen.problems
        self.bytes += seen.bytes
        if seen.size:
            self.sizes[seen.size] += 1
            self.formats[seen.format] += 1
