"""The dead-man's switch: a machine that costs money stops itself when nobody looks after it."""

import json
import os
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from bespoke_gui.launch.remote.supervisor import KEY, POD, SelfStop
from tests.launch.supervised import QUICK, stand_in

CANARY = "rpa_canaryCANARYcanary"


class Api:
    """RunPod's two calls that a pod makes, on loopback."""

    def __init__(self):
        self.calls = []
        self.answers = {}
        self.location = ""
        server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.server = server
        self.url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()

    def _handler(self):
        api = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                api.calls.append((self.command, self.path, body))
                code = api.answers.get(self.command, 200)
                if self.headers.get("Authorization") != f"Bearer {CANARY}":
                    code = 401
                self.send_response(code)
                if code == 302:
                    self.send_header("Location", api.location)
                self.end_headers()
                self.wfile.write(b"{}")

            do_GET = do_POST = answer

            def log_message(self, format, *args):
                pass

        return Handler

    @property
    def stops(self):
        return [call for call in self.calls if call[0] == "POST"]


@pytest.fixture
def api():
    api = Api()
    yield api
    api.server.shutdown()
    api.server.server_close()


@pytest.fixture
def pod(new):
    """Makes runs on a pod: with its id and its own key in the environment."""

    def make(name="r", **options):
        run = new(name, **options)
        run.env = {KEY: CANARY, POD: "pod7"}
        return run

    return make


def limits(api, **more):
    return {**QUICK, "silent_s": 1, "fetch_s": 0.5, "self_stop": {"url": api.url}, **more}


def test_armed_and_stopped_when_nobody_is_in_contact(pod, api):
    run = pod()
    run.start(limits(api))
    run.ended()
    run.wait(lambda: api.stops)
    assert api.calls[0] == ("GET", "/v2/pods/pod7", b"")
    assert api.stops == [("POST", "/v2/pods/pod7/action", b'{"action": "stop"}')]
    assert run.wait(lambda: run.job.get("stopped"))
    assert run.job["self_stop"] == "armed"


def test_contact_keeps_the_machine(pod, api):
    run = pod()
    run.start(limits(api))
    run.ended()
    end = time.monotonic() + 3
    while time.monotonic() < end:
        (run.folder / "contact").touch()
        time.sleep(0.1)
    assert not api.stops
    assert run.wait(lambda: api.stops)


def test_another_run_of_the_machine_keeps_it(pod, api):
    first, second = pod("a"), pod("b", seconds_per_step=0.05, epochs=400)
    second.start({**QUICK})
    first.start(limits(api))
    first.ended()
    time.sleep(2.5)
    assert not api.stops
    second.run_dir.request("stop")
    second.ended()
    assert first.wait(lambda: api.stops)


def test_the_deadline_stops_the_machine_even_with_contact(pod, api):
    run = pod(seconds_per_step=0.05, epochs=400)
    run.start(limits(api, deadline=time.time() + 1, silent_s=3600))
    assert run.ended()["kind"] == "budget"

    def stopped():
        (run.folder / "contact").touch()
        return api.stops

    assert run.wait(stopped)


def test_it_is_tried_until_it_works(pod, api):
    api.answers["POST"] = 500
    run = pod()
    run.start(limits(api))
    run.wait(lambda: len(api.stops) >= 3)
    assert "500" in run.wait(lambda: run.job.get("stop_failed"))
    api.answers.clear()
    run.wait(lambda: run.job.get("stopped"))
    assert run.job["stop_failed"] == ""


def test_a_resumed_run_takes_the_machine_over(pod, api):
    run = pod()
    run.start(limits(api, silent_s=3600))
    run.ended()
    watcher = run.wait(lambda: run.job if run.job.get("ended") else None)
    again = run.start(limits(api, silent_s=3600))
    assert again["pid"] != watcher["pid"]
    assert run.wait(lambda: not Path(f"/proc/{watcher['pid']}").exists())
    run.ended()


def test_a_guard_stops_a_machine_whose_run_never_began(pod, api):
    run = pod()
    run.command("guard", limits=limits(api))
    assert run.wait(lambda: api.stops)


def test_a_guard_gives_way_to_the_run(pod, api):
    run = pod(seconds_per_step=0.05, epochs=400)
    guard = run.command("guard", limits=limits(api, silent_s=3600))
    run.start(limits(api, silent_s=3600))
    assert run.wait(lambda: not Path(f"/proc/{guard['pid']}").exists())
    assert run.state()["running"]


def test_a_second_guard_is_not_needed(pod, api):
    """After each lost connection one is asked for; the first takes the new limits over."""
    run = pod()
    first = run.command("guard", limits=limits(api, silent_s=3600))
    again = run.command("guard", limits=limits(api))
    assert again == {"error": "this run has a guard already", "kind": "conflict"}
    assert run.wait(lambda: api.stops)
    assert run.wait(lambda: not Path(f"/proc/{first['pid']}").exists())
    assert len(api.stops) == 1


def test_a_key_that_works_later_is_armed_then(pod, api):
    api.answers["GET"] = 503
    run = pod(seconds_per_step=0.05, epochs=400)
    run.start(limits(api))
    run.wait(lambda: run.job["self_stop"] == "not armed: RunPod answered (503)")
    api.answers.clear()
    run.wait(lambda: run.job["self_stop"] == "armed")


@pytest.mark.parametrize(
    ("key", "pod_id", "url", "words"),
    [
        ("", "pod7", "", "the pod has no key of its own (RUNPOD_API_KEY is not set)"),
        (CANARY, "", "", "the pod's id is unknown (RUNPOD_POD_ID is not set)"),
        ("wrong", "pod7", "", "RunPod refused the pod's key (401)"),
        (CANARY, "pod7", "http://example.invalid", "the address of RunPod is not https"),
        (CANARY, "pod7", "http://127.0.0.1:9", "RunPod cannot be reached: "),
    ],
)
def test_why_it_is_not_armed(api, monkeypatch, key, pod_id, url, words):
    monkeypatch.setenv(KEY, key)
    monkeypatch.setenv(POD, pod_id)
    found = SelfStop({"url": url or api.url}).test()
    assert found.startswith(f"not armed: {words}")
    assert CANARY not in found


def test_the_key_does_not_follow_to_another_address(api, monkeypatch):
    other = Api()
    monkeypatch.setenv(KEY, CANARY)
    monkeypatch.setenv(POD, "pod7")
    api.answers["GET"], api.location = 302, other.url
    assert "302" in SelfStop({"url": api.url}).test()
    assert other.calls == []
    other.server.shutdown()
    other.server.server_close()


def test_the_key_stays_with_the_supervisor(pod, api, tmp_path):
    run = pod()
    body = f"print('key' if {KEY!r} in os.environ else 'no key', os.environ[{POD!r}])"
    run.start(limits(api), code=stand_in(tmp_path, body))
    run.ended()
    run.wait(lambda: api.stops)
    assert "no key pod7" in run.log()
    files = [path for path in run.folder.rglob("*") if path.is_file()]
    assert not [path for path in files if CANARY.encode() in path.read_bytes()]
    assert os.environ.get(KEY) is None
    assert json.loads((run.folder / "job.json").read_text())["self_stop"] == "armed"
