"""Machine dialog: how a machine is reached, and a look at it before it is saved."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDoubleSpinBox,
    QFormLayout,
    QLineEdit,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from bespoke_gui.core.machines import HOST, NAME, Machine
from bespoke_gui.qtmodels.place_desk import PlaceDesk
from bespoke_gui.qtmodels.place_work import CHANGED, OK, UNKNOWN, Looked
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.views import theme
from bespoke_gui.views.widgets.parts import button, column, heading, muted, row, tool
from bespoke_gui.views.widgets.where_card import key_line, looked_words

NEW = Machine("", "")


class MachineDialog(QDialog):
    """Edits one machine. The name of a saved one stays: runs are known by it."""

    def __init__(
        self, session: Session, desk: PlaceDesk, machine: Machine | None = None,
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._session, self._desk, self._old = session, desk, machine or NEW
        self.setWindowTitle("Machine")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(520, 560)
        self._build()
        self._fill(self._old)
        desk.looked.connect(self._on_looked)
        self._tell()

    def machine(self) -> Machine:
        """Return the machine as it is typed."""
        return replace(
            self._old, name=self.name.text().strip(), host=self.host.text().strip(),
            port=self.port.value(), user=self.user.text().strip(),
            key_file="" if self.agent.isChecked() else self.key_file.text().strip(),
            use_agent=self.agent.isChecked(), workdir=self.workdir.text().strip(),
            python=self.python.text().strip(), sd_scripts=self.sd_scripts.text().strip(),
            usd_per_hour=self.usd.value() or None,
        )  # fmt: skip

    def problem(self) -> str:
        """Say what is missing before it can be reached, or nothing."""
        one = self.machine()
        if not NAME.fullmatch(one.name):
            return "Give it a name of letters, digits, dot, dash and underscore"
        if one.name != self._old.name and one.name in self._desk.machines:
            return f"There is already a machine {one.name}"
        if not HOST.fullmatch(one.host) or one.host.startswith("-"):
            return "Give its address: a name such as box.local, or an IP address"
        if not one.use_agent and not one.key_file:
            return "Choose a key file, or the keys of the SSH agent"
        return ""

    # -- answers ----------------------------------------------------------------------------

    def _fill(self, machine: Machine) -> None:
        for box, value in (
            (self.name, machine.name), (self.host, machine.host), (self.user, machine.user),
            (self.key_file, machine.key_file), (self.workdir, machine.workdir),
            (self.python, machine.python), (self.sd_scripts, machine.sd_scripts),
        ):  # fmt: skip
            box.setText(value)
        self.name.setReadOnly(bool(machine.name))
        self.port.setValue(machine.port)
        self.agent.setChecked(machine.use_agent)
        self.usd.setValue(machine.usd_per_hour or 0.0)

    def _tell(self) -> None:
        problem = self.problem()
        self.key_file.setEnabled(not self.agent.isChecked())
        self.check.setEnabled(not problem and self.name.text().strip() not in self._desk.looking)
        self.keep.setEnabled(not problem)
        self._say(problem or "Check connection tells what it has", "muted")
        self.trust.hide()
        self.print.hide()

    def _say(self, words: str, kind: str) -> None:
        self.words.setText(words)
        theme.set_kind(self.words, kind)

    def _on_looked(self, name: str) -> None:
        if name != self.machine().name:
            return
        is_looking = name in self._desk.looking
        self.check.setEnabled(not is_looking)
        looked = self._desk.looks.get(name)
        if is_looking:
            self._say("Connecting, and asking what it has", "muted")
        elif looked is not None:
            lines = [looked_words(looked)]
            lines += [f"{one.severity}: {one.message}" for one in looked.problems]
            self._say("\n".join(lines), "good" if looked.state == OK else "danger")
        asks = looked is not None and looked.state in (UNKNOWN, CHANGED)
        self.trust.setVisible(asks and not is_looking)
        self.print.setVisible(asks and not is_looking)
        self.print.setText(looked.fingerprint if looked else "")

    def _on_trust(self) -> None:
        looked = self._desk.looks.get(self.machine().name)
        if looked is not None and looked.key and may_trust(self._session, self.machine(), looked):
            self._desk.trust(self.machine(), looked.key)

    def _on_clean(self) -> None:
        from bespoke_gui.views.widgets.machine_clean_dialog import MachineCleanDialog

        MachineCleanDialog(self._session, self._old, self).open()

    def _on_browse(self) -> None:
        path = self._session.ask.open_file("Private key", "All files (*)", "~/.ssh")
        if path is not None:
            self.key_file.setText(str(path))

    # -- building ---------------------------------------------------------------------------

    def _build(self) -> None:
        self.name, self.host, self.user = QLineEdit(), QLineEdit(), QLineEdit()
        self.user.setPlaceholderText("as on this computer")
        self.host.setPlaceholderText("box.local or 192.168.1.20")
        self.port = QSpinBox(minimum=1, maximum=65535)
        self.key_file, self.agent = QLineEdit(), QCheckBox("The keys of my SSH agent")
        self.key_file.setPlaceholderText("~/.ssh/id_ed25519")
        self.workdir, self.python, self.sd_scripts = QLineEdit(), QLineEdit(), QLineEdit()
        self.workdir.setPlaceholderText("the home folder there")
        self.python.setPlaceholderText("an environment is made there, once")
        self.sd_scripts.setPlaceholderText("none: the built-in trainer is sent along")
        self.usd = QDoubleSpinBox()
        self.usd.setRange(0.0, 1000.0)
        self.usd.setSpecialValueText("nothing")
        self.usd.setSuffix(" USD an hour")
        browse = tool("folder", "Choose a private key")
        browse.clicked.connect(self._on_browse)
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.setVerticalSpacing(8)
        for words, box in (
            ("Name", self.name), ("Address", self.host), ("Port", self.port), ("User", self.user),
            ("Key file", _beside(self.key_file, browse)), ("", self.agent),
            ("Folder there", self.workdir), ("Python there", self.python),
            ("sd-scripts there", self.sd_scripts), ("Costs", self.usd),
        ):  # fmt: skip
            form.addRow(words, box)
            box.setAccessibleName(words or box.accessibleName())
        for box in (self.name, self.host, self.user, self.key_file):
            box.textChanged.connect(lambda _: self._tell())
        self.agent.toggled.connect(lambda _: self._tell())
        self._lay_out(form)

    def _lay_out(self, form: QFormLayout) -> None:
        self.words = muted()
        self.words.setMinimumHeight(48)
        self.print = key_line()
        self.words.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.trust = button("Trust this key…", "Let the machine show this key from now on", "link")
        self.trust.clicked.connect(self._on_trust)
        self.check = button("Check connection", "Connect and ask what the machine has")
        self.check.clicked.connect(lambda: self._desk.look(self.machine()))
        self.clean = button("Clean up…", "See what earlier runs left there, and remove it")
        self.clean.clicked.connect(self._on_clean)
        self.clean.setVisible(bool(self._old.name))
        cancel = button("Cancel", "Change nothing (Esc)")
        cancel.clicked.connect(self.reject)
        self.keep = button("Save", "Keep the machine and choose it", "primary")
        self.keep.clicked.connect(lambda: self._desk.save(self.machine(), self.accept))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(12)
        layout.addWidget(heading("A machine with a GPU, reached by SSH"))
        layout.addLayout(form)
        layout.addLayout(column(self.words, self.print, row(self.trust, None), spacing=4))
        layout.addStretch(1)
        layout.addLayout(row(self.check, self.clean, None, cancel, self.keep))


def may_trust(session: Session, machine: Machine, looked: Looked) -> bool:
    """Ask whether a host key is to be trusted; a changed one is asked about in clear words."""
    if looked.state == CHANGED:
        title = f"{machine.name} shows another key than before"
        text = (
            f"It shows {looked.fingerprint}. Nothing was sent.\n\nThis is what it looks like when "
            "another machine answers in its place. Trust the new key only if you know that the "
            "machine was made anew."
        )
        choices = [("back", "Do not trust it"), ("trust", "It was made anew: trust the new key")]
    else:
        title = f"Is this {machine.name}?"
        text = (
            f"{machine.address} shows the key\n{looked.fingerprint}\n\nOn the machine, "
            "ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub must print the same."
        )
        choices = [("back", "Not yet"), ("trust", "It is the same: trust it")]
    return session.ask.choose(title, text, choices) == "trust"


def _beside(box: QWidget, extra: QWidget) -> QWidget:
    holder = QWidget()
    line = row(box, extra, spacing=4)
    line.setStretch(0, 1)
    holder.setLayout(line)
    return holder
