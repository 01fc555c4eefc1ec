"""Renting: one pod a run whatever goes wrong, host keys checked, money counted and stopped."""

import asyncio
import contextlib
import stat
import time

import keyring
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bespoke_gui.core import machines, secrets
from bespoke_gui.core.errors import AppError
from bespoke_gui.launch.remote.connect import connect
from bespoke_gui.launch.remote.link import LinkLost
from bespoke_gui.launch.remote.waits import Waits
from bespoke_gui.launch.runpod import ledger, wish
from tests.launch.rented import QUICK, Rented
from tests.launch.sshd import needs_sshd
from tests.launch.standin_runpod import Boot, Fault, StandIn, sshd_pods
from tests.memory_keyring import MemoryKeyring

BOOT = Boot(0.05, 0.05)
A100, SXM = "NVIDIA A100 80GB PCIe", "NVIDIA A100-SXM4-80GB"
RTX = "NVIDIA GeForce RTX 4090"
OLD_IMAGE = "runpod/pytorch:2.1.0-py3.10-cuda11.8.0-devel-ubuntu22.04"
CREATE = "POST /v2/pods"

pytestmark = needs_sshd


@pytest.fixture
def standin(tmp_path, monkeypatch):
    with StandIn(machine=sshd_pods(tmp_path / "pods")) as running:
        running.account.boot = BOOT
        monkeypatch.setenv("BESPOKE_RUNPOD_URL", running.url)
        monkeypatch.setenv(secrets.variable("runpod"), running.key)
        yield running
        assert running.wrong == []


@pytest.fixture
def rented(standin, tmp_path):
    return Rented(standin, tmp_path)


def shell(rented, machine, *words):
    """Log in with the run's own key and run a command."""

    async def run():
        link = await connect(machine, Waits(connect=5), rented.provider.private_key(rented.run_dir))
        try:
            return (await link.run(words)).text
        finally:
            await link.close()

    return asyncio.run(run())


def test_a_pod_is_rented_booted_entered_and_given_back(rented, standin):
    machine = rented.machine()
    assert rented.told.stages == ["renting", "booting"]
    assert "SSH host keys:" in rented.told.text, "the container's log is shown"
    body = standin.calls(CREATE)[0].body
    assert body["gpu"] == {"id": A100, "count": 1, "minCudaVersion": "12.8"}
    assert (body["ports"], body["image"]) == (["22/tcp"], wish.IMAGE)
    assert body["name"].startswith("bespoke-run1-")
    assert [name for name in body["env"] if not name.startswith("BESPOKE_GUARD")] == ["PUBLIC_KEY"]
    assert shell(rented, machine, "printenv", "RUNPOD_POD_ID") == rented.job["pod"]["id"]
    assert rented.job["usd_per_hour"] == 1.39
    key = rented.entry.key_path
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    rented.release()
    assert standin.account.billing() == []
    assert rented.job["released"] is True
    assert not key.exists()
    assert machines.pinned_keys(machine.host, machine.port) == []
    assert "it cost $" in rented.told.text
    rented.release()


def test_a_keyring_keeps_the_key_and_no_file_does(rented):
    before = keyring.get_keyring()
    kept = MemoryKeyring()
    keyring.set_keyring(kept)
    try:
        machine = rented.machine()
        assert shell(rented, machine, "echo", "in") == "in"
        assert not rented.entry.key_path.exists()
        assert [service for service, _ in kept.kept] == ["bespoke runpod ssh"]
        rented.release()
        assert kept.kept == {}
    finally:
        keyring.set_keyring(before)


def test_the_next_courier_finds_the_same_pod(rented, standin):
    first = rented.machine()
    rented.fresh()
    assert rented.machine() == first
    assert len(standin.calls(CREATE)) == 1


@pytest.mark.parametrize(
    "fault", [Fault(CREATE, lost=True, after=True), Fault(CREATE, status=502, after=True)]
)
def test_a_lost_answer_makes_no_second_pod(rented, standin, fault):
    standin.faults.plan(fault)
    rented.machine()
    assert len(rented.pods) == 1
    assert len(standin.calls(CREATE)) == 1
    assert "looked for by its name" in rented.told.text


def test_an_unanswered_and_unmade_pod_is_asked_for_again(rented, standin):
    standin.faults.plan(Fault(CREATE, lost=True), Fault(CREATE, status=503), Fault(CREATE, 429))
    rented.machine()
    assert len(rented.pods) == 1
    assert len(standin.calls(CREATE)) == 4


class Killed(BaseException):
    """The courier dies at once: nothing more of it runs."""


@pytest.mark.parametrize("at", ["before the create", "before the answer", "while it boots"])
def test_a_killed_courier_leaves_no_pod_unknown(rented, standin, monkeypatch, at):
    saved = []

    def die(*_):
        raise Killed

    with monkeypatch.context() as patch:
        if at == "while it boots":
            patch.setattr("bespoke_gui.launch.runpod.boot.Boot.wait", die)
        elif at == "before the create":
            patch.setattr("bespoke_gui.launch.runpod.pods.create_pod", die)
        else:
            from bespoke_gui.launch.runpod import pods

            really = pods.create_pod
            patch.setattr(pods, "create_pod", lambda *args: saved.append(really(*args)) or die())
        with contextlib.suppress(Killed):
            rented.machine()
    assert [entry.asked for entry in ledger.entries()] == [True], "the wish is written down first"
    rented.run_dir.job_path.unlink(missing_ok=True)
    rented.fresh()
    rented.machine()
    assert len(rented.pods) == 1
    rented.release()
    assert standin.account.billing() == []


def test_doubles_are_ended(rented, standin):
    rented.machine()
    body = standin.calls(CREATE)[0].body
    with standin.account.lock:
        standin.account.create(dict(body))
    rented.release()
    assert standin.account.billing() == []


def test_cards_are_tried_in_order(rented, standin):
    rented.ask(gpus=["A100", "4090"])
    standin.account.gpus[A100].free["SECURE"] = 0
    standin.account.gpus[SXM].barred = True
    rented.machine()
    asked = [call.body["gpu"]["id"] for call in standin.calls(CREATE)]
    assert asked[-1] == RTX
    assert set(asked[:-1]) == {A100, SXM}
    assert rented.job["pod"]["gpu"] == RTX
    assert "no longer any instances" in rented.told.text
    assert "may not do this" in rented.told.text


def test_nothing_free_is_said_and_leaves_nothing(rented, standin):
    for gpu in standin.account.gpus.values():
        gpu.free["SECURE"] = 0
    with pytest.raises(
        AppError, match="nothing could be rented of A100: nothing is free"
    ) as caught:
        rented.machine()
    assert caught.value.kind == "capacity"
    assert "name more cards" in caught.value.hint
    rented.release()
    assert rented.job["released"] is True


@pytest.mark.parametrize(
    ("fault", "kind", "word"),
    [
        (Fault(CREATE, status=402, detail="low"), "budget", "balance"),
        (Fault(CREATE, status=401), "auth", "key"),
        (Fault(CREATE, status=422), "bad_config", "does not understand"),
    ],
)
def test_what_fails_with_every_card_is_not_tried_with_every_card(
    rented, standin, fault, kind, word
):
    standin.faults.plan(fault)
    with pytest.raises(AppError, match=word) as caught:
        rented.machine()
    assert caught.value.kind == kind
    assert len(standin.calls(CREATE)) == 1


@pytest.mark.parametrize(
    ("boot", "word"),
    [
        (Boot(0.05, 0.05, end="error", lines=("pull access denied",)), "pull access denied"),
        (Boot(0.05, 0.05, end="stuck", lines=("exec: not found",)), "exec: not found"),
        (Boot(0.05, 0.05, gpus=0), "without a card"),
        (Boot(0.05, 0.05, host_keys=False), "does not say its host key"),
        (Boot(0.05, 0.05, another_key=True), "shows the key SHA256"),
        (Boot(0.05, 0.05, stale_s=1e9), "nothing answers at 127.0.0.1:9"),
    ],
)
def test_a_pod_that_does_not_come_up_is_ended_and_the_next_card_tried(
    standin, tmp_path, boot, word
):
    from dataclasses import replace

    rented = Rented(standin, tmp_path, waits=replace(QUICK, boot=2.5))
    standin.account.boots.append(boot)
    rented.machine()
    assert word in rented.told.text
    assert "its log ends" in rented.told.text
    assert [pod.body["gpu"]["id"] for pod in rented.pods] == [SXM]
    assert len(standin.account.ended) == 1
    assert rented.job["cost_usd"] > 0, "the first one is counted too"


def test_a_stale_address_is_waited_out(rented, standin):
    standin.account.boots.append(Boot(0.05, 0.05, stale_s=0.6))
    machine = rented.machine()
    assert machine.port != 9
    assert len(standin.calls(CREATE)) == 1


def test_a_restarted_pod_is_pinned_anew(rented, standin):
    first = rented.machine()
    rented.told("job", remote={"folder": "/w"})
    pod = rented.job["pod"]["id"]
    standin.clock.advance(5)
    with standin.account.lock:
        standin.account.act(pod, "restart")
    with pytest.raises(LinkLost):
        shell(rented, first, "true")
    rented.fresh()
    second = rented.machine()
    assert second.port != first.port
    assert shell(rented, second, "printenv", "RUNPOD_POD_ID") == pod
    assert machines.pinned_keys(first.host, first.port) == []


def test_a_stopped_pod_is_started_again_even_without_a_card(rented, standin):
    rented.machine()
    rented.told("job", remote={"folder": "/w"})
    with standin.account.lock:
        standin.account.act(rented.job["pod"]["id"], "stop")
    standin.account.boots.append(Boot(0.05, 0.05, gpus=0))
    rented.fresh()
    rented.machine()
    assert "started again" in rented.told.text
    assert len(standin.calls(CREATE)) == 1


def test_a_vanished_pod_is_said_or_replaced(rented, standin):
    rented.machine()
    with standin.account.lock:
        standin.account.terminate(rented.job["pod"]["id"])
    rented.fresh()
    rented.machine()
    assert len(standin.calls(CREATE)) == 2, "nothing ran on it: another one will do"
    rented.told("job", remote={"folder": "/w"})
    with standin.account.lock:
        standin.account.terminate(rented.job["pod"]["id"])
    with pytest.raises(AppError, match="is gone"):
        rented.check()
    assert rented.job["released"] is True


def test_a_network_volume_is_mounted_in_its_data_center(rented, standin):
    volume = standin.account.add_volume("art", 20, "US-KS-2")
    rented.ask(volume=volume)
    rented.machine()
    body = standin.calls(CREATE)[0].body
    assert body["dataCenterIds"] == ["US-KS-2"]
    assert body["mounts"]["network"][0]["volumeId"] == volume
    rented.release()
    rented.ask(volume="none")
    with pytest.raises(AppError, match="no network volume none"):
        rented.machine()


def test_stop_while_it_boots_ends_the_pod(rented, standin):
    standin.account.boots.append(Boot(0.05, 1e9))
    with (
        rented.after(lambda: rented.pods, lambda: rented.run_dir.request("stop")),
        pytest.raises(AppError) as caught,
    ):
        rented.machine()
    assert caught.value.kind == "cancelled"
    rented.release()
    assert standin.account.billing() == []


def test_a_pod_that_cannot_be_given_back_is_said_and_given_back_later(rented, standin):
    rented.machine()
    standin.pause()
    with pytest.raises(AppError, match=r"cannot be reached.*still costs \$1.39 an hour"):
        rented.release()
    assert rented.entry.is_open
    standin.start()
    standin.faults.plan(
        Fault("POST /v2/pods/*/action", status=503), Fault("GET /v2/pods/*", lost=True)
    )
    rented.release()
    assert standin.account.billing() == []


def test_a_courier_that_is_cancelled_knows_the_pod_it_was_just_making(rented, standin):
    standin.faults.plan(Fault(CREATE, delay=0.4))

    async def cancelled():
        renting = asyncio.create_task(rented.provider.machine(rented.run_dir, rented.told))
        while not standin.calls(CREATE):
            await asyncio.sleep(0.01)
        renting.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await renting
        await rented.provider.release(rented.run_dir, rented.told)

    asyncio.run(cancelled())
    assert len(standin.account.ended) == 1
    assert standin.account.billing() == []


def test_a_key_that_is_refused_is_said_with_what_it_costs(rented, standin):
    rented.machine()
    key, standin.account.key = standin.account.key, "another"
    with pytest.raises(AppError, match=r"still costs \$1.39 an hour") as caught:
        rented.release()
    assert "bespoke billing --stop" in caught.value.hint
    assert rented.entry.is_open
    standin.account.key = key
    rented.release()
    assert not rented.entry.is_open


def test_a_pod_to_be_kept_is_stopped_and_release_ends_it_all_the_same(rented, standin):
    rented.ask(keep_pod=True)
    rented.machine()
    rented.release()
    assert "is stopped and kept: its disk costs $0.0082 an hour" in rented.told.text
    assert (rented.job["released"], rented.job["pod"]["kept"]) == (False, True)
    assert "bespoke billing --stop" in rented.job["kept"]
    assert [pod.status for pod in rented.pods] == ["EXITED"]
    (rented.run_dir.control / "release").touch()
    rented.release()
    assert (rented.pods, rented.job["kept"]) == ([], "")


def test_the_cost_is_what_runpod_books(rented, standin):
    rented.machine()
    standin.clock.advance(1800)
    rented.check()
    booked = standin.account.spent(rented.job["pod"]["id"])
    assert rented.job["cost_usd"] == pytest.approx(booked, rel=0.03)
    standin.clock.advance(600)
    rented.release()
    assert rented.job["cost_usd"] == pytest.approx(standin.account.spent(), rel=0.03)
    assert rented.entry.billed_usd == pytest.approx(standin.account.spent(), rel=0.01)


def test_near_a_cap_the_run_is_told_to_end_and_at_the_cap_the_pod_stops(rented, standin):
    rented.ask(max_usd=1.39, max_hours=5)
    rented.machine()
    limits = rented.provider.limits(rented.run_dir)
    assert limits["self_stop"] == {"url": standin.url}
    assert limits["deadline"] - time.time() == pytest.approx(3600 - 300, abs=15)
    rented.told("job", remote={"folder": "/w"})
    rented.check()
    standin.clock.advance(3600 - 200)
    with pytest.raises(AppError, match=r"the cap of \$1.39 or 5 h is near") as caught:
        rented.check()
    assert caught.value.kind == "budget"
    standin.clock.advance(200)
    with pytest.raises(AppError, match=r"the cap of \$1.39 or 5 h is reached") as caught:
        rented.check()
    assert caught.value.kind == "budget"
    assert standin.account.billing() == []
    assert [pod.status for pod in rented.pods] == ["EXITED"], "what lies on it is kept"
    rented.check()
    with pytest.raises(AppError, match="cap"):
        rented.machine()
    (rented.run_dir.control / "fetch").touch()
    rented.machine()
    rented.check()


def test_a_cap_in_hours_counts_from_the_creation(rented, standin):
    rented.ask(max_hours=0.5)
    rented.machine()
    limits = rented.provider.limits(rented.run_dir)
    assert limits["deadline"] - time.time() == pytest.approx(1800 * 0.9, abs=15)


def test_caps_hold_while_a_pod_boots(rented, standin):
    rented.ask(max_usd=0.5)
    standin.account.boots.append(Boot(0.05, 1e9))
    with (
        rented.after(lambda: rented.pods, lambda: standin.clock.advance(3600)),
        pytest.raises(AppError, match=r"\$0.50"),
    ):
        rented.machine()
    assert standin.account.billing() == []


def test_the_cost_goes_on_while_nobody_can_look(rented, standin):
    rented.ask(max_hours=1)
    rented.machine()
    before = rented.job["cost_usd"]
    standin.pause()
    rented.check()
    rented.check()
    assert rented.told.text.count("counted on at the last price known") == 1
    assert rented.job["cost_usd"] > before
    standin.start()
    rented.check()


def test_without_a_key_nothing_is_rented(rented, standin, monkeypatch):
    monkeypatch.delenv(secrets.variable("runpod"))
    with pytest.raises(AppError, match="no RunPod key"):
        rented.machine()
    assert standin.seen == []


def test_the_owners_key_is_written_nowhere(rented, standin, own_settings, tmp_path):
    rented.machine()
    rented.check()
    rented.release()
    secret = standin.key.encode()
    for place in (own_settings, tmp_path):
        for path in place.rglob("*"):
            if path.is_file():
                assert secret not in path.read_bytes(), path
    assert standin.key not in rented.told.text


@pytest.mark.parametrize(
    "place",
    [
        {}, {"gpus": []}, {"gpus": [" "]}, {"gpus": ["L4"], "cloud": "moon"},
        {"gpus": ["L4"], "max_usd": 0}, {"gpus": ["L4"], "max_hours": float("nan")},
        {"gpus": ["L4"], "max_usd": "5"}, {"gpus": ["L4"], "workdir": "here"},
        {"gpus": ["L4"], "storage": 3},
    ],
)  # fmt: skip
def test_wishes_that_make_no_sense_are_refused(place):
    with pytest.raises(AppError) as caught:
        wish.wish_from(place)
    assert caught.value.kind == "usage"


@pytest.mark.parametrize(
    ("image", "cuda"),
    [
        (wish.IMAGE, (12, 8)), (OLD_IMAGE, (11, 8)), ("x:cu118", (11, 8)),
        ("x:1.0-cu130-torch29", (13, 0)), ("python:3.11", None),
    ],
)  # fmt: skip
def test_the_cuda_of_an_image_is_read_from_its_name(image, cuda):
    assert wish.cuda_of(image) == cuda


def test_a_start_command_that_runpod_refuses_is_left_out_and_said(rented, standin):
    """Its next version may call it otherwise (`cmd`), or take none: the pod is rented all the
    same, and that nothing guards its boot is said."""
    standin.faults.plan(Fault(CREATE, status=422, detail="Unevaluated properties: 'args'"))
    machine = rented.machine()
    assert [sorted({"args", "cmd"} & set(one.body)) for one in standin.calls(CREATE)] == [
        ["args"], ["cmd"], [],
    ]  # fmt: skip
    assert shell(rented, machine, "echo", "in") == "in"
    why = "not armed at creation: RunPod takes no start command"
    assert rented.job["self_stop"] == why
    assert "nothing stops the pod" in rented.told.text
    rented.release()


def test_an_image_of_others_starts_as_it_does(rented, standin):
    rented.ask(image="ghcr.io/somebody/trainer:cuda-12.8")
    rented.machine()
    assert "args" not in standin.calls(CREATE)[0].body
    assert "none of RunPod's own" in rented.job["self_stop"]
    rented.release()


def test_an_old_image_is_not_rented_with_a_new_card(rented, standin):
    assert "cannot drive" in wish.image_problem(OLD_IMAGE, "NVIDIA GeForce RTX 5090")
    assert wish.image_problem(OLD_IMAGE, A100) == ""
    assert wish.image_problem(wish.IMAGE, "NVIDIA B200") == ""
    rented.ask(gpus=["5090"], image=OLD_IMAGE)
    with pytest.raises(AppError, match="none of 5090 can be used"):
        rented.machine()
    assert standin.calls(CREATE) == []
    assert "cannot drive" in rented.told.text


FAULTS = st.sampled_from(
    [
        Fault(CREATE, lost=True, after=True), Fault(CREATE, lost=True), Fault(CREATE, status=500),
        Fault(CREATE, status=503, after=True), Fault(CREATE, status=429),
        Fault(CREATE, status=400, detail="no instances available"),
        Fault("GET /v2/pods", status=502), Fault("GET /v2/pods/*", status=500),
        Fault("GET /v2/pods/*", lost=True), Fault("POST /v2/pods/*/action", lost=True, after=True),
        Fault("POST /v2/pods/*/action", status=503), Fault("GET /v2/catalog/*", status=429),
    ]
)  # fmt: skip
BOOTS = st.sampled_from([BOOT, Boot(0.02, 0.02, end="error"), Boot(0.02, 0.02, gpus=0)])


@settings(
    max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(
    faults=st.lists(FAULTS, max_size=5),
    boots=st.lists(BOOTS, max_size=2),
    kill=st.integers(0, 2),
)
def test_whatever_fails_one_pod_at_a_time_and_none_in_the_end(
    standin, tmp_path_factory, faults, boots, kill
):
    from dataclasses import replace

    folder = tmp_path_factory.mktemp("r")
    standin.faults.clear()
    standin.account.machine = sshd_pods(folder)
    standin.faults.plan(*(replace(fault) for fault in faults))
    standin.account.boots[:] = boots
    rented = Rented(standin, folder, {"gpus": ["A100", "4090"]})
    for _ in range(kill):
        rented.fresh()
        with contextlib.suppress(AppError):
            rented.machine()
    with contextlib.suppress(AppError):
        rented.machine()
    assert len(standin.account.billing()) <= 1
    rented.release()
    assert standin.account.billing() == []
    assert rented.entry.released
