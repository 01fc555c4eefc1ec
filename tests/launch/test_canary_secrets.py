"""Canary secrets: planted in every place a key may be kept, everything is run, and nothing of them
is found in any file that was written, any command line, any output or the environment of a process
that has no need of them."""

import base64
import json
import sys
import threading
import zipfile
from dataclasses import asdict
from pathlib import Path

import keyring
import psutil
import pytest
from keyring.backends import fail

from bespoke_gui.__main__ import console
from bespoke_gui.core import secrets, settings
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.rundir import RunDir
from bespoke_gui.core.suggest.options import account_of
from bespoke_gui.launch.remote.waits import VARIABLE
from bespoke_gui.launch.runpod.api import account
from tests.core.endpoint import said, serving
from tests.launch.remote_kit import QUICK_WAITS, courier_of
from tests.launch.rented import QUICK
from tests.launch.sshd import needs_sshd
from tests.launch.standin_runpod import Boot, StandIn, sshd_pods
from tests.launch.standin_runpod.machines import SshdMachine

pytestmark = needs_sshd
OWNER, HUB, WANDB, CAPTION = (
    f"canary{name}0123456789abcdef" for name in ("Own", "Hub", "Wan", "Cap")
)
CONFIG = """
pretrained_model_name_or_path = "someone/some-model"
output_name = "style"
max_train_epochs = 2
save_every_n_epochs = 1
train_batch_size = 2
resolution = "96,96"
network_dim = 4
learning_rate = 1e-3
seed = 3
log_with = "wandb"
logging_dir = "logs"
"""


class Watch:
    """Looks at all processes again and again: command lines, and who has which key."""

    def __init__(self):
        self.words, self.holders = set(), {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()

    def _look(self):
        while not self._over.wait(0.02):
            for process in psutil.process_iter():
                try:
                    words = process.cmdline()
                    self.words.update(words)
                    self._note(" ".join(words), process.environ())
                except psutil.Error:
                    continue

    def _note(self, command, variables):
        for secret in (OWNER, HUB, WANDB, CAPTION):
            if any(secret in value for value in variables.values()):
                self.holders.setdefault(secret, set()).add(command)


@pytest.fixture
def keys():
    """Keys as they are where there is no keyring: in the memory of this process alone."""
    before = keyring.get_keyring()
    keyring.set_keyring(fail.Keyring())
    for service, value in (("runpod", OWNER), ("huggingface", HUB), ("wandb", WANDB)):
        assert secrets.set(service, value) == secrets.MEMORY
    yield
    for entry in list(secrets._memory):
        secrets.forget(*entry)
    keyring.set_keyring(before)


@pytest.fixture
def kept(tmp_path):
    """What lay on the disks of pods when these were taken away."""
    return tmp_path / "kept"


@pytest.fixture
def standin(tmp_path, monkeypatch, kept):
    pods = sshd_pods(tmp_path / "pods")

    def remove(self, keep_data):
        import shutil

        # Data of the bespoke folder alone: what sshd itself keeps is the container's.
        shutil.copytree(self.mount, kept / self.pod.id, symlinks=True, dirs_exist_ok=True)
        SshdMachine.remove(self, keep_data)

    pods.remove = remove
    running = StandIn(machine=pods)
    running.account.key = OWNER
    with running:
        running.account.boot = Boot(0.1, 0.1)
        monkeypatch.setenv("BESPOKE_RUNPOD_URL", running.url)
        waits = {**asdict(QUICK), **asdict(QUICK_WAITS), "money": 0.3, "boot": 60, "api": 10}
        monkeypatch.setenv(VARIABLE, json.dumps(waits))
        yield running
        assert running.wrong == []


@pytest.fixture
def at(tmp_path):
    folder = tmp_path / "work"
    folder.mkdir()
    kept = settings.load()
    kept.runpod = {"workdir": str(tmp_path / "pods" / "work"), "python": sys.executable}
    settings.save(kept)
    assert console(["demo", str(folder / "demo")]) == 0
    (folder / "style.toml").write_text(CONFIG, encoding="utf-8")
    yield folder
    courier = courier_of(RunDir(folder / "run"))
    if courier is not None:
        courier.kill()


def test_no_secret_is_written_or_shown(keys, standin, at, kept, capfd):
    project, config, run = at / "demo", at / "style.toml", at / "run"
    rent = ["--backend", "runpod", "--gpu", "A100", "--engine", "fake", "--wait", "--json"]
    with Watch() as watch, serving() as endpoint:
        endpoint.script = lambda _asked: said("a lad, red hat")
        secrets.set("caption", CAPTION, account_of(endpoint.url))
        for words in (
            ["check", project, "--config", config, "--json"],
            ["package", project, "--config", config, "--out", at / "p.zip", "--json"],
            ["captions", "suggest", project / "dataset", "--endpoint", endpoint.url,
             "--model", "llava:7b", "--only", "lad_00*", "--json"],
            ["train", config, "--data", project / "dataset", "--run-dir", run, *rent],
            ["train", config, "--data", project / "dataset", "--run-dir", at / "run2",
             "--machine", "nobody", "--json"],
            ["billing", "--json"], ["cost", "--gpu", "A100", "--steps", "100", "--json"],
            ["runs", "show", run, "--json"], ["runs", "list", project, "--json"],
            ["lora", "inspect", run / "outputs" / "style.safetensors", "--json"],
        ):  # fmt: skip
            console([str(word) for word in words])
    assert RunDir(run).read_exit() is not None
    assert (RunDir(run).read_exit() or {})["outcome"] == "finished"
    assert endpoint.asked, "the captioning endpoint was asked"
    assert CAPTION in endpoint.asked[0].headers.get("authorization", "")
    check_holders(watch)
    shown = capfd.readouterr()
    assert clean(shown.out.encode()), "a key was shown"
    assert clean(shown.err.encode()), "a key was shown"
    assert [word for word in watch.words if not clean(word.encode())] == []
    for folder in (at, settings.home(), kept):
        assert list(folder.rglob("*")), folder
        check_files(folder)


def test_what_goes_wrong_shows_no_secret(keys, standin, at, capfd):
    standin.account.key = "another"
    code = console(["billing", "--json"])
    with pytest.raises(AppError) as caught:
        account().get("/v2/pods")
    shown = capfd.readouterr()
    assert code != 0 or "problem" in shown.out
    for text in (shown.out, shown.err, str(caught.value), repr(caught.value)):
        assert clean(text.encode())
    check_files(settings.home())


def check_holders(watch):
    """The engine has what it needs; nothing else has anything."""
    assert watch.holders.get(OWNER, set()) == set(), "the owner's key never leaves the courier"
    assert watch.holders.get(CAPTION, set()) == set()
    for secret in (HUB, WANDB):
        assert watch.holders.get(secret), "the engine got no key: this test would see nothing"
        assert all("bespoke_gui.engines" in words for words in watch.holders[secret])


def check_files(folder: Path):
    """No file below a folder, and no member of a zip, holds a secret."""
    for path in folder.rglob("*"):
        if not path.is_file() or path.is_symlink():
            continue
        assert clean(path.read_bytes()), path
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                for name in archive.namelist():
                    assert clean(archive.read(name)), f"{path}: {name}"


def clean(data: bytes) -> bool:
    """Whether no secret is in there, as it is or in base64."""
    for secret in (OWNER, HUB, WANDB, CAPTION):
        raw = secret.encode()
        hidden = [base64.b64encode(bytes(pad) + raw)[4:-4] for pad in range(3)]
        if raw in data or any(one in data for one in hidden):
            return False
    return True


def test_the_search_finds_what_is_planted(tmp_path):
    for number, data in enumerate((OWNER.encode(), base64.b64encode(b"ab" + HUB.encode()))):
        (tmp_path / f"{number}").mkdir()
        (tmp_path / f"{number}" / "file").write_bytes(b"..." + data + b"...")
        with pytest.raises(AssertionError):
            check_files(tmp_path / f"{number}")
    with zipfile.ZipFile(tmp_path / "z.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", WANDB * 3)
    with pytest.raises(AssertionError):
        check_files(tmp_path)
