"""Secrets: keyring, environment or memory; never in a file, never in a message."""

import contextlib

import keyring
import keyring.backend
import keyring.errors
import pytest
from keyring.backends import fail, null

from bespoke_gui.core import secrets
from bespoke_gui.core.errors import AppError
from tests.memory_keyring import MemoryKeyring

KEY = "sk-very-secret-0123456789"


class Locked(MemoryKeyring):
    """A keyring that nobody unlocks."""

    def get_password(self, service, username):
        raise keyring.errors.KeyringLocked(f"locked {self.kept}")

    def set_password(self, service, username, password):
        raise RuntimeError(f"cannot store {password}")


class Stuck(MemoryKeyring):
    """A keyring that gives nothing back."""

    def delete_password(self, service, username):
        raise RuntimeError(f"will not delete {self.kept}")


class Forgetful(MemoryKeyring):
    """A keyring that says yes and keeps nothing."""

    def set_password(self, service, username, password):
        return


@pytest.fixture(autouse=True)
def _clean(monkeypatch):
    before = keyring.get_keyring()
    monkeypatch.delenv("BESPOKE_CAPTION_KEY", raising=False)
    yield
    keyring.set_keyring(before)
    for service, account in list(secrets._memory):
        with contextlib.suppress(AppError):
            secrets.forget(service, account)


def use(backend):
    keyring.set_keyring(backend)
    return backend


def test_a_keyring_keeps_it():
    backend = use(MemoryKeyring())
    assert secrets.get("caption") is None
    assert secrets.where("caption") == "keyring"
    assert secrets.set("caption", f" {KEY}\n", "api.example.com") == "keyring"
    assert backend.kept == {("bespoke caption", "api.example.com"): KEY}
    assert secrets.get("caption", "api.example.com") == KEY
    assert secrets.get("caption", "other.example.com") is None
    assert secrets.get("runpod") is None
    assert secrets._memory == {}
    secrets.forget("caption", "api.example.com")
    secrets.forget("caption", "api.example.com")
    assert backend.kept == {}


@pytest.mark.parametrize("backend", [fail.Keyring, null.Keyring, Locked, Forgetful])
def test_without_a_keyring_memory_keeps_it(backend, own_settings):
    use(backend())
    assert secrets.set("caption", KEY) == "memory"
    assert secrets.get("caption") == KEY
    assert secrets.where("caption") == "memory"
    assert "memory" in secrets.describe("memory", "caption")
    secrets.forget("caption")
    assert secrets.get("caption") is None
    assert not list(own_settings.rglob("*"))


@pytest.mark.parametrize("backend", [fail.Keyring, null.Keyring, Locked])
def test_without_a_keyring_the_environment_gives_it(backend, monkeypatch):
    use(backend())
    monkeypatch.setenv("BESPOKE_CAPTION_KEY", f" {KEY} ")
    assert (secrets.get("caption"), secrets.where("caption")) == (KEY, "environment")
    assert "BESPOKE_CAPTION_KEY" in secrets.describe("environment", "caption")
    # A key that was typed now is meant, whatever the environment says.
    secrets.set("caption", "typed")
    assert (secrets.get("caption"), secrets.where("caption")) == ("typed", "memory")
    secrets.forget("caption")
    assert secrets.get("caption") == KEY


def test_the_keyring_comes_before_the_environment(monkeypatch):
    use(MemoryKeyring())
    monkeypatch.setenv("BESPOKE_CAPTION_KEY", "from the environment")
    assert secrets.where("caption") == "environment"
    secrets.set("caption", KEY)
    assert (secrets.get("caption"), secrets.where("caption")) == (KEY, "keyring")


def test_a_plain_text_keyring_is_none():
    class Plain(MemoryKeyring):
        pass

    Plain.__module__ = "keyrings.alt.file"
    backend = use(Plain())
    assert secrets.set("caption", KEY) == "memory"
    assert backend.kept == {}


def test_no_message_holds_the_secret():
    backend = use(Stuck())
    secrets.set("caption", KEY)
    with pytest.raises(AppError) as caught:
        secrets.forget("caption")
    assert KEY not in f"{caught.value}{caught.value.__cause__}"
    assert caught.value.__suppress_context__
    assert backend.kept
    assert KEY not in secrets.redacted(f"bad key {KEY}!", KEY)
    assert secrets.redacted("text", None) == "text"


@pytest.mark.parametrize("value", ["", "  ", "a b", "a\nb", "é", "x" * 5000])
def test_what_is_no_key_is_refused_without_showing_it(value):
    use(MemoryKeyring())
    with pytest.raises(AppError) as caught:
        secrets.set("caption", value)
    assert caught.value.kind == "usage"
    assert not value.strip() or value not in str(caught.value)


def test_services_have_variables_of_their_own():
    assert secrets.variable("runpod") == "BESPOKE_RUNPOD_KEY"
    assert secrets.variable("hugging face") == "BESPOKE_HUGGING_FACE_KEY"
