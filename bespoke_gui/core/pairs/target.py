"""Where pairs lie: the dataset folders behind a project or folder, and the names used for them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bespoke_gui.core.dataset import CAPTION_EXTENSION, Item, scan_folder
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.excluded import joined
from bespoke_gui.core.project import Project, complete_pairs, find_project
from bespoke_gui.core.project_data import prefixes

NO_SUCH_IMAGE = "name it relative to the folder, with its suffix"


@dataclass(frozen=True)
class Place:
    """One dataset folder. `prefix`: what the names of its images begin with in the whole set.

    `key`: what they begin with in the history, which differs when a folder of a project is named
    by itself.
    """

    folder: Path
    prefix: str = ""
    key: str = ""


@dataclass(frozen=True)
class Pairs:
    """All pairs of a project or folder; `home` is the folder whose .bespoke keeps their history."""

    home: Path
    places: tuple[Place, ...]
    extension: str = CAPTION_EXTENSION
    project: Project | None = None

    def find(self, name: str) -> tuple[Place, str]:
        """Return in which folder an image lies, and its name there. Raises AppError (usage)."""
        for place in self.places:
            if not place.prefix:
                return place, name
            if name.startswith(f"{place.prefix}/"):
                return place, name.removeprefix(f"{place.prefix}/")
        known = ", ".join(place.prefix for place in self.places)
        hint = f"names begin with one of: {known}"
        raise AppError(f"there is no image {name}", file=self.home, hint=hint, kind="usage")

    def items(self) -> dict[str, Item]:
        """Return every image by its name in the whole set, excluded ones flagged."""
        return {
            joined(place.prefix, item.name): item
            for place in self.places
            for item in scan_folder(place.folder, self.extension).items
        }


def open_pairs(path: Path) -> Pairs:
    """Find the dataset folders of a project, or of the dataset folder given itself. AppError."""
    path = Path(path)
    if not path.is_dir():
        raise AppError("is not a folder", file=path, hint="name a project or a dataset folder")
    path = path.absolute()
    project = find_project(path)
    if project is None:
        complete_pairs(path)
        return Pairs(path, (Place(path),))
    named = prefixes(project)
    if path == project.folder:
        places = tuple(Place(folder, prefix, prefix) for folder, prefix in named.items())
        return Pairs(project.folder, places, project.caption_extension, project)
    for folder, prefix in named.items():
        if folder.resolve() == path.resolve():
            place = Place(path, "", prefix)
            return Pairs(project.folder, (place,), project.caption_extension, project)
    return Pairs(path, (Place(path),))
