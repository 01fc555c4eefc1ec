"""Where card: this computer, a saved machine or a card to rent, and what is known of it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QLineEdit, QVBoxLayout, QWidget

from bespoke_gui.qtmodels import wording
from bespoke_gui.qtmodels.place_desk import PlaceDesk
from bespoke_gui.qtmodels.place_work import CHANGED, LOCAL, OK, RUNPOD, SSH, UNKNOWN, Looked
from bespoke_gui.views import theme
from bespoke_gui.views.widgets.choice_box import ChoiceBox
from bespoke_gui.views.widgets.parts import button, card, column, heading, muted, row
from bespoke_gui.views.widgets.rent_pane import RentPane

ADD = "add"


class WhereCard(QWidget):
    """Chooses the place of the next training.

    `add_wanted` and `edit_wanted` ask for the dialog of a machine.
    """

    add_wanted = Signal()
    edit_wanted = Signal()
    remove_wanted = Signal()
    trust_wanted = Signal()

    def __init__(self, desk: PlaceDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._build()
        desk.listed.connect(self._show_places)
        desk.chosen_changed.connect(self._show)
        desk.looked.connect(lambda _: self._show())
        self._show_places()

    def _show_places(self) -> None:
        box = self.places
        box.blockSignals(True)
        box.clear()
        box.addItem("This computer", LOCAL)
        for machine in self._desk.machines.values():
            box.addItem(f"{machine.name} · {machine.address}", f"{SSH}:{machine.name}")
        box.addItem("Rent a card at RunPod", RUNPOD)
        box.insertSeparator(box.count())
        box.addItem("Add a machine…", ADD)
        box.blockSignals(False)
        self._show()

    def _show(self) -> None:
        desk, machine = self._desk, self._desk.machine
        self.places.setCurrentIndex(max(0, self.places.findData(desk.key)))
        self.rent.setVisible(desk.backend == RUNPOD)
        self.about.setVisible(machine is not None)
        if machine is not None:
            looked = desk.looks.get(machine.name)
            self._show_machine(looked, machine.name in desk.looking)

    def _show_machine(self, looked: Looked | None, is_looking: bool) -> None:
        self.check.setEnabled(not is_looking)
        self.check.setText("Connecting…" if is_looking else "Check connection")
        asks = looked is not None and looked.state in (UNKNOWN, CHANGED)
        self.trust.setVisible(asks and not is_looking)
        self.print.setVisible(asks and not is_looking)
        self.print.setText(looked.fingerprint if looked else "")
        self.print.setCursorPosition(0)
        if is_looking:
            self._say("Connecting, and asking what it has", "muted")
        elif looked is None:
            self._say("Not checked yet: what it has is not known", "muted")
        else:
            self._say(looked_words(looked), "muted" if looked.state == OK else "danger")
        if looked is not None and asks:
            is_new = looked.state == UNKNOWN
            self.trust.setText("The machine shows the same key" if is_new else "It was made anew")

    def _say(self, words: str, kind: str) -> None:
        self.words.setText(words)
        theme.set_kind(self.words, kind)

    def _on_chosen(self) -> None:
        key = self.places.currentData()
        if key == ADD:
            self._show()
            self.add_wanted.emit()
        elif key:
            self._desk.choose(key)

    def _on_check(self) -> None:
        if self._desk.machine is not None:
            self._desk.look(self._desk.machine)

    # -- building ---------------------------------------------------------------------------

    def _build(self) -> None:
        self.places = ChoiceBox()
        self.places.setAccessibleName("Where to train")
        self.places.setMinimumContentsLength(8)
        self.places.setSizeAdjustPolicy(
            ChoiceBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.places.activated.connect(lambda _: self._on_chosen())
        self.words = muted()
        self.print = key_line()
        self.check = button("Check connection", "Connect and ask what the machine has", "link-line")
        self.check.clicked.connect(self._on_check)
        self.trust = button("", "Trust this key from now on, and look again", "link-line")
        self.trust.clicked.connect(self.trust_wanted)
        edit = button("Edit", "Change address, key or folders", "link-line")
        edit.clicked.connect(self.edit_wanted)
        remove = button("Remove", "Forget the machine; nothing there is touched", "link-line")
        remove.clicked.connect(self.remove_wanted)
        foot = row(self.check, None, edit, remove, spacing=16)
        self.about = QFrame()
        self.about.setLayout(column(self.words, self.print, self.trust, foot, spacing=6))
        self.rent = RentPane(self._desk)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        body = column(heading("Where"), self.places, self.about, self.rent, spacing=10)
        layout.addWidget(card(body, 14))


def key_line() -> QLineEdit:
    """Return a line that shows a host key, to be compared and copied."""
    result = QLineEdit(readOnly=True)
    result.setAccessibleName("Key of the machine")
    result.setFont(theme.fixed_font(0.92))
    return result


def looked_words(looked: Looked) -> str:
    """Return what a look at a machine brought, in words for people."""
    if looked.state == OK:
        return f"{looked.words} · asked at {wording.clock(looked.at)[:5]}"
    if looked.state == UNKNOWN:
        return (
            "This machine was never used from here; nothing was sent. On the machine, "
            "ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub must print this key:"
        )
    if looked.state == CHANGED:
        return (
            "This machine shows another key than before; nothing was sent. Another one may be "
            "answering in its place: go on only if you know that it was made anew. It shows:"
        )
    hint = looked.hint[:1].upper() + looked.hint[1:]
    return f"{looked.words}. {hint}".strip()
