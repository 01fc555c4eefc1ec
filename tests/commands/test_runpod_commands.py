"""`bespoke billing`, `bespoke runpod`, and `bespoke cost` with live prices, on the stand-in."""

import io
import json

import pytest

from bespoke_gui.__main__ import console
from bespoke_gui.core import secrets
from tests.launch.rented import Rented
from tests.launch.sshd import needs_sshd
from tests.launch.standin_runpod import Boot, StandIn, sshd_pods


@pytest.fixture
def standin(tmp_path, monkeypatch):
    with StandIn(machine=sshd_pods(tmp_path / "pods")) as running:
        running.account.boot = Boot(0.05, 0.05)
        monkeypatch.setenv("BESPOKE_RUNPOD_URL", running.url)
        monkeypatch.setenv(secrets.variable("runpod"), running.key)
        yield running


@pytest.fixture
def bespoke(capsys):
    def run(*words):
        code = console([*words, "--json"])
        return code, json.loads(capsys.readouterr().out)

    return run


@needs_sshd
def test_billing_lists_and_ends(standin, tmp_path, bespoke, capsys):
    rented = Rented(standin, tmp_path)
    rented.machine()
    code, answer = bespoke("billing")
    assert (code, answer["usd_per_hour"], answer["problem"]) == (0, 1.39, "")
    assert answer["runs"][0]["run"] == "run1"
    assert console(["billing"]) == 0
    assert "together $1.39 an hour" in capsys.readouterr().out
    rented.told("job", missing=["outputs/a.safetensors"])
    code, answer = bespoke("billing", "--stop", "run1")
    assert code == 2
    assert "--discard" in answer["error"]["hint"]
    code, answer = bespoke("billing", "--all")
    assert (code, len(answer["failed"]), len(answer["runs"])) == (1, 1, 1)
    code, answer = bespoke("billing", "--all", "--discard")
    assert (code, answer["runs"], answer["failed"]) == (0, [], [])
    assert answer["ended"][0]["status"] == "TERMINATED"
    assert standin.account.billing() == []
    assert console(["billing"]) == 0
    assert capsys.readouterr().out == "nothing costs money now\n"


def test_billing_that_cannot_ask_says_so(standin, tmp_path, bespoke):
    standin.pause()
    code, answer = bespoke("billing")
    assert code == 1
    assert "cannot be reached" in answer["problem"]


def test_the_key_is_kept_from_a_pipe_and_never_from_the_arguments(standin, bespoke, monkeypatch):
    kept = {}
    monkeypatch.delenv(secrets.variable("runpod"))
    monkeypatch.setattr(secrets, "_backend", lambda: kept)
    monkeypatch.setattr(secrets, "_asked", lambda *_: kept.get("key"))

    def store(_backend, service, account, value):
        kept["key"] = value
        return True

    monkeypatch.setattr(secrets, "_store", lambda service, account, value: store(0, 0, 0, value))
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{standin.key}\n"))
    code, answer = bespoke("runpod", "key", "set")
    assert (code, answer, kept["key"]) == (0, {"where": "keyring"}, standin.key)
    code, answer = bespoke("runpod", "key", "check")
    assert (code, answer["ok"], answer["url"]) == (0, True, standin.url)
    with pytest.raises(SystemExit):
        console(["runpod", "key", "set", standin.key, "--json"])


def test_a_key_that_cannot_be_kept_is_not_said_to_be(monkeypatch, bespoke):
    monkeypatch.setattr("sys.stdin", io.StringIO("rpa_x\n"))
    code, answer = bespoke("runpod", "key", "set")
    assert code == 1
    assert "BESPOKE_RUNPOD_KEY" in answer["error"]["hint"]
    assert secrets.get("runpod") is None


def test_a_wrong_key_is_said(standin, bespoke, monkeypatch):
    monkeypatch.setenv(secrets.variable("runpod"), "rpa_wrong")
    code, answer = bespoke("runpod", "key", "check")
    assert (code, answer["error"]["kind"]) == (1, "auth")
    code, answer = bespoke("runpod", "key", "forget")
    assert (code, answer) == (0, {"known": True})


def test_cards_and_volumes_are_listed(standin, bespoke, capsys):
    standin.account.add_volume("art", 20, "EU-RO-1")
    code, answer = bespoke("runpod", "gpus", "--cloud", "community")
    assert code == 0
    assert answer["gpus"][0] == {
        "id": "NVIDIA RTX A4000", "name": "RTX A4000", "memory": 16, "cloud": "community",
        "usd_per_hour": 0.17, "stock": "MEDIUM", "cuda": ["12.4", "12.8", "13.0"], "most": 4,
    }  # fmt: skip
    assert console(["runpod", "gpus"]) == 0
    assert "0.25    high  NVIDIA RTX A4000" in capsys.readouterr().out
    assert bespoke("runpod", "volumes")[1]["volumes"][0]["name"] == "art"


def test_cost_takes_the_live_price_and_says_so(standin, bespoke, capsys, monkeypatch):
    words = ("cost", "--gpu", "4090", "--steps", "408")
    code, answer = bespoke(*words)
    assert (code, answer["price"]) == (0, {"usd_per_hour": 0.69, "sample": False})
    assert "live price $0.69 an hour" in answer["basis"]
    assert bespoke(*words, "--usd-per-hour", "2")[1]["price"]["usd_per_hour"] == 2
    standin.pause()
    assert console([*words, "--json"]) == 0
    shown = capsys.readouterr()
    assert json.loads(shown.out)["price"]["sample"] is True
    assert "no live price: RunPod cannot be reached" in shown.err
    seen = len(standin.seen)
    monkeypatch.delenv(secrets.variable("runpod"))
    assert bespoke(*words)[1]["price"]["sample"] is True
    assert len(standin.seen) == seen
