"""Places: saved machines looked at over a real sshd, cards and prices from a faithful stand-in."""

import pytest

from bespoke_gui.core import secrets, settings
from bespoke_gui.core.machines import Machine, load_machines, pinned_keys, unpin
from bespoke_gui.launch.runpod.catalog import Offer
from bespoke_gui.qtmodels import place_work as work
from bespoke_gui.qtmodels.offers_model import OffersModel
from bespoke_gui.qtmodels.place_desk import PlaceDesk, _wish_of
from bespoke_gui.qtmodels.place_work import CHANGED, FAILED, OK, UNKNOWN, Looked, Market, RentWish
from tests.launch.sshd import Sshd, needs_sshd
from tests.launch.standin_runpod import StandIn

BOX = Machine("box", "10.0.0.5", user="me", key_file="/k")


def offer(name, usd, stock="HIGH", memory=24):
    return Offer(f"NVIDIA {name}", name, memory, "secure", usd, stock)


OFFERS = (offer("L4", 0.39), offer("L40S", 0.86), offer("A100 80GB PCIe", 1.39, "NONE", 80))


@pytest.fixture
def desk(session, monkeypatch):
    monkeypatch.setattr(work, "market", lambda cloud: Market(OFFERS, has_key=True, where="here"))
    monkeypatch.setattr(work, "look", lambda machine: Looked(OK, "L4, 24 GB", gpu="NVIDIA L4"))
    desk = PlaceDesk(session)
    yield desk
    desk.deleteLater()


class TestMachines:
    def test_a_saved_machine_is_chosen_and_asked_of_the_backend(self, desk, session):
        desk.save(BOX, lambda: None)
        assert load_machines()["box"] == BOX
        assert (desk.key, desk.backend) == ("ssh:box", "ssh")
        assert desk.place == {"machine": BOX.as_dict()}
        assert not desk.costs
        assert session.view.get("train_place", "") == "ssh:box"

    def test_the_place_is_remembered_and_one_that_is_gone_is_not(self, desk, session, qtbot):
        desk.save(BOX, lambda: None)
        again = PlaceDesk(session)
        assert again.key == "ssh:box"
        desk.remove("box")
        assert desk.key == "local"
        assert PlaceDesk(session).key == "local"
        again.deleteLater()

    def test_an_unchecked_machine_is_a_warning_and_a_checked_one_names_its_card(self, desk):
        desk.save(BOX, lambda: None)
        assert [one.severity for one in desk.problems()] == ["warning"]
        told = []
        desk.looked.connect(told.append)
        desk.look(BOX)
        assert told == ["box", "box"]
        assert desk.problems() == []
        assert desk.gpu() == "NVIDIA L4"

    def test_a_machine_that_costs_is_reckoned_with(self, desk):
        desk.save(Machine("box", "h", key_file="/k", usd_per_hour=0.5), lambda: None)
        price = desk.price()
        assert price is not None
        assert desk.costs
        assert price.usd_per_hour == 0.5
        assert not price.sample

    def test_a_name_that_cannot_be_is_told(self, desk, session):
        desk.save(Machine("a b", "h", key_file="/k"), lambda: None)
        assert "is no name for a machine" in session.told[-1][1]
        assert desk.key == "local"


@needs_sshd
class TestLook:
    @pytest.fixture(autouse=True)
    def patience(self, monkeypatch):
        """A machine with much to do may take long to log somebody in."""
        monkeypatch.setenv("BESPOKE_WAITS", '{"connect": 120}')

    def test_a_new_machine_is_looked_at_only_once_its_key_is_trusted(self, tmp_path):
        with Sshd(tmp_path) as sshd:
            machine = sshd.machine(pinned=False)
            found = work.look(machine)
            assert (found.state, found.fingerprint) == (UNKNOWN, sshd.fingerprint)
            assert work.machine_problems(machine, found)[0].severity == "error"
            work.trust(machine, found.key)
            found = work.look(machine)
            assert found.state == OK, found
            assert "Python 3" in found.words
            assert "of disk free" in found.words

    def test_another_key_than_before_is_refused_until_it_is_trusted(self, tmp_path):
        with Sshd(tmp_path) as sshd:
            machine = sshd.machine()
            sshd.stop()
            sshd.new_host_key()
            sshd.start()
            found = work.look(machine)
            assert found.state == CHANGED
            assert "another key than before" in found.words
            work.trust(machine, found.key)
            assert pinned_keys(machine.host, machine.port) == [found.key]
            assert work.look(machine).state == OK

    def test_a_refused_login_is_told_in_one_line(self, tmp_path):
        with Sshd(tmp_path) as sshd:
            machine = sshd.machine()
            (sshd.folder / "authorized_keys").write_text("")
            found = work.look(machine)
            assert found.state == FAILED
            assert "does not accept" in found.words

    def test_nobody_there(self, tmp_path):
        with Sshd(tmp_path) as sshd:
            machine = sshd.machine()
        found = work.look(machine)
        assert found.state == FAILED
        assert found.hint
        unpin(machine.host, machine.port)


class TestMarket:
    @pytest.fixture
    def standin(self, monkeypatch):
        with StandIn() as running:
            monkeypatch.setenv("BESPOKE_RUNPOD_URL", running.url)
            monkeypatch.setenv(secrets.variable("runpod"), running.key)
            yield running
            assert running.wrong == []

    def test_cards_and_prices_are_those_of_now(self, standin):
        found = work.market("secure")
        assert found.has_key
        assert not found.problem
        prices = [one.usd_per_hour for one in found.offers]
        assert prices == sorted(prices)
        assert any(one.memory == 80 for one in found.offers)
        assert "BESPOKE_RUNPOD_KEY" in found.where

    def test_without_a_key_nothing_is_asked(self, monkeypatch):
        monkeypatch.delenv(secrets.variable("runpod"), raising=False)
        found = work.market("secure")
        assert not found.has_key
        assert found.where
        assert work.rent_problems(RentWish(), found)[0].message == "there is no RunPod key yet"

    def test_a_wrong_key_is_told_in_words(self, standin, monkeypatch):
        monkeypatch.setenv(secrets.variable("runpod"), "wrong")
        found = work.market("secure")
        assert found.has_key
        assert "key" in found.problem.lower()


class TestRent:
    def test_cards_are_tried_in_the_order_of_their_ticks(self, desk, session):
        desk.choose("runpod")
        desk.tick("NVIDIA L40S", True)
        desk.tick("NVIDIA L4", True)
        assert desk.place["gpus"] == ["NVIDIA L40S", "NVIDIA L4"]
        assert desk.gpu() == "NVIDIA L40S"
        price = desk.price()
        assert price is not None
        assert price.usd_per_hour == 0.86
        assert not price.sample
        desk.tick("NVIDIA L40S", False)
        assert desk.gpu() == "NVIDIA L4"
        assert desk.costs

    def test_a_card_that_is_not_free_waits_behind_one_that_is(self, desk):
        desk.choose("runpod")
        desk.tick("NVIDIA A100 80GB PCIe", True)
        assert [one.severity for one in desk.problems()] == ["warning"]
        desk.tick("NVIDIA L4", True)
        assert desk.problems() == []
        assert desk.gpu() == "NVIDIA L4"

    def test_nothing_ticked_and_no_caps_are_said(self, desk):
        desk.choose("runpod")
        assert desk.problems()[0].message == "no card is ticked"
        desk.tick("NVIDIA L4", True)
        desk.ask_for(max_usd=None, max_hours=None)
        assert "no cap" in desk.problems()[0].message

    def test_what_is_asked_for_is_remembered_without_any_key(self, desk, session, qtbot):
        desk.tick("NVIDIA L4", True)
        desk.ask_for(max_usd=2.5, max_hours=None, volume="vol1", keep_pod=True)
        assert desk.place == {} or desk.backend == "local"
        desk._saving.timeout.emit()
        kept = settings.load().runpod["window"]
        assert kept["max_usd"] == 2.5
        assert _wish_of(kept) == desk.wish
        assert desk.wish.as_place() == {
            "gpus": ["NVIDIA L4"], "cloud": "secure", "max_usd": 2.5, "volume": "vol1",
            "keep_pod": True,
        }  # fmt: skip

    def test_a_key_is_kept_where_secrets_says_and_prices_are_asked_for(self, desk, session):
        desk.keep_key("rpa_secret")
        assert secrets.get("runpod") == "rpa_secret"
        assert session.told[-1][0] == "good"
        assert "rpa_secret" not in str(session.told)
        assert "rpa_secret" not in str(session.settings)
        secrets.forget("runpod")

    @pytest.mark.parametrize("kept", [
        None, 3, "x", [], {"cards": 5, "cloud": "moon", "max_usd": "much", "volume": 1},
        {"cards": [1, "A"], "max_hours": -1, "keep_pod": "yes"},
    ])  # fmt: skip
    def test_settings_from_elsewhere_do_no_harm(self, kept):
        wish = _wish_of(kept)
        assert wish.cloud == "secure"
        assert all(isinstance(card, str) for card in wish.cards)
        assert wish.keep_pod is False

    def test_the_table_ticks_and_orders(self, desk):
        desk.choose("runpod")
        model = OffersModel(desk)
        model.ticked.connect(desk.tick)
        desk.chosen_changed.connect(model.take)
        model.take()
        assert [model.text(row, 0) for row in model.rows] == ["L4", "L40S", "A100 80GB PCIe"]
        checked = 2  # Qt.CheckState.Checked
        model.setData(model.index(1, 0), checked, 10)
        assert [model.text(row, 0) for row in model.rows] == ["L40S", "L4", "A100 80GB PCIe"]
        model.setData(model.index(2, 0), checked, 10)
        assert [model.text(row, 0) for row in model.rows][:2] == ["1. L40S", "2. A100 80GB PCIe"]
        assert model.text(model.rows[1], 3) == "none free"
