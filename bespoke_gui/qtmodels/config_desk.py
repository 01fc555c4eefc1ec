"""Config desk: the configs of the open project, the one that is edited, and what is unsaved."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QCoreApplication, QObject, QTimer, Signal

from bespoke_gui.core.config import files
from bespoke_gui.core.config.files import Binned
from bespoke_gui.core.config.fixes import Fix
from bespoke_gui.core.config.presets import Preset, presets
from bespoke_gui.core.config.trainer_config import TrainingConfig
from bespoke_gui.core.errors import AppError, Problem, problem_from
from bespoke_gui.core.project import Project
from bespoke_gui.qtmodels.config_document import ConfigDocument
from bespoke_gui.qtmodels.config_drafts import Draft, digest, keep_drafts, read_drafts
from bespoke_gui.qtmodels.preflight_model import PreflightModel
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.qtmodels.tasks import run_task

T = TypeVar("T")
DRAFT_MS = 500
SOURCE = "config editor"


class ConfigDesk(QObject):
    """What the pages of the Train room share about configs.

    `opened`: another config (or none) is the open one; `edited`: its text is another; `listed`:
    files came, went, or changed their state; `key_wanted`: show the field of an option;
    `binned` carries what can be brought back.
    """

    opened = Signal()
    edited = Signal()
    listed = Signal()
    key_wanted = Signal(str)
    binned = Signal(object)

    def __init__(
        self, session: Session, preflight: PreflightModel, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.session = session
        self.preflight = preflight
        self.paths: list[Path] = []
        self.document: ConfigDocument | None = None
        self.chosen: Path | None = None
        self.problem: Problem | None = None
        self._open: dict[Path, ConfigDocument] = {}
        self._saving: set[ConfigDocument] = set()
        self._waiting: dict[ConfigDocument, Callable[[], object] | None] = {}
        self._drafts: dict[str, Draft] = {}
        self._project: Project | None = None
        self._draft_timer = QTimer(self, singleShot=True, interval=DRAFT_MS)
        self._draft_timer.timeout.connect(self._write_drafts)
        application = QCoreApplication.instance()
        if application is not None:
            application.aboutToQuit.connect(self.flush)

    # -- what is open ---------------------------------------------------------------------------

    @property
    def config(self) -> TrainingConfig | None:
        """The open config as the trainer would read it, None while it is no TOML."""
        document = self.document
        return document.config if document and document.bad_line is None else None

    @property
    def broken(self) -> Problem | None:
        """Why there is nothing to train with: the file or its text cannot be read."""
        document = self.document
        if document is None or document.bad_line is None:
            return self.problem
        return Problem("unreadable", "error", document.bad_line.message, str(document.path))

    def is_of(self, project: Project) -> bool:
        """Whether the configs are those of this project."""
        return _folder(project) == _folder(self._project)

    def is_unsaved(self, path: Path) -> bool:
        """Whether a config has edits that are not in its file."""
        document = self._open.get(path)
        return document.unsaved if document else path.name in self._drafts

    def unsaved(self) -> list[Path]:
        """Return the configs with edits that are not in their files."""
        return [path for path in self.paths if self.is_unsaved(path)]

    def take_files(self, project: Project | None, paths: list[Path]) -> None:
        """Take over which files there are; the open one stays open where it is still there."""
        if _folder(project) != _folder(self._project):
            self.flush()
            self._forget()
            self._drafts = read_drafts(project.bespoke_dir) if project else {}
        self._project = project
        self.paths = list(paths)
        for gone in [path for path in self._open if path not in paths]:
            # Edits of a file that another program took away stay open, to be saved again.
            if self._open[gone].unsaved:
                self.paths.append(gone)
            else:
                self._close(gone)
        self.listed.emit()

    def open(self, path: Path | None) -> None:
        """Make a config the open one; edits of the others stay where they are."""
        document, self.problem = None, None
        self.chosen = path
        if path is not None:
            try:
                document = self._open.get(path) or self._read(path)
            except AppError as error:
                self.problem = problem_from(error)
                self.session.show_error(error)
        self.document = document
        self.opened.emit()
        self.listed.emit()

    def look(self) -> None:
        """See in the background whether another program changed, added or took away a file."""
        project, documents = self._project, list(self._open.values())
        if project is None:
            return
        paths = [document.path for document in documents]
        known = [document.on_disk for document in documents]

        def read() -> tuple[list[Path], list[bytes | None]]:
            return files.config_files(project.configs_dir), [_quietly(path) for path in paths]

        def seen(found: tuple[list[Path], list[bytes | None]]) -> None:
            if not self.is_of(project):
                return
            for document, path, base, data in zip(documents, paths, known, found[1], strict=True):
                # While a save is on its way, or since one, what was read says nothing.
                is_quiet = document not in self._saving and document.on_disk is base
                if is_quiet and self._open.get(path) is document:
                    with contextlib.suppress(AppError):
                        document.look_at(data)
            if set(found[0]) - set(self.paths) or set(self.paths) - {*found[0], *self._open}:
                self.take_files(project, found[0])

        run_task(read, seen, parent=self)

    # -- edits ----------------------------------------------------------------------------------

    def attempt(self, work: Callable[[ConfigDocument], object]) -> bool:
        """Let `work` edit the open document; what goes wrong is told in words."""
        try:
            if self.document is not None:
                work(self.document)
        except AppError as error:
            self.session.show_error(error)
            return False
        return True

    def fix(self, fix: Fix) -> None:
        """Mend a finding of the open config."""
        self.attempt(lambda document: document.fix(fix))

    def fix_all(self) -> None:
        """Make every plain fix of the open config in the background, as one step of undo."""
        document = self.document

        def done(before: str, after: str, count: int) -> None:
            if document is not None and document is self.document and document.text == before:
                document.set_text(after)
                words = f"{count} finding{'' if count == 1 else 's'} mended. Undo brings all back."
                self.session.notify("good", words)

        self.preflight.mend(done)

    # -- files ----------------------------------------------------------------------------------

    def save(self, done: Callable[[], object] | None = None) -> None:
        """Write the open config and keep its texts in the history; `done` when it is written."""
        document, project = self.document, self._project
        if document is None or project is None:
            return
        if document.bad_line is not None:
            text = f"{document.name} is not saved: line {document.bad_line.line} is no TOML yet."
            self.session.notify("warning", f"{text} The text is kept as a draft.")
            return
        if document in self._saving:
            self._waiting[document] = done
        else:
            self._write(document, project.folder, done)

    def revert(self) -> None:
        """Go back to what the file holds, as a step that undo takes back."""
        self.attempt(lambda document: document.set_text(document.saved))

    def load_theirs(self) -> None:
        """Show what another program wrote; undo brings the own text back."""
        self.attempt(lambda document: document.load(files.read_bytes(document.path) or b""))

    def keep_mine(self) -> None:
        """Go on with the own text, though another program wrote the file."""
        self.attempt(lambda document: document.keep_mine(files.read_bytes(document.path)))

    def add(self, stem: str, text: str, source: str) -> Path | None:
        """Make a new config from a text and open it."""
        project = self._project
        if project is None:
            return None
        path = self._told(
            lambda: files.add_config(project.folder, project.configs_dir, stem, text, source)
        )
        if path is not None:
            self._refill(path)
        return path

    def presets(self) -> list[Preset]:
        """Return the configs to begin with."""
        return list(presets().values())

    def add_preset(self, name: str) -> Path | None:
        """Make a new config from a preset, named after the project, and open it."""
        project, one = self._project, presets()[name]
        if project is None:
            return None
        output = "".join(sign if sign.isalnum() else "_" for sign in project.name.casefold())
        text = one.config(output_name=f"{output.strip('_')}_{one.size}").text()
        return self.add(one.name, text, f"preset {one.name}")

    def duplicate(self) -> Path | None:
        """Make a copy of the open config as it is now, and open it."""
        document = self.document
        if document is None:
            return None
        return self.add(document.name, document.text, f"copy of {document.name}")

    def rename(self, stem: str) -> None:
        """Give the open config another name; edits and history go with it."""
        document, project = self.document, self._project
        if document is None or project is None:
            return
        old = document.path
        path = self._told(lambda: files.rename_config(project.folder, old, stem))
        if path is not None:
            self._open[path] = self._open.pop(old)
            document.moved(path)
            self.chosen = path
            self._draft_timer.start()
            self._refill(path)

    def remove(self) -> None:
        """Move the open config into the project's bin; `binned` offers to bring it back."""
        document, project = self.document, self._project
        if document is None or project is None:
            return
        binned = self._told(lambda: files.bin_config(project.folder, document.path))
        if binned is not None:
            place = self.paths.index(binned.was) if binned.was in self.paths else 0
            if document.unsaved:
                self._drafts[binned.was.name] = _draft(document)
            self._close(binned.was)
            left = [path for path in self.paths if path != binned.was]
            self._refill(left[min(place, len(left) - 1)] if left else None)
            self.binned.emit(binned)

    def bring_back(self, binned: Binned) -> None:
        """Bring a config back from the bin and open it."""
        path = self._told(lambda: files.unbin_config(binned))
        if path is not None:
            self._refill(path)

    def flush(self) -> None:
        """Keep the drafts now: the window is about to close, or another project opens."""
        if self._draft_timer.isActive():
            self._draft_timer.stop()
            if self._project is not None:
                with contextlib.suppress(AppError, OSError):
                    keep_drafts(self._project.bespoke_dir, self._all_drafts())

    # -- inside ---------------------------------------------------------------------------------

    def _write(
        self, document: ConfigDocument, project: Path, done: Callable[[], object] | None
    ) -> None:
        """Write in the background; a save that is asked for meanwhile comes right after."""
        data, path, base = document.encoded(), document.path, document.on_disk
        self._saving.add(document)

        def written(_: object) -> None:
            if self._open.get(document.path) is document:
                document.was_saved(data)
            self._draft_timer.start()
            self.listed.emit()
            if done is not None:
                done()

        def failed(error: Exception) -> None:
            self._saving.discard(document)
            self.look()
            self.session.show_error(error)

        def ended() -> None:
            self._saving.discard(document)
            if document in self._waiting:
                again = self._waiting.pop(document)
                if document is self.document:
                    self.save(again)

        run_task(
            lambda: files.write_config(project, path, data, base, SOURCE),
            written, failed, parent=self, ended=ended,
        )  # fmt: skip

    def _told(self, work: Callable[[], T]) -> T | None:
        try:
            return work()
        except AppError as error:
            self.session.show_error(error)
            return None

    def _refill(self, path: Path | None) -> None:
        if self._project is not None:
            self.take_files(self._project, files.config_files(self._project.configs_dir))
        self.open(path)

    def _read(self, path: Path) -> ConfigDocument:
        data = files.read_bytes(path)
        if data is None:
            raise AppError("is gone", file=path, hint="look into the bin, or make it anew")
        document = ConfigDocument(path, data, self)
        draft = self._drafts.pop(path.name, None)
        if draft is not None:
            document.set_text(draft.text)
            document.disk_changed = draft.base != digest(data)
        self._open[path] = document
        document.edited.connect(lambda: self._on_edited(document))
        document.state_changed.connect(self.listed)
        return document

    def _on_edited(self, document: ConfigDocument) -> None:
        self._draft_timer.start()
        if document is self.document:
            self.edited.emit()

    def _close(self, path: Path) -> None:
        document = self._open.pop(path, None)
        if document is not None:
            if document is self.document:
                self.document = None
            document.deleteLater()
        self._draft_timer.start()

    def _forget(self) -> None:
        for path in list(self._open):
            self._close(path)
        self._draft_timer.stop()
        self.paths, self.chosen, self.problem = [], None, None
        self.opened.emit()

    def _all_drafts(self) -> dict[str, Draft]:
        found = dict(self._drafts)
        for path, document in self._open.items():
            if document.unsaved:
                found[path.name] = _draft(document)
        return found

    def _write_drafts(self) -> None:
        project, drafts = self._project, self._all_drafts()
        if project is not None:
            run_task(
                lambda: keep_drafts(project.bespoke_dir, drafts),
                failed=self.session.show_error, parent=self,
            )  # fmt: skip


def _folder(project: Project | None) -> Path | None:
    return project.folder if project else None


def _draft(document: ConfigDocument) -> Draft:
    return Draft(document.text, digest(document.on_disk))


def _quietly(path: Path) -> bytes | None:
    try:
        return files.read_bytes(path)
    except AppError:
        return None
