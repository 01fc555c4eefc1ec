"""Suggestion settings: which model, its key, the prompt and the pace; with a test of it all."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QRadioButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from bespoke_gui.core.suggest.options import (
    DEFAULT_PROMPT,
    ENDPOINT,
    LOCAL,
    NATIVE,
    ORIGINAL,
    RANGES,
)
from bespoke_gui.core.suggest.prompt import PLACEHOLDERS
from bespoke_gui.qtmodels.session import Ask
from bespoke_gui.qtmodels.suggest_setup import SuggestSetup
from bespoke_gui.views import theme
from bespoke_gui.views.widgets.choice_box import ChoiceBox
from bespoke_gui.views.widgets.parts import (
    button,
    card,
    column,
    heading,
    line,
    muted,
    plain_label,
    row,
    scrolling,
    text_field,
)

PRESETS = (
    ("Ollama on this computer", "http://localhost:11434/v1"),
    ("LM Studio on this computer", "http://localhost:1234/v1"),
)
LABEL_WIDTH = 116
HEIGHT = 32  # of a field, so that a label stands in its middle


class SuggestSetupPane(QWidget):
    """The settings; each is remembered as it is changed. `done_asked`: go back to suggestions."""

    done_asked = Signal()

    def __init__(self, setup: SuggestSetup, ask: Ask, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._setup, self._ask = setup, ask
        self._filling = False
        self._add_source()
        self._add_key()
        self._add_prompt()
        self._add_numbers()
        self._lay_out()
        setup.key_told.connect(self._on_key)
        setup.tested.connect(self._on_tested)
        setup.models_found.connect(self._on_models)
        setup.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show the options as they are."""
        options, self._filling = self._setup.options, True
        local = options.source == LOCAL
        (self.local if local else self.endpoint).setChecked(True)
        for widget, text in (
            (self.address, options.base_url),
            (self.folder, options.folder),
        ):
            if widget.text() != text and not widget.hasFocus():
                widget.setText(text)
        if self.model.currentText() != options.model:
            self.model.setCurrentText(options.model)
        if self.prompt.toPlainText() != options.prompt:
            self.prompt.setPlainText(options.prompt)
        self.image.setCurrentIndex(self.image.findData(options.image))
        for name, box in self.numbers.items():
            box.setValue(getattr(options, name))
        self._endpoint_part.setVisible(not local)
        self._local_part.setVisible(local)
        for name in ("per_minute", "timeout_s", "concurrency", "temperature"):
            self._form.setRowVisible(self.numbers[name], not local)
        self._filling = False

    def _add_source(self) -> None:
        self.endpoint = QRadioButton("An endpoint: Ollama, LM Studio, or a paid service")
        self.local = QRadioButton("A model folder on this computer (BLIP, GIT, LLaVA …)")
        group = QButtonGroup(self)
        for choice, source in ((self.endpoint, ENDPOINT), (self.local, LOCAL)):
            group.addButton(choice)
            choice.clicked.connect(lambda _=False, source=source: self._change(source=source))
        self.address = QLineEdit()
        self.address.setPlaceholderText("http://localhost:11434/v1")
        self.address.editingFinished.connect(self._on_address)
        self.preset = button("Fill in", "Addresses of programs on this computer")
        self.preset.clicked.connect(self._on_preset)
        self.model = QComboBox()
        self.model.setEditable(True)
        self.model.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        words = QLineEdit()
        words.setPlaceholderText("its name, or press Test for the list")
        self.model.setLineEdit(words)
        self.model.editTextChanged.connect(lambda text: self._change(model=text.strip()))
        self.folder = QLineEdit()
        self.folder.setPlaceholderText("a folder with config.json and .safetensors")
        self.folder.editingFinished.connect(lambda: self._change(folder=self.folder.text().strip()))
        self.choose = button("Choose…", "Choose the model's folder")
        self.choose.clicked.connect(self._on_choose)
        self.test = button("Test", "Ask for its models; nothing else is sent")
        self.test.clicked.connect(self._on_test)
        self.result = plain_label()
        self.result.setVisible(False)

    def _add_key(self) -> None:
        self.key = QLineEdit()
        self.key.setEchoMode(QLineEdit.EchoMode.Password)
        self.key.setPlaceholderText("only for services that ask for one")
        self.key.returnPressed.connect(self._on_keep)
        self.keep = button("Keep", "Keep the key for this address (Return)")
        self.keep.clicked.connect(self._on_keep)
        self.forget = button("Forget", "Remove the key of this address", "ghost")
        self.forget.clicked.connect(self._setup.forget_key)
        self.key_place = muted()

    def _add_prompt(self) -> None:
        self.prompt = QPlainTextEdit()
        self.prompt.setAccessibleName("Prompt")
        text_field(self.prompt)
        self.prompt.setFixedHeight(132)
        self.prompt.textChanged.connect(lambda: self._change(prompt=self.prompt.toPlainText()))
        self.reset = button("Put the first prompt back", kind="link")
        self.reset.clicked.connect(lambda: self._change(prompt=DEFAULT_PROMPT))
        self.image = ChoiceBox()
        self.image.addItem("Native pixels, enlarged to 480", NATIVE)
        self.image.addItem("The image as it is", ORIGINAL)
        self.image.activated.connect(lambda _: self._change(image=self.image.currentData()))

    def _add_numbers(self) -> None:
        self.numbers: dict[str, QSpinBox | QDoubleSpinBox] = {}
        for name, suffix, special in (
            ("per_minute", " a minute", "as fast as it answers"),
            ("timeout_s", " s", ""),
            ("concurrency", " at a time", ""),
            ("max_tokens", " tokens", ""),
        ):
            box = QSpinBox()
            box.setRange(*map(int, RANGES[name]))
            box.setSuffix(suffix)
            box.setSpecialValueText(special)
            self.numbers[name] = box
        warmth = QDoubleSpinBox()
        warmth.setRange(*RANGES["temperature"])
        warmth.setSingleStep(0.1)
        warmth.setDecimals(1)
        self.numbers["temperature"] = warmth
        for name, box in self.numbers.items():
            box.setMaximumWidth(220)
            box.valueChanged.connect(lambda value, name=name: self._change(**{name: value}))

    def _lay_out(self) -> None:
        self._endpoint_part, self._local_part = QWidget(), QWidget()
        endpoint = _form(self._endpoint_part)
        _add(endpoint, "Address", self.address, self.preset)
        _add(endpoint, "Model", self.model)
        _add(endpoint, "Key", self.key, self.keep, self.forget)
        endpoint.addRow(_label("", self.key_place), self.key_place)
        _add(_form(self._local_part), "Folder", self.folder, self.choose)
        rest = QWidget()
        self._form = _form(rest)
        _add(self._form, "Shown image", self.image)
        for name, label in (
            ("per_minute", "Pace"), ("concurrency", "Questions"), ("timeout_s", "Time limit"),
            ("max_tokens", "Answer up to"), ("temperature", "Temperature"),
        ):  # fmt: skip
            self._form.addRow(_label(label, self.numbers[name]), self.numbers[name])
        self.back = button("To the suggestions", kind="primary")
        self.back.clicked.connect(self.done_asked)
        fields = ", ".join(f"{{{name}}} {words}" for name, words in PLACEHOLDERS.items())
        inner = column(
            heading("Which model", 1.0), self.endpoint, self.local,
            self._endpoint_part, self._local_part,
            row(self.test, None), self.result, line(),
            heading("What it is told", 1.0), self.prompt, muted(f"Filled in: {fields}."),
            row(self.reset, None), line(), heading("How", 1.0), rest, row(self.back, None), None,
        )  # fmt: skip
        page = QWidget()
        outer = QVBoxLayout(page)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(card(inner, 16))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(scrolling(page))

    def _change(self, **values: object) -> None:
        if not self._filling:
            self._setup.change(**values)

    def _on_address(self) -> None:
        if self.address.text().strip() != self._setup.options.base_url:
            self._change(base_url=self.address.text().strip())
            self._setup.look_for_key()

    def _on_preset(self) -> None:
        urls = [url for _, url in PRESETS]
        choices = [(url, words) for words, url in PRESETS]
        answer = self._ask.choose("Address", "Which program answers?", choices)
        if answer in urls:
            self.address.setText(answer)
            self._on_address()

    def _on_choose(self) -> None:
        folder = self._ask.folder("Folder of an image-to-text model", self.folder.text())
        if folder is not None:
            self.folder.setText(str(folder))
            self._change(folder=str(folder))

    def _on_keep(self) -> None:
        if self.key.text().strip():
            self._setup.keep_key(self.key.text())
            self.key.clear()

    def _on_key(self, has: bool, words: str) -> None:
        self.key_place.setText(f"A key is {words}." if has else f"No key. A new one is {words}.")
        self.forget.setVisible(has)

    def _on_test(self) -> None:
        self._tell("Asking…", "muted")
        self.test.setEnabled(False)
        self._setup.test()

    def _on_tested(self, good: bool, words: str) -> None:
        self.test.setEnabled(True)
        self._tell(words, "good" if good else "danger")

    def _on_models(self, names: list[str]) -> None:
        """Offer the models; the one that is named stays, a lone one is taken."""
        current, self._filling = self.model.currentText(), True
        self.model.clear()
        self.model.addItems(names)
        self.model.setCurrentText(current)
        self._filling = False
        if not current and len(names) == 1:
            self.model.setCurrentText(names[0])

    def _tell(self, words: str, kind: str) -> None:
        self.result.setText(words)
        self.result.setVisible(True)
        theme.set_kind(self.result, kind)


def _form(holder: QWidget) -> QFormLayout:
    form = QFormLayout(holder)
    form.setContentsMargins(0, 0, 0, 0)
    form.setSpacing(8)
    form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    return form


def _label(text: str, buddy: QWidget) -> QLabel:
    label = plain_label(text, wrap=False)
    label.setFixedWidth(LABEL_WIDTH)
    label.setMinimumHeight(HEIGHT)
    label.setBuddy(buddy)
    if not buddy.accessibleName():
        buddy.setAccessibleName(text)
    return label


def _add(form: QFormLayout, text: str, field: QWidget, *more: QWidget) -> None:
    line_of = row(field, *more)
    line_of.setStretch(0, 1)
    form.addRow(_label(text, field), line_of)
