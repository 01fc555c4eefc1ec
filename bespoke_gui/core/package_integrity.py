"""Is a package as it was made? Every file against the manifest, and every byte of the zip."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

from bespoke_gui.core.errors import AppError, Problem, problem_from
from bespoke_gui.core.package_layout import MANIFEST_NAME
from bespoke_gui.core.package_plan import canonical_json, checksum
from bespoke_gui.core.package_tree import Tree, ZipTree


class Report(Protocol):
    """Where findings go; `sha256` is that of a zip."""

    problems: list[Problem]
    sha256: str


def integrity(tree: Tree, report: Report) -> None:
    """Add what was changed since the package was made, and the SHA-256 of a zip."""
    manifests = [name for name in tree.names() if _is_manifest(name)]
    for name in manifests:
        report.problems += _against_manifest(tree, name)
    if isinstance(tree, ZipTree):
        report.sha256 = sha256_of(tree.path)
        if manifests:
            report.problems += _stray_bytes(tree, manifests[0])


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file; raises AppError when it cannot be read."""
    try:
        with Path(path).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise AppError(f"cannot be read: {reason}", file=path) from error


def read_manifest(tree: Tree) -> dict[str, Any] | None:
    """Return the manifest of a package, None where there is none that can be read."""
    for name in tree.names():
        if _is_manifest(name):
            try:
                return _parsed(tree.read(name))
            except (AppError, ValueError):
                return None
    return None


def _is_manifest(name: str) -> bool:
    return name.rpartition("/")[2] == MANIFEST_NAME and name.count("/") <= 1


def _stray_bytes(tree: ZipTree, manifest: str) -> Iterator[Problem]:
    """Compare a zip of ours with the only one that Bespoke would write of these files."""
    try:
        ours = "bespoke" in _parsed(tree.read(manifest))
    except (AppError, ValueError):
        return  # told already
    where = tree.stray_byte() if ours else ""
    if not where:
        return
    if tree.is_repacked:
        message = "was packed again by another program after Bespoke made it"
        hint = "its files were compared with the manifest's hashes all the same"
        yield Problem("repacked", "info", message, str(tree.path), hint)
    else:
        message = f"was changed after it was made: {where}"
        hint = "copy it again, or make it again"
        yield Problem("damaged_zip", "error", message, str(tree.path), hint)


def _against_manifest(tree: Tree, manifest: str) -> Iterator[Problem]:
    prefix = manifest.removesuffix(MANIFEST_NAME)
    try:
        data = tree.read(manifest)
    except AppError as error:
        yield problem_from(error, "damaged_file", manifest)
        return
    try:
        parsed = _parsed(data)
        listed = _listed(parsed)
    except ValueError as error:
        yield Problem("bad_manifest", "warning", f"cannot be read: {error}", manifest)
        return
    if not _is_as_made(parsed, data):
        message = "was changed after packaging, so that it proves nothing"
        yield Problem("changed_file", "warning", message, manifest, "package it again")
    names = tree.names()
    inside = {name.removeprefix(prefix) for name in names if name.startswith(prefix)}
    for name in sorted(set(listed) | (inside - {MANIFEST_NAME})):
        if name not in inside:
            message = "is in the manifest but not in the package"
            yield Problem("lost_file", "error", message, prefix + name, "package it again")
        elif name not in listed:
            message = "was added after packaging"
            yield Problem("added_file", "info", message, prefix + name)
        else:
            yield from _compared(tree, prefix + name, listed[name])


def _is_as_made(parsed: dict[str, Any], data: bytes) -> bool:
    """Whether a manifest is, byte for byte, what Bespoke wrote."""
    written = canonical_json(parsed).encode("utf-8")
    return written == data and parsed.get("checksum") == checksum(parsed)


def _compared(tree: Tree, name: str, digest: str) -> Iterator[Problem]:
    try:
        same = hashlib.sha256(tree.read(name)).hexdigest() == digest
    except AppError as error:
        yield problem_from(error, "damaged_file", name)
        return
    if not same:
        message, hint = "was changed after packaging", "package it again if you did not mean to"
        yield Problem("changed_file", "warning", message, name, hint)


def _parsed(data: bytes) -> dict[str, Any]:
    """Return a manifest; raises ValueError when it is none."""
    try:
        parsed: Any = json.loads(data.decode("utf-8"))
    except RecursionError as error:
        raise ValueError("it is nested too deep") from error
    if not isinstance(parsed, dict):
        raise ValueError("it is no manifest of Bespoke")
    return parsed


def _listed(parsed: dict[str, Any]) -> dict[str, str]:
    try:
        return {str(name): str(entry["sha256"]) for name, entry in parsed["files"].items()}
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError("it is no manifest of Bespoke") from error
