"""Loss curves: read piece by piece, smoothed without bias, thinned, and honest about likeness."""

import json
import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bespoke_gui.core import loss_curves
from bespoke_gui.core.loss_curves import LossCurve, differences, line_of, read_curve, smooth


def progress(step, loss=0.1, total=40, epochs=4, **more):
    return json.dumps({"event": "progress", "step": step, "total": total, "epochs": epochs,
                       "epoch": 1, "loss": loss, "lr": 1e-4, **more})  # fmt: skip


def write(path, *lines, mode="a"):
    with path.open(mode, encoding="utf-8") as file:
        file.write("".join(f"{line}\n" for line in lines))


def test_a_growing_file_is_read_on_from_where_it_was(tmp_path):
    path = tmp_path / "events.jsonl"
    write(path, *(progress(n) for n in range(1, 11)), '{"event": "log", "text": "progress"}')
    first = read_curve(path)
    assert list(first.steps) == list(range(1, 11))
    assert first.epochs[9] == 1.0
    with path.open("a") as file:
        file.write(progress(11)[:20])
    half = read_curve(path, first)
    assert list(half.steps) == list(first.steps)
    with path.open("a") as file:
        file.write(progress(11)[20:] + "\n")
    whole = read_curve(path, half)
    assert whole.steps[-1] == 11
    assert list(first.steps) == list(range(1, 11)), "a curve that is drawn is not changed"


def test_a_resumed_run_replaces_what_it_does_again(tmp_path):
    path = tmp_path / "events.jsonl"
    write(path, *(progress(n, 0.5) for n in range(1, 21)), *(progress(n, 0.2) for n in (11, 12)))
    curve = read_curve(path)
    assert list(curve.steps) == list(range(1, 13))
    assert curve.losses[-1] == 0.2


def test_held_out_losses_are_kept_by_epoch(tmp_path):
    path = tmp_path / "events.jsonl"
    held = {"event": "metric", "name": "held_out_loss"}
    measured = [{**held, "epoch": n, "value": round(0.2 - n / 100, 3)} for n in (1, 2)]
    write(path, *(progress(n) for n in range(1, 41)), *map(json.dumps, measured))
    curve = read_curve(path)
    assert curve.held_out == {1: 0.19, 2: 0.18}
    assert line_of(curve, True, 0.0).dots == ((1.0, 0.19), (2.0, 0.18))
    assert line_of(curve, False, 0.0).dots == ((10.0, 0.19), (20.0, 0.18))


@pytest.mark.parametrize("junk", [
    "", "null", "[]", '"progress"', '{"event": "progress"}', '{"progress": 1, "event": 5',
    '{"event": "progress", "step": "x", "loss": 1}', '{"event": "progress", "step": true}',
    '{"event": "progress", "step": 1e400, "loss": 1}', '{"event": "progress", "step": NaN}',
    '{"event": "metric", "name": "held_out_loss", "epoch": "x", "value": []}',
    '{"event": "progress", "step": 3, "loss": "much", "lr": null}',
])  # fmt: skip
def test_what_is_no_event_is_passed_over(tmp_path, junk):
    path = tmp_path / "events.jsonl"
    write(path, progress(1), junk, progress(2))
    curve = read_curve(path)
    assert list(curve.steps) == [1, 2]
    assert not curve.held_out


def test_a_missing_file_is_an_empty_curve(tmp_path):
    assert line_of(read_curve(tmp_path / "none.jsonl"), True, 0.9).x == ()


@given(st.lists(st.floats(-10, 10), min_size=1, max_size=60), st.floats(0.01, 0.99))
def test_smoothing_is_the_weighted_mean_of_all_before(values, weight):
    found = smooth(values, weight)
    for at in range(len(values)):
        shares = [weight ** (at - n) for n in range(at + 1)]
        mean = sum(s * v for s, v in zip(shares, values, strict=False)) / sum(shares)
        assert math.isclose(found[at], mean, abs_tol=1e-6)


def test_smoothing_passes_over_what_was_not_told():
    found = smooth([1.0, math.nan, 1.0], 0.9)
    assert math.isnan(found[1])
    assert [found[0], found[2]] == pytest.approx([1.0, 1.0])
    assert smooth([3.0, 1.0], 0.0) == [3.0, 1.0]


def test_a_long_curve_is_thinned_and_ends_with_its_last_value(monkeypatch):
    monkeypatch.setattr(loss_curves, "MOST", 100)
    curve, draw = LossCurve(), random.Random(1)
    for step in range(1, 1234):
        curve.steps.append(step)
        curve.epochs.append(step / 100)
        curve.losses.append(draw.random())
        curve.rates.append(1e-4)
    line = line_of(curve, True, 0.5)
    assert len(line.x) <= 100
    assert line.x[-1] == 12.33
    assert line.smoothed[-1] == smooth(curve.losses, 0.5)[-1]
    assert line.at(0.0) is None
    assert line.at(12.33) == len(line.x) - 1
    middle = line.at(6.0)
    assert middle is not None
    assert line.x[middle] <= 6.0 < line.x[middle + 1]


def test_runs_that_do_not_compare_are_named():
    one = {"resolution": "512,512", "train_batch_size": 4, "network_dim": 8}
    assert differences([one, {**one, "network_dim": 32}]) == []
    assert differences([one, {**one, "resolution": "256,256"}]) == ["resolution"]
    assert differences([one]) == []
