"""Saved machines and pinned host keys: read back as written, and in OpenSSH's own format."""

import subprocess

import pytest

from bespoke_gui.core import machines
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.machines import Machine, machine_from

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKzDOGqZtTEHrVdPJ7R4bDIdbzTyXuWqzDKAsXV0e2m3"
OTHER = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKzDOGqZtTEHrVdPJ7R4bDIdbzTyXuWqzDKAsXV0e2m4"


def test_a_saved_machine_is_found_by_name():
    box = Machine("box", "10.0.0.7", 2222, "ann", "/k", True, "/data", "/py", "/sd", 0.5, 2)
    machines.save_machine(box)
    machines.save_machine(Machine("attic", "attic.local"))
    assert machine_from("box") == box
    assert list(machines.load_machines()) == ["attic", "box"]
    machines.remove_machine("box")
    with pytest.raises(AppError, match=r"there is no machine box \(saved: attic") as caught:
        machine_from("box")
    assert caught.value.kind == "usage"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("ssh://ann@h:2222", ("h", 2222, "ann")),
        ("ssh://h", ("h", 22, "")),
        ("ssh://root@[::1]:99", ("::1", 99, "root")),
    ],
)
def test_an_address(text, wanted):
    machine = machine_from(text)
    assert (machine.host, machine.port, machine.user) == wanted


@pytest.mark.parametrize(
    "text",
    ["ssh://", "ssh://h:x", "ssh://h:99999", "ssh://-oProxyCommand=x", "ssh://u:secret@h", "no"],
)
def test_a_broken_address_is_one_line_and_shows_no_password(text):
    with pytest.raises(AppError) as caught:
        machine_from(text)
    assert caught.value.kind == "usage"
    assert "secret" not in str(caught.value)


def test_broken_entries_are_passed_over():
    good = Machine("good", "h")
    machines.save_machine(good)
    path = machines.machines_path()
    text = path.read_text()
    path.write_text(text.replace("[", '[{"name": "bad", "host": "h", "port": "x"}, 7, ', 1))
    assert list(machines.load_machines()) == ["good"]
    path.write_text("{")
    assert machines.load_machines() == {}


def test_names_that_could_be_anything_else_are_refused():
    for name in ("", "a b", "../x", "-x"):
        with pytest.raises(AppError):
            machines.save_machine(Machine(name, "h"))


def test_pins_are_kept_per_host_and_port():
    machines.pin("h", 22, KEY + " a comment")
    machines.pin("h", 22, KEY)
    machines.pin("h", 2222, OTHER)
    assert machines.pinned_keys("h") == [KEY]
    assert machines.pinned_keys("h", 2222) == [OTHER]
    machines.unpin("h", 2222)
    assert machines.pinned_keys("h", 2222) == []
    assert machines.pinned_keys("h") == [KEY]
    assert machines.known_hosts_path().read_text() == f"h {KEY}\n"


def test_what_is_no_key_is_not_pinned():
    for text in ("", "ssh-ed25519", "ssh-ed25519 %%%", "ssh-rsa " + KEY.split()[1]):
        with pytest.raises(AppError):
            machines.pin("h", 22, text)
    assert not machines.known_hosts_path().exists()


def test_the_fingerprint_is_the_one_of_ssh_keygen(tmp_path):
    path = tmp_path / "key.pub"
    path.write_text(KEY + "\n")
    try:
        words = subprocess.run(["ssh-keygen", "-lf", path], capture_output=True, check=True).stdout
    except OSError:
        pytest.skip("no ssh-keygen")
    assert words.split()[1].decode() == machines.fingerprint(KEY)
