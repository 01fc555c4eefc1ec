"""The fault campaign: a few cases in every run, all pairs of class and stage in the long one."""

import pytest

from tests.faults.campaign import campaign, matrix, possible_pairs
from tests.faults.classes import CLASSES, PAIRS, STAGES
from tests.launch.sshd import needs_sshd

pytestmark = needs_sshd
FEW = [("app killed", "training"), ("corrupted transfer", "transfer"), ("API down", "release")]
TIMES = 5


def check(results, capsys, name):
    """Print the matrix, then ask that every promise was kept."""
    with capsys.disabled():
        print(f"\n{name}\n{matrix(results)}")
    broken = [one for one in results if one["broken"]]
    assert not broken, broken


def test_every_class_strikes_in_every_stage_where_it_can():
    assert len(PAIRS) * TIMES >= 250
    assert all(set(one.stages) <= set(STAGES) for one in CLASSES)
    assert all(one.why for one in CLASSES if len(one.stages) < len(STAGES))


def test_a_few_faults(tmp_path, capsys):
    results = list(campaign(FEW, 1, 7, tmp_path))
    check(results, capsys, "a few faults")
    assert all(one["hits"] for one in results)


@pytest.mark.full
def test_the_whole_campaign(tmp_path, capsys):
    pairs = possible_pairs(tmp_path)
    results = list(campaign(pairs, TIMES, 1, tmp_path))
    check(results, capsys, f"fault campaign, {TIMES} of each pair")
    assert sum(one["hits"] > 0 for one in results) >= 250 * len(pairs) / len(PAIRS)
