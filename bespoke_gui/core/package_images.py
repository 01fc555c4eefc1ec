"""Images of a package, or of one that is planned: decoded, with what they carry beside pixels."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from bespoke_gui.core.errors import AppError, Problem, problem_from
from bespoke_gui.core.package_inspection import Seen
from bespoke_gui.core.package_plan import FileKey, PackagePlan
from bespoke_gui.core.package_secrets import secrets_in, without_secrets
from bespoke_gui.core.package_tree import MAX_MEMBER, Tree

Looks = dict[tuple[str, FileKey], Seen]


class PlanTree:
    """The files of a package that is not written yet."""

    def __init__(self, plan: PackagePlan, memory: Looks) -> None:
        self.path = Path(plan.top)
        self.problems: list[Problem] = []
        self._plan = plan
        self._memory = memory

    def looked_at(self, name: str, look: Callable[[], Seen]) -> Seen:
        """Return what an image looks like, from memory where its file is the same as then."""
        file = self._plan.key(name)
        if file is None:
            return look()
        key = name, file
        if key not in self._memory:
            self._memory[key] = look()
        return self._memory[key]

    def names(self) -> list[str]:
        """Return the files by name, sorted."""
        return sorted(self._plan.members)

    def read(self, name: str, limit: int = MAX_MEMBER) -> bytes:
        """Return the bytes of a file; raises AppError above `limit` bytes."""
        data = self._plan.read(name)
        if len(data) > limit:
            raise AppError(f"is larger than {limit >> 20} MB", file=name)
        return data


def seen(tree: Tree, name: str) -> Seen:
    """Return an image as it is judged, from memory where it is known already."""
    if isinstance(tree, PlanTree):
        return tree.looked_at(name, lambda: look_at(tree, name))
    return look_at(tree, name)


def look_at(tree: Tree, name: str) -> Seen:
    """Read and decode an image; what is wrong with it is a finding."""
    from bespoke_gui.core.imagefile import load_bytes

    data = b""
    try:
        data = tree.read(name)
        picture = load_bytes(data, Path(name))
    except AppError as error:
        return Seen([problem_from(error, "unreadable_image", name)], len(data))
    info = picture.info
    problems = [replace(problem, file=name) for problem in info.problems]
    problems += _private_metadata(name, picture.image.info)
    return Seen(problems, len(data), (info.width, info.height), info.format)


def _private_metadata(name: str, metadata: Mapping[Any, Any]) -> Iterator[Problem]:
    """Texts inside an image (prompts, settings, paths) travel with it."""
    texts = [value for value in metadata.values() if isinstance(value, str)]
    hint = "prepare the set anew: prepared images carry no texts"
    if any(secrets_in(text) for text in texts):
        yield Problem("secret", "warning", "holds a key in its metadata", name, hint)
    elif any(without_secrets(text)[1] for text in texts):
        message = "names a folder of a computer in its metadata"
        yield Problem("private_metadata", "info", message, name, hint)
