"""Billing bar: a line that stays while a rented machine costs money, with the way to end it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QFrame, QVBoxLayout, QWidget

from bespoke_gui.qtmodels import wording
from bespoke_gui.qtmodels.billing_model import BillingModel
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.views import theme
from bespoke_gui.views.widgets.findings import Sign
from bespoke_gui.views.widgets.parts import button, card, column, elided, heading, muted, row

if TYPE_CHECKING:
    from bespoke_gui.launch.runpod.billing import Bill


class BillingBar(QFrame):
    """Hidden while nothing costs money. One that nobody looks after is told as a warning."""

    def __init__(
        self, session: Session, model: BillingModel, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._model = session, model
        self.setAccessibleName("Rented machines that cost money")
        theme.set_kind(self, "bar")
        self.sign = Sign("warning")
        self.words = elided()
        self.stop = button(
            "Give it back…", "End the machine; it costs no more then", "ghost-danger"
        )
        self.stop.clicked.connect(lambda: self.ask_end(self._model.bills[0]))
        self.show_all = button("Show", "Every machine that costs money, and how to end it", "ghost")
        self.show_all.clicked.connect(self._show_all)
        line = row(self.sign, self.words, self.show_all, self.stop)
        line.setStretch(1, 1)
        line.setContentsMargins(16, 4, 12, 4)
        self.setLayout(line)
        model.changed.connect(self.refresh)
        model.alarm.connect(self._show_all)
        self.refresh()

    def refresh(self) -> None:
        """Show what the model knows."""
        model = self._model
        self.words.setText(model.words())
        self.words.setToolTip("\n".join(bill.words for bill in model.bills))
        theme.set_kind(self.words, "warning" if model.unattended else "muted")
        self.sign.setVisible(bool(model.unattended))
        self.stop.setVisible(len(model.bills) == 1)
        self.stop.setEnabled(not model.ending)
        self.stop.setText("Giving it back" if model.ending else "Give it back…")
        self.setVisible(bool(model.bills))

    def ask_end(self, bill: Bill) -> None:
        """Ask before a machine is ended, with what would be lost."""
        count = len(bill.missing)
        text = bill.words[:1].upper() + bill.words[1:] + "."
        if count:
            files = wording.count(count, "file")
            text += f"\n\n{files} not here yet would be lost: {bill.missing[0]}"
            text += " and others." if count > 1 else "."
        elif bill.followed:
            text += "\n\nIts training ends at once, without saving; stop the run to have it saved."
        choices = [("end", f"Lose {wording.count(count, 'file')}" if count else "Give it back")]
        if self._session.ask.choose("Give this machine back for good?", text, choices) == "end":
            self._model.end(bill, discard=bool(count))

    def _show_all(self) -> None:
        BillingDialog(self, self._model).open()


class BillingDialog(QDialog):
    """Lists every machine that costs money."""

    def __init__(self, bar: BillingBar, model: BillingModel) -> None:
        super().__init__(bar.window())
        self._bar, self._model = bar, model
        self.setWindowTitle("Still billing")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(640, 320)
        self._rows = QVBoxLayout()
        self._rows.setSpacing(8)
        self.note = muted()
        again = button("Ask again", "Ask RunPod what costs money now")
        again.clicked.connect(model.ask)
        close = button("Close", "Close this list (Esc)")
        close.clicked.connect(self.accept)
        layout = column(heading("Rented machines that cost money now"), self.note, spacing=12)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.addLayout(self._rows)
        layout.addStretch(1)
        layout.addLayout(row(again, None, close))
        self.setLayout(layout)
        model.changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        while (item := self._rows.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        asked = f"Asked at {wording.clock(self._model.at)}." if self._model.at else "Asking."
        self.note.setText(" ".join(filter(None, (self._model.problem, asked))))
        for bill in self._model.bills:
            self._rows.addWidget(self._line(bill))
        if not self._model.bills:
            self._rows.addWidget(muted("Nothing costs money now."))

    def _line(self, bill: Bill) -> QFrame:
        words = muted(bill.words)
        theme.set_kind(words, "" if bill.followed else "warning")
        is_ending = (bill.id or bill.name) in self._model.ending
        stop = button("Giving it back" if is_ending else "Give it back…", "End it", "danger")
        stop.setEnabled(not is_ending)
        stop.clicked.connect(lambda: self._bar.ask_end(bill))
        line = row(words, stop, spacing=12)
        line.setStretch(0, 1)
        return card(line, 10)
