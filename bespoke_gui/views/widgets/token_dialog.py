"""Token dialog: keeps or forgets the token that the Hugging Face hub wants for gated models."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QLineEdit, QVBoxLayout, QWidget

from bespoke_gui.qtmodels import place_work as work
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.qtmodels.tasks import run_task
from bespoke_gui.views.widgets.parts import button, muted, row

WORDS = (
    "A gated base model is only given to who has accepted its terms. Make a token of the kind "
    "Read at huggingface.co under Settings, Access Tokens. It goes to the engine of a run that "
    "fetches its base model, here or on another machine, and is written nowhere."
)


class TokenDialog(QDialog):
    """The field is empty again once the token is kept: it is never shown."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.setWindowTitle("Hugging Face token")
        self.setMinimumWidth(460)
        self.token = QLineEdit()
        self.token.setEchoMode(QLineEdit.EchoMode.Password)
        self.token.setPlaceholderText("hf_…")
        self.token.setAccessibleName("Hugging Face token")
        self.token.returnPressed.connect(self._keep)
        self.state = muted()
        self.keep = button("Keep", "Keep the token (Return)", "primary")
        self.keep.setAutoDefault(False)
        self.keep.clicked.connect(self._keep)
        self.forget = button("Forget it", "Take the token out of the keyring")
        self.forget.setAutoDefault(False)
        self.forget.clicked.connect(self._forget)
        close = button("Close", "Close (Escape)")
        close.setAutoDefault(False)
        close.clicked.connect(self.reject)
        line = row(self.token, self.keep)
        line.setStretch(0, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(12)
        layout.addWidget(muted(WORDS))
        layout.addLayout(line)
        layout.addWidget(self.state)
        layout.addLayout(row(self.forget, None, close))
        self.forget.setEnabled(False)
        self._look()

    def _look(self) -> None:
        run_task(work.token_state, self._show, self._session.show_error, parent=self)

    def _show(self, found: work.TokenState) -> None:
        self.state.setText(found.words)
        self.forget.setEnabled(found.ours)
        self.adjustSize()

    def _keep(self) -> None:
        text = self.token.text().strip()
        if text:
            self.token.clear()
            run_task(lambda: work.keep_token(text), lambda _: self._look(),
                     self._session.show_error, parent=self)  # fmt: skip

    def _forget(self) -> None:
        run_task(work.forget_token, lambda _: self._look(), self._session.show_error, parent=self)
