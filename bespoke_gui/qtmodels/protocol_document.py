"""Protocol document: the project's protocol while it is edited, with undo, findings and saving."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from bespoke_gui.core.protocol import (
    Prompt,
    Protocol,
    builtin_protocol,
    generation_id,
    load_protocol,
    new_prompt,
    save_changes,
)
from bespoke_gui.core.protocol_check import check_protocol

if TYPE_CHECKING:
    from bespoke_gui.core.errors import Problem
    from bespoke_gui.qtmodels.session import Session

MOST_UNDO = 200


class ProtocolDocument(QObject):
    """changed: the protocol differs, from whatever side; replaced: it is another one altogether."""

    changed = Signal()
    replaced = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.protocol = builtin_protocol()
        self._saved = self.protocol
        self._undo: list[Protocol] = []
        session.project_changed.connect(self.load)
        self.load()

    def load(self) -> None:
        """Read the project's protocol.toml, or take the built-in one where there is none."""
        project = self._session.project
        path = project.protocol_path if project else None
        try:
            found = load_protocol(path) if path and path.is_file() else builtin_protocol()
        except Exception as error:  # noqa: BLE001 - told in the window, in words
            self._session.show_error(error)
            found = builtin_protocol()
        self.protocol = self._saved = found
        self._undo.clear()
        self.replaced.emit()

    def take_added(self) -> None:
        """Take in the prompts that something else has just added to protocol.toml.

        What is being edited here stays, and so does its undo.
        """
        project = self._session.project
        if project is None:
            return
        try:
            found = load_protocol(project.protocol_path)
        except Exception as error:  # noqa: BLE001 - told in the window, in words
            self._session.show_error(error)
            return
        known = {prompt.name for prompt in self._saved.prompts}
        names = {prompt.name for prompt in self.protocol.prompts}
        added = tuple(
            replace(prompt, name=_free(prompt.name, names))
            for prompt in found.prompts
            if prompt.name not in known
        )
        self._saved = found
        self._take(replace(self.protocol, prompts=(*self.protocol.prompts, *added)))
        self.replaced.emit()

    @property
    def is_changed(self) -> bool:
        """Whether there is something to save."""
        return self.protocol != self._saved

    @property
    def problems(self) -> list[Problem]:
        """What is wrong with the values."""
        return check_protocol(self.protocol.as_dict())

    @property
    def makes_other_images(self) -> bool:
        """Whether what changed since saving determines the images."""
        if self.problems:
            return False
        return generation_id(self.protocol) != generation_id(self._saved)

    # -- changes ------------------------------------------------------------------------------

    def set_value(self, name: str, value: Any) -> None:
        """Change a setting of all prompts."""
        self._take(replace(self.protocol, **{name: value}))

    def set_prompt(self, place: int, **values: Any) -> None:
        """Change a prompt; expectations follow a new text unless they were corrected by hand."""
        prompts = list(self.protocol.prompts)
        old = prompts[place]
        if "text" in values:
            before, after = new_prompt("x", old.text), new_prompt("x", values["text"])
            if old.background == before.background:
                values.setdefault("background", after.background)
            if old.accessories == before.accessories:
                values.setdefault("accessories", after.accessories)
        prompts[place] = replace(old, **values)
        self._take(replace(self.protocol, prompts=tuple(prompts)))

    def add_prompt(self, like: int | None = None) -> int:
        """Add a prompt at the end, empty or a copy of another; return its place."""
        names = {prompt.name for prompt in self.protocol.prompts}
        if like is None:
            fresh = Prompt(_free("prompt", names), "")
        else:
            old = self.protocol.prompts[like]
            fresh = replace(old, name=_free(old.name, names))
        self._take(replace(self.protocol, prompts=(*self.protocol.prompts, fresh)))
        return len(self.protocol.prompts) - 1

    def remove_prompt(self, place: int) -> None:
        """Take a prompt out."""
        prompts = list(self.protocol.prompts)
        del prompts[place]
        self._take(replace(self.protocol, prompts=tuple(prompts)))

    def move_prompt(self, place: int, by: int) -> int:
        """Move a prompt up (-1) or down; return its new place."""
        prompts = list(self.protocol.prompts)
        target = min(max(place + by, 0), len(prompts) - 1)
        prompts.insert(target, prompts.pop(place))
        self._take(replace(self.protocol, prompts=tuple(prompts)))
        return target

    def use_builtin(self) -> None:
        """Take the prompts and settings that travel with Bespoke; can be undone."""
        self._take(builtin_protocol())
        self.replaced.emit()

    def undo(self) -> None:
        """Take the last change back."""
        if self._undo:
            self.protocol = self._undo.pop()
            self.replaced.emit()

    def _take(self, protocol: Protocol) -> None:
        if protocol != self.protocol:
            self._undo = [*self._undo[1 - MOST_UNDO :], self.protocol]
            self.protocol = protocol
            self.changed.emit()

    # -- files --------------------------------------------------------------------------------

    def save(self) -> bool:
        """Write protocol.toml; False when that is not possible (and was told)."""
        project = self._session.project
        if project is None:
            self._session.notify("warning", "Open a project first: a protocol belongs to one")
            return False
        if self.problems:
            first = self.problems[0]
            self._session.notify("warning", f"Not saved: {first.message}", first.hint)
            return False
        try:
            save_changes(self.protocol, project.protocol_path)
        except Exception as error:  # noqa: BLE001 - told in the window, in words
            self._session.show_error(error)
            return False
        self._saved = self.protocol
        self.changed.emit()
        return True


def _free(name: str, taken: set[str]) -> str:
    """A name that no prompt has yet."""
    tries = (f"{name}_{number}" for number in range(2, 10_000))
    return name if name not in taken else next(one for one in tries if one not in taken)
