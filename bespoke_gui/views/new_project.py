"""New project: asks for the images, their captions, a name and a place."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QWidget

from bespoke_gui.qtmodels.project_start import create
from bespoke_gui.qtmodels.session import Ask, Session
from bespoke_gui.views.widgets.parts import button, column, field, heading, muted, row


@dataclass(frozen=True)
class NewProject:
    """What the dialog asked for; no captions folder means that they lie beside the images."""

    folder: Path
    images: Path
    captions: Path | None
    name: str


def ask_new_project(session: Session, parent: QWidget) -> None:
    """Ask for images and captions, make a project of them and open it."""
    dialog = NewProjectDialog(session.ask, parent)
    dialog.accepted.connect(lambda: make_project(session, dialog.answer()))
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()


def make_project(session: Session, wanted: NewProject) -> None:
    """Make the project and open it."""
    create(session, wanted.folder, wanted.images, wanted.captions, wanted.name)


class NewProjectDialog(QDialog):
    """Images are copied into the project; the originals are never touched."""

    def __init__(self, ask: Ask, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("New project")
        self.setMinimumWidth(560)
        self._ask = ask
        self.images = QLineEdit(placeholderText="Folder with your images")
        self.captions = QLineEdit(placeholderText="Same folder as the images")
        self.name = QLineEdit(placeholderText="my-punks")
        self.place = QLineEdit(str(Path.home()))
        self._problem = muted()
        self.make = button("Create project", kind="primary")
        self.make.clicked.connect(self.accept)
        cancel = button("Cancel")
        cancel.clicked.connect(self.reject)
        layout = column(
            heading("New project", 1.6),
            muted("Images and captions are copied into the project; the originals stay untouched."),
            field("Images", self._with_chooser(self.images, "Folder with your images")),
            field("Captions", self._with_chooser(self.captions, "Folder with the captions")),
            field("Name", self.name),
            field("Inside", self._with_chooser(self.place, "Folder for the project")),
            self._problem,
            row(None, cancel, self.make),
            spacing=16,
        )
        layout.setContentsMargins(24, 24, 24, 24)
        self.setLayout(layout)
        for edit in (self.images, self.captions, self.name, self.place):
            edit.textChanged.connect(self._check)
        self._check()

    def answer(self) -> NewProject:
        """Return what was asked for."""
        captions = self.captions.text().strip()
        name = self.name.text().strip()
        return NewProject(
            folder=Path(self.place.text().strip()).expanduser() / name,
            images=Path(self.images.text().strip()).expanduser(),
            captions=Path(captions).expanduser() if captions else None,
            name=name,
        )

    def _with_chooser(self, edit: QLineEdit, title: str) -> QWidget:
        holder = QWidget()
        layout = QHBoxLayout(holder)
        layout.setContentsMargins(0, 0, 0, 0)
        choose = button("Choose…")
        choose.clicked.connect(lambda: self._choose(edit, title))
        edit.setAccessibleName(title)
        layout.addWidget(edit, 1)
        layout.addWidget(choose)
        holder.setFocusProxy(edit)
        return holder

    def _choose(self, edit: QLineEdit, title: str) -> None:
        folder = self._ask.folder(title, edit.text())
        if folder is None:
            return
        edit.setText(str(folder))
        if edit is self.images and not self.name.text():
            self.name.setText(folder.name)

    def _check(self) -> None:
        problem = self._what_is_missing()
        self._problem.setText(problem)
        self.make.setEnabled(not problem)

    def _what_is_missing(self) -> str:
        name = self.name.text().strip()
        if not self.images.text().strip():
            return "Choose the folder with your images."
        if not name:
            return "Give the project a name: it becomes the name of its folder."
        if any(sign in name for sign in '/\\:*?"<>|') or name.startswith("."):
            return 'A name cannot begin with a dot or hold any of / \\ : * ? " < > |'
        return ""
