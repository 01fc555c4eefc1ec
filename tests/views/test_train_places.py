"""Train panel with other machines: a backend that writes what a courier would write."""

import json
import time

import pytest

from bespoke_gui.core.machines import Machine
from bespoke_gui.core.resources import resource
from bespoke_gui.core.rundir import RunDir
from bespoke_gui.launch.base import BACKENDS
from bespoke_gui.launch.runpod.catalog import Offer
from bespoke_gui.qtmodels import place_work
from bespoke_gui.qtmodels.place_work import Market
from bespoke_gui.views.rooms.train import TrainPanel

TIMEOUT = 20_000
CARDS = (Offer("NVIDIA A100 80GB PCIe", "A100 80GB PCIe", 80, "secure", 1.39, "HIGH"),)


class PretendedCourier:
    """Stands for a backend elsewhere: its run folder is written as a courier would write it."""

    name, title = "runpod", "RunPod"

    def __init__(self):
        self.calls = []

    def start(self, run_dir):
        self.calls.append("start")
        self.write(run_dir)
        run_dir.emit("stage", name="renting")
        run_dir.emit("stage", name="training")

    def write(self, run_dir, **changes):
        job = {
            "backend": "runpod", "machine": {"name": "pod", "host": "203.0.113.7", "port": 22022},
            "pod": {"id": "abc", "gpu": "NVIDIA A100 80GB PCIe", "cloud": "secure"},
            "usd_per_hour": 1.39, "cost_usd": 0.4, "link": "ok", "missing": [], **changes,
        }  # fmt: skip
        run_dir.job_path.write_text(json.dumps(job))

    def attach(self, run_dir, by_hand=False):
        self.calls.append("attach by hand" if by_hand else "attach")

    def state(self, run_dir):
        ended = run_dir.read_exit()
        return ended["outcome"] if ended else "running"

    def stop(self, run_dir):
        self.calls.append("stop")
        run_dir.request("stop")
        return "asked"


@pytest.fixture
def courier(monkeypatch):
    list(BACKENDS)
    backend = PretendedCourier()
    monkeypatch.setitem(BACKENDS._items, "runpod", backend)
    return backend


@pytest.fixture
def panel(qtbot, session, courier, monkeypatch):
    monkeypatch.setattr(place_work, "market", lambda cloud: Market(CARDS, has_key=True))
    text = resource("demo/training_config.toml").read_text(encoding="utf-8")
    (session.project.configs_dir / "demo.toml").write_text(text, encoding="utf-8")
    panel = TrainPanel(session)
    qtbot.addWidget(panel)
    panel.resize(1360, 820)
    panel.show()
    panel.starting.engine = "fake"
    panel.places.choose("runpod")
    panel.places.tick("NVIDIA A100 80GB PCIe", True)
    qtbot.waitUntil(lambda: is_judged(panel), timeout=TIMEOUT)
    yield panel
    panel.view.detach()


def is_judged(panel):
    result = panel.preflight.result
    return result is not None and result.gpu == "NVIDIA A100 80GB PCIe"


def started(panel, qtbot, ask) -> RunDir:
    ask.answers = ["start"]
    panel.setup.start.click()
    qtbot.waitUntil(lambda: bool(panel.view.job), timeout=TIMEOUT)
    return panel.view.run_dir


def test_the_estimate_is_for_the_card_and_the_price_of_now(panel):
    result = panel.preflight.result
    assert result.price.usd_per_hour == 1.39
    assert not result.price.sample
    assert panel.setup.briefing.forecast.machines.currentData() == "NVIDIA A100 80GB PCIe"
    assert "Rents a A100" in panel.setup.start.toolTip()


def test_one_question_then_the_run_is_asked_for_with_its_place(panel, qtbot, ask, courier):
    run_dir = started(panel, qtbot, ask)
    assert len(ask.asked) == 1
    assert "$1.39 an hour" in ask.asked[0][1]
    spec = json.loads(run_dir.spec_path.read_text())
    assert spec["place"]["gpus"] == ["NVIDIA A100 80GB PCIe"]
    assert spec["place"]["max_usd"] == 5.0
    assert courier.calls == ["start"]
    qtbot.waitUntil(lambda: panel.view.head.stage.text() == "Training", timeout=TIMEOUT)
    assert panel.view.head.place.text() == "RunPod · A100 80GB PCIe · secure"


def test_a_cancelled_question_rents_nothing(panel, ask, courier, session):
    ask.answers = [""]
    panel.setup.start.click()
    assert courier.calls == []
    assert not list(session.project.runs_dir.glob("*"))


def test_what_stands_in_the_way_of_renting_is_in_the_list(panel, qtbot):
    panel.places.tick("NVIDIA A100 80GB PCIe", False)
    findings = panel.setup.briefing.findings
    qtbot.waitUntil(
        lambda: any(one.message == "no card is ticked" for one in findings.problems),
        timeout=TIMEOUT,
    )


def test_stopping_a_rented_run_says_what_becomes_of_the_machine(panel, qtbot, ask, courier):
    run_dir = started(panel, qtbot, ask)
    qtbot.waitUntil(lambda: panel.view.state == "running", timeout=TIMEOUT)
    ask.answers = ["leave"]
    panel.view.head.controls.stop.click()
    assert "given back once every file is here" in ask.asked[-1][1]
    assert not run_dir.requested("stop")
    ask.answers = ["stop"]
    panel.view.head.controls.stop.click()
    qtbot.waitUntil(lambda: "stop" in courier.calls, timeout=TIMEOUT)
    assert run_dir.requested("stop")
    run_dir.write_exit("cancelled", kind="cancelled", message="stopped")
    qtbot.waitUntil(lambda: panel.view.state == "cancelled", timeout=TIMEOUT)


def test_a_machine_that_still_costs_after_the_end_is_said_and_given_back(
    panel, qtbot, ask, courier
):
    run_dir = started(panel, qtbot, ask)
    courier.write(run_dir, missing=["outputs/a.safetensors"])
    run_dir.write_exit("failed", kind="network", message="the link is gone")
    qtbot.waitUntil(lambda: panel.view.state == "failed", timeout=TIMEOUT)
    qtbot.waitUntil(lambda: "1 file" in panel.view.rent.words.text(), timeout=TIMEOUT)
    assert panel.view.rent.isVisible()
    assert "still costs $1.39 an hour" in panel.view.rent.words.text()
    ask.answers = ["release"]
    panel.view.rent.release.click()
    assert "would be lost: outputs/a.safetensors" in ask.asked[-1][1]
    assert run_dir.requested("release")
    assert courier.calls[-1] == "attach by hand"
    panel.view.rent.fetch.click()
    assert run_dir.requested("fetch")
    panel.view._settle.setInterval(20)
    courier.write(run_dir, released=True)
    qtbot.waitUntil(lambda: not panel.view.rent.isVisible(), timeout=TIMEOUT)
    assert not panel.view._settle.isActive()


def test_a_run_that_was_given_back_has_nothing_left_over(panel, qtbot, ask, courier):
    run_dir = started(panel, qtbot, ask)
    time.sleep(0.02)
    courier.write(run_dir, released=True)
    run_dir.write_exit("finished")
    qtbot.waitUntil(lambda: panel.view.job.get("released") is True, timeout=TIMEOUT)
    qtbot.waitUntil(lambda: panel.view.state == "finished", timeout=TIMEOUT)
    assert not panel.view.rent.isVisible()


def test_a_machine_with_sd_scripts_trains_with_them_unless_another_is_chosen(panel, session):
    boxes = (Machine("kohya", "h", key_file="/k", sd_scripts="/opt/sd-scripts"),
             Machine("plain", "h", key_file="/k"))  # fmt: skip
    for machine in boxes:
        panel.places.save(machine, lambda: None)
    assert panel.setup.engine() == "lora"
    panel.places.choose("ssh:kohya")
    assert panel.setup.engine() == "kohya"
    assert not panel.setup.checkout.isVisible()
    panel.setup.trainers.setCurrentIndex(0)
    panel.places.chosen_changed.emit()
    assert panel.setup.engine() == "lora", "a choice of the person stays"
    panel.places.choose("local")
    assert panel.setup.checkout.isVisible()


def test_a_run_that_nobody_follows_any_more_is_followed_again_by_a_button(
    panel, qtbot, ask, courier
):
    run_dir = started(panel, qtbot, ask)
    assert not panel.view.rent.follow.isVisible()
    courier.write(run_dir, courier_trouble="its follower died 5 times; it costs $1.39 an hour")
    qtbot.waitUntil(lambda: "died 5 times" in panel.view.rent.words.text(), timeout=TIMEOUT)
    assert panel.view.rent.isVisible()
    courier.calls.clear()
    panel.view.rent.follow.click()
    qtbot.waitUntil(lambda: courier.calls == ["attach by hand"], timeout=TIMEOUT)
    courier.write(run_dir)
    qtbot.waitUntil(lambda: not panel.view.rent.isVisible(), timeout=TIMEOUT)
