"""From the window to a rented machine and back: RunPod is a stand-in, all else is real."""

import json
import sys
from dataclasses import asdict, replace

import pytest

from bespoke_gui.core import secrets
from bespoke_gui.core.resources import resource
from bespoke_gui.core.rundir import RunDir
from bespoke_gui.launch.remote.waits import VARIABLE
from bespoke_gui.launch.runpod import billing
from bespoke_gui.qtmodels import tasks
from bespoke_gui.qtmodels.billing_model import BillingModel
from bespoke_gui.views.rooms.train import TrainPanel
from bespoke_gui.views.widgets.checkpoint_table import WHERE_COLUMN
from tests.launch.remote_kit import QUICK_WAITS, courier_of
from tests.launch.rented import QUICK
from tests.launch.sshd import needs_sshd
from tests.launch.standin_runpod import Boot, StandIn, sshd_pods

TIMEOUT = 240_000


@pytest.fixture
def standin(tmp_path, monkeypatch):
    with StandIn(machine=sshd_pods(tmp_path / "pods")) as running:
        running.account.boot = Boot(0.2, 0.3)
        monkeypatch.setenv("BESPOKE_RUNPOD_URL", running.url)
        monkeypatch.setenv(secrets.variable("runpod"), running.key)
        patient = replace(QUICK_WAITS, connect=120, give_up=120)
        waits = {**asdict(QUICK), **asdict(patient), "money": 0.3, "boot": 120, "api": 20}
        monkeypatch.setenv(VARIABLE, json.dumps(waits))
        yield running
        assert running.wrong == []


@pytest.fixture
def panel(qtbot, session, standin, threaded_tasks, tmp_path):
    text = resource("demo/training_config.toml").read_text(encoding="utf-8")
    (session.project.configs_dir / "demo.toml").write_text(text, encoding="utf-8")
    session.settings.runpod = {"workdir": str(tmp_path / "pods" / "work"), "python": sys.executable}
    session.save_settings()
    panel = TrainPanel(session)
    qtbot.addWidget(panel)
    panel.resize(1360, 820)
    panel.show()
    panel.starting.engine = "fake"
    panel.starting.options = {"seconds_per_step": 0.2, "epochs": 2, "steps_per_epoch": 6}
    yield panel
    panel.view.detach()
    for folder in session.project.runs_dir.glob("*"):
        courier = courier_of(RunDir(folder))
        if courier is not None:
            courier.kill()
    tasks.shutdown()


@needs_sshd
def test_one_click_rents_trains_fetches_and_gives_back(panel, qtbot, ask, session):
    panel.places.choose("runpod")
    qtbot.waitUntil(lambda: bool(panel.places.market and panel.places.market.offers),
                    timeout=TIMEOUT)  # fmt: skip
    card = next(one for one in panel.places.market.offers if "A100" in one.id and one.is_free)
    panel.places.tick(card.id, True)
    qtbot.waitUntil(lambda: panel.preflight.result is not None and panel.preflight.gpu == card.id,
                    timeout=TIMEOUT)  # fmt: skip
    qtbot.waitUntil(panel.setup.start.isEnabled, timeout=TIMEOUT)
    ask.answers = ["start"]
    panel.setup.start.click()
    assert f"${card.usd_per_hour:.2f} an hour" in ask.asked[-1][1]
    qtbot.waitUntil(lambda: panel.view.story.step > 1, timeout=TIMEOUT)
    assert panel.view.head.place.text().startswith("RunPod · A100")
    bills = BillingModel(session)
    qtbot.waitUntil(lambda: bool(bills.bills), timeout=TIMEOUT)
    assert bills.unattended == []
    qtbot.waitUntil(lambda: panel.view.state == "finished", timeout=TIMEOUT)
    model = panel.view.files.model
    assert [row.epoch for row in model.rows if row.whole] == [1, 2]
    states = {model.index(row, WHERE_COLUMN).data() for row in range(len(model.rows))}
    assert states == {"here, verified"}
    assert panel.view.job.get("released") is True
    assert not panel.view.rent.isVisible()
    assert panel.view.tiles_box.values["cost"].text().startswith("$0.")
    assert billing.still_billing().bills == []
    stages = [line.text for line in panel.view.story.log if line.level == "stage"]
    for name in ("renting", "booting", "uploading", "smoke run", "releasing"):
        assert name in stages
    bills.deleteLater()
