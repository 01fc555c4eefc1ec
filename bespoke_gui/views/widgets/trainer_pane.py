"""Trainer pane: what the trainer reads of the current caption, a few draws and what to know."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QUrl
from PySide6.QtGui import QShowEvent, QTextDocument
from PySide6.QtWidgets import QTextBrowser, QWidget

from bespoke_gui.core import clip_tokens
from bespoke_gui.qtmodels.caption_desk import CaptionDesk
from bespoke_gui.qtmodels.caption_facts import when_tokens_known
from bespoke_gui.views import icons, theme
from bespoke_gui.views.shortcuts import add_shortcut
from bespoke_gui.views.widgets import trainer_html
from bespoke_gui.views.widgets.choice_box import ChoiceBox
from bespoke_gui.views.widgets.parts import column, row, tool

NO_CONFIG = "No config: the trainer's defaults"
SHUFFLE_KEYS = "Alt+R"
SIGN = 16


class TrainerPane(QWidget):
    """Samples with fixed phrases marked and what is cut off struck through, under one config."""

    def __init__(self, desk: CaptionDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk, self._training = desk, desk.training
        self._seed = 0
        self.config = ChoiceBox()
        self.config.setAccessibleName("Training config")
        self.config.setToolTip("The training config that decides what becomes of the captions")
        self.config.activated.connect(self._on_chosen)
        self.again = tool("refresh", "Another shuffle", SHUFFLE_KEYS)
        self.again.clicked.connect(self.shuffle)
        add_shortcut(self, SHUFFLE_KEYS, "Trainer: another shuffle", self.shuffle)
        self.text = QTextBrowser(openLinks=False)
        self.text.setAccessibleName("What the trainer reads")
        self.text.anchorClicked.connect(self._on_link)
        self.text.document().setDocumentMargin(2)
        theme.set_kind(self.text, "plain")
        head = row(self.config, self.again)
        head.setStretch(0, 1)
        layout = column(head, self.text)
        layout.setContentsMargins(0, 8, 0, 0)
        self.setLayout(layout)
        desk.current_changed.connect(self._show)
        desk.session.captions.changed.connect(self._on_captions_changed)
        self._training.changed.connect(self._on_training_changed)
        when_tokens_known(self._show, self)
        self._on_training_changed()

    def shuffle(self) -> None:
        """Draw the samples anew."""
        self._seed += 1
        self._show()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self._show()
        super().changeEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show()

    def _on_chosen(self, index: int) -> None:
        path = self.config.itemData(index)
        if path is not None:
            self._training.choose(path)

    def _on_training_changed(self) -> None:
        configs, current = self._training.configs(), self._training.config()
        self.config.clear()
        for path in configs:
            self.config.addItem(path.stem, path)
        if current is None:
            self.config.addItem(NO_CONFIG)
        else:
            self.config.setCurrentIndex(configs.index(current))
        self._show()

    def _on_captions_changed(self, names: list[str]) -> None:
        if self._desk.current() in names:
            self._show()

    def _on_link(self, url: QUrl) -> None:
        start, _, end = url.toString().removeprefix(trainer_html.PLACE).partition("-")
        self._desk.place_wanted.emit(int(start), int(end))

    def _show(self) -> None:
        """Fill the page; a hidden pane waits until it is shown, and for the vocabulary."""
        name = self._desk.current()
        if not self.isVisible() or not clip_tokens.is_loaded():
            return
        if not name:
            self.text.setPlainText("Choose an image.")
            return
        colours, seen = theme.tokens(), self._training.view(name, self._seed)
        self.again.setEnabled(seen.random)
        inks = {"error": colours.danger, "warning": colours.warning, "info": colours.muted}
        for sign in trainer_html.SIGNS:
            picture = icons.icon(sign, inks[sign], SIGN).pixmap(SIGN, SIGN)
            kind = QTextDocument.ResourceType.ImageResource.value
            self.text.document().addResource(kind, QUrl(f"sign:{sign}"), picture)
        place = self.text.verticalScrollBar().value()
        self.text.setHtml(trainer_html.page(seen, colours))
        self.text.verticalScrollBar().setValue(place)
