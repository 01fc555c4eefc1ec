"""`bespoke keys`: kept in the keyring alone, read from standard input, never shown."""

import io
import json

import keyring
import keyring.backend
import pytest

from bespoke_gui.__main__ import console
from bespoke_gui.core import secrets
from bespoke_gui.core.runspec import RunSpec
from bespoke_gui.launch.remote.lent import lent
from tests.memory_keyring import MemoryKeyring

TOKEN = "hf_canary0123456789"


@pytest.fixture
def ring(monkeypatch):
    for name in ("HF_TOKEN", "WANDB_API_KEY", *map(secrets.variable, ("huggingface", "wandb"))):
        monkeypatch.delenv(name, raising=False)
    before, backend = keyring.get_keyring(), MemoryKeyring()
    keyring.set_keyring(backend)
    yield backend
    keyring.set_keyring(before)


def bespoke(capsys, *words):
    code = console([*words, "--json"])
    printed = capsys.readouterr()
    assert TOKEN not in printed.out + printed.err
    return code, json.loads(printed.out)


def test_a_token_is_kept_used_and_forgotten(ring, capsys, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{TOKEN}\n"))
    assert bespoke(capsys, "keys", "set", "huggingface") == (0, {"where": "keyring"})
    assert list(ring.kept.values()) == [TOKEN]
    code, data = bespoke(capsys, "keys", "list")
    known = {one["service"]: one["known"] for one in data["keys"]}
    assert (code, known["huggingface"], known["wandb"]) == (0, True, False)
    spec = RunSpec(run="x", engine="kohya", base="somebody/gated-model")
    assert lent(spec) == {"HF_TOKEN": TOKEN}
    assert bespoke(capsys, "keys", "forget", "huggingface") == (0, {"known": False})
    assert ring.kept == {}
    assert lent(spec) == {}


def test_one_in_the_environment_is_told_of(ring, capsys, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    assert bespoke(capsys, "keys", "list")[1]["keys"][0]["where"] == "environment"


def test_without_a_keyring_nothing_is_kept(capsys, monkeypatch):
    monkeypatch.delenv(secrets.variable("huggingface"), raising=False)
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{TOKEN}\n"))
    code, data = bespoke(capsys, "keys", "set", "huggingface")
    assert code != 0
    assert "BESPOKE_HUGGINGFACE_KEY" in data["error"]["hint"]
    assert secrets.get("huggingface") is None


def test_a_token_is_never_an_argument(capsys):
    with pytest.raises(SystemExit):
        console(["keys", "set", "huggingface", TOKEN])
    assert secrets.get("huggingface") is None
