"""Trainer check and place steps: what is not there is said, each with something to do about it."""

import shutil

import pytest

from bespoke_gui.core.config.fixes import apply_fix, fix_for
from bespoke_gui.core.config.trainer_config import TrainingConfig
from bespoke_gui.core.errors import Problem
from bespoke_gui.core.machines import Machine
from bespoke_gui.launch.runpod.catalog import Offer
from bespoke_gui.qtmodels import place_steps, place_work
from bespoke_gui.qtmodels.place_desk import PlaceDesk
from bespoke_gui.qtmodels.place_steps import steps_for
from bespoke_gui.qtmodels.place_work import Looked, Market, RentWish, Volume
from bespoke_gui.qtmodels.trainer_check import Trainer, trainer_problems

CONFIG = TrainingConfig('pretrained_model_name_or_path = "embedded"\n')
HUB = TrainingConfig('pretrained_model_name_or_path = "somebody/gated-model"\n')
L4 = Offer("NVIDIA L4", "L4", 24, "secure", 0.4, "HIGH")
OLD = Offer("NVIDIA T4", "T4", 6, "secure", 0.1, "HIGH")
GONE = Offer("NVIDIA A100", "A100", 80, "secure", 0.3, "NONE")
VOLUME = Volume("v1", "art", 50, "EU-RO-1")
LARGE = {
    "pretrained_model_name_or_path": "x/y", "resolution": 512, "train_batch_size": 64,
    "network_dim": 64,
}  # fmt: skip


def codes(problems):
    return [problem.code for problem in problems]


@pytest.fixture
def desk(session):
    desk = PlaceDesk(session)
    desk.market = Market((L4, OLD, GONE), (VOLUME,), has_key=True)
    desk.key = "runpod"
    return desk


def test_a_trainer_with_all_it_needs_has_no_findings(tmp_path):
    (tmp_path / "train_network.py").touch()
    assert trainer_problems(CONFIG, Trainer()) == []
    model = tmp_path / "model.safetensors"
    kohya = Trainer("kohya", str(model), str(tmp_path))
    assert codes(trainer_problems(CONFIG, kohya)) == ["missing_base"]


def test_a_checkout_that_is_gone_is_an_error(tmp_path):
    found = trainer_problems(HUB, Trainer("kohya", checkout=str(tmp_path / "sd-scripts")))
    assert codes(found) == ["no_checkout", "base_fetched"]
    assert found[0].message == "sd-scripts holds no train_network.py any more"
    # On another machine it is looked for there.
    assert codes(trainer_problems(HUB, Trainer("kohya", here=False))) == ["base_fetched"]


def test_sd_scripts_and_the_embedded_base_do_not_go_together(tmp_path):
    assert "embedded_kohya" in codes(trainer_problems(CONFIG, Trainer("kohya")))


def test_a_base_that_is_not_there_is_an_error_here_only(tmp_path):
    gone = str(tmp_path / "gone.safetensors")
    assert codes(trainer_problems(CONFIG, Trainer(base=gone))) == ["missing_base"]
    assert trainer_problems(CONFIG, Trainer(base=gone, here=False)) == []


def test_too_little_disk_is_an_error(tmp_path, monkeypatch):
    usage = shutil.disk_usage(tmp_path)._replace(free=2_000_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    trainer = Trainer(runs=str(tmp_path))
    assert trainer_problems(CONFIG, trainer, 1_000_000_000) == []
    (problem,) = trainer_problems(CONFIG, trainer, 3_000_000_000)
    assert "2.0 GB of disk are free here" in problem.message


def place_findings(desk):
    """Every finding that a place can have, as it is really made."""
    machine = Machine("box", "h", key_file="/k")
    for state in ("unknown", "changed", "failed"):
        looked = Looked(state, "words", key="ssh-ed25519 AAAA" if state != "failed" else "")
        yield from place_work.machine_problems(machine, looked)
    yield from place_work.machine_problems(machine, None)
    market = desk.market
    yield from place_work.rent_problems(RentWish(), Market())
    yield from place_work.rent_problems(RentWish(), Market(problem="busy", has_key=True))
    yield from place_work.rent_problems(RentWish(), market)
    yield from place_work.rent_problems(RentWish(("NVIDIA A100",)), market)
    wish = RentWish(("NVIDIA L4",), max_usd=None, max_hours=None, volume="gone")
    yield from place_work.rent_problems(wish, market)


def test_all_that_stands_in_the_way_of_renting_is_told_at_once(desk):
    wish = RentWish((), max_usd=None, max_hours=None, volume="gone")
    found = place_work.rent_problems(wish, desk.market)
    assert codes(found) == ["rent_no_card", "rent_no_volume", "rent_no_cap"]


def test_every_finding_about_a_place_has_something_to_do(desk):
    found = list(place_findings(desk))
    assert len(set(codes(found))) == 10
    for problem in found:
        assert steps_for(problem, desk, {}), problem.code


def test_every_finding_of_a_probe_and_of_a_trainer_has_something_to_do(desk):
    for code in ("no_gpu", "few_gpus", "one_gpu_used", "old_driver", "no_venv", "no_python",
                 "missing_packages", "little_disk", "missing_base", "unfit_base", "base_fetched",
                 "embedded_kohya", "no_checkout", "little_disk_here"):  # fmt: skip
        assert steps_for(Problem(code, "error", "x"), desk, {}), code


def test_the_cheapest_free_card_that_holds_the_training_is_offered(desk):
    no_card = Problem("rent_no_card", "error", "x")
    assert steps_for(no_card, desk, {})[0].value == ("NVIDIA T4",)
    (step,) = steps_for(no_card, desk, LARGE)
    assert (step.words, step.value) == ("Take L4, $0.40 an hour", ("NVIDIA L4",))
    desk.wish = RentWish(("NVIDIA A100",))
    (also, again) = steps_for(Problem("rent_none_free", "warning", "x"), desk, LARGE)
    assert also.value == ("NVIDIA A100", "NVIDIA L4")
    assert again.order == "market"
    desk.wish = RentWish(("NVIDIA T4",))
    (other,) = steps_for(Problem("too_little_memory", "warning", "x"), desk, LARGE)
    assert other.words.startswith("Rent L4")
    desk.market = Market((OLD,), has_key=True)
    assert steps_for(no_card, desk, LARGE) == (place_steps.WHERE,)


def test_a_volume_is_known_by_id_and_by_name(desk):
    for volume in ("v1", "art", ""):
        wish = RentWish(("NVIDIA L4",), volume=volume)
        assert place_work.rent_problems(wish, desk.market) == []
    assert VOLUME.words == "art · 50 GB in EU-RO-1"


def test_the_doctor_mends_too_little_memory_step_by_step():
    problem = Problem("too_little_memory", "warning", "x", where="train_batch_size")
    text, made = "train_batch_size = 4\n", []
    while fix := fix_for(problem, TrainingConfig(text)):
        assert not fix.plain
        made.append(fix.words)
        text = apply_fix(text, fix)
    assert made == [
        "Set gradient_checkpointing = true", "Set train_batch_size = 2", "Set train_batch_size = 1",
    ]  # fmt: skip
