"""Rule set editor: the rule set being worked on, its file, its drafts and undo."""

from __future__ import annotations

import contextlib
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication, QObject, QTimer, Signal

from bespoke_gui.core import atomic
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.rules.base import ACTIONS
from bespoke_gui.core.rules.document import (
    Checked,
    RuleDocument,
    new_document,
    parse_document,
    read_document,
)
from bespoke_gui.core.rules.ruleset import RuleSet, shipped
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.qtmodels.tasks import run_task

FIRST = "accessories"
DRAFT = "rules_draft.json"
DRAFT_DELAY_MS = 500
MOST_UNDO = 200


@dataclass(frozen=True)
class Choice:
    """One rule set that can be opened; `kind` is "shipped", "project" or "file"."""

    label: str
    path: Path
    kind: str


class RuleSetEditor(QObject):
    """Holds one rule set as a document. What is not saved is kept as a draft in the project.

    `changed` follows every edit, `rebuilt` those that add, take, move or rename rules, and a
    change of the file; `file_changed` says that name, place or saved state may differ.
    """

    changed = Signal()
    rebuilt = Signal()
    file_changed = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.document: RuleDocument = new_document("New rules")
        self.path: Path | None = None
        self.checked: list[Checked] = []
        self._saved = self.document.text
        self._on_disk: bytes | None = None
        self._past: list[str] = []
        self._future: list[str] = []
        self._last_edit: tuple[int, str] | None = None
        self._draft_timer = QTimer(self, singleShot=True, interval=DRAFT_DELAY_MS)
        self._draft_timer.timeout.connect(self._write_draft)
        self._draft_file: Path | None = None
        session.project_changed.connect(self._on_project_changed)
        application = QCoreApplication.instance()
        if application is not None:
            application.aboutToQuit.connect(self.flush)
        self._on_project_changed()

    def choices(self) -> list[Choice]:
        """Return the rule sets at hand: the project's own, then those that travel along."""
        own = sorted(self._folder().glob("*.toml")) if self._folder().is_dir() else []
        found = [Choice(path.stem, path, "project") for path in own]
        found += [Choice(stem, path, "shipped") for stem, path in shipped().items()]
        if self.path is not None and all(choice.path != self.path for choice in found):
            found.append(Choice(self.path.name, self.path, "file"))
        return found

    @property
    def is_shipped(self) -> bool:
        """Whether this set travels with Bespoke: it is saved as a copy in the project."""
        return self.path in shipped().values()

    @property
    def unsaved(self) -> bool:
        """Whether the set differs from its file."""
        return self.document.text != self._saved

    @property
    def name(self) -> str:
        """The set's name."""
        return self.document.name or (self.path.stem if self.path else "New rules")

    def ruleset(self) -> RuleSet:
        """Return the rules that are right, as they are now."""
        ruleset, _ = self.document.ruleset(self.checked)
        ruleset.name = self.name
        return ruleset

    def open(self, path: Path) -> bool:
        """Read a rule set; unsaved edits must have been dealt with. False when it failed."""
        try:
            document = read_document(path)
            data = path.read_bytes()
        except (AppError, OSError) as error:
            self._session.show_error(error)
            return False
        self._take(document, path, data)
        if document.rewritten:
            text = "was written in another form: saving it here loses its comments"
            self._session.notify("warning", f"{path.name} {text}.")
        return True

    def start_new(self) -> None:
        """Begin an empty rule set."""
        self._take(new_document("New rules"), None, None)

    def save(self) -> bool:
        """Write the set to its file; a shipped or new one goes into the project's folder."""
        if self.path is None or self.is_shipped:
            return self.save_as(self._free_path())
        return self._write(self.path)

    def save_as(self, path: Path) -> bool:
        """Write the set to another file, which it has from then on."""
        self._on_disk = path.read_bytes() if path.is_file() else None
        return self._write(path)

    def changed_on_disk(self) -> bool:
        """Whether another program wrote the file since it was read."""
        if self.path is None or self.is_shipped:
            return False
        try:
            return self.path.read_bytes() != self._on_disk
        except OSError:
            return self._on_disk is not None

    def proposal(self) -> Path:
        """Return where the set would be saved under its name."""
        return self._free_path()

    def set(self, index: int, key: str, value: Any) -> None:
        """Give an option of a rule a value; typing in one field is one step of undo."""
        if key == "action":
            self._edit(lambda: self.document.set_action(index, str(value)), None, rebuilt=True)
        else:
            self._edit(lambda: self.document.set(index, key, value), (index, key))

    def set_top(self, key: str, value: Any) -> None:
        """Give a key of the whole set a value: name, description or synonyms."""
        self._edit(lambda: self.document.set_top(key, value), (-1, key))

    def add(self, action: str, after: int = -1) -> int:
        """Put a new rule behind another one (last, without) and return where it stands."""
        values = {o.name: _first(o.kind) for o in ACTIONS[action].options if o.default is None}
        place = len(self.document.blocks) if after < 0 else after + 1
        self._edit(lambda: self.document.add(action, place, **values), None, rebuilt=True)
        return place

    def duplicate(self, index: int) -> int:
        """Copy a rule and return where the copy stands."""
        self._edit(lambda: self.document.duplicate(index), None, rebuilt=True)
        return index + 1

    def delete(self, index: int) -> None:
        """Take a rule out; undo brings it back."""
        self._edit(lambda: self.document.delete(index), None, rebuilt=True)

    def move(self, index: int, to: int) -> int:
        """Put a rule at another place and return where it stands."""
        to = max(0, min(to, len(self.document.blocks) - 1))
        if to != index:
            self._edit(lambda: self.document.move(index, to), None, rebuilt=True)
        return to

    def can_undo(self) -> bool:
        """Whether there is a step to take back."""
        return bool(self._past)

    def can_redo(self) -> bool:
        """Whether there is a step to do again."""
        return bool(self._future)

    def undo(self) -> None:
        """Take the last step back."""
        self._go(self._past, self._future)

    def redo(self) -> None:
        """Do the step again that was taken back."""
        self._go(self._future, self._past)

    def flush(self) -> None:
        """Keep the draft now: the window is about to close, or another project opens."""
        if self._draft_timer.isActive():
            self._draft_timer.stop()
            with contextlib.suppress(AppError, OSError):
                _keep_draft(self._draft_file, self._draft())

    def _edit(self, work: Any, what: tuple[int, str] | None, rebuilt: bool = False) -> None:
        before = self.document.text
        work()
        if self.document.text == before:
            return
        if what is None or what != self._last_edit:
            self._past = [*self._past, before][-MOST_UNDO:]
        self._last_edit, self._future = what, []
        self._tell(rebuilt)

    def _go(self, source: list[str], target: list[str]) -> None:
        if source:
            target.append(self.document.text)
            self.document = parse_document(source.pop())
            self._last_edit = None
            self._tell(rebuilt=True)

    def _tell(self, rebuilt: bool) -> None:
        self.checked = self.document.check()
        self._draft_timer.start()
        if rebuilt:
            self.rebuilt.emit()
        self.changed.emit()
        self.file_changed.emit()

    def _take(self, document: RuleDocument, path: Path | None, data: bytes | None) -> None:
        self.document, self.path, self._on_disk = document, path, data
        self._saved = document.text
        self._past, self._future, self._last_edit = [], [], None
        self._tell(rebuilt=True)

    def _write(self, path: Path) -> bool:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self.document.save(path)
            self._on_disk = path.read_bytes()
        except (AppError, OSError) as error:
            self._session.show_error(error)
            return False
        self.path, self._saved = path, self.document.text
        self._draft_timer.start()
        self.file_changed.emit()
        return True

    def _folder(self) -> Path:
        project = self._session.project
        return project.folder / "rules" if project is not None else Path("rules")

    def _free_path(self) -> Path:
        stem = "".join(c if c.isalnum() or c in "-_" else "_" for c in self.name.strip())[:60]
        names = [stem or "rules", *(f"{stem}_{number}" for number in range(2, 1000))]
        paths = (self._folder() / f"{name}.toml" for name in names)
        return next(path for path in paths if not path.exists())

    def _on_project_changed(self) -> None:
        self.flush()
        project = self._session.project
        self._draft_file = project.bespoke_dir / DRAFT if project is not None else None
        draft = _read_draft(self._draft_file)
        if draft is None or not self._resume(draft):
            self.open(shipped()[FIRST])
        self._draft_timer.stop()

    def _resume(self, draft: dict[str, str]) -> bool:
        """Go on where the program ended; False when that is not possible."""
        path = Path(draft["path"]) if draft["path"] else None
        if not draft["text"]:
            return path is not None and path.is_file() and self.open(path)
        try:
            document = parse_document(draft["text"])
        except AppError:
            return False
        data = path.read_bytes() if path is not None and path.is_file() else None
        self._take(document, path, data)
        self._saved = (data or b"").decode("utf-8", "replace")
        if _digest(data) != draft["base"]:
            # Another program wrote the file since: saving will ask.
            self._on_disk = b""
        self.file_changed.emit()
        return True

    def _draft(self) -> dict[str, str]:
        """Return what is needed to go on: of a saved set only where it lies."""
        text = self.document.text if self.unsaved else ""
        return {"path": str(self.path or ""), "text": text, "base": _digest(self._on_disk)}

    def _write_draft(self) -> None:
        path, draft = self._draft_file, self._draft()
        run_task(lambda: _keep_draft(path, draft), failed=self._session.show_error, parent=self)


def _keep_draft(path: Path | None, draft: dict[str, str]) -> None:
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        atomic.write_text(path, json.dumps(draft))


def _read_draft(path: Path | None) -> dict[str, str] | None:
    try:
        data = json.loads(path.read_text("utf-8")) if path is not None else {}
        return {key: str(data[key]) for key in ("path", "text", "base")}
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _digest(data: bytes | None) -> str:
    return hashlib.sha256(data).hexdigest() if data is not None else ""


def _first(kind: str) -> Any:
    """Return what an option has that must be given, until somebody types."""
    return [] if kind == "list" else ""
