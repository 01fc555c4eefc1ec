"""The guard of a pod: a shell script that is started before all else and stops it if nobody comes.

Run for real, with no other programs than those that the image of a case has.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time

import pytest

from bespoke_gui.core.resources import resource
from bespoke_gui.launch.runpod import guard
from tests.launch.remote_kit import wait_for
from tests.launch.test_supervisor_self_stop import CANARY, Api

SHELL = shutil.which("dash") or shutil.which("sh")
BASICS = ("cat", "mkdir", "mktemp", "rm", "sleep")
WATCHED = '#!/bin/sh\necho "{name} $*" >> "{seen}"\nexec "{real}" "$@"\n'
STOP = ("POST", "/v2/pods/pod7/action", b'{"action": "stop"}')

pytestmark = pytest.mark.skipif(os.name == "nt", reason="pods are Linux")


class Pod:
    """A container that has some programs; `words`: the arguments that those were given."""

    def __init__(self, folder, url):
        self.folder, self.url = folder, url
        self.runs = folder / "work" / "bespoke" / "runs"
        self.seen = folder / "words.txt"
        self.log = folder / "log.txt"
        (folder / "bin").mkdir()
        self.environment = {
            "PATH": str(folder / "bin"), "RUNPOD_POD_ID": "pod7", "RUNPOD_API_KEY": CANARY,
            "BESPOKE_GUARD_URL": url, "BESPOKE_GUARD_RUNS": str(self.runs),
            "BESPOKE_GUARD_FIRST": "2", "BESPOKE_GUARD_LATER": "4", "BESPOKE_GUARD_LOOK": "1",
        }  # fmt: skip
        for name in BASICS:
            self.has(name)
        self._process = None

    def has(self, name, real=None):
        """Let the image have a program, whose arguments are written down."""
        real = real or (sys.executable if name.startswith("python") else shutil.which(name))
        if real is None:
            pytest.skip(f"no {name} on this computer")
        path = self.folder / "bin" / name
        path.write_text(WATCHED.format(name=name, seen=self.seen, real=real))
        path.chmod(0o755)

    def start(self, **changes):
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [SHELL, str(resource("pod_guard.sh"))], env={**self.environment, **changes},
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        return self

    def stop(self):
        """End it with all it started, as a container ends."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    @property
    def said(self):
        return self.log.read_text() if self.log.exists() else ""

    @property
    def words(self):
        return self.seen.read_text() if self.seen.exists() else ""


@pytest.fixture
def api():
    api = Api()
    yield api
    api.server.shutdown()
    api.server.server_close()


@pytest.fixture
def pod(tmp_path, api):
    pod = Pod(tmp_path, api.url)
    yield pod
    pod.stop()


@pytest.mark.parametrize("way", ["python3", "python", "curl", "wget"])
def test_it_stops_the_pod_with_whatever_the_image_has(pod, api, way):
    pod.has(way)
    pod.start()
    wait_for(lambda: api.stops)
    assert api.calls[0] == ("GET", "/v2/pods/pod7", b"")
    assert api.stops[0] == STOP
    assert "armed: this pod stops itself after 2 s" in pod.said
    assert way in pod.words
    assert CANARY not in pod.words, "the key is in no command line"
    assert CANARY not in pod.said
    left = [path for path in pod.folder.rglob("*") if path.is_file()]
    assert not [path for path in left if CANARY.encode() in path.read_bytes()]


def test_what_does_not_work_is_passed_over(pod, api):
    pod.has("python3", shutil.which("false"))
    pod.has("curl")
    pod.start()
    wait_for(lambda: api.stops)


def test_without_any_of_them_it_says_so_and_runpods_own_program_is_tried(pod, api):
    pod.has("runpodctl", shutil.which("true"))
    pod.start()
    wait_for(lambda: "runpodctl" in pod.words)
    assert "not armed: this image has neither python nor curl nor wget" in pod.said
    assert "runpodctl pod stop pod7" in pod.words
    assert api.calls == []


def test_a_refused_key_is_said_and_tried_again(pod, api):
    api.answers = {"GET": 403, "POST": 500}
    pod.has("curl")
    pod.start()
    wait_for(lambda: len(api.stops) > 1)
    assert pod.said.count("not armed: RunPod refuses the key of the pod") == 1
    assert "cannot stop it" in pod.said


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"BESPOKE_GUARD_URL": "http://example.invalid"}, "the address of RunPod is not https"),
        ({"RUNPOD_API_KEY": ""}, "the pod has no key of its own"),
        ({"RUNPOD_POD_ID": ""}, "the number of the pod is unknown"),
    ],
)
def test_what_is_not_there_is_said_and_nobody_is_asked(pod, api, changes, why):
    pod.has("curl")
    pod.start(**changes)
    wait_for(lambda: "nobody for" in pod.said)
    assert f"not armed: {why}" in pod.said
    assert "curl" not in pod.words
    assert api.calls == []


@pytest.mark.parametrize("way", ["python3", "curl", "wget"])
def test_the_key_does_not_follow_to_another_address(pod, api, way):
    other = Api()
    api.answers["GET"], api.location = 302, other.url
    pod.has(way)
    pod.start()
    wait_for(lambda: "armed" in pod.said)
    assert other.calls == []
    other.server.shutdown()
    other.server.server_close()


def test_signs_of_life_keep_the_pod_and_make_it_more_patient(pod, api):
    pod.has("curl")
    run = pod.runs / "run1"
    run.mkdir(parents=True)
    pod.start()
    end = time.monotonic() + 5
    while time.monotonic() < end:
        (run / "contact").touch()
        time.sleep(0.1)
    assert not api.stops
    assert pod.said.count("somebody has taken over") == 1
    wait_for(lambda: api.stops)
    assert "nobody for 4 s" in pod.said or "nobody for 5 s" in pod.said


def test_the_count_goes_on_where_a_container_that_died_left_off(pod, api):
    """Else one that dies and starts again for ever would never be stopped."""
    pod.has("curl")
    pod.runs.mkdir(parents=True)
    (pod.runs / ".guard").write_text("5000\n")
    pod.start(BESPOKE_GUARD_FIRST="5001")
    wait_for(lambda: api.stops)
    wait_for(lambda: (pod.runs / ".guard").read_text() == "0\n")


def test_a_place_that_cannot_be_written_does_not_matter(pod, api):
    pod.has("curl")
    pod.folder.joinpath("work").write_text("no folder")
    pod.start()
    wait_for(lambda: api.stops)


def test_the_words_of_the_log_are_understood():
    assert guard.state_of("bespoke guard: armed: this pod stops itself") == "armed at creation"
    assert guard.state_of("bespoke guard: not armed: why") == "not armed: why"
    assert guard.state_of("bespoke guard: somebody has taken over") == ""
    assert guard.state_of("all is armed") == ""
