"""Apply bar: whose captions the rules run over, how many are ticked, and the button."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget

from bespoke_gui.qtmodels import wording
from bespoke_gui.qtmodels.rules_apply import Applied
from bespoke_gui.qtmodels.rules_preview import RulePreview
from bespoke_gui.views import theme
from bespoke_gui.views.local_file import open_file
from bespoke_gui.views.widgets.choice_box import ChoiceBox
from bespoke_gui.views.widgets.parts import button, card, plain_label, row

SCOPES = {"all": "all captions", "shown": "those the list shows", "selected": "the selected ones"}


class ApplyBar(QWidget):
    """`scope_changed` carries one of SCOPES; `apply_asked` means: write what is ticked."""

    scope_changed = Signal(str)
    apply_asked = Signal()

    def __init__(self, preview: RulePreview, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._preview = preview
        self.scope = ChoiceBox()
        self.scope.setAccessibleName("Captions the rules run over")
        for key, words in SCOPES.items():
            self.scope.addItem(f"On {words}", key)
        self.scope.currentIndexChanged.connect(
            lambda _: self.scope_changed.emit(self.scope.currentData())
        )
        self.ticks = button("Ticks", "Set or take many ticks at once")
        menu = QMenu(self.ticks)
        self.safe = menu.addAction("Tick only what loses nothing and crosses nothing")
        self.everything = menu.addAction("Tick every row shown, also those that lose words")
        self.nothing = menu.addAction("Take the tick of every row shown")
        self.ticks.setMenu(menu)
        self.apply = button("Apply", "Change the ticked captions: one step of undo", "primary")
        self.told = plain_label(wrap=False)
        self.safe.triggered.connect(preview.forget_ticks)
        self.apply.clicked.connect(self.apply_asked)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(row(self.scope, self.ticks, None, self.told, self.apply))
        preview.updated.connect(self.refresh)
        preview.ticked.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Count the ticks anew."""
        ticked, lossy = self._preview.ticked_counts()
        self.apply.setText(f"Apply to {wording.count(ticked, 'caption')}")
        self.apply.setEnabled(ticked > 0)
        self.told.setText(f"{lossy} {'loses' if lossy == 1 else 'lose'} words" if lossy else "")
        theme.set_kind(self.told, "danger")
        theme.set_kind(self.apply, "danger" if lossy else "primary")


class AppliedBar(QWidget):
    """Says what was done, with the way back and the log; `undo_asked`: take it back."""

    undo_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.text = plain_label()
        self.log = button("Open log", "Every caption with rules, before and after", "link")
        self.undo = button("Undo", "Put the texts of before back", "link")
        self.close_button = button("Close", "Hide this line", "ghost")
        self._log_file = Path()
        self.log.clicked.connect(self._on_log)
        self.undo.clicked.connect(self.undo_asked)
        self.close_button.clicked.connect(self.hide)
        inner = row(self.text, self.log, self.undo, self.close_button)
        inner.setStretch(0, 1)
        frame = card(inner, 6)
        theme.set_kind(frame, "notice-good")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(frame)
        self.hide()

    def show_applied(self, applied: Applied) -> None:
        """Say what was changed."""
        skipped = len(applied.skipped)
        rest = f" {skipped} edited meanwhile were left alone." if skipped else ""
        done = wording.count(len(applied.names), "caption")
        self.text.setText(
            f"{done} changed. Snapshot “{applied.snapshot}” holds the state before.{rest}"
        )
        self._log_file = applied.log
        self.log.setToolTip(str(applied.log))
        self.undo.setEnabled(True)
        self.show()

    def _on_log(self) -> None:
        open_file(self._log_file)
