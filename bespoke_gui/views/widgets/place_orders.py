"""Place orders: what the buttons about machines do, and which trainers each place offers."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QComboBox, QWidget

from bespoke_gui.core.errors import AppError
from bespoke_gui.core.machines import Machine
from bespoke_gui.qtmodels import train_work as work
from bespoke_gui.qtmodels.place_desk import PlaceDesk
from bespoke_gui.qtmodels.place_steps import USUAL, Step
from bespoke_gui.qtmodels.run_desk import LOCAL
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.views.local_file import show_in_folder
from bespoke_gui.views.widgets.train_setup import TrainSetup


class PlaceOrders(QObject):
    """Opens the dialogs of machines and folders for the setup; asks before one is forgotten."""

    def __init__(self, session: Session, setup: TrainSetup, places: PlaceDesk) -> None:
        super().__init__(setup)
        self._session, self._setup, self._places = session, setup, places
        self._offered = (LOCAL, places.checkout)
        setup.show_checkout(places.checkout, chosen=bool(places.checkout))
        places.chosen_changed.connect(self.show)
        setup.browse_wanted.connect(self._browse_base)
        setup.checkout_wanted.connect(self._browse_checkout)
        setup.where.add_wanted.connect(lambda: self.edit_machine(None))
        setup.where.edit_wanted.connect(lambda: self.edit_machine(places.machine))
        setup.where.remove_wanted.connect(self._remove_machine)
        setup.where.trust_wanted.connect(self._trust_machine)
        setup.briefing.step_wanted.connect(self.carry_out)

    def show(self) -> None:
        """Offer the trainers of the chosen place."""
        places, setup = self._places, self._setup
        is_here, machine = places.backend == LOCAL, places.machine
        checkout = places.checkout if is_here else machine.sd_scripts if machine else ""
        if (places.key, checkout) != self._offered:
            # sd-scripts is what people train with where they have a checkout of it.
            self._offered = (places.key, checkout)
            setup.show_checkout(checkout, chosen=bool(checkout))
        setup.checkout.setVisible(is_here)

    def edit_machine(self, machine: Machine | None) -> None:
        """Open the dialog of a machine, None for a new one."""
        from bespoke_gui.views.widgets.machine_dialog import MachineDialog

        MachineDialog(self._session, self._places, machine, self._setup).open()

    def carry_out(self, step: Step) -> None:
        """Do what the button of a finding says, or open the place where it is done."""
        places, where = self._places, self._setup.where
        simple: dict[str, Callable[[], object]] = {
            "look": where.check.click,
            "trust": self._trust_machine,
            "edit": lambda: self.edit_machine(places.machine),
            "clean": self._clean_machine,
            "where": lambda: self._open(where.places),
            "key": lambda: self._open(where.rent.key),
            "market": places.ask_market,
            "cards": lambda: places.ask_for(cards=step.value),
            "caps": lambda: places.ask_for(max_usd=USUAL.max_usd, max_hours=USUAL.max_hours),
            "volume": lambda: places.ask_for(volume=step.value),
            "browse": self._browse_base,
            "checkout": self._browse_checkout,
            "trainer": lambda: self._setup.choose_trainer(step.value),
            "runs": self._open_runs,
            "token": self._ask_token,
        }
        simple[step.order]()

    def _open(self, field: QWidget) -> None:
        """Bring a field of the setup into view and let the person type or choose at once."""
        self._setup.scroller.ensureWidgetVisible(field)
        field.setFocus(Qt.FocusReason.OtherFocusReason)
        if isinstance(field, QComboBox):
            field.showPopup()

    def _clean_machine(self) -> None:
        from bespoke_gui.views.widgets.machine_clean_dialog import MachineCleanDialog

        if self._places.machine is not None:
            MachineCleanDialog(self._session, self._places.machine, self._setup).open()

    def _ask_token(self) -> None:
        from bespoke_gui.views.widgets.token_dialog import TokenDialog

        TokenDialog(self._session, self._setup).open()

    def _open_runs(self) -> None:
        project = self._session.project
        if project is not None:
            show_in_folder(project.runs_dir if project.runs_dir.is_dir() else project.folder)

    def _remove_machine(self) -> None:
        machine = self._places.machine
        title, text = "Forget this machine?", "Nothing on the machine is touched."
        if machine and self._session.ask.choose(title, text, [("yes", "Forget it")]):
            self._places.remove(machine.name)

    def _trust_machine(self) -> None:
        from bespoke_gui.views.widgets.machine_dialog import may_trust

        machine = self._places.machine
        looked = self._places.looks.get(machine.name) if machine else None
        if machine and looked and looked.key and may_trust(self._session, machine, looked):
            self._places.trust(machine, looked.key)

    def _browse_checkout(self) -> None:
        """Ask for an sd-scripts checkout, remember it and train with it."""
        folder = self._session.ask.folder("Folder with kohya-ss/sd-scripts")
        if folder is None:
            return
        try:
            known = str(work.remembered_checkout(folder))
        except AppError as error:
            self._session.show_error(error)
            return
        # The session writes its own copy of the settings later.
        self._session.settings.sd_scripts = self._places.checkout = known
        self.show()
        self._setup.show_checkout(known, chosen=True)

    def _browse_base(self) -> None:
        folder = self._session.ask.folder("Folder with a base model")
        if folder is not None:
            self._setup.set_base(str(folder))
