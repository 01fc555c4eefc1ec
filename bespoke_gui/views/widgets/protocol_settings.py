"""Protocol settings: seeds, size, sampler and strength, the same for all prompts."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QLineEdit, QSpinBox, QWidget

from bespoke_gui.core.protocol import Protocol
from bespoke_gui.views.widgets.gallery_bar import fill
from bespoke_gui.views.widgets.parts import column, field, heading, row

SCHEDULERS = ("default", "ddim", "ddpm", "dpm++ 2m", "dpm++ 2m karras", "euler", "euler a", "heun",
              "pndm", "unipc")  # fmt: skip
LONG = (("As in training (up to 225 tokens)", "chunked"), ("Cut at 75 tokens", "truncate"))


class WordLine(QLineEdit):
    """A line of text with a name for screen readers."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)


class ProtocolSettings(QWidget):
    """`edited` carries the name of a setting and its new value."""

    edited = Signal(str, object)

    def __init__(self) -> None:
        super().__init__()
        self._filling = False
        self.seeds, self.negative = WordLine("Seeds"), WordLine("Negative prompt")
        self.wide, self.high = _whole(8, 2048, 8), _whole(8, 2048, 8)
        self.steps, self.native = _whole(1, 1000), _whole(1, 256)
        self.guidance, self.scale = _number(0, 30), _number(0, 2)
        self.scheduler, self.long = QComboBox(), QComboBox()
        self._connect()
        layout = column(
            heading("For all prompts", 1.0),
            field("Seeds", self.seeds, "Numbers between commas; several tell chance from skill"),
            field("Negative prompt", self.negative),
            row_of(("Width", self.wide), ("Height", self.high)),
            row_of(("Steps", self.steps), ("Guidance", self.guidance)),
            row_of(("LoRA strength", self.scale), ("Native size", self.native)),
            field("Sampler", self.scheduler), field("Long prompts", self.long), None, spacing=10,
        )  # fmt: skip
        layout.setContentsMargins(0, 0, 6, 0)
        self.setLayout(layout)

    def show_protocol(self, protocol: Protocol) -> None:
        """Show the settings of a protocol."""
        self._filling = True
        self.seeds.setText(", ".join(map(str, protocol.seeds)))
        self.negative.setText(protocol.negative)
        self.negative.setCursorPosition(0)  # its beginning is seen, not its end
        for box, value in (
            (self.wide, protocol.width), (self.high, protocol.height),
            (self.steps, protocol.steps), (self.native, protocol.native_size),
        ):  # fmt: skip
            box.setValue(value)
        self.guidance.setValue(protocol.guidance)
        self.scale.setValue(protocol.lora_scale)
        names = [*SCHEDULERS, *([] if protocol.scheduler in SCHEDULERS else [protocol.scheduler])]
        fill(self.scheduler, [(name, name) for name in names], protocol.scheduler)
        fill(self.long, LONG, protocol.long_prompts)
        self._filling = False

    def _connect(self) -> None:
        self.seeds.editingFinished.connect(self._seeds_edited)
        self.negative.textEdited.connect(lambda words: self._tell("negative", words.strip()))
        for name, box in (
            ("width", self.wide), ("height", self.high), ("steps", self.steps),
            ("native_size", self.native), ("guidance", self.guidance), ("lora_scale", self.scale),
        ):  # fmt: skip
            box.valueChanged.connect(lambda value, name=name: self._tell(name, value))
        self.scheduler.activated.connect(
            lambda place: self._tell("scheduler", self.scheduler.itemData(place))
        )
        self.long.activated.connect(lambda place: self._tell("long_prompts", LONG[place][1]))

    def _seeds_edited(self) -> None:
        words = self.seeds.text().replace(";", ",").replace(" ", ",").split(",")
        # What is no number is kept, so that the finding names it instead of it being dropped.
        found = tuple(int(one) if one.isdigit() else one for one in words if one)
        self._tell("seeds", found)

    def _tell(self, name: str, value: object) -> None:
        if not self._filling:
            self.edited.emit(name, value)


def row_of(*parts: tuple[str, QWidget]) -> QWidget:
    """Two labelled controls beside each other."""
    page = QWidget()
    layout = row(spacing=10)
    for words, widget in parts:
        layout.addLayout(field(words, widget), 1)
    page.setLayout(layout)
    return page


def _whole(low: int, high: int, step: int = 1) -> QSpinBox:
    box = QSpinBox()
    box.setRange(low, high)
    box.setSingleStep(step)
    return box


def _number(low: float, high: float) -> QDoubleSpinBox:
    box = QDoubleSpinBox()
    box.setRange(low, high)
    box.setSingleStep(0.1)
    box.setDecimals(2)
    return box
