"""Where card, rent pane and machine dialog over a desk whose machines are pretended."""

import base64

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from bespoke_gui.core.machines import Machine, load_machines, pinned_keys
from bespoke_gui.launch.runpod.catalog import Offer
from bespoke_gui.qtmodels import place_work as work
from bespoke_gui.qtmodels.place_desk import PlaceDesk
from bespoke_gui.qtmodels.place_work import CHANGED, OK, UNKNOWN, Looked, Market, Volume
from bespoke_gui.views.widgets.machine_dialog import MachineDialog
from bespoke_gui.views.widgets.where_card import WhereCard

BLOB = b"\x00\x00\x00\x0bssh-ed25519\x00\x00\x00 " + bytes(32)
KEY = f"ssh-ed25519 {base64.b64encode(BLOB).decode()}"
BOX = Machine("box", "10.0.0.5", user="me", key_file="/k")
CARDS = (Offer("NVIDIA L4", "L4", 24, "secure", 0.39, "HIGH"),)


@pytest.fixture
def looks(monkeypatch):
    answers = {"box": Looked(OK, "L4, 24 GB")}
    monkeypatch.setattr(work, "look", lambda machine: answers[machine.name])
    return answers


@pytest.fixture
def markets(monkeypatch):
    answers = [Market(CARDS, has_key=True)]
    monkeypatch.setattr(work, "market", lambda cloud: answers[-1])
    return answers


@pytest.fixture
def desk(session, looks, markets):
    desk = PlaceDesk(session)
    yield desk
    desk.deleteLater()


@pytest.fixture
def card(qtbot, desk):
    card = WhereCard(desk)
    qtbot.addWidget(card)
    card.resize(360, 500)
    card.show()
    return card


def choose(card, words):
    card.places.setCurrentIndex(card.places.findText(words))
    card.places.activated.emit(card.places.currentIndex())


def test_all_places_are_offered(card, desk):
    desk.save(BOX, lambda: None)
    words = [card.places.itemText(place) for place in range(card.places.count())]
    assert words == [
        "This computer", "box · me@10.0.0.5", "Rent a card at RunPod", "", "Add a machine…",
    ]  # fmt: skip
    assert card.places.currentText() == "box · me@10.0.0.5"


def test_adding_asks_and_chooses_nothing(card, desk):
    asked = []
    card.add_wanted.connect(lambda: asked.append(1))
    choose(card, "Add a machine…")
    assert asked == [1]
    assert desk.key == "local"
    assert card.places.currentText() == "This computer"


def test_a_check_tells_what_it_has(card, desk):
    desk.save(BOX, lambda: None)
    assert "Not checked yet" in card.words.text()
    card.check.click()
    assert card.words.text().startswith("L4, 24 GB · asked at ")
    assert not card.trust.isVisible()


@pytest.mark.parametrize(("state", "words"), [
    (UNKNOWN, "never used from here"), (CHANGED, "another key than before"),
])  # fmt: skip
def test_a_key_is_shown_to_be_compared(card, desk, looks, state, words):
    looks["box"] = Looked(state, "x", key=KEY)
    desk.save(BOX, lambda: None)
    card.check.click()
    assert words in card.words.text()
    assert card.print.text().startswith("SHA256:")
    assert card.trust.isVisible()


def test_without_a_key_it_is_asked_for_and_goes_nowhere_else(card, desk, markets, monkeypatch):
    kept = []
    monkeypatch.setattr(work, "keep_key", lambda text: kept.append(text) or "kept in memory")
    markets.append(Market(where="kept in memory"))
    choose(card, "Rent a card at RunPod")
    assert card.rent.key_box.isVisible()
    assert not card.rent.market_box.isVisible()
    assert "kept in memory" in card.rent.key_place.text()
    assert card.rent.key.echoMode() == card.rent.key.EchoMode.Password
    card.rent.key.setText("rpa_x")
    markets.append(Market(CARDS, has_key=True))
    QTest.keyClick(card.rent.key, Qt.Key.Key_Return)
    assert kept == ["rpa_x"]
    assert card.rent.key.text() == ""
    assert card.rent.market_box.isVisible()


def test_cards_are_ticked_by_key_and_caps_are_taken(card, desk):
    choose(card, "Rent a card at RunPod")
    table = card.rent.table
    table.setCurrentIndex(card.rent.offers.index(0, 0))
    table.setFocus()
    QTest.keyClick(table, Qt.Key.Key_Space)
    assert desk.wish.cards == ("NVIDIA L4",)
    card.rent.max_usd.setValue(2.0)
    card.rent.max_hours.setValue(0.0)
    assert (desk.wish.max_usd, desk.wish.max_hours) == (2.0, None)
    card.rent.ends.setCurrentIndex(1)
    card.rent.ends.activated.emit(1)
    assert desk.wish.keep_pod


class TestDialog:
    @pytest.fixture
    def make(self, qtbot, session, desk):
        def make(machine=None):
            dialog = MachineDialog(session, desk, machine)
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
            qtbot.addWidget(dialog)
            dialog.show()
            return dialog

        return make

    def fill(self, dialog):
        dialog.name.setText("box")
        dialog.host.setText("10.0.0.5")
        dialog.user.setText("me")
        dialog.key_file.setText("/k")

    def test_it_says_what_is_missing_until_nothing_is(self, make):
        dialog = make()
        assert not dialog.keep.isEnabled()
        assert "name" in dialog.words.text()
        dialog.name.setText("box")
        assert "address" in dialog.words.text()
        dialog.host.setText("-oProxyCommand=x")
        assert "address" in dialog.words.text()
        dialog.host.setText("10.0.0.5")
        assert "key file" in dialog.words.text()
        dialog.agent.setChecked(True)
        assert dialog.keep.isEnabled()
        assert dialog.machine().use_agent
        assert dialog.machine().key_file == ""

    def test_it_is_looked_at_and_saved(self, make, desk):
        dialog = make()
        self.fill(dialog)
        dialog.check.click()
        assert dialog.words.text().startswith("L4, 24 GB")
        dialog.keep.click()
        assert load_machines()["box"] == BOX
        assert desk.key == "ssh:box"
        assert not dialog.isVisible()

    def test_a_first_key_is_asked_about_with_its_fingerprint(self, make, looks, ask):
        looks["box"] = Looked(UNKNOWN, "is new", key=KEY)
        dialog = make()
        self.fill(dialog)
        dialog.check.click()
        assert dialog.trust.isVisible()
        ask.answers = ["", "trust"]
        dialog.trust.click()
        assert pinned_keys("10.0.0.5") == []
        assert dialog.print.text() in ask.asked[-1][1]
        dialog.trust.click()
        assert pinned_keys("10.0.0.5") == [KEY]

    def test_a_changed_key_is_warned_of_and_the_safe_answer_comes_first(self, make, looks, ask):
        looks["box"] = Looked(CHANGED, "shows another key", key=KEY)
        dialog = make()
        self.fill(dialog)
        dialog.check.click()
        ask.answers = ["back"]
        dialog.trust.click()
        title, text, choices = ask.asked[-1]
        assert "another key than before" in title
        assert "another machine answers in its place" in text
        assert choices[0] == "back"
        assert pinned_keys("10.0.0.5") == []

    def test_a_saved_one_keeps_its_name(self, make, desk):
        desk.save(BOX, lambda: None)
        dialog = make(BOX)
        assert dialog.name.isReadOnly()
        dialog.workdir.setText("/data")
        dialog.keep.click()
        assert load_machines()["box"].workdir == "/data"
        other = make()
        self.fill(other)
        assert "already" in other.words.text()


def test_the_volumes_of_the_account_are_offered_none_is_the_default(card, desk, markets):
    both = (Volume("v1", "art", 50, "EU-RO-1"), Volume("v2", "", 200, "US-KS-2"))
    markets.append(Market(CARDS, both, has_key=True))
    choose(card, "Rent a card at RunPod")
    volume = card.rent.volume
    words = [volume.itemText(place) for place in range(volume.count())]
    assert words == [
        "None: a disk of its own", "art · 50 GB in EU-RO-1", "v2 · 200 GB in US-KS-2",
    ]  # fmt: skip
    assert (volume.currentIndex(), desk.wish.volume) == (0, "")
    volume.setCurrentIndex(1)
    volume.activated.emit(1)
    assert desk.place["volume"] == "v1"
    desk.tick("NVIDIA L4", True)
    # One that was deleted meanwhile is named, not dropped in silence.
    markets.append(Market(CARDS, (), has_key=True))
    desk.ask_market()
    assert volume.currentText() == "v1 (not in the account)"
    assert "no network volume v1" in desk.problems()[0].message
