"""Archive: one small zip of the code that runs on another machine, the same bytes every time."""

from __future__ import annotations

import ast
import gc
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bespoke_gui.core.atomic import replacing
from bespoke_gui.core.package_zip import CanonicalZip, order
from bespoke_gui.core.resources import resource
from bespoke_gui.launch.engine_env import source_root

PACKAGE = "bespoke_gui"
ENGINES = f"{PACKAGE}.engines"
EMBEDDED_BASE = "embedded_base"


@dataclass(frozen=True)
class Archive:
    """A zip on this computer: its SHA-256 names the folder it is unpacked to there."""

    path: Path
    sha256: str
    size: int


def write_archive(folder: Path, with_base: bool) -> Archive:
    """Write the archive into `folder`; `with_base` adds the embedded base model.

    Raises AppError when a file of this installation is missing or the disk is full.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / ("code_and_base.zip" if with_base else "code.zip")
    with replacing(path, flush=False) as file:
        packed = CanonicalZip(file)
        for name, source in sorted(archive_files(with_base).items(), key=lambda it: order(it[0])):
            packed.add(name, source.read_bytes())
        packed.close()
    return Archive(path, packed.sha256, path.stat().st_size)


def archive_files(with_base: bool) -> dict[str, Path]:
    """Return what is sent, by its name in the zip: code, and the base model where asked."""
    root = source_root()
    found = {path.relative_to(root).as_posix(): path for path in needed_code(root)}
    if with_base:
        base = resource(EMBEDDED_BASE)
        for path in sorted(base.rglob("*")):
            if path.is_file():
                inside = path.relative_to(base).as_posix()
                found[f"{PACKAGE}/resources/{EMBEDDED_BASE}/{inside}"] = path
    return found


def needed_code(root: Path) -> set[Path]:
    """Return the engines and every file of ours that they import, at whatever depth."""
    found: set[Path] = set()
    waiting = list((root / PACKAGE / "engines").rglob("*.py"))
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting += [file for name in imported(path) for file in _files_of(root, name)]
    return found


def imported(path: Path) -> Iterator[str]:
    """Yield every name of ours that a file imports, inside functions too, not for types alone."""
    waiting: list[ast.AST] = [_parsed(path.read_text(encoding="utf-8"))]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            waiting += node.orelse
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if _ours(alias.name))
        elif isinstance(node, ast.ImportFrom) and node.module and _ours(node.module):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        waiting += ast.iter_child_nodes(node)


def _parsed(text: str) -> ast.AST:
    """Parse with the garbage collector at rest: finalizers that run in the middle make Python 3.11
    raise SystemError ("AST constructor recursion depth mismatch"), as lost connections have shown.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        return ast.parse(text)
    finally:
        if collecting:
            gc.enable()


def _ours(name: str) -> bool:
    return name.split(".")[0] == PACKAGE


def _files_of(root: Path, name: str) -> Iterator[Path]:
    """The file of a module, those of the packages it lies in; a name in a module is that module."""
    parts = name.split(".")
    for end in range(1, len(parts) + 1):
        place = root.joinpath(*parts[:end])
        for path in (place / "__init__.py", place.with_suffix(".py")):
            if path.is_file():
                yield path
