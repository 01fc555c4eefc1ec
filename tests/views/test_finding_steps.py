"""The list before a start: every finding about the place has a button that does it at once."""

import json

import pytest
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QLineEdit, QPushButton

from bespoke_gui.core import secrets
from bespoke_gui.core.errors import Problem
from bespoke_gui.core.machines import Machine
from bespoke_gui.core.resources import resource
from bespoke_gui.launch.runpod.catalog import Offer
from bespoke_gui.qtmodels import place_work
from bespoke_gui.qtmodels.place_work import Looked, Market, Volume
from bespoke_gui.qtmodels.trainer_check import KOHYA
from bespoke_gui.views.rooms.train import TrainPanel
from bespoke_gui.views.widgets.machine_clean_dialog import MachineCleanDialog
from bespoke_gui.views.widgets.machine_dialog import MachineDialog
from bespoke_gui.views.widgets.token_dialog import TokenDialog

TIMEOUT = 20_000
L4 = Offer("NVIDIA L4", "L4", 24, "secure", 0.39, "HIGH")
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
LOOKS = {
    "failed": Looked("failed", "box does not answer", "check its address and that it is on"),
    "unknown": Looked("unknown", "was never used from here", key=KEY),
    "ok": Looked("ok", "L4, 24 GB", gpu="NVIDIA L4"),
    "full": Looked("ok", "L4, 24 GB", problems=(Problem("little_disk", "error", "box is full"),)),
}


@pytest.fixture
def markets(monkeypatch):
    answers = [Market((L4,), (Volume("v1", "art", 50, "EU-RO-1"),), has_key=True)]
    monkeypatch.setattr(place_work, "market", lambda cloud: answers[-1])
    return answers


@pytest.fixture
def looks(monkeypatch):
    answers = ["failed"]
    monkeypatch.setattr(place_work, "look", lambda machine: LOOKS[answers[-1]])
    return answers


@pytest.fixture
def panel(qtbot, session, markets, looks):
    text = resource("demo/training_config.toml").read_text(encoding="utf-8")
    (session.project.configs_dir / "demo.toml").write_text(text, encoding="utf-8")
    panel = TrainPanel(session)
    qtbot.addWidget(panel)
    panel.resize(1360, 820)
    panel.show()
    qtbot.waitUntil(lambda: panel.preflight.result is not None, timeout=TIMEOUT)
    return panel


@pytest.fixture
def press(panel, qtbot):
    """Press the button of a finding once it is there."""

    def found(words):
        buttons = panel.setup.briefing.findings.findChildren(QPushButton)
        return [
            one
            for one in buttons
            if one.text().startswith(words) and one.text() != "Show" and one.isVisible()
        ]

    def press(words):
        qtbot.waitUntil(lambda: len(found(words)) == 1, timeout=TIMEOUT)
        found(words)[0].click()

    return press


@pytest.fixture
def box(panel):
    panel.places.save(Machine("box", "10.0.0.5", key_file="/k"), lambda: None)
    assert panel.places.key == "ssh:box"
    return panel.places


def messages(panel):
    return [problem.message for problem in panel.setup.briefing.findings.problems]


def gone(panel, qtbot, part):
    qtbot.waitUntil(lambda: not any(part in one for one in messages(panel)), timeout=TIMEOUT)


def test_a_machine_is_checked_tried_again_and_edited(panel, box, looks, press, qtbot):
    press("Check connection")
    press("Edit the machine")
    dialogs = panel.findChildren(MachineDialog)
    assert [dialog.isVisible() for dialog in dialogs] == [True]
    dialogs[0].close()
    looks.append("ok")
    press("Try again")
    gone(panel, qtbot, "box")


def test_a_full_machine_is_cleaned_up(panel, box, looks, press, qtbot, monkeypatch):
    monkeypatch.setattr("bespoke_gui.launch.remote.tidy.look_there", lambda *_: [])
    looks.append("full")
    box.look(box.machine)
    press("Clean up")
    (dialog,) = panel.findChildren(MachineCleanDialog)
    assert dialog.isVisible()
    dialog.close()


def test_a_new_key_is_compared_and_trusted(panel, box, looks, press, ask, qtbot):
    looks.append("unknown")
    box.look(box.machine)
    ask.answers = ["trust"]
    looks.append("ok")
    press("Compare its key")
    assert "SHA256:" in ask.asked[0][1]
    gone(panel, qtbot, "never used")


def test_cards_caps_and_volumes_are_set_by_a_click(panel, press, qtbot):
    places = panel.places
    places.choose("runpod")
    press("Take L4, $0.39 an hour")
    assert places.wish.cards == ("NVIDIA L4",)
    places.ask_for(max_usd=None, max_hours=None, volume="away")
    press("Without a volume")
    assert places.wish.volume == ""
    press("End it at $5 or 12 h")
    assert (places.wish.max_usd, places.wish.max_hours) == (5.0, 12.0)
    gone(panel, qtbot, "cap")


def test_a_missing_key_leads_to_its_field(panel, markets, press):
    markets.append(Market(where="kept in the system keyring"))
    panel.places.choose("runpod")
    panel.activateWindow()
    press("Enter the key")
    assert panel.setup.where.rent.key.hasFocus()


def test_a_busy_service_is_asked_again(panel, markets, press, qtbot):
    markets.append(Market(problem="RunPod is busy", has_key=True))
    panel.places.choose("runpod")
    qtbot.waitUntil(lambda: "RunPod is busy" in messages(panel), timeout=TIMEOUT)
    markets.append(markets[0])
    press("Ask again")
    gone(panel, qtbot, "busy")


def test_a_base_that_is_not_there_is_chosen_anew(panel, press, ask, tmp_path, qtbot):
    panel.setup.set_base(str(tmp_path / "gone.safetensors"))
    ask.answers = [None]
    press("Choose a folder")
    assert ask.asked[0][0] == "Folder with a base model"


def test_a_checkout_that_is_gone_gives_way_to_the_built_in_trainer(panel, press, tmp_path, qtbot):
    panel.setup.show_checkout(str(tmp_path / "sd-scripts"), chosen=True)
    panel.places.checkout = str(tmp_path / "sd-scripts")
    panel.setup.choose_trainer(KOHYA)
    qtbot.waitUntil(lambda: any("train_network.py" in one for one in messages(panel)),
                    timeout=TIMEOUT)  # fmt: skip
    buttons = [
        one for one in panel.setup.briefing.findings.findChildren(QPushButton)
        if one.text() == "Use the built-in trainer"
    ]  # fmt: skip
    buttons[0].click()
    assert panel.setup.engine() == "lora"
    gone(panel, qtbot, "train_network.py")


def test_edits_of_the_config_are_made_in_place(panel, press, qtbot):
    panel.configs.attempt(lambda document: document.set_value("persistent_workers", True))
    press("Rename to persistent_data")
    config = panel.configs.config
    assert config.get("persistent_workers") is None
    assert config.get("persistent_data_loader_workers") is True


def test_the_disk_is_shown(panel, press, monkeypatch, session, qtbot):
    opened = []
    monkeypatch.setattr(QDesktopServices, "openUrl", opened.append)
    monkeypatch.setattr("bespoke_gui.qtmodels.preflight_model.disk_needed",
                        lambda *_: type("D", (), {"total": 10**18})())  # fmt: skip
    panel.preflight.set_gpu("NVIDIA L4")
    press("Open the folder")
    assert opened[0].toLocalFile() == str(session.project.folder)


def test_the_token_of_the_hub_is_kept_and_forgotten_never_shown(
    panel, press, qtbot, monkeypatch, own_settings
):
    monkeypatch.delenv("HF_TOKEN", raising=False)
    panel.setup.set_base("somebody/gated-model")
    qtbot.waitUntil(lambda: any("fetched" in one for one in messages(panel)), timeout=TIMEOUT)
    press("Show")
    press("Hugging Face token")
    dialog = panel.findChildren(TokenDialog)[0]
    assert dialog.token.echoMode() == QLineEdit.EchoMode.Password
    assert dialog.state.text().startswith("There is none yet")
    dialog.token.setText("hf_canary")
    dialog.keep.click()
    assert dialog.token.text() == ""
    assert secrets.get("huggingface") == "hf_canary"
    assert "in memory until Bespoke closes" in dialog.state.text()
    written = [path.read_text() for path in own_settings.rglob("*") if path.is_file()]
    assert "hf_canary" not in json.dumps(written)
    dialog.forget.click()
    assert secrets.get("huggingface") is None
    assert not dialog.forget.isEnabled()
    dialog.close()
