"""Protocol page: the test prompts with their expectations, and the settings of generation."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QListWidget,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from bespoke_gui.qtmodels import wording
from bespoke_gui.qtmodels.protocol_document import ProtocolDocument
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.views import theme
from bespoke_gui.views.shortcuts import add_shortcut
from bespoke_gui.views.widgets.parts import (
    badge,
    button,
    card,
    column,
    field,
    heading,
    muted,
    row,
    scrolling,
    splitter,
    text_field,
    tool,
)
from bespoke_gui.views.widgets.protocol_settings import ProtocolSettings, WordLine

NOT_ALIKE = (
    "These changes make other images: galleries made before cannot be compared with those made "
    "from now on."
)


class ProtocolPage(QWidget):
    """Prompts at the left, the chosen one in the middle, the settings of all at the right."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.document = ProtocolDocument(session, self)
        self._filling = False
        self._build()
        self._add_keys()
        self.document.changed.connect(self._on_changed)
        self.document.replaced.connect(self._fill)
        self._fill()

    @property
    def place(self) -> int:
        """The place of the chosen prompt, -1 for none."""
        return self.prompts.currentRow()

    # -- what is shown ----------------------------------------------------------------------

    def _fill(self) -> None:
        """Show the whole protocol anew; the same place stays chosen where it can."""
        place = max(0, self.place)
        self._filling = True
        self.prompts.clear()
        self.prompts.addItems([prompt.name for prompt in self.document.protocol.prompts])
        self.prompts.setCurrentRow(min(place, self.prompts.count() - 1))
        self.settings.show_protocol(self.document.protocol)
        self._filling = False
        self._show_prompt()
        self._on_changed()

    def _show_prompt(self) -> None:
        prompts = self.document.protocol.prompts
        there = 0 <= self.place < len(prompts)
        self.form.setEnabled(there)
        if self._filling or not there:
            return
        prompt = prompts[self.place]
        self._filling = True
        for line, words in (
            (self.name, prompt.name), (self.negative, prompt.negative),
            (self.background, prompt.background), (self.accessories, ", ".join(prompt.accessories)),
        ):  # fmt: skip
            if not line.hasFocus():
                line.setText(words)
        if self.text.toPlainText() != prompt.text:
            self.text.setPlainText(prompt.text)
        self._filling = False

    def _on_changed(self) -> None:
        document = self.document
        for place, prompt in enumerate(document.protocol.prompts):
            item = self.prompts.item(place)
            if item is not None:
                item.setText(prompt.name)
        problems = document.problems
        self.finding.setText("\n".join(one.message for one in problems[:3]))
        self.finding.setVisible(bool(problems))
        self.state.setText("not saved" if document.is_changed else "saved")
        theme.set_kind(self.state, "badge-warning" if document.is_changed else "badge-good")
        self.save.setEnabled(document.is_changed and not problems)
        self.unlike.setVisible(document.makes_other_images)
        protocol = document.protocol
        count = len(protocol.prompts) * len(protocol.seeds)
        self.count.setText(f"{wording.count(count, 'image')} an epoch")
        self._show_prompt()

    # -- what is changed --------------------------------------------------------------------

    def _set(self, name: str, words: str) -> None:
        if self._filling or self.place < 0:
            return
        value: object = " ".join(words.split()) if name != "negative" else words.strip()
        if name == "accessories":
            value = tuple(one.strip() for one in words.split(",") if one.strip())
        self.document.set_prompt(self.place, **{name: value})

    def _set_text(self) -> None:
        if not self._filling and self.place >= 0:
            # The trainer reads one line, and so does every sampler.
            words = " ".join(self.text.toPlainText().split("\n"))
            self.document.set_prompt(self.place, text=words)

    def add(self, like: bool = False) -> None:
        """Add an empty prompt, or a copy of the chosen one, and begin to write."""
        place = self.document.add_prompt(self.place if like and self.place >= 0 else None)
        self._fill()
        self.prompts.setCurrentRow(place)
        (self.name if like else self.text).setFocus()

    def remove(self) -> None:
        """Take the chosen prompt out; Ctrl+Z brings it back."""
        if self.place >= 0:
            self.document.remove_prompt(self.place)
            self._fill()

    def shift(self, by: int) -> None:
        """Move the chosen prompt."""
        if self.place >= 0:
            place = self.document.move_prompt(self.place, by)
            self._fill()
            self.prompts.setCurrentRow(place)

    # -- building ---------------------------------------------------------------------------

    def _build(self) -> None:
        self.state, self.count = badge(), muted(wrap=False)
        self.save = button("Save", "Write protocol.toml (Ctrl+S)", "primary")
        self.save.clicked.connect(self.document.save)
        undo = tool("undo", "Take the last change back", "Ctrl+Z")
        undo.clicked.connect(self.document.undo)
        builtin = button(
            "Built-in prompts", "The seven prompts of the reference run; can be undone"
        )
        builtin.clicked.connect(self.document.use_builtin)
        self.unlike = muted(NOT_ALIKE)
        theme.set_kind(self.unlike, "warning")
        self.finding = muted()
        theme.set_kind(self.finding, "danger")
        parts = (self._list(), self._form(), self._settings())
        whole = splitter(Qt.Orientation.Horizontal, parts, (0, 1, 0))
        whole.setSizes([210, 690, 320])
        head = row(heading("What every epoch is asked", 1.15), self.state, self.count, None,
                   builtin, undo, self.save)  # fmt: skip
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 4, 12, 12)
        layout.setSpacing(8)
        layout.addLayout(head)
        layout.addWidget(self.unlike)
        layout.addWidget(self.finding)
        layout.addWidget(whole, 1)

    def _list(self) -> QWidget:
        self.prompts = QListWidget()
        self.prompts.setAccessibleName("Prompts")
        self.prompts.currentRowChanged.connect(lambda _: self._show_prompt())
        tools = []
        for icon, words, run in (
            ("add", "Add a prompt", self.add), ("copy", "Copy the prompt", partial(self.add, True)),
            ("up", "Move up", partial(self.shift, -1)),
            ("down", "Move down", partial(self.shift, 1)),
            ("trash", "Take the prompt out", self.remove),
        ):  # fmt: skip
            part = tool(icon, words)
            part.clicked.connect(lambda _=False, run=run: run())
            tools.append(part)
        inner = column(heading("Prompts", 1.0), self.prompts, row(*tools, None, spacing=2))
        inner.setStretch(1, 1)
        frame = card(inner, 12)
        frame.setMaximumWidth(260)
        return frame

    def _form(self) -> QWidget:
        self.form = QWidget()
        self.name, self.negative = WordLine("Name"), WordLine("Own negative")
        self.background, self.accessories = WordLine("Background"), WordLine("Accessories")
        self.text = QPlainTextEdit()
        self.text.setAccessibleName("Text")
        text_field(self.text)
        self.text.setMinimumHeight(120)
        self.text.textChanged.connect(self._set_text)
        for name in ("name", "negative", "background", "accessories"):
            getattr(self, name).textEdited.connect(partial(self._set, name))
        parts = column(
            field("Name", self.name, "Letters, digits, _ and -: it becomes a file name"),
            field("Text", self.text),
            field("Negative", self.negative, "Only where it differs from the common one"),
            heading("What the picture should show", 1.0),
            field("Background", self.background,
                  'A plain colour such as "bright green"; empty: not judged'),
            field("Accessories", self.accessories,
                  "Words between commas; a reviewer is asked whether each is rendered"),
            None, spacing=10,
        )  # fmt: skip
        self.form.setLayout(parts)
        parts.setContentsMargins(0, 0, 6, 0)
        return card(column(scrolling(self.form)), 14)

    def _settings(self) -> QWidget:
        self.settings = ProtocolSettings()
        self.settings.edited.connect(self.document.set_value)
        frame = card(column(scrolling(self.settings)), 14)
        frame.setMaximumWidth(330)
        return frame

    def _add_keys(self) -> None:
        add_shortcut(self, "Ctrl+S", "Save the protocol", self.document.save)
        undo = self.document.undo
        add_shortcut(self, "Ctrl+Z", "Take the last change back", undo, over_window=True)
        add_shortcut(self, "Ctrl+N", "Add a prompt", self.add)
