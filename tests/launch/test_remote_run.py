"""A whole run on another machine: made ready, sent, smoke run, trained, followed. Over a folder
link; test_remote_run_sshd.py has the same over a real sshd."""

import asyncio
import hashlib
import json
import os
import shutil
import signal
import sys
import time
from pathlib import Path

import pytest

from bespoke_gui.core.errors import AppError
from bespoke_gui.core.machines import Machine
from bespoke_gui.core.runspec import DataFolder
from bespoke_gui.launch.remote import bootstrap, supervisor
from bespoke_gui.launch.remote.bootstrap import IN_SHELL, prepare_machine, wanted_environment
from bespoke_gui.launch.remote.link import LinkLost
from bespoke_gui.launch.remote.pack_run import pack_run
from bespoke_gui.launch.remote.probe import Gpu, Probe, Python
from bespoke_gui.launch.remote.smoke import smoke_prompts, smoke_spec
from bespoke_gui.launch.remote.start import (
    adjusted,
    remote_state,
    send_run,
    start_guard,
    start_supervisor,
)
from tests.engines.runs import make_run
from tests.launch.folder_link import FolderLink
from tests.launch.supervised import PYTHON, QUICK
from tests.launch.test_machine_side import command_lines, wheel
from tests.launch.test_machine_side import wanted as environment

STANDIN = Path(__file__).parents[1] / "engines" / "standin_sd_scripts.py"


class There:
    """One machine, what it told, and what was started on it."""

    def __init__(self, link, machine, home):
        self.link, self.machine, self.home = link, machine, home
        self.told = []
        self.ready = None

    def tell(self, event, **fields):
        self.told.append((event, fields))

    def texts(self):
        return [fields.get("text", "") for event, fields in self.told if event == "log"]

    async def send(self, run_dir, scratch, **more):
        """Everything up to the start; returns the run's folder there."""
        packed = pack_run(run_dir, scratch)
        self.ready = await prepare_machine(self.link, packed.spec, self.machine, self.tell)
        return await send_run(self.link, self.ready, packed, self.tell, **more)

    async def run(self, run_dir, scratch, limits=None, secrets=None):
        """Send, start, wait for the end; returns folder and exit."""
        folder = await self.send(run_dir, scratch)
        limits = {**QUICK, **(limits or {})}
        await start_supervisor(self.link, self.ready, run_dir.run, limits, secrets)
        return folder, await self.ended(folder)

    async def ended(self, folder, limit_s=180):
        end = time.monotonic() + limit_s
        while time.monotonic() < end:
            state = await remote_state(self.link, folder)
            if not state.running:
                return state.exit or {}
            await asyncio.sleep(0.05)
        raise AssertionError((Path(folder) / "log.txt").read_text())

    def close(self):
        for job in self.home.rglob("job.json"):
            found = json.loads(job.read_text())
            for process in (found, found.get("engine")):
                if supervisor.alive(process):
                    os.kill(process["pid"], signal.SIGKILL)
            if found.get("token"):
                supervisor.signal_family(found["token"], signal.SIGKILL)


@pytest.fixture
def there(tmp_path):
    home = tmp_path / "there"
    machine = Machine("box", "h", workdir="work", python=sys.executable)
    place = There(FolderLink(home), machine, home)
    place.link.env["PATH"] = "/usr/bin:/bin"
    yield place
    place.close()


FAST = {"seconds_per_step": 0.005, "epochs": 2, "steps_per_epoch": 4}


def fake_run(tmp_path, images, **options):
    data = [DataFolder(str(images), 2, "lad", ["p3.png"])]
    return make_run(tmp_path / "20261126-run", options={**FAST, **options}, data=data)


def read(folder, name):
    return (Path(folder) / name).read_text()


def test_a_run_from_start_to_end(there, tmp_path, images):
    run_dir = fake_run(tmp_path, images)
    folder, ended = asyncio.run(there.run(run_dir, tmp_path / "s"))
    assert ended["outcome"] == "finished"
    assert ended["steps"] == 8
    stages = [fields["name"] for event, fields in there.told if event == "stage"]
    assert stages == ["checking the machine", "preparing the machine"]
    lines = [json.loads(line) for line in read(folder, "manifest.jsonl").splitlines()]
    assert [one["name"] for one in lines] == [
        "outputs/last-000001.safetensors", "outputs/last.safetensors",
    ]  # fmt: skip
    for one in lines:
        raw = (Path(folder) / one["name"]).read_bytes()
        assert one["sha256"] == hashlib.sha256(raw).hexdigest()
    sent = sorted(path.name for path in (Path(folder) / "data").rglob("*.*"))
    assert sent == [f"p{n}.{s}" for n in range(3) for s in ("png", "txt")]
    events = [json.loads(line) for line in read(folder, "events.jsonl").splitlines()]
    assert next(e.get("name") for e in events if e["event"] == "stage") == "smoke run"
    assert [e for e in events if "smoke run went well" in e.get("text", "")]
    assert not (Path(folder) / "smoke" / "outputs").exists()


def test_nothing_is_sent_twice(there, tmp_path, images):
    async def twice():
        run_dir = fake_run(tmp_path, images)
        await there.send(run_dir, tmp_path / "s")
        sent = list(there.link.sent)
        await there.send(run_dir, tmp_path / "s")
        assert sent == ["code.zip" if "code.zip" in sent else "code_and_base.zip", "data.zip"]
        assert there.link.sent == sent

    asyncio.run(twice())


def test_an_upload_that_was_cut_goes_on(there, tmp_path, images):
    async def cut():
        run_dir = fake_run(tmp_path, images)
        for after in (1000, 5000):
            there.link.lose_after = after
            with pytest.raises(LinkLost):
                await there.send(run_dir, tmp_path / "s")
            there.link.lost = False
        folder = await there.send(run_dir, tmp_path / "s")
        assert Path(folder, "data").is_dir()

    asyncio.run(cut())


def test_a_smoke_run_that_fails_is_the_end(there, tmp_path, images):
    run_dir = fake_run(tmp_path, images, fail="oom")
    folder, ended = asyncio.run(there.run(run_dir, tmp_path / "s"))
    assert (ended["outcome"], ended["kind"]) == ("failed", "oom")
    assert ended["message"].startswith("the smoke run failed: ")
    assert not (Path(folder) / "manifest.jsonl").exists()
    assert "CUDA out of memory" in read(folder, "log.txt")


def test_a_failure_that_a_smoke_run_cannot_see(there, tmp_path, images):
    run_dir = fake_run(tmp_path, images, fail="nan_loss", fail_at=6)
    _, ended = asyncio.run(there.run(run_dir, tmp_path / "s"))
    assert ended["kind"] == "nan_loss"
    assert "smoke" not in ended["message"]


def test_stop_in_the_smoke_run(there, tmp_path, images):
    async def stopped():
        run_dir = fake_run(tmp_path, images, seconds_per_step=30)
        folder = await there.send(run_dir, tmp_path / "s")
        await start_supervisor(there.link, there.ready, run_dir.run, QUICK)
        assert (await remote_state(there.link, folder)).job["phase"] == "smoke"
        await there.link.write(f"{folder}/control/stop", b"")
        return await there.ended(folder)

    ended = asyncio.run(stopped())
    assert (ended["outcome"], ended["kind"]) == ("cancelled", "cancelled")
    assert "nothing was trained" in ended["message"]


def test_a_smoke_run_that_went_well_is_not_made_again(there, tmp_path, images):
    async def again():
        run_dir = fake_run(tmp_path, images)
        folder, _ = await there.run(run_dir, tmp_path / "s")
        await start_supervisor(there.link, there.ready, run_dir.run, QUICK)
        ended = await there.ended(folder)
        assert ended["outcome"] == "finished"
        return read(folder, "events.jsonl").count('"smoke run"')

    assert asyncio.run(again()) == 1


def test_a_run_that_goes_on_is_not_started_again(there, tmp_path, images):
    async def twice():
        run_dir = fake_run(tmp_path, images, seconds_per_step=0.05, epochs=400)
        await there.send(run_dir, tmp_path / "s", smoke=False)
        first = await start_supervisor(there.link, there.ready, run_dir.run, QUICK)
        again = await start_supervisor(there.link, there.ready, run_dir.run, QUICK)
        assert again["pid"] == first["pid"]

    asyncio.run(twice())


def test_a_dead_supervisor_is_replaced_by_asking(there, tmp_path, images):
    async def orphaned():
        run_dir = fake_run(tmp_path, images, seconds_per_step=0.05, epochs=40)
        folder = await there.send(run_dir, tmp_path / "s", smoke=False)
        job = await start_supervisor(there.link, there.ready, run_dir.run, QUICK)
        os.kill(job["pid"], signal.SIGKILL)
        await asyncio.sleep(0.2)
        state = await remote_state(there.link, folder)
        assert state.running
        assert state.job["pid"] != job["pid"]
        return await there.ended(folder)

    assert asyncio.run(orphaned())["outcome"] == "finished"


def test_no_run_there_is_a_state_too(there):
    state = asyncio.run(remote_state(there.link, "nowhere"))
    assert (state.running, state.exit, state.job) == (False, None, {})


def test_a_token_travels_on_standard_input_alone(there, tmp_path, images):
    canary = "hf_canaryCANARYcanary"
    run_dir = fake_run(tmp_path, images)
    asyncio.run(there.run(run_dir, tmp_path / "s", secrets={"HF_TOKEN": canary}))
    given = [words for words, stdin in there.link.commands if canary.encode() in stdin]
    assert len(given) == 1
    assert not [words for words, _ in there.link.commands if canary in " ".join(words)]
    files = [path for path in there.home.rglob("*") if path.is_file()]
    assert len(files) > 20
    assert not [path for path in files if canary.encode() in path.read_bytes()]


def test_a_deadline_is_one_of_their_clock(there, tmp_path, images, monkeypatch):
    async def deadline():
        await there.send(fake_run(tmp_path, images), tmp_path / "s")
        real = bootstrap.ask

        async def ahead(link, site, *words, **more):
            answer = await real(link, site, *words, **more)
            return {"now": answer["now"] + 3600} if words == ("now",) else answer

        monkeypatch.setattr("bespoke_gui.launch.remote.start.ask", ahead)
        limits = {"deadline": 5000.0, "silent_s": 7}
        return await adjusted(there.link, there.ready.site, limits)

    found = asyncio.run(deadline())
    assert found["deadline"] == pytest.approx(8600, abs=5)
    assert found["silent_s"] == 7


def test_a_guard_looks_after_the_machine_before_the_run(there, tmp_path, images):
    async def guarded():
        run_dir = fake_run(tmp_path, images)
        await there.send(run_dir, tmp_path / "s")
        await start_guard(
            there.link, there.ready.site, run_dir.run, {"silent_s": 9, "attempt": "x"}
        )
        return Path(there.ready.run_root, run_dir.run)

    folder = asyncio.run(guarded())
    assert json.loads(read(folder, "limits.json")) == {"silent_s": 9}
    assert (folder / "contact").exists()


# -- weights ----------------------------------------------------------------------------------


def test_local_weights_are_sent_once_and_checked(there, tmp_path, images):
    base = tmp_path / "base.safetensors"
    base.write_bytes(os.urandom(300_000))

    async def send():
        for name in ("one", "two"):
            run_dir = make_run(tmp_path / name, options=FAST, data=[images], base=str(base))
            folder = await there.send(run_dir, tmp_path / "s")
        return json.loads(read(folder, "spec.json"))["base"]

    place = Path(asyncio.run(send()))
    assert place.read_bytes() == base.read_bytes()
    assert there.link.sent.count("base.safetensors") == 1
    assert "sending base.safetensors: 0.00 GB, kept for later" in there.texts()


def test_weights_that_arrive_damaged_are_not_used(there, tmp_path, images, monkeypatch):
    base = tmp_path / "base.safetensors"
    base.write_bytes(os.urandom(3000))

    async def send():
        run_dir = make_run(tmp_path / "one", options=FAST, data=[images], base=str(base))
        packed = pack_run(run_dir, tmp_path / "s")
        base.write_bytes(os.urandom(3000))
        there.ready = await prepare_machine(there.link, packed.spec, there.machine, there.tell)
        await send_run(there.link, there.ready, packed, there.tell)

    with pytest.raises(AppError, match="arrived damaged"):
        asyncio.run(send())
    assert not list(there.home.rglob("base.safetensors"))


# -- making ready -----------------------------------------------------------------------------


def test_no_python_there_is_one_line(there, tmp_path, images, monkeypatch):
    monkeypatch.setattr(bootstrap, "NAMES", ("no-such-python",))
    there.machine.python = "/nowhere/python"
    with pytest.raises(AppError, match=r"no Python 3.10 or newer"):
        asyncio.run(there.send(fake_run(tmp_path, images), tmp_path / "s"))


def test_a_missing_checkout_is_one_line(there, tmp_path, images):
    run_dir = make_run(tmp_path / "k", "kohya", data=[images], base="some/base")
    there.machine.sd_scripts = "/nowhere"
    with pytest.raises(AppError, match="no GPU"):
        asyncio.run(there.send(run_dir, tmp_path / "s"))


def test_the_environment_is_made_once_told_and_survives_a_cut(there, tmp_path, monkeypatch):
    plan = {**environment(wheel(tmp_path / "wheels")), "system_site": False}

    async def make():
        site = await bootstrap.find_site(there.link, there.machine)
        job = asyncio.create_task(
            bootstrap.make_environment(there.link, site, plan, False, there.tell, 0.05)
        )
        await asyncio.sleep(1.5)
        there.link.lost = True
        with pytest.raises(LinkLost):
            await job
        there.link.lost = False
        first = await bootstrap.make_environment(there.link, site, plan, False, there.tell, 0.05)
        told = len(there.told)
        again = await bootstrap.make_environment(there.link, site, plan, False, there.tell, 0.05)
        assert len(there.told) == told, "one that is there says nothing"
        return first, again

    first, again = asyncio.run(make())
    assert first == again
    makes = [words for words, _ in there.link.commands if "make" in words]
    assert len(makes) == 1
    assert [text for text in there.texts() if "Successfully installed tinything" in text]


@pytest.mark.parametrize(
    ("requirements", "gpus", "words"),
    [("nothere==1\n", False, "could not be fetched"), ("tinything\n", True, "cannot use the GPU")],
)
def test_an_environment_that_cannot_be_made(there, tmp_path, requirements, gpus, words):
    plan = {**environment(wheel(tmp_path / "wheels"), requirements), "system_site": False}

    async def make():
        site = await bootstrap.find_site(there.link, there.machine)
        await bootstrap.make_environment(there.link, site, plan, gpus, there.tell, 0.05)

    with pytest.raises(AppError, match=words):
        asyncio.run(make())


CARD = (Gpu("A100", 80.0),)


@pytest.mark.parametrize(
    ("version", "torch", "gpus", "cuda", "there_", "not_there"),
    [
        ((3, 11), "2.8.0+cu128", CARD, "12.8", "transformers==", "torch"),
        ((3, 11), "2.1.0", CARD, "12.4", "torch==2.10.0", "torch==2.13"),
        ((3, 12), "", CARD, "13.0", "torch==2.13", "torch==2.10"),
        ((3, 10), "", CARD, "12.8", "transformers>=5", "=="),
        ((3, 10), "2.7.1", (), "", "diffusers>=0.35", "torch"),
    ],
)
def test_what_an_environment_is_made_of(version, torch, gpus, cuda, there_, not_there):
    base = Python("/p", version, torch)
    found = wanted_environment(base, Probe("/r", gpus, cuda=cuda, pythons=(base,)))
    lines = found["requirements"].replace("torch==2.10.0\n" if not_there == "==" else "\r", "")
    assert there_ in lines
    assert not_there not in lines
    assert found["system_site"] is (torch[:3] in ("2.8", "2.7"))


@pytest.mark.parametrize(
    ("capability", "cuda", "torch"),
    [
        ((6, 1), "12.8", "2.7.1"),  # Pascal
        ((7, 0), "13.0", "2.7.1"),  # Volta, whatever its driver could run
        ((7, 5), "12.4", "2.10.0"),  # Turing
        ((7, 5), "13.0", "2.13.0"),
        ((12, 0), "13.3", "2.13.0"),  # Blackwell
        ((9, 0), "12.0", "2.10.0"),
        ((9, 0), "", "2.10.0"),  # a driver that does not say
        ((), "13.0", "2.13.0"),
    ],
)
def test_the_torch_that_a_card_and_its_driver_can_run(capability, cuda, torch):
    base, card = Python("/p", (3, 11)), Gpu("card", 24.0, "", capability)
    found = wanted_environment(base, Probe("/r", (card,), cuda=cuda, pythons=(base,)))
    lines = found["requirements"].splitlines()
    assert [line for line in lines if line.startswith("torch")] == [f"torch=={torch}"]
    assert found["first"] == []


def test_without_a_card_torch_comes_first_and_from_the_place_of_the_small_builds():
    base = Python("/p", (3, 11))
    found = wanted_environment(base, Probe("/r", pythons=(base,)))
    assert found["first"][0] == "torch==2.13.0"
    assert "whl/cpu" in found["first"][-1]
    assert found["words"] == []
    assert "torch==2.13.0" in found["requirements"].splitlines()


def test_a_cancelled_environment_is_no_longer_made(there, tmp_path):
    plan = {**environment(wheel(tmp_path / "wheels")), "system_site": False,
            "check": "import time; time.sleep(600)"}  # fmt: skip

    async def cancel():
        site = await bootstrap.find_site(there.link, there.machine)
        making = bootstrap.make_environment(there.link, site, plan, False, there.tell, 0.05)
        task = asyncio.create_task(making)
        while not [text for text in there.texts() if "Successfully installed" in text]:
            await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancel())
    (env,) = there.home.glob("work/bespoke/env/*")
    assert not (env / "venv").exists()
    assert not [line for line in command_lines() if bytes(env) in line]


def test_the_minimum_is_what_the_project_asks_for():
    import tomllib

    root = Path(__file__).parents[2]
    extra = tomllib.loads((root / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    lines = bootstrap._lines("engine_minimum.txt")
    named = {line.split(">")[0]: line for line in lines}
    pinned = {line.split("==")[0] for line in bootstrap._lines("engine_requirements.txt")}
    assert set(named) == pinned
    for line in extra["engine"]:
        if not line.startswith("torch"):
            assert named[line.split(">")[0]] == line


def test_the_shell_reads_what_a_pod_was_started_with():
    assert IN_SHELL[0] == "sh"
    assert "/etc/rp_environment" in IN_SHELL[2]


# -- the other engines ------------------------------------------------------------------------


def test_kohya_with_its_smoke_run(there, tmp_path, images, monkeypatch):
    checkout = tmp_path / "sd-scripts"
    checkout.mkdir()
    shutil.copyfile(STANDIN, checkout / "train_network.py")
    monkeypatch.setattr(bootstrap, "problems", lambda *_: [])
    there.machine.sd_scripts = str(checkout)
    config = {"output_name": "punks", "max_train_epochs": 2, "train_batch_size": 4,
              "save_every_n_epochs": 1}  # fmt: skip
    run_dir = make_run(
        tmp_path / "k", "kohya", data=[DataFolder(str(images), 2, "lad")], base="some/base",
        config=config, options={"launcher": "python"},
    )  # fmt: skip
    folder, ended = asyncio.run(there.run(run_dir, tmp_path / "s"))
    assert ended["outcome"] == "finished", read(folder, "log.txt")
    names = [json.loads(line)["name"] for line in read(folder, "manifest.jsonl").splitlines()]
    assert names == ["outputs/punks-000001.safetensors", "outputs/punks.safetensors"]
    assert (Path(folder) / "smoke" / "prompts.txt").exists()


def test_a_kohya_smoke_run_without_data_says_so(there, tmp_path, images, monkeypatch):
    checkout = tmp_path / "sd-scripts"
    checkout.mkdir()
    shutil.copyfile(STANDIN, checkout / "train_network.py")
    monkeypatch.setattr(bootstrap, "problems", lambda *_: [])
    there.machine.sd_scripts = str(checkout)
    config = {"output_name": "punks", "max_train_epochs": 2, "train_batch_size": 4,
              "training_comment": "no_data"}  # fmt: skip
    run_dir = make_run(tmp_path / "k", "kohya", data=[images], base="some/base", config=config,
                       options={"launcher": "python"})  # fmt: skip
    _, ended = asyncio.run(there.run(run_dir, tmp_path / "s"))
    assert (ended["outcome"], ended["kind"]) == ("failed", "no_data")
    assert "the smoke run failed" in ended["message"]


@pytest.mark.engine
def test_lora_with_its_smoke_run_and_the_embedded_base(there, tmp_path, images):
    tiny = pytest.importorskip("tests.engines.tiny")
    config = {**tiny.config(), "max_train_epochs": 2, "resolution": "64,64"}
    run_dir = make_run(tmp_path / "l", "lora", data=[images], config=config)
    folder, ended = asyncio.run(there.run(run_dir, tmp_path / "s"))
    assert ended["outcome"] == "finished", read(folder, "log.txt")
    names = [json.loads(line)["name"] for line in read(folder, "manifest.jsonl").splitlines()]
    assert names == ["outputs/tiny-000001.safetensors", "outputs/tiny.safetensors"]
    assert [text for text in there.texts() if "no GPU" in text]


def test_a_smoke_run_is_the_run_in_short(tmp_path, images):
    run_dir = make_run(
        tmp_path / "r", "kohya", data=[images, DataFolder("data/x")], resume=True,
        config={"max_train_epochs": 8, "lr_warmup_steps": 100, "save_every_n_epochs": 1,
                "optimizer_type": "AdamW8bit", "train_batch_size": 4},
        protocol={"prompts": [{"name": "a", "text": "one\ntwo --w 9"}, {"name": "b"}],
                  "seeds": [1, 2], "steps": 30},
    )  # fmt: skip
    from bespoke_gui.core.runspec import load_spec

    spec = load_spec(run_dir.spec_path)
    short = smoke_spec(spec)
    assert short.config == {
        "max_train_steps": 2, "lr_warmup_steps": 0, "optimizer_type": "AdamW8bit",
        "train_batch_size": 4, "sample_every_n_steps": 2, "sample_prompts": "prompts.txt",
    }  # fmt: skip
    assert [item.folder for item in short.data] == [str(images), "../data/x"]
    assert not short.resume
    assert len(short.protocol["prompts"]) == len(short.protocol["seeds"]) == 1
    assert short.protocol["steps"] == 4
    assert smoke_prompts(spec) == "one two - w 9 --w 256 --h 256 --d 42 --s 4\n"
    assert spec.config["max_train_epochs"] == 8


def test_the_tools_run_on_an_old_python(there):
    there.machine.python = PYTHON
    site = asyncio.run(bootstrap.find_site(there.link, there.machine))
    assert site.python == PYTHON
    probe = asyncio.run(bootstrap.look_at(there.link, site, there.machine))
    assert probe.pythons[0].named
