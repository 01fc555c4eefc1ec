"""What the courier has done on the machine: guarded at once, packed once, few keys lent."""

import asyncio
import json
import sys
from pathlib import Path

import pytest

from bespoke_gui.core.machines import Machine
from bespoke_gui.core.runspec import RunSpec
from bespoke_gui.launch.remote import real_travel
from bespoke_gui.launch.remote.lent import lent
from bespoke_gui.launch.remote.link import LinkLost
from bespoke_gui.launch.remote.local_run import LocalRun
from bespoke_gui.launch.remote.real_travel import RealTravel
from bespoke_gui.launch.remote.waits import Waits
from tests.engines.runs import make_run
from tests.launch.folder_link import FolderLink
from tests.launch.supervised import QUICK
from tests.launch.test_remote_run import There

PACE = {"seconds_per_step": 0.05, "epochs": 400}


@pytest.fixture
def there(tmp_path):
    link = FolderLink(tmp_path / "there")
    link.env["PATH"] = "/usr/bin:/bin"
    machine = Machine("box", "h", workdir="w", python=sys.executable)
    place = There(link, machine, tmp_path / "there")
    yield place
    place.close()


def test_guarded_from_the_first_moment_and_packed_once(there, tmp_path, images, monkeypatch):
    local = LocalRun(make_run(tmp_path / "r", options=PACE, data=[images]), Waits(contact=0.05))
    packs, travel = [], RealTravel()
    monkeypatch.setattr(real_travel, "pack_run", lambda *given: packs.append(1) or pack_run(*given))
    pack_run = sys.modules["bespoke_gui.launch.remote.pack_run"].pack_run
    limits = {**QUICK, "attempt": "7", "self_stop": {"url": "http://127.0.0.1:9"}, "silent_s": 900}
    folder = there.home / "w" / "bespoke" / "runs" / "r"

    async def cut(link, spec, machine, tell):
        guarded = json.loads((folder / "limits.json").read_text())
        assert "attempt" not in guarded
        assert guarded["silent_s"] == 900
        ready = await prepare(link, spec, machine, tell)
        link.lose_after = 100
        return ready

    async def both():
        monkeypatch.setattr(real_travel, "prepare_machine", cut)
        with pytest.raises(LinkLost):
            await travel.send(there.link, local, there.machine, limits)
        there.link.lost = False
        monkeypatch.setattr(real_travel, "prepare_machine", prepare)
        return await travel.send(there.link, local, there.machine, limits)

    prepare = real_travel.prepare_machine
    found = asyncio.run(both())
    assert found["folder"] == str(folder) == local.job["remote"]["folder"]
    assert found["pid"] == json.loads((folder / "job.json").read_text())["pid"]
    assert json.loads((folder / "limits.json").read_text())["attempt"] == "7"
    assert (folder / "contact").exists()
    assert packs == [1]
    assert not [path for path in Path(local.dir.folder).iterdir() if path.suffix == ".zip"]


@pytest.mark.parametrize(
    ("base", "config", "names"),
    [
        ("embedded", {}, []),
        ("someone/base", {}, ["HF_TOKEN"]),
        ("embedded", {"log_with": "wandb"}, ["WANDB_API_KEY"]),
        (__file__, {}, []),
    ],
)
def test_keys_are_lent_only_where_they_are_needed(monkeypatch, base, config, names):
    monkeypatch.setenv("BESPOKE_HUGGINGFACE_KEY", "hf_one")
    monkeypatch.setenv("WANDB_API_KEY", "two")
    assert sorted(lent(RunSpec("r", "lora", base, config=config))) == names
