"""The RunPod stand-in is faithful: by RunPod's description, in rules, money and log."""

import json
import os
import subprocess
import sys
import time

import pytest
import requests

from tests.launch.standin_runpod import Boot, Fault, StandIn
from tests.launch.standin_runpod.schema import openapi, subset

GOOD = {
    "name": "bespoke-x", "image": "runpod/pytorch:1.0.2-cu1281-torch280-ubuntu2404", "disk": 20,
    "gpu": {"id": "NVIDIA L4", "count": 1, "minCudaVersion": "12.8"}, "cloud": "SECURE",
    "ports": ["22/tcp"], "env": {"PUBLIC_KEY": "ssh-ed25519 AAAA"},
    "mounts": {"persistent": {"size": 20, "path": "/workspace"}},
}  # fmt: skip
V1_BODY = {
    "name": "x", "imageName": "runpod/pytorch", "gpuTypeIds": ["NVIDIA L4"], "gpuCount": 1,
    "containerDiskInGb": 20, "volumeInGb": 20, "ports": ["22/tcp"], "cloudType": "SECURE",
}  # fmt: skip
# Planted wrong requests: how the body differs, and the status and words that refuse it.
PLANTED = [
    (V1_BODY, 422, "image"),
    ({**GOOD, "interruptible": True}, 422, "interruptible"),
    ({**GOOD, "gpu": {"id": "NVIDIA L4", "count": 1, "memory": 8}}, 422, "memory"),
    ({**GOOD, "gpu": {"id": "NVIDIA L4", "count": "1"}}, 422, "integer"),
    ({**GOOD, "gpu": {"id": "NVIDIA L4", "count": 0}}, 422, "minimum"),
    ({**GOOD, "gpu": {**GOOD["gpu"], "minCudaVersion": "12"}}, 422, "12"),
    ({**GOOD, "env": {"STEPS": 3}}, 422, "string"),
    ({**GOOD, "mounts": {"persistent": {"size": 5, "path": "/w"}}}, 422, "minimum"),
    ({**GOOD, "mounts": {"network": [{"volumeId": "a"}]}}, 422, "path"),
    ({**GOOD, "cloud": "secure"}, 422, "secure"),
    ({**GOOD, "ports": "22/tcp"}, 422, "array"),
    ({key: value for key, value in GOOD.items() if key != "image"}, 422, "image"),
    ({key: value for key, value in GOOD.items() if key != "gpu"}, 400, "exactly one"),
    ({**GOOD, "gpu": {"id": "NVIDIA L4"}}, 400, "no longer any instances"),
    ({**GOOD, "gpu": {**GOOD["gpu"], "allowedCudaVersions": ["12.8"]}}, 400, "exclusive"),
    ({**GOOD, "gpu": {"id": "NVIDIA L4", "count": 1, "minCudaVersion": "99.0"}}, 400, "instances"),
    ({**GOOD, "mounts": {**GOOD["mounts"], "network": [{"volumeId": "v", "path": "/w"}]}}, 400,
     "exclusive"),
    ({**GOOD, "mounts": {"network": [{"volumeId": "none", "path": "/w"}]}}, 404, "volume"),
]  # fmt: skip


@pytest.fixture(params=["openapi", "subset"])
def standin(request):
    known = openapi() if request.param == "openapi" else subset()
    if known is None:
        pytest.skip("RunPod's description is not beside the project")
    with StandIn(known=known) as running:
        yield running
        assert running.wrong == []


def ask(standin, method, path, body=None, key=None, headers=None, **query):
    sign = {"Authorization": f"Bearer {key or standin.key}"} | (headers or {})
    return requests.request(
        method, standin.url + path, json=body, headers=sign, params=query, timeout=10
    )


def create(standin, **changes):
    answer = ask(standin, "POST", "/v2/pods", {**GOOD, **changes})
    assert answer.status_code == 201, answer.text
    return answer.json()


def wait_for(standin, pod_id, status, tries=200):
    for _ in range(tries):
        pod = ask(standin, "GET", f"/v2/pods/{pod_id}").json()
        if pod["status"] == status:
            return pod
        time.sleep(0.02)
    raise AssertionError(pod["status"])


@pytest.mark.parametrize(("body", "status", "word"), PLANTED)
def test_planted_wrong_bodies_are_refused(standin, body, status, word):
    answer = ask(standin, "POST", "/v2/pods", body)
    assert (answer.status_code, answer.headers["Content-Type"]) == (
        status, "application/problem+json",
    )  # fmt: skip
    assert word in json.dumps(answer.json())
    assert standin.account.pods == {}


def test_planted_wrong_keys_and_paths_are_refused(standin):
    assert ask(standin, "GET", "/v2/pods", key="wrong").status_code == 401
    assert requests.get(f"{standin.url}/v2/pods", timeout=5).status_code == 401
    reader = standin.account.read_only_key
    assert ask(standin, "GET", "/v2/pods", key=reader).status_code == 200
    assert ask(standin, "POST", "/v2/pods", GOOD, key=reader).status_code == 403
    assert ask(standin, "POST", "/v1/pods", V1_BODY).status_code == 410
    assert ask(standin, "PATCH", "/v2/pods").status_code == 405
    assert ask(standin, "PUT", "/v2/account/ssh-keys", {"sshKeys": []}).status_code == 404
    assert ask(standin, "GET", "/v2/pods/none").status_code == 404
    pod = create(standin)["id"]
    wrong = ask(standin, "POST", f"/v2/pods/{pod}/action", {"action": "pause"})
    assert wrong.status_code == 422


def test_a_pod_boots_stops_starts_and_ends(standin):
    pod = create(standin)
    assert (pod["status"], pod["ssh"]["direct"]) == ("PROVISIONING", None)
    assert pod["actions"] == ["stop", "terminate"]
    path = f"/v2/pods/{pod['id']}"
    assert ask(standin, "POST", f"{path}/action", {"action": "start"}).status_code == 409
    running = wait_for(standin, pod["id"], "RUNNING")
    assert running["ssh"]["direct"]["host"] == "127.0.0.1"
    assert len(running["runtime"]["gpus"]) == 1
    assert running["cost"] == 0.39
    stopped = ask(standin, "POST", f"{path}/action", {"action": "stop"}).json()
    assert (stopped["status"], stopped["cost"], stopped["ssh"]["direct"]) == ("EXITED", 0.0, None)
    assert ask(standin, "POST", f"{path}/action", {"action": "start"}).status_code == 200
    wait_for(standin, pod["id"], "RUNNING")
    assert ask(standin, "DELETE", path).status_code == 204
    assert ask(standin, "GET", path).status_code == 404
    assert ask(standin, "POST", f"{path}/action", {"action": "terminate"}).status_code == 404
    assert ask(standin, "GET", "/v2/pods").json()["pods"] == []


def test_the_pods_own_key_reaches_that_pod_only(standin):
    first, other = create(standin)["id"], create(standin)["id"]
    key = standin.account.pods[first].key
    assert ask(standin, "GET", f"/v2/pods/{first}", key=key).status_code == 200
    assert ask(standin, "GET", f"/v2/pods/{other}", key=key).status_code == 403
    assert ask(standin, "GET", "/v2/pods", key=key).status_code == 403
    stop = {"action": "stop"}
    assert ask(standin, "POST", f"/v2/pods/{first}/action", stop, key=key).status_code == 200
    standin.account.pod_keys = False
    assert ask(standin, "GET", f"/v2/pods/{first}", key=key).status_code == 403


def test_money_runs_by_the_second_and_ends_with_the_pod(standin):
    pod = create(standin, gpu={"id": "NVIDIA L4", "count": 2})["id"]
    standin.clock.advance(1800)
    spent = standin.account.spent(pod)
    assert spent == pytest.approx(0.39, rel=0.05)
    ask(standin, "POST", f"/v2/pods/{pod}/action", {"action": "stop"})
    spent = standin.account.spent()
    standin.clock.advance(36000)
    assert standin.account.spent() == pytest.approx(spent)
    assert standin.account.balance == pytest.approx(25 - spent)
    bill = ask(standin, "GET", "/v2/billing/pods", podId=pod, bucketSize="hour").json()
    assert bill["metadata"]["totals"]["totalAmount"] == pytest.approx(spent)
    assert ask(standin, "GET", "/v2/billing/pods", bucketSize="minute").status_code == 422


def test_without_credit_nothing_starts_and_pods_end(standin):
    kept = standin.account.add_volume("v", 10, "EU-RO-1")
    own = create(standin)["id"]
    on_volume = create(standin, mounts={"network": [{"volumeId": kept, "path": "/workspace"}]})
    assert on_volume["dataCenterId"] == "EU-RO-1"
    standin.account.balance = 0.3
    assert ask(standin, "POST", "/v2/pods", GOOD).status_code == 402
    standin.clock.advance(7200)
    assert ask(standin, "GET", f"/v2/pods/{own}").status_code == 404
    left = ask(standin, "GET", f"/v2/pods/{on_volume['id']}").json()
    assert left["status"] == "EXITED"


def test_stock_goes_down_and_comes_back(standin):
    standin.account.gpus["NVIDIA L4"].free["SECURE"] = 1
    pod = create(standin)["id"]
    query = {"include": "AVAILABILITY", "product": "POD"}
    cards = ask(standin, "GET", "/v2/catalog/gpus", **query).json()["gpus"]
    assert {one["id"]: one["availability"] for one in cards}["NVIDIA L4"] == "NONE"
    assert ask(standin, "POST", "/v2/pods", GOOD).status_code == 400
    ask(standin, "DELETE", f"/v2/pods/{pod}")
    assert create(standin)["gpu"]["id"] == "NVIDIA L4"


def test_the_catalogue_has_its_rules(standin):
    path = "/v2/catalog/gpus"
    assert "availability" not in ask(standin, "GET", path).json()["gpus"][0]
    assert ask(standin, "GET", path, include="AVAILABILITY").status_code == 400
    assert ask(standin, "GET", path, product="POD").status_code == 400
    assert ask(standin, "GET", path, include="PRICES").status_code == 422


@pytest.mark.parametrize("end", ["stuck", "error"])
def test_boots_that_fail_say_why_in_the_log(standin, end):
    why = "exec format error"
    standin.account.boots.append(Boot(0.05, 0.05, end=end, lines=(why,)))
    pod = create(standin)["id"]
    if end == "error":
        wait_for(standin, pod, "ERROR")
    else:
        standin.clock.advance(86400)
        wait_for(standin, pod, "STARTING")
    assert any(line == why for _, _, line in standin.account.pods[pod].log)
    assert [one.id for one in standin.account.billing()] == [pod]


def read_log(standin, pod, count, headers=None, **query):
    """(id, line) of the first `count` events of a pod's stream."""
    sign = {"Authorization": f"Bearer {standin.key}"} | (headers or {})
    found, event = [], ""
    with requests.get(
        f"{standin.url}/v2/pods/{pod}/logs", headers=sign, params=query, stream=True, timeout=5
    ) as stream:
        for line in stream.iter_lines(chunk_size=1, decode_unicode=True):
            if line.startswith("id: "):
                event = line[4:]
            if line.startswith("data: "):
                found.append((event, json.loads(line[6:])["line"]))
                if len(found) == count:
                    return found
    raise AssertionError(found)


def test_the_log_names_host_keys_and_resumes_at_the_very_line(standin):
    pod = create(standin)["id"]
    wait_for(standin, pod, "RUNNING")
    whole = read_log(standin, pod, 8)
    lines = [line for _, line in whole]
    at = lines.index("SSH host keys:")
    assert "SHA256:" in lines[at + 2]
    rest = read_log(standin, pod, 8 - 3, headers={"Last-Event-ID": whole[2][0]})
    assert rest == whole[3:]
    assert read_log(standin, pod, 2, tail="2") == whole[-2:]
    own = read_log(standin, pod, 2, source="container")
    assert own[0][1] == "Pod Started"


def test_planned_faults_hit_so_many_times(standin):
    standin.faults.plan(
        Fault("GET /v2/pods", status=429, retry_after=7), Fault("GET /v2/pods", status=503),
        Fault("POST /v2/pods", lost=True, after=True), Fault("POST /v2/pods", lost=True),
    )  # fmt: skip
    busy = ask(standin, "GET", "/v2/pods")
    assert (busy.status_code, busy.headers["Retry-After"]) == (429, "7")
    assert ask(standin, "GET", "/v2/pods").status_code == 503
    assert ask(standin, "GET", "/v2/pods").status_code == 200
    with pytest.raises(requests.ConnectionError):
        ask(standin, "POST", "/v2/pods", GOOD)
    assert len(standin.account.pods) == 1, "made, though its answer never came"
    with pytest.raises(requests.ConnectionError):
        ask(standin, "POST", "/v2/pods", GOOD)
    assert len(standin.account.pods) == 1
    standin.pause()
    with pytest.raises(requests.ConnectionError):
        ask(standin, "GET", "/v2/pods")
    standin.start()
    assert len(ask(standin, "GET", "/v2/pods").json()["pods"]) == 1


def test_the_subset_judges_as_runpods_own_description_does():
    real, own = openapi(), subset()
    if real is None:
        pytest.skip("RunPod's description is not beside the project")
    assert set(own.operations) <= set(real.operations)
    for body in [GOOD, *(body for body, _, _ in PLANTED)]:
        judged = [bool(one.request_errors("POST /v2/pods", body)) for one in (real, own)]
        assert judged[0] == judged[1], body
    with StandIn(known=own) as standin:
        pod = create(standin)
        for one in (real, own):
            assert one.answer_errors("POST /v2/pods", 201, pod) == []
            for key in ("id", "status", "ssh", "cost", "runtime", "actions"):
                less = {name: value for name, value in pod.items() if name != key}
                assert one.answer_errors("GET /v2/pods/{id}", 200, less)
                odd = {**pod, key: {"un": "expected"}} if key != "runtime" else {**pod, key: 3}
                assert one.answer_errors("GET /v2/pods/{id}", 200, odd)


def test_it_is_a_program_too(root, tmp_path):
    command = [sys.executable, "-m", "tests.launch.standin_runpod", "--key-file", tmp_path / "key"]
    with subprocess.Popen(
        command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        env={**os.environ, "PYTHONPATH": str(root)},
    ) as process:  # fmt: skip
        started = json.loads(process.stdout.readline())
        sign = {"Authorization": f"Bearer {(tmp_path / 'key').read_text()}"}
        answer = requests.get(f"{started['url']}/v2/pods", headers=sign, timeout=10)
        process.terminate()
    assert answer.json() == {"pods": []}
