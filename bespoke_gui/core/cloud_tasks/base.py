"""Tasks for other launchers: a package, where it runs, and the files that make a tool train it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bespoke_gui.core.cloud_tasks.wish import TaskWish
from bespoke_gui.core.registry import Registry


@dataclass(frozen=True)
class CloudTask:
    """One tool. `files` returns the texts by file name; the first one is the task itself.

    how: what to do with them, in one line with {file} in it. tested: False where no test of ours
    has ever run what it describes.
    """

    name: str
    title: str
    files: Callable[[TaskWish], Mapping[str, str]]
    how: str
    tested: bool = True


CLOUD_TASKS: Registry[CloudTask] = Registry("cloud task", "bespoke_gui.core.cloud_tasks")
