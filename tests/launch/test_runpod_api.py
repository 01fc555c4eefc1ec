"""The RunPod client: every status in words, tried again only where safe, tolerant of the new."""

import itertools
import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bespoke_gui.core import secrets, settings
from bespoke_gui.core.errors import AppError
from bespoke_gui.launch.runpod import address, catalog, logs, pods, words
from bespoke_gui.launch.runpod.api import Api, account
from bespoke_gui.launch.runpod.waits import RentWaits, rent_waits
from bespoke_gui.launch.runpod.words import ApiError
from tests.launch.standin_runpod import Boot, Fault, StandIn

BODY = {
    "name": "bespoke-r1", "image": "runpod/pytorch:x", "ports": ["22/tcp"],
    "gpu": {"id": "NVIDIA L4", "count": 1},
}  # fmt: skip
QUICK = RentWaits(api=3, api_tries=4, api_back_off=0.01, api_back_off_most=0.02)


@pytest.fixture
def standin():
    with StandIn() as running:
        yield running
        assert running.wrong == []


@pytest.fixture
def paused():
    """The pauses between tries, in seconds; none of them is waited."""
    return []


@pytest.fixture
def api(standin, paused):
    return Api(standin.url, standin.key, QUICK, paused.append)


def running(api, pod_id):
    while (pod := pods.get_pod(api, pod_id)) and pod.status != "RUNNING":
        time.sleep(0.02)
    return pod


@pytest.mark.parametrize(
    ("status", "kind", "word"),
    [
        (400, "bad_config", "refuses"), (401, "auth", "does not accept the key"),
        (402, "budget", "balance"), (403, "auth", "may not do this"),
        (404, "lost", "knows nothing"), (409, "conflict", "present state"),
        (410, "network", "switched"), (418, "network", "418"),
        (422, "bad_config", "does not understand"), (429, "network", "pause"),
        (500, "network", "trouble of its own (500)"), (503, "network", "(503)"),
    ],
)  # fmt: skip
def test_every_status_is_said_in_words(standin, api, status, kind, word):
    standin.faults.plan(Fault("GET /v2/pods", status=status, detail="so it is", times=-1))
    with pytest.raises(ApiError) as caught:
        pods.our_pods(api)
    error = caught.value
    assert (error.kind, error.status) == (kind, status)
    assert word in str(error)
    assert ("so it is" in str(error)) is (status != 429)
    assert "\n" not in str(error)
    assert standin.key not in str(error) + repr(error)


@pytest.mark.parametrize(
    "said",
    [
        "There are no longer any instances available with the requested specifications.",
        "no instances available", "Insufficient capacity in US-KS-2", "out of stock",
        "GPU type is not available in this data center",
    ],
)  # fmt: skip
def test_no_capacity_is_told_from_a_broken_rule(said):
    assert words.explained(400, said).kind == "capacity"
    rule = words.explained(400, "mounts.network and mounts.persistent are exclusive")
    assert rule.kind != "capacity"


def test_reads_are_tried_again_with_the_pause_that_is_asked_for(standin, api, paused):
    standin.faults.plan(
        Fault("GET /v2/pods", status=429, retry_after=9), Fault("GET /v2/pods", status=502),
        Fault("GET /v2/pods", lost=True),
    )  # fmt: skip
    assert pods.our_pods(api) == []
    assert paused == [9, 0.02, 0.02]


def test_a_pause_is_never_endless(standin, api, paused):
    standin.faults.plan(Fault("GET /v2/pods", status=429, retry_after=10**9))
    assert pods.our_pods(api) == []
    assert paused == [120]


def test_nothing_is_created_twice(standin, api, paused):
    standin.faults.plan(Fault("POST /v2/pods", status=429), Fault("POST /v2/pods", status=429))
    assert pods.create_pod(api, BODY).name == "bespoke-r1"
    for fault in (Fault("POST /v2/pods", lost=True, after=True),
                  Fault("POST /v2/pods", status=502, after=True)):  # fmt: skip
        before = len(standin.account.pods)
        standin.faults.plan(fault)
        with pytest.raises(ApiError) as caught:
            pods.create_pod(api, BODY)
        assert caught.value.sent
        assert len(standin.account.pods) == before + 1
    standin.pause()
    with pytest.raises(ApiError) as caught:
        pods.create_pod(api, BODY)
    assert not caught.value.sent
    assert len(paused) == 2 + QUICK.api_tries - 1


def test_an_answer_that_never_ends_is_given_up(standin):
    impatient = Api(standin.url, standin.key, RentWaits(api=0.2, api_tries=1))
    standin.faults.plan(Fault("GET /v2/pods", delay=1))
    with pytest.raises(ApiError, match="did not answer"):
        pods.our_pods(impatient)


@pytest.mark.parametrize("body", ["<html>login</html>", "[]", "{}", '{"pods": 3}', "nul"])
def test_answers_that_are_not_runpods_are_said(standin, api, body):
    standin.faults.plan(Fault("GET /v2/pods", body=body, times=-1))
    with pytest.raises(ApiError, match="not RunPod's"):
        pods.our_pods(api)


def test_what_a_server_says_is_one_clean_line(standin, api):
    rude = f"\x1b[31mred\nkey {standin.key} " + "x" * 5000
    standin.faults.plan(Fault("GET /v2/pods/a", status=400, detail=rude))
    with pytest.raises(ApiError) as caught:
        pods.get_pod(api, "a")
    text = str(caught.value)
    assert standin.key not in text
    assert text.isprintable()
    assert len(text) < 500


def test_lists_go_over_all_pages(standin, api):
    made = [pods.create_pod(api, {**BODY, "name": f"bespoke-{n}"}).id for n in range(5)]
    pods.create_pod(api, {**BODY, "name": "somebody-else"})
    standin.page = 2
    assert sorted(pod.id for pod in pods.our_pods(api)) == sorted(made)
    assert [pod.id for pod in pods.our_pods(api, "bespoke-3")] == [made[3]]


def test_a_pod_is_read_and_taken_through_its_life(standin, api):
    pod = pods.create_pod(api, BODY)
    assert (pod.status, pod.host, pod.cards, pod.usd_per_hour) == ("PROVISIONING", "", None, 0.39)
    up = running(api, pod.id)
    assert (up.host, up.cards, up.cloud, up.gpu) == ("127.0.0.1", 1, "SECURE", "NVIDIA L4")
    assert up.created
    assert up.started >= up.created
    pods.start_pod(api, pod.id)
    pods.stop_pod(api, pod.id)
    pods.stop_pod(api, pod.id)
    assert pods.get_pod(api, pod.id).usd_per_hour == 0
    pods.start_pod(api, pod.id)
    assert pods.end_pod(api, pod.id)
    assert pods.end_pod(api, pod.id), "gone is gone"
    assert pods.get_pod(api, pod.id) is None
    assert catalog.billed(api, pod.id) >= 0
    with pytest.raises(ApiError, match="knows nothing"):
        pods.stop_pod(api, pod.id)


def test_ending_survives_a_lost_answer(standin, api):
    pod = pods.create_pod(api, BODY).id
    standin.faults.plan(Fault("POST /v2/pods/*/action", lost=True, after=True))
    assert pods.end_pod(api, pod)
    assert standin.account.billing() == []


def test_the_servers_time_counts(standin, api):
    standin.clock.advance(7200)
    pod = pods.create_pod(api, BODY)
    assert abs(pods.get_pod(api, pod.id).at - standin.clock.now()) < 60


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
KEYS = ("id", "name", "status", "gpu", "runtime", "ssh", "cost", "createdAt", "actions", "mounts")


@given(st.dictionaries(st.sampled_from(KEYS), JSON) | JSON)
def test_any_json_is_a_pod_or_none(data):
    try:
        pod = pods.pod_from(data)
    except ValueError:
        return
    assert isinstance(pod.id, str)
    assert isinstance(pod.port, int)


@given(st.lists(st.tuples(st.sampled_from(["id", "data", "x", ""]), st.text())), st.integers())
def test_any_stream_gives_clean_lines(parts, cut):
    class Streamed:
        def stream(self, *_args, **_query):
            yield from (f"{name}: {text}" if name else "" for name, text in parts)

    for line in logs.lines(Streamed(), "p"):
        assert "\x1b" not in line.text
        assert len(line.text) <= logs.LONGEST


def test_log_lines_come_once_over_broken_streams(standin, api):
    import threading

    pod = pods.create_pod(api, BODY).id
    done = threading.Event()
    standin.faults.plan(Fault("GET /v2/pods/*/logs", status=503, times=2))

    def heard(line):
        if line.text.startswith("the end"):
            done.set()

    with logs.Follower(api, pod, heard) as follower:
        running(api, pod)
        standin.pause()
        standin.start()
        with standin.account.lock:
            standin.account.pods[pod].say("container", "\x1b[1mthe end\x1b[0m", 0)
        assert done.wait(20)
    texts = [line.text for line in follower.seen]
    assert len(texts) == len(set(texts))
    assert follower.last(1) == ["the end"]
    assert logs.fingerprints(follower.seen) == [f"SHA256:{'B' * 43}"]


def test_only_the_last_boots_host_keys_count():
    def said(*texts):
        return [logs.LogLine("container", text) for text in texts]

    one, two = f"256 SHA256:{'1' * 43} a (ED25519)", f"256 SHA256:{'2' * 43} a (ED25519)"
    assert logs.fingerprints(said("SSH host keys:", one, "SSH host keys:", "Key: x", two)) == [
        f"SHA256:{'2' * 43}"
    ]
    assert logs.fingerprints(said(one)) == []
    assert logs.fingerprints([logs.LogLine("system", f"SSH host keys: {one}")]) == []


def test_offers_have_prices_and_stock_of_their_cloud(standin, api):
    standin.account.gpus["NVIDIA L4"].free["SECURE"] = 0
    secure = {one.id: one for one in catalog.offers(api)}
    assert (secure["NVIDIA L4"].stock, secure["NVIDIA L4"].usd_per_hour) == ("NONE", 0.39)
    assert secure["NVIDIA A100 80GB PCIe"].memory == 80
    assert "12.8" in secure["NVIDIA A100 80GB PCIe"].cuda
    community = catalog.offers(api, "community")
    assert "NVIDIA L4" not in {one.id for one in community}, "that cloud has none"
    assert [one.usd_per_hour for one in community] == sorted(o.usd_per_hour for o in community)


def test_a_name_stands_for_all_cards_that_have_it(standin, api):
    known = catalog.offers(api)
    assert [one.id for one in catalog.candidates(["A100", "4090"], known)] == [
        "NVIDIA A100 80GB PCIe", "NVIDIA A100-SXM4-80GB", "NVIDIA GeForce RTX 4090",
    ]  # fmt: skip
    standin.account.gpus["NVIDIA A100 80GB PCIe"].free["SECURE"] = 0
    known = catalog.offers(api)
    assert catalog.candidates(["a100"], known)[0].id == "NVIDIA A100-SXM4-80GB", "it is in stock"
    assert [one.id for one in catalog.candidates(["NVIDIA L4"], known)] == ["NVIDIA L4"]
    with pytest.raises(AppError, match="no card 'Voodoo'"):
        catalog.candidates(["Voodoo"], known)


def test_volumes_are_listed(standin, api):
    standin.account.add_volume("art", 50, "EU-RO-1")
    assert [(one["name"], one["size"]) for one in catalog.volumes(api)] == [("art", 50)]


def test_address_and_key_come_from_settings_and_environment(standin, monkeypatch):
    with pytest.raises(AppError, match="no RunPod key"):
        account()
    secrets.set("runpod", "rpa_abc")
    assert account().url == address.USUAL
    kept = settings.load()
    kept.runpod = {"url": "https://proxy.example/"}
    settings.save(kept)
    assert account().url == "https://proxy.example"
    monkeypatch.setenv("BESPOKE_RUNPOD_URL", standin.url)
    assert account().url == standin.url
    assert "rpa_abc" not in repr(account())
    for unsafe in ("http://example.org", "ftp://x", "https://me:pw@example.org", "nonsense"):
        monkeypatch.setenv("BESPOKE_RUNPOD_URL", unsafe)
        with pytest.raises(AppError, match="no safe address"):
            account()
    secrets.forget("runpod")


def test_waits_are_settings(monkeypatch):
    monkeypatch.setenv("BESPOKE_WAITS", json.dumps({"boot": 3, "api_tries": 2, "other": 1}))
    assert (rent_waits().boot, rent_waits().api_tries) == (3, 2)
    for broken in ("[", "[]", '{"boot": "x"}'):
        monkeypatch.setenv("BESPOKE_WAITS", broken)
        assert rent_waits() == RentWaits()


def test_a_failing_boot_can_be_watched(standin, api):
    standin.account.boots.append(Boot(0.01, 0.01, end="error", lines=("no space",)))
    pod = pods.create_pod(api, BODY).id
    while pods.get_pod(api, pod).status != "ERROR":
        time.sleep(0.02)
    assert "no space" in [line.text for line in itertools.islice(logs.lines(api, pod), 3)]
