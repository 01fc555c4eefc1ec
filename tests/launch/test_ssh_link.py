"""The SSH link on a real sshd: pinned keys, commands, files that resume, and a link that dies."""

import asyncio
import contextlib
import hashlib
import os
import subprocess
import time
from pathlib import Path

import psutil
import pytest

from bespoke_gui.core import machines
from bespoke_gui.core.errors import AppError
from bespoke_gui.launch.remote.connect import connect, server_key
from bespoke_gui.launch.remote.link import MOST_OUTPUT, LinkLost
from bespoke_gui.launch.remote.waits import Waits
from tests.launch.sshd import Sshd, needs_sshd, write_key

pytestmark = needs_sshd
WAITS = Waits(connect=10, keepalive=0.2, keepalive_misses=2)


@pytest.fixture(scope="module")
def sshd(tmp_path_factory):
    """One sshd for the module."""
    with Sshd(tmp_path_factory.mktemp("sshd")) as running:
        yield running


def linked(machine, use, **more):
    """Connect, run the coroutine function `use` on the link, close; return what it returned."""

    async def go():
        link = await connect(machine, WAITS, **more)
        try:
            return await use(link)
        finally:
            await link.close()

    return asyncio.run(go())


async def nothing(link):
    return await link.run(["true"])


def test_an_unknown_host_is_refused_with_its_fingerprint(sshd):
    with pytest.raises(AppError) as caught:
        linked(sshd.machine(pinned=False), nothing)
    assert caught.value.kind == "auth"
    assert sshd.fingerprint in caught.value.message
    assert f"--accept-host-key {sshd.fingerprint}" in caught.value.hint
    assert "\n" not in str(caught.value)


def test_a_changed_host_key_is_refused_with_both_fingerprints(tmp_path):
    with Sshd(tmp_path) as sshd:
        machine, before = sshd.machine(), sshd.fingerprint
        sshd.new_host_key()
        sshd.restart()
        with pytest.raises(AppError, match="another key than before") as caught:
            linked(machine, nothing)
        assert before in caught.value.message
        assert sshd.fingerprint in caught.value.message
        assert "Accepted" not in (sshd.folder / "sshd.log").read_text()


def test_the_server_key_is_asked_for_without_logging_in(sshd):
    key = asyncio.run(server_key(sshd.machine(pinned=False), WAITS))
    assert machines.fingerprint(key) == sshd.fingerprint


def test_a_key_that_is_not_allowed_is_one_line(sshd, tmp_path):
    write_key(tmp_path / "stranger")
    machine = sshd.machine()
    machine.key_file = str(tmp_path / "stranger")
    with pytest.raises(AppError, match=r"does not accept .*stranger") as caught:
        linked(machine, nothing)
    assert caught.value.kind == "auth"


@pytest.mark.parametrize("damage", ["missing", "public", "none"])
def test_a_key_file_that_is_no_key(sshd, tmp_path, damage):
    machine = sshd.machine()
    path = tmp_path / "key"
    if damage == "public":
        path.write_text(sshd.host_key)
    machine.key_file = "" if damage == "none" else str(path)
    with pytest.raises(AppError) as caught:
        linked(machine, nothing)
    assert caught.value.kind == "auth"
    assert "\n" not in str(caught.value)


def test_a_key_with_a_passphrase_belongs_into_the_agent(sshd, tmp_path):
    path = tmp_path / "locked"
    words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "open sesame", "-f", path]
    subprocess.run(words, check=True)
    machine = sshd.machine()
    machine.key_file = str(path)
    with pytest.raises(AppError, match=r"this key has a passphrase \(load it into your SSH"):
        linked(machine, nothing)


def test_a_key_of_this_run_alone(sshd, tmp_path):
    sshd.authorize(write_key(tmp_path / "run"))
    machine = sshd.machine()
    machine.key_file = ""
    text = (tmp_path / "run").read_text()
    assert linked(machine, nothing, private_key=text).code == 0


def test_the_agent_is_asked_only_when_chosen(sshd, tmp_path, monkeypatch):
    with agent(tmp_path / "sock") as started:
        subprocess.run(
            ["ssh-add", "-q", sshd.key_file], env={**os.environ, "SSH_AUTH_SOCK": started},
            check=True, capture_output=True,
        )  # fmt: skip
        monkeypatch.setenv("SSH_AUTH_SOCK", started)
        machine = sshd.machine()
        machine.key_file = ""
        machine.use_agent = True
        assert linked(machine, nothing).code == 0
        machine.use_agent = False
        machine.key_file = str(tmp_path / "stranger")
        write_key(tmp_path / "stranger")
        with pytest.raises(AppError, match="does not accept"):
            linked(machine, nothing)


class agent:
    """A real ssh-agent on its own socket."""

    def __init__(self, socket):
        self.socket = str(socket)

    def __enter__(self):
        self.process = subprocess.Popen(["ssh-agent", "-D", "-a", self.socket], stdout=-3)
        while not Path(self.socket).exists():
            assert self.process.poll() is None
        return self.socket

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


def test_words_of_a_command_arrive_as_they_are(sshd):
    odd = ["a b", "$HOME", "'", '"', "*", ";", "ü", "\n", ""]
    ran = linked(sshd.machine(), lambda link: link.run(["printf", "<%s>", *odd]))
    assert ran.out.decode() == "".join(f"<{word}>" for word in odd)


def test_input_output_errors_and_code(sshd):
    script = "cat; echo wrong >&2; exit 7"
    data = os.urandom(700_000)
    ran = linked(sshd.machine(), lambda link: link.run(["sh", "-c", script], stdin=data))
    assert (ran.code, ran.out, ran.err) == (7, data, b"wrong\n")


def test_output_without_end_is_cut(sshd):
    words = ["head", "-c", str(3 * MOST_OUTPUT), "/dev/zero"]
    assert len(linked(sshd.machine(), lambda link: link.run(words)).out) == MOST_OUTPUT


def test_a_command_that_hangs_is_given_up(sshd):
    with pytest.raises(LinkLost, match="sleep did not answer"):
        linked(sshd.machine(), lambda link: link.run(["sleep", "60"], timeout_s=0.3))


def test_files_are_written_whole_and_read_by_offset(sshd):
    path = f"{sshd.workdir}/new/folder/file"

    async def use(link):
        assert (await link.read(path), await link.size(path)) == (b"", None)
        await link.write(path, b"first")
        await link.write(path, b"second one")
        assert await link.size(path) == 10
        assert await link.read(path, 7) == b"one"
        assert await link.read(path, 0, 3) == b"sec"
        await link.remove(path)
        await link.remove(path)
        return await link.size(path)

    assert linked(sshd.machine(), use) is None
    assert list((sshd.workdir / "new" / "folder").iterdir()) == []


def test_an_upload_goes_on_where_it_was_cut(sshd, tmp_path):
    local, remote = tmp_path / "data.zip", sshd.workdir / "up" / "data.zip"
    local.write_bytes(os.urandom(9_000_000))
    remote.parent.mkdir()
    part = remote.with_name("data.zip.part")
    part.write_bytes(local.read_bytes()[:5_000_000])
    told = []

    async def use(link):
        await link.put(local, str(remote), lambda done, total: told.append((done, total)))

    linked(sshd.machine(), use)
    assert remote.read_bytes() == local.read_bytes()
    assert not part.exists()
    assert told[0][0] > 5_000_000
    assert told[-1] == (9_000_000, 9_000_000)


def test_a_longer_left_over_is_not_taken_for_a_start(sshd, tmp_path):
    local, remote = tmp_path / "small.zip", sshd.workdir / "small.zip"
    local.write_bytes(b"small")
    remote.with_name("small.zip.part").write_bytes(b"something longer")
    linked(sshd.machine(), lambda link: link.put(local, str(remote)))
    assert remote.read_bytes() == b"small"


def test_a_download_appends_from_the_offset(sshd, tmp_path):
    data = os.urandom(11_000_000)
    (sshd.workdir / "big").write_bytes(data)
    local = tmp_path / "big.part"
    local.write_bytes(data[:3_000_001])
    linked(sshd.machine(), lambda link: link.get(f"{sshd.workdir}/big", local, 3_000_001))
    assert hashlib.sha256(local.read_bytes()).digest() == hashlib.sha256(data).digest()


def test_what_is_not_there_is_one_line(sshd, tmp_path):
    with pytest.raises(AppError, match="is not on the machine"):
        linked(sshd.machine(), lambda link: link.get("/no/such", tmp_path / "x", 0))


def test_a_growing_file_is_followed_from_an_offset(sshd):
    path = sshd.workdir / "events"

    async def use(link):
        got = b""
        pieces = link.follow(str(path), 3)
        await asyncio.sleep(0.1)
        path.write_bytes(b"one two")
        async for piece in pieces:
            got += piece
            if got == b" two":
                with path.open("ab") as file:
                    file.write(b" three")
            if got.endswith(b"three"):
                return got
        raise AssertionError(got)

    assert linked(sshd.machine(), use) == b" two three"
    wait_until(lambda: not [p for p in psutil.process_iter() if str(path) in words_of(p)])


def words_of(process):
    with contextlib.suppress(psutil.Error):
        return " ".join(process.cmdline())
    return ""


def wait_until(done, limit_s=20):
    end = time.monotonic() + limit_s
    while not done():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.mark.parametrize("way", ["cut", "freeze"])
def test_a_dead_link_is_noticed_by_everything_that_waits(tmp_path, way):
    with Sshd(tmp_path) as sshd:

        async def use(link):
            (sshd.workdir / "f").write_bytes(b"x")

            async def follow():
                async for _ in link.follow(f"{sshd.workdir}/f", 0):
                    pass

            sleeping = link.run(["sleep", "600"], timeout_s=600)
            waiting = [asyncio.ensure_future(follow()), asyncio.ensure_future(sleeping)]
            await asyncio.sleep(0.5)
            assert getattr(sshd, way)()
            ended = await asyncio.wait_for(asyncio.gather(*waiting, return_exceptions=True), 30)
            later = [link.read(f"{sshd.workdir}/f"), link.write(f"{sshd.workdir}/g", b""),
                     link.run(["true"])]  # fmt: skip
            return ended + await asyncio.gather(*later, return_exceptions=True)

        found = linked(sshd.machine(), use)
        sshd.thaw()
        assert [type(error) for error in found] == [LinkLost] * 5


def test_nobody_there_is_a_lost_link(tmp_path):
    sshd = Sshd(tmp_path)
    with pytest.raises(LinkLost, match="cannot be reached"):
        linked(sshd.machine(), nothing)


@pytest.mark.skipif(os.geteuid() != 0, reason="mounts a small disk")
def test_a_full_disk_there_is_said(sshd, tmp_path):
    small = sshd.workdir / "small_disk"
    small.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(small)]
    if subprocess.run(words, capture_output=True, check=False).returncode:
        pytest.skip("may not mount")
    try:
        (tmp_path / "data").write_bytes(bytes(300_000))
        for use in (
            lambda link: link.write(f"{small}/file", bytes(300_000)),
            lambda link: link.put(tmp_path / "data", f"{small}/data"),
        ):
            with pytest.raises(AppError) as caught:
                linked(sshd.machine(), use)
            assert caught.value.kind == "disk_full"
    finally:
        subprocess.run(["umount", str(small)], check=True)
