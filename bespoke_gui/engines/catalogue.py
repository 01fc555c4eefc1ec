"""Catalogue of engines: each registers itself in its own file of this package."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bespoke_gui.core.registry import Registry
from bespoke_gui.engines.context import RunContext


@dataclass(frozen=True)
class Engine:
    """What a run can ask for by name. `run` returns fields for exit.json.

    `packages` are the import names it needs; they are looked for before `run` is called, and
    `run` imports them itself, so that listing engines costs nothing.
    """

    name: str
    title: str
    packages: tuple[str, ...]
    run: Callable[[RunContext], dict[str, Any]]


ENGINES: Registry[Engine] = Registry("engine", "bespoke_gui.engines")
