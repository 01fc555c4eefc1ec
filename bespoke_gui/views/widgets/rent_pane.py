"""Rent pane: the RunPod key, what cards cost and which are free, and what a run may cost."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDoubleSpinBox, QFrame, QLineEdit, QVBoxLayout, QWidget

from bespoke_gui.qtmodels import wording
from bespoke_gui.qtmodels.offers_model import OffersModel
from bespoke_gui.qtmodels.place_desk import PlaceDesk
from bespoke_gui.views.widgets.choice_box import ChoiceBox
from bespoke_gui.views.widgets.parts import button, column, field, muted, row, tool
from bespoke_gui.views.widgets.tables import table_view

WIDTHS = (0, 66, 60, 72)
HEIGHT = 186
NARROW = ChoiceBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
KEY_HINT = "Make one at runpod.io under Settings, API keys: all permissions of pods."
CLOUDS = (("secure", "Secure cloud"), ("community", "Community cloud, cheaper"))
NO_VOLUME = "None: a disk of its own"
ENDS = (
    (False, "Given back once every checkpoint is here"),
    (True, "Only stopped: its disk goes on costing"),
)


class RentPane(QWidget):
    """Everything about renting; it decides nothing and asks nobody by itself."""

    def __init__(self, desk: PlaceDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self.offers = OffersModel(desk, self)
        self.offers.ticked.connect(desk.tick)
        self._build()
        desk.market_changed.connect(self._show)
        desk.chosen_changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        market, wish = self._desk.market, self._desk.wish
        has_key = market is not None and market.has_key
        self.key_box.setVisible(market is not None and not has_key)
        self.market_box.setVisible(has_key)
        if market is not None:
            self.key_place.setText(f"{KEY_HINT} It is {market.where}.")
        self.refresh.setEnabled(not self._desk.is_asking)
        self.refresh.setVisible(has_key)
        self._say_when()
        self.offers.take()
        self.cloud.setCurrentIndex(max(0, self.cloud.findData(wish.cloud)))
        self.ends.setCurrentIndex(self.ends.findData(wish.keep_pod))
        for box, value in ((self.max_usd, wish.max_usd), (self.max_hours, wish.max_hours)):
            if not box.hasFocus():
                box.setValue(value or 0.0)
        self._offer_volumes()

    def _offer_volumes(self) -> None:
        """List the account's volumes; one that was chosen and is gone is named."""
        market, chosen = self._desk.market, self._desk.wish.volume
        offered = [(NO_VOLUME, "")]
        volumes = market.volumes if market else ()
        offered += [(one.words, one.id) for one in volumes]
        known = [one for one in volumes if chosen and chosen in one.names]
        if chosen and not known:
            offered.append((f"{chosen} (not in the account)", chosen))
        if offered != [
            (self.volume.itemText(at), self.volume.itemData(at))
            for at in range(self.volume.count())
        ]:
            self.volume.clear()
            for words, place in offered:
                self.volume.addItem(words, place)
        self.volume.setCurrentIndex(self.volume.findData(known[0].id if known else chosen))

    def _say_when(self) -> None:
        market = self._desk.market
        if self._desk.is_asking:
            self.when.setText("Asking RunPod for prices")
        elif market is not None and not market.has_key:
            self.when.setText("RunPod tells prices, and rents, to who has a key.")
        elif market is not None:
            asked = f"Prices of {wording.clock(market.at)[:5]}. Ticked cards are tried in order."
            self.when.setText(market.problem or asked)

    def _on_key(self) -> None:
        if self.key.text().strip():
            self._desk.keep_key(self.key.text())
            self.key.clear()

    # -- building ---------------------------------------------------------------------------

    def _build(self) -> None:
        self.when = muted()
        self.refresh = tool("refresh", "Ask for prices again")
        self.refresh.clicked.connect(self._desk.ask_market)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        line = row(self.when, self.refresh)
        line.setStretch(0, 1)
        layout.addLayout(line)
        layout.addWidget(self._key_box())
        layout.addWidget(self._market_box())

    def _key_box(self) -> QWidget:
        self.key = QLineEdit()
        self.key.setEchoMode(QLineEdit.EchoMode.Password)
        self.key.setPlaceholderText("RunPod API key")
        self.key.setAccessibleName("RunPod API key")
        self.key.returnPressed.connect(self._on_key)
        keep = button("Keep", "Keep the key (Return)")
        keep.clicked.connect(self._on_key)
        self.key_place = muted()
        self.key_box = QFrame()
        line = row(self.key, keep)
        line.setStretch(0, 1)
        self.key_box.setLayout(column(line, self.key_place))
        return self.key_box

    def _market_box(self) -> QWidget:
        self.table = table_view(self.offers, "Cards to rent", WIDTHS)
        self.table.setFixedHeight(HEIGHT)
        self.table.setWordWrap(False)
        self.table.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.cloud = ChoiceBox()
        for name, words in CLOUDS:
            self.cloud.addItem(words, name)
        self.cloud.activated.connect(lambda _: self._desk.ask_for(cloud=self.cloud.currentData()))
        self.max_usd = _cap("USD", 0.5, "At this cost the run is saved and the machine stopped")
        self.max_usd.valueChanged.connect(lambda to: self._desk.ask_for(max_usd=to or None))
        self.max_hours = _cap("h", 1.0, "After so long the run is saved and the machine stopped")
        self.max_hours.valueChanged.connect(lambda to: self._desk.ask_for(max_hours=to or None))
        self.volume = ChoiceBox()
        self.volume.setAccessibleName("Network volume")
        self.volume.setToolTip("What is on it stays after the run; the machine is rented beside it")
        self.volume.activated.connect(
            lambda _: self._desk.ask_for(volume=self.volume.currentData())
        )
        self.ends = ChoiceBox()
        for box in (self.cloud, self.ends, self.volume):
            box.setSizeAdjustPolicy(NARROW)
            box.setMinimumContentsLength(8)
        for keeps, words in ENDS:
            self.ends.addItem(words, keeps)
        self.ends.activated.connect(lambda _: self._desk.ask_for(keep_pod=self.ends.currentData()))
        caps = row(spacing=12)
        caps.addLayout(field("At most", self.max_usd), 1)
        caps.addLayout(field("Not longer than", self.max_hours), 1)
        self.market_box = QFrame()
        self.market_box.setLayout(
            column(
                self.cloud, self.table, caps, field("Afterwards the machine is", self.ends),
                field("Network volume", self.volume), spacing=10,
            )
        )  # fmt: skip
        self.cloud.setAccessibleName("Cloud")
        return self.market_box


def _cap(unit: str, step: float, tip: str) -> QDoubleSpinBox:
    box = QDoubleSpinBox()
    box.setRange(0.0, 10_000.0)
    box.setDecimals(2 if unit == "USD" else 1)
    box.setSingleStep(step)
    box.setSuffix(f" {unit}")
    box.setSpecialValueText("no cap")
    box.setMinimumWidth(96)
    box.setToolTip(f"{tip}; 0 for no cap")
    return box
