"""Kit for tests of rented machines: a stand-in with real sshd pods, a run folder, what was told."""

import asyncio
import contextlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from bespoke_gui.core import secrets
from bespoke_gui.core.atomic import write_json
from bespoke_gui.core.rundir import RunDir
from bespoke_gui.core.runspec import RunSpec
from bespoke_gui.launch.remote.waits import VARIABLE, Waits
from bespoke_gui.launch.runpod import ledger
from bespoke_gui.launch.runpod.provider import RunpodProvider
from bespoke_gui.launch.runpod.waits import RentWaits
from tests.launch.remote_kit import QUICK_WAITS
from tests.launch.standin_runpod import Boot, StandIn, sshd_pods

QUICK = RentWaits(
    api=5, api_tries=3, api_back_off=0.02, api_back_off_most=0.1, boot=15, boot_poll=0.1,
    boot_quiet=1, lost_answer=0.5, no_gpu=0.2, money=0, release_back_off=0.05,
    release_back_off_most=0.2, release_try=0.6,
)  # fmt: skip


@contextlib.contextmanager
def for_commands(folder, monkeypatch):
    """A stand-in that commands find by the environment: its address, its key, short waits."""
    with StandIn(machine=sshd_pods(folder)) as running:
        running.account.boot = Boot(0.2, 0.3)
        monkeypatch.setenv("BESPOKE_RUNPOD_URL", running.url)
        monkeypatch.setenv(secrets.variable("runpod"), running.key)
        waits = {**asdict(QUICK), **asdict(QUICK_WAITS), "money": 0.3, "boot": 60, "api": 10}
        monkeypatch.setenv(VARIABLE, json.dumps(waits))
        yield running
        assert running.wrong == []


@dataclass
class Told:
    """A courier's `tell`: events are collected, job.json is written."""

    run_dir: RunDir
    events: list = field(default_factory=list)

    def __call__(self, event, **fields):
        if event == "job":
            write_json(self.run_dir.job_path, {**(self.run_dir.read_job() or {}), **fields})
        else:
            self.events.append((event, fields))

    @property
    def text(self):
        """All log lines."""
        return "\n".join(fields["text"] for event, fields in self.events if event == "log")

    @property
    def stages(self):
        """The names of the stages."""
        return [fields["name"] for event, fields in self.events if event == "stage"]


@dataclass
class Rented:
    """One run that is to be trained on a rented machine."""

    standin: object
    folder: Path
    place: dict = field(default_factory=dict)
    waits: RentWaits = QUICK
    name: str = "run1"

    def __post_init__(self):
        self.run_dir = RunDir(self.folder / self.name).create()
        self.told = Told(self.run_dir)
        self.ask()
        self.fresh()

    def ask(self, **changes):
        """Write the wish into the run's spec."""
        usual = {"gpus": ["A100"], "workdir": str(self.folder / "pods" / self.name)}
        self.place = {**usual, **self.place, **changes}
        RunSpec(self.name, "fake", place=self.place).save(self.run_dir.spec_path)

    def fresh(self):
        """Another courier: nothing is remembered but what was written."""
        self.provider = RunpodProvider(Waits(connect=5), self.waits)

    def machine(self):
        return asyncio.run(self.provider.machine(self.run_dir, self.told))

    def check(self):
        asyncio.run(self.provider.check(self.run_dir, self.told))

    def release(self):
        asyncio.run(self.provider.release(self.run_dir, self.told))

    @property
    def job(self):
        return self.run_dir.read_job() or {}

    @property
    def entry(self):
        return ledger.load(self.job["pod"]["name"])

    @property
    def pods(self):
        """The pods on the account."""
        return list(self.standin.account.pods.values())

    @contextlib.contextmanager
    def after(self, condition, action):
        """Do something in another thread as soon as a condition holds."""
        import threading
        import time

        done = threading.Event()

        def watch():
            while not done.is_set():
                if condition():
                    action()
                    return
                time.sleep(0.01)

        thread = threading.Thread(target=watch, daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()
