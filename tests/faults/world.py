"""World of one case: a rented machine behind a faulty network, two small disks, and one run."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import random
import shutil
import sys
import time
from pathlib import Path
from typing import Any

import psutil

from bespoke_gui.core.atomic import write_json
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.rundir import RunDir, read_json
from tests.engines.runs import make_run
from tests.faults.pods import SmallDisk, faulty_pods
from tests.launch.standin_runpod import StandIn

EPOCHS = 8
IMAGES = 12
WIDTH = 4000
WAITS = {
    "connect": 4, "keepalive": 0.4, "keepalive_misses": 2, "back_off": 0.1, "back_off_most": 0.5,
    "command": 20, "controls": 0.05, "state": 0.3, "contact": 0.5, "heartbeat": 0.5, "asked": 3,
    "terminated": 2, "disk_full": 0.1, "give_up": 25, "release": 3, "settle": 1,
    "api": 1.5, "api_tries": 4, "api_back_off": 0.05, "api_back_off_most": 0.5, "boot": 30,
    "boot_poll": 0.1, "boot_quiet": 5, "lost_answer": 1.5, "no_gpu": 1, "money": 0.4,
    "release_back_off": 0.1, "release_back_off_most": 0.5, "silent": 600, "courier_tries": 100,
    "courier_back_off": 0,
}  # fmt: skip


class World:
    """Everything one case needs. hits: how often the fault really struck."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder = folder
        self.rng = random.Random(seed)
        self.hits = 0
        self.vanished = False
        self.here = SmallDisk(folder / "here")
        self.there = SmallDisk(folder / "there")
        self.machine = faulty_pods(self.there.folder)
        self.standin = StandIn(machine=self.machine).start()
        self.run_dir = RunDir(self.here.folder / "runs" / "run1")
        self._set_up()

    def _set_up(self) -> None:
        os.environ.update(
            BESPOKE_HOME=str(self.folder / "home"), BESPOKE_RUNPOD_URL=self.standin.url,
            BESPOKE_RUNPOD_KEY=self.standin.key, BESPOKE_WAITS=json.dumps(WAITS),
            PYTHON_KEYRING_BACKEND="keyring.backends.fail.Keyring",
        )  # fmt: skip
        (self.folder / "home").mkdir()

    # -- the run ------------------------------------------------------------------------------

    def start(self) -> None:
        """Ask for a rented machine and start the run, as the command line does."""
        from bespoke_gui.launch.base import BACKENDS

        data = self.here.folder / "data" / "1_style"
        data.mkdir(parents=True)
        for number in range(IMAGES):
            (data / f"{number}.png").write_bytes(self.rng.randbytes(30_000))
            (data / f"{number}.txt").write_text(f"portrait {number}")
        options = {
            "seconds_per_step": 0.04, "epochs": EPOCHS, "steps_per_epoch": 5,
            "width": WIDTH,
        }  # fmt: skip
        make_run(self.run_dir.folder, options=options, data=[data])
        spec = read_json(self.run_dir.spec_path) or {}
        mount = self.there.folder / "workspace"
        spec["place"] = {"gpus": ["A100"], "workdir": str(mount), "python": sys.executable}
        write_json(self.run_dir.spec_path, spec)
        self.backend = BACKENDS["runpod"]
        self.backend.start(self.run_dir)

    def attach(self) -> None:
        """Do what the app does when it is started again."""
        with contextlib.suppress(AppError):
            self.backend.attach(self.run_dir)

    @property
    def job(self) -> dict[str, Any]:
        """job.json as it stands."""
        return self.run_dir.read_job() or {}

    @property
    def exit(self) -> dict[str, Any] | None:
        """exit.json, None before the end."""
        return self.run_dir.read_exit()

    @property
    def pods(self) -> list[Any]:
        """The pods there are."""
        return list(self.standin.account.pods.values())

    @property
    def networks(self) -> list[Any]:
        """The networks in front of them."""
        return self.machine.networks

    # -- waiting ------------------------------------------------------------------------------

    def reached(self, stage: str) -> bool:
        """Whether the run has come to a stage of the campaign."""
        events = self._events()
        stages = {event.get("name") for event in events if event["event"] == "stage"}
        kinds = {event["event"] for event in events}
        return {
            "boot": "booting" in stages or "renting" in stages,
            "upload": "uploading" in stages,
            "smoke": "smoke run" in stages,
            "training": "training" in stages and "progress" in kinds,
            "transfer": "checkpoint" in kinds,
            "release": "releasing" in stages,
        }[stage]

    def wait_for(self, stage: str, limit_s: float) -> bool:
        """Wait until a stage is reached; False when the run ended or the time is over."""
        end = time.monotonic() + limit_s
        while time.monotonic() < end:
            if self.reached(stage):
                return True
            if self.exit is not None:
                return False
            time.sleep(0.02)
        return False

    def wait_for_end(self, limit_s: float) -> bool:
        """Wait until the run has ended and nobody is at work on it any more."""
        end = time.monotonic() + limit_s
        while time.monotonic() < end:
            if self.exit is not None and not self._courier_lives():
                return True
            time.sleep(0.05)
        return False

    def _courier_lives(self) -> bool:
        pid = (self.job.get("courier") or {}).get("pid")
        with contextlib.suppress(psutil.Error, TypeError):
            return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
        return False

    def _events(self) -> list[dict[str, Any]]:
        found = []
        with contextlib.suppress(OSError):
            for line in self.run_dir.events_path.read_bytes().splitlines():
                with contextlib.suppress(ValueError):
                    found.append(json.loads(line))
        return found

    # -- the end ------------------------------------------------------------------------------

    def files_here(self) -> dict[str, str]:
        """SHA-256 of the LoRA files that lie on the desktop."""
        return {
            path.name: hashlib.sha256(path.read_bytes()).hexdigest()
            for path in self.run_dir.outputs.glob("*.safetensors")
        }

    def truth(self) -> dict[str, str]:
        """SHA-256 of the LoRA files that the machines made."""
        for pod in self.pods:
            pod.machine.remember()
        return dict(self.machine.truth)

    def close(self) -> None:
        """End everything that was started, and take the disks away."""
        with contextlib.suppress(psutil.Error, TypeError):
            psutil.Process((self.job.get("courier") or {}).get("pid")).kill()
        self.standin.close()
        for network in self.networks:
            network.close()
        for disk in (self.here, self.there):
            disk.close()
        shutil.rmtree(self.folder, ignore_errors=True)
