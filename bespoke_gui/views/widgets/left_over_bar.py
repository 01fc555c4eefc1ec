"""Left-over bar: offers what was typed and not saved when the program last ended."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from bespoke_gui.qtmodels.session import Session
from bespoke_gui.views import theme
from bespoke_gui.views.widgets.parts import button, card, muted, row


class LeftOverBar(QWidget):
    """Offers what was typed and not saved when the program last ended."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._text = muted(wrap=False)
        self.restore = button("Restore", "Put the texts back as unsaved edits", "primary")
        self.discard = button("Discard", "Forget them; a copy stays in .bespoke/journal", "ghost")
        self.restore.clicked.connect(self._on_restore)
        self.discard.clicked.connect(self._on_discard)
        frame = card(row(self._text, None, self.discard, self.restore), 8)
        theme.set_kind(frame, "well")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(frame)
        self.refresh()

    def refresh(self) -> None:
        """Show or hide the offer."""
        store = self._session.captions
        count = len(store.left_over)
        what = "1 caption was" if count == 1 else f"{count} captions were"
        changed = [n for n, entry in store.left_over.items()
                   if entry.digest != store.on_disk(n).digest]  # fmt: skip
        since = f" {len(changed)} changed on disk since; undo goes back to that." * bool(changed)
        self._text.setText(f"{what} edited but not saved when Bespoke last ended.{since}")
        names = list(store.left_over)
        self._text.setToolTip("\n".join([*names[:20], *["…"] * (count > 20)]))
        self.setVisible(count > 0)

    def _on_restore(self) -> None:
        self._session.captions.restore_left_over()
        self.refresh()

    def _on_discard(self) -> None:
        self._session.captions.discard_left_over()
        self.refresh()
