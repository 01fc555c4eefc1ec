"""An operation on pairs: several files and lists changed as one, also when the program is killed.

What is to be done is written to `.bespoke/pairs.json` before the first file moves. An operation
that fails is taken back; one that was cut off is completed when the project is next opened.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bespoke_gui.core import atomic, captions, processes
from bespoke_gui.core.errors import AppError, Problem
from bespoke_gui.core.pairs.follow import FolderMove, follow, followed_back

FILE_NAME = "pairs.json"
SCHEMA = 1
_running: set[str] = set()
_lock = threading.Lock()


@dataclass(frozen=True)
class TextEdit:
    """A small text file and its text before and after; None where there is no file."""

    path: Path
    before: str | None
    after: str | None


@dataclass
class Operation:
    """What is done as one.

    moves: files and where they go. edits: lists that change with them. keys: history of which
    name belongs to which from now on. folders: the same for all names in a folder, see `follow`.
    stage: a folder of our own that is removed at the end.
    """

    kind: str
    moves: list[tuple[Path, Path]] = field(default_factory=list)
    edits: list[TextEdit] = field(default_factory=list)
    keys: list[tuple[str, str]] = field(default_factory=list)
    folders: list[FolderMove] = field(default_factory=list)
    stage: Path | None = None
    id: str = field(default_factory=lambda: uuid.uuid4().hex)

    def as_dict(self) -> dict[str, Any]:
        """Return the operation as it stands in the journal."""
        return {
            "schema": SCHEMA,
            "id": self.id,
            "kind": self.kind,
            "owner": [os.getpid(), processes.start_time(os.getpid())],
            "stage": str(self.stage) if self.stage else "",
            "moves": [[str(old), str(new)] for old, new in self.moves],
            "edits": [[str(edit.path), edit.before, edit.after] for edit in self.edits],
            "keys": [list(pair) for pair in self.keys],
            "folders": [list(move) for move in self.folders],
        }


def journal_path(home: Path) -> Path:
    """Return where the operation under way is written down."""
    return home / ".bespoke" / FILE_NAME


def begin(home: Path, operation: Operation) -> None:
    """Write down what is going to be done; `end` must follow. Raises AppError when another runs."""
    recover(home)
    path = journal_path(home)
    with _lock:
        if path.exists():
            hint = "wait until it is done, then try again"
            message = "images are being changed here by another program"
            raise AppError(message, file=home, hint=hint, kind="conflict")
        _running.add(operation.id)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            atomic.write_json(path, operation.as_dict())
        except OSError as error:
            _running.discard(operation.id)
            raise _failed(error, path) from error
        except BaseException:
            _running.discard(operation.id)
            raise


def carry_out(home: Path, operation: Operation, begun: bool = False) -> None:
    """Do all of an operation or nothing of it. Raises AppError; everything is then as it was."""
    if begun:
        try:
            atomic.write_json(journal_path(home), operation.as_dict())
        except AppError:
            end(home, operation)
            raise
    else:
        begin(home, operation)
    undo: list[Callable[[], object]] = []
    try:
        _do(home, operation, undo)
    except (OSError, AppError) as error:
        for step in reversed(undo):
            step()
        end(home, operation)
        raise error if isinstance(error, AppError) else _failed(error) from error
    end(home, operation)


def end(home: Path, operation: Operation) -> None:
    """Forget an operation that is done, or was taken back."""
    if operation.stage is not None:
        shutil.rmtree(operation.stage, ignore_errors=True)
    with contextlib.suppress(OSError):
        journal_path(home).unlink()
    _running.discard(operation.id)


def recover(home: Path) -> list[Problem]:
    """Complete an operation that was cut off; return what could not be completed.

    Does nothing while the program that began it is alive.
    """
    path = journal_path(home)
    if not path.exists():
        return []
    operation, owner = _read(path)
    if operation is None:
        with contextlib.suppress(OSError):
            path.replace(path.with_suffix(".unreadable"))
        message = "the note of what was being done to images cannot be read; it was put aside"
        return [Problem("pairs_journal", "warning", message, str(path), "check the last images")]
    if _under_way(operation, owner):
        return []
    problems = _complete(home, operation)
    end(home, operation)
    return problems


def _do(home: Path, operation: Operation, undo: list[Callable[[], object]]) -> None:
    for old, new in operation.moves:
        move(old, new)
        undo.append(lambda old=old, new=new: move(new, old))
    for edit in operation.edits:
        write_edit(edit)
        undo.append(lambda edit=edit: write_edit(TextEdit(edit.path, edit.after, edit.before)))
    if operation.keys or operation.folders:
        undo.append(lambda: followed_back(home, operation.id))
        _follow(home, operation)


def _complete(home: Path, operation: Operation) -> list[Problem]:
    """Do what is left to do; a step that was done already is seen by its result."""
    problems: list[Problem] = []
    steps: list[Callable[[], object]] = [
        *(lambda old=old, new=new: _move_again(old, new) for old, new in operation.moves),
        *(lambda edit=edit: _edit_again(edit) for edit in operation.edits),
        lambda: _follow(home, operation),
    ]
    for step in steps:
        try:
            step()
        except (OSError, AppError) as error:
            message = f"could not be completed after a crash: {getattr(error, 'message', error)}"
            file = str(getattr(error, "file", "") or home)
            problems.append(Problem("pairs_journal", "warning", message, file))
    return problems


def _follow(home: Path, operation: Operation) -> None:
    if operation.keys or operation.folders:
        follow(home, operation.id, operation.keys, operation.folders)


def move(old: Path, new: Path) -> None:
    """Give a file another place, never over another file. Raises OSError."""
    if os.path.lexists(new) and not _same(old, new):
        raise FileExistsError(errno.EEXIST, "there is another file", str(new))
    new.parent.mkdir(parents=True, exist_ok=True)
    try:
        old.rename(new)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        _move_across(old, new)
    atomic.sync_folder(new.parent)


def _move_across(old: Path, new: Path) -> None:
    """Copy to another disk, then remove: the file is whole in one of both places."""
    with old.open("rb") as source, atomic.replacing(new) as target:
        shutil.copyfileobj(source, target)
    old.unlink()


def _same(old: Path, new: Path) -> bool:
    """Whether both names are one file: a change of case where case does not count."""
    with contextlib.suppress(OSError):
        return old.samefile(new) and old.name.casefold() == new.name.casefold()
    return False


def _move_again(old: Path, new: Path) -> None:
    if os.path.lexists(old):
        move(old, new)


def write_edit(edit: TextEdit) -> None:
    """Bring a list from one text to the other; a list changed meanwhile is an AppError."""
    found = captions.read(edit.path)
    now = None if found.missing else found.text
    if now not in (edit.before, _as_read(edit.before)):
        hint = "try again"
        raise AppError("was changed meanwhile", file=edit.path, hint=hint, kind="conflict")
    if edit.after is None:
        edit.path.unlink(missing_ok=True)
    else:
        captions.write(found, edit.after)


def _edit_again(edit: TextEdit) -> None:
    found = captions.read(edit.path)
    now = None if found.missing else found.text
    if now not in (edit.after, _as_read(edit.after)):
        write_edit(edit)


def _as_read(text: str | None) -> str | None:
    """Return a text without its final line end, as a file that holds it is read."""
    return text[:-1] if text and text.endswith("\n") else text


def _read(path: Path) -> tuple[Operation | None, list[Any]]:
    try:
        data = json.loads(path.read_text("utf-8"))
        operation = Operation(
            str(data["kind"]),
            [(Path(old), Path(new)) for old, new in data["moves"]],
            [TextEdit(Path(name), before, after) for name, before, after in data["edits"]],
            [(str(old), str(new)) for old, new in data["keys"]],
            [(str(old), str(new), list(others)) for old, new, others in data["folders"]],
            Path(data["stage"]) if data["stage"] else None,
            str(data["id"]),
        )
        return operation, list(data["owner"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None, []


def _under_way(operation: Operation, owner: list[Any]) -> bool:
    if len(owner) != 2 or not processes.alive(owner[0], owner[1]):
        return False
    return owner[0] != os.getpid() or operation.id in _running


def _failed(error: OSError, path: Path | str = "") -> AppError:
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    reason = (error.strerror or str(error)).lower()
    return AppError(
        f"nothing was changed: {reason}",
        file=path or error.filename2 or error.filename or "",
        hint="free some space" if full else "check your rights to the folder",
        kind="disk_full" if full else "bad_input",
    )
