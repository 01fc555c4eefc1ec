"""Still billing: nothing that costs money is left out, and what is ended is really gone."""

import contextlib
import os
import time
from dataclasses import replace

import pytest

from bespoke_gui.core import secrets
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.processes import start_time
from bespoke_gui.launch.runpod import billing, ledger, prices
from tests.launch.rented import Rented
from tests.launch.sshd import needs_sshd
from tests.launch.standin_runpod import Boot, Fault, StandIn, sshd_pods

CREATE = "POST /v2/pods"


@pytest.fixture
def standin(tmp_path, monkeypatch):
    with StandIn(machine=sshd_pods(tmp_path / "pods")) as running:
        running.account.boot = Boot(0.05, 0.05)
        monkeypatch.setenv("BESPOKE_RUNPOD_URL", running.url)
        monkeypatch.setenv(secrets.variable("runpod"), running.key)
        yield running
        assert running.wrong == []


@pytest.fixture
def rented(standin, tmp_path):
    return Rented(standin, tmp_path)


def only():
    found = billing.still_billing()
    assert found.problem == ""
    (bill,) = found.bills
    return bill


def test_nothing_is_nothing(monkeypatch):
    assert billing.still_billing() == billing.Bills()
    with pytest.raises(AppError, match="costs nothing now"):
        billing.end("pod")


@needs_sshd
def test_a_forgotten_pod_is_told_with_run_and_cost(rented, standin):
    rented.machine()
    standin.clock.advance(3600)
    bill = only()
    assert (bill.run, bill.usd_per_hour, bill.followed) == ("run1", 1.39, False)
    assert bill.spent_usd == pytest.approx(1.39, rel=0.02)
    assert "nobody looks after it" in bill.words
    assert "run run1" in bill.words
    rented.told("job", courier={"pid": os.getpid(), "started": start_time(os.getpid())})
    assert "looked after" in only().words
    rented.told("job", courier={"pid": os.getpid(), "started": 5})
    assert not only().followed, "a reused number is nobody"


@needs_sshd
def test_ending_by_run_pod_or_name_is_seen(rented, standin):
    rented.machine()
    told = []
    ended = billing.end("run1", tell=told.append)
    assert ended.status == "TERMINATED"
    assert standin.account.billing() == []
    assert rented.job["released"] is True
    assert "it cost $" in told[-1]
    assert billing.still_billing() == billing.Bills()
    assert not rented.entry.key_path.exists()


@needs_sshd
def test_files_that_are_not_here_are_not_thrown_away_unasked(rented, standin):
    rented.machine()
    rented.told("job", missing=["outputs/a-000008.safetensors"])
    with pytest.raises(AppError, match="not here yet, for example outputs/a-000008") as caught:
        billing.end("run1")
    assert "--discard" in caught.value.hint
    assert len(standin.account.billing()) == 1
    billing.end("run1", discard=True)
    assert standin.account.billing() == []


@needs_sshd
def test_a_pod_nobody_wrote_down_is_found_by_its_name(rented, standin):
    rented.machine()
    path = ledger.folder() / f"{rented.job['pod']['name']}.json"
    path.unlink()
    bill = only()
    assert "not of this computer" in bill.words
    billing.end(bill.id)
    assert standin.account.billing() == []
    with standin.account.lock:
        other = standin.account.create({**standin.calls(CREATE)[0].body, "name": "my own work"})
    assert billing.still_billing().bills == [], "other people's pods are none of ours"
    assert other.id in standin.account.pods


@needs_sshd
def test_a_stopped_pod_costs_its_disk(rented, standin):
    rented.machine()
    with standin.account.lock:
        standin.account.act(rented.job["pod"]["id"], "stop")
    bill = only()
    assert bill.usd_per_hour == pytest.approx(30 * 0.20 / 730)
    assert "stopped, its disk costs $0.0082 an hour" in bill.words


@needs_sshd
def test_a_kept_pod_is_told_as_kept(rented, standin):
    rented.ask(keep_pod=True)
    rented.machine()
    rented.release()
    assert "kept as asked" in only().words


@needs_sshd
def test_what_runpod_ended_is_closed(rented, standin):
    rented.machine()
    with standin.account.lock:
        standin.account.terminate(rented.job["pod"]["id"])
    assert billing.still_billing().bills == []
    assert rented.entry.released


@needs_sshd
def test_a_pod_made_after_it_was_given_up_is_told(rented, standin):
    rented.machine()
    rented.release()
    with standin.account.lock:
        standin.account.create(dict(standin.calls(CREATE)[0].body))
    assert only().run == "run1"


@needs_sshd
def test_while_runpod_cannot_be_asked_what_was_written_down_is_told(rented, standin, monkeypatch):
    rented.machine()
    standin.pause()
    found = billing.still_billing()
    assert "cannot be reached" in found.problem
    assert "could not be asked" in found.bills[0].words
    with pytest.raises(AppError):
        billing.end("run1")
    standin.start()
    monkeypatch.delenv(secrets.variable("runpod"))
    found = billing.still_billing()
    assert "no RunPod key" in found.problem
    assert found.usd_per_hour == 1.39
    assert rented.entry.is_open


@needs_sshd
def test_ending_waits_out_passing_trouble(rented, standin):
    rented.machine()
    standin.faults.plan(
        Fault("POST /v2/pods/*/action", status=503), Fault("GET /v2/pods/*", status=500)
    )
    billing.end("run1")
    assert standin.account.billing() == []


def test_an_unreadable_ledger_file_stops_nothing(standin, own_settings):
    ledger.folder().mkdir(parents=True)
    for name, text in (("bespoke-a", "{"), ("bespoke-b", "[]"), ("bespoke-c", '{"name": 3}'),
                       ("bespoke-d", '{"name": "../x", "run": "", "folder": ""}')):  # fmt: skip
        (ledger.folder() / f"{name}.json").write_text(text)
    assert billing.still_billing() == billing.Bills()
    assert ledger.load("../settings") is None


def test_runs_of_one_name_have_pods_of_different_names(tmp_path):
    names = {ledger.new_entry("../a b/ü", tmp_path).name for _ in range(20)}
    assert len(names) == 20
    assert all(ledger._NAME.fullmatch(name) for name in names)


def test_live_prices_say_when_and_samples_stay_samples(standin, monkeypatch):
    price, why = prices.best_price("4090")
    assert (price.usd_per_hour, price.sample, why) == (0.69, False, "")
    assert price.basis.startswith("live price $0.69 an hour (NVIDIA GeForce RTX 4090, RunPod")
    assert time.strftime("%Y-%m-%d") in price.basis
    assert prices.live_price("4090", "community", 2).usd_per_hour == pytest.approx(0.68)
    none, why = prices.best_price("Voodoo")
    assert none is None
    assert "no card" in why
    standin.pause()
    assert "cannot be reached" in prices.best_price("4090")[1]
    monkeypatch.delenv(secrets.variable("runpod"))
    assert prices.best_price("4090") == (None, "")


@needs_sshd
def test_one_pod_of_two_is_ended(rented, standin, tmp_path):
    other = Rented(standin, tmp_path, name="run2")
    rented.machine()
    other.machine()
    assert billing.still_billing().usd_per_hour == pytest.approx(2.78)
    billing.end("run2")
    assert only().run == "run1"
    with contextlib.suppress(AppError):
        billing.end("run3")
    assert replace(only(), spent_usd=0).run == "run1"
