"""Run watcher: whole lines only, bounded pieces, the end after the last event, lost runs."""

import json

import pytest

from bespoke_gui.core.events import encode
from bespoke_gui.core.rundir import RunDir
from bespoke_gui.qtmodels import run_watcher
from bespoke_gui.qtmodels.run_story import RunStory
from bespoke_gui.qtmodels.run_watcher import EventTail, RunWatcher


@pytest.fixture
def run_dir(tmp_path):
    return RunDir(tmp_path / "run").create()


def append(run_dir, data):
    with run_dir.events_path.open("ab") as file:
        file.write(data)


def test_half_a_line_waits_for_its_end(run_dir):
    tail = EventTail(run_dir.events_path)
    line = (encode("stage", name="züge") + "\n").encode()
    append(run_dir, line[:-7])
    assert tail.read() == ([], False)
    append(run_dir, line[-7:])
    events, more = tail.read()
    assert [event.get("name") for event in events] == ["züge"]
    assert not more
    assert tail.read() == ([], False)


def test_a_long_file_comes_in_pieces_without_loss(run_dir, monkeypatch):
    monkeypatch.setattr(run_watcher, "CHUNK", 97)
    for step in range(50):
        run_dir.emit("progress", step=step, total=50)
    tail, steps, pieces, more = EventTail(run_dir.events_path), [], 0, True
    while more:
        events, more = tail.read()
        steps += [event.get("step") for event in events]
        pieces += 1
    assert steps == list(range(50))
    assert pieces > 30


def test_an_endless_line_is_skipped_and_named(run_dir, monkeypatch):
    monkeypatch.setattr(run_watcher, "CHUNK", 1000)
    monkeypatch.setattr(run_watcher, "LONGEST_LINE", 5000)
    append(run_dir, b"x" * 20_000 + b"\n" + encode("stage", name="training").encode() + b"\n")
    tail, events, more = EventTail(run_dir.events_path), [], True
    while more:
        found, more = tail.read()
        events += found
        assert len(tail._rest) <= 6000
    assert [event.event for event in events].count("stage") == 1
    skipped = [event for event in events if event.get("level") == "warning"]
    assert skipped
    assert "skipped" in skipped[0].get("text")


def test_missing_file_is_no_event(tmp_path):
    assert EventTail(tmp_path / "nothing.jsonl").read() == ([], False)


def test_events_come_before_the_end_that_follows_them(run_dir, qtbot):
    run_dir.emit("hello", engine="fake")
    order = []
    watcher = RunWatcher(run_dir, lambda _: "finished" if run_dir.read_exit() else "running", 5)
    watcher.events_read.connect(lambda events: order.extend(e.event for e in events))
    watcher.state_changed.connect(order.append)
    watcher.start()
    qtbot.waitUntil(lambda: "running" in order)
    run_dir.emit("checkpoint", path="a", epoch=1)
    run_dir.emit("done", outcome="finished")
    run_dir.write_exit("finished")
    qtbot.waitUntil(lambda: "finished" in order)
    assert order == ["hello", "running", "checkpoint", "done", "finished"]
    assert not watcher.is_active


def test_a_run_without_a_process_is_lost(run_dir, qtbot):
    states = []
    watcher = RunWatcher(run_dir, lambda _: "lost", 5)
    watcher.state_changed.connect(states.append)
    watcher.start()
    qtbot.waitUntil(lambda: states == ["lost"])
    assert not watcher.is_active


def test_ten_thousand_events_are_read_in_few_batches(run_dir, qtbot):
    lines = [encode("progress", step=n, total=10_000, loss=0.1, lr=1e-4) for n in range(10_000)]
    append(run_dir, ("\n".join(lines) + "\n").encode())
    batches = []
    watcher = RunWatcher(run_dir, lambda _: "running", 5)
    watcher.events_read.connect(batches.append)
    watcher.start()
    qtbot.waitUntil(lambda: sum(map(len, batches)) == 10_000, timeout=20_000)
    watcher.stop()
    assert len(batches) < 20


class TestStory:
    def progress(self, step, **more):
        line = json.dumps({"event": "progress", "step": step, "total": 40, "epochs": 4, **more})
        return run_watcher.decode(line)

    def test_curve_smooths_and_cuts_on_resume(self):
        story = RunStory()
        story.apply(self.progress(n, loss=1.0 / n, lr=1e-4, epoch=1) for n in range(1, 11))
        assert list(story.curve.steps) == list(range(1, 11))
        assert story.curve.smoothed[0] == 1.0
        assert story.curve.losses[9] < story.curve.smoothed[9] < 1.0
        story.apply([self.progress(5, loss=0.5, lr=1e-4)])
        assert list(story.curve.steps) == [1, 2, 3, 4, 5]
        assert story.curve.cuts == 1

    def test_values_that_are_none_or_nan_or_words_do_no_harm(self):
        story = RunStory()
        story.apply([self.progress(1, loss=None), self.progress(2, loss="much", lr=float("nan"))])
        assert story.step == 2
        assert not story.curve.steps

    def test_epoch_marks_reach_the_end(self):
        story = RunStory()
        story.apply([self.progress(1, loss=0.1)])
        assert story.epoch_marks() == [(10, 1), (20, 2), (30, 3), (40, 4)]

    def test_a_checkpoint_keeps_the_rate_of_its_moment(self):
        story = RunStory()
        story.apply([self.progress(10, loss=0.1, lr=5e-5)])
        decode = run_watcher.decode
        story.apply([decode('{"event":"checkpoint","path":"o/x-000001.safetensors","epoch":1}')])
        story.apply([self.progress(11, loss=0.1, lr=9e-5)])
        story.apply([decode('{"event":"checkpoint","path":"o/x-step00000011.safetensors"}')])
        assert [row.learning_rate for row in story.checkpoints] == [5e-5, 9e-5]
        assert [row.whole for row in story.checkpoints] == [True, False]

    def test_the_log_is_bounded_and_counts_what_it_dropped(self, monkeypatch):
        monkeypatch.setattr("bespoke_gui.qtmodels.run_story.LOG_LIMIT", 10)
        story = RunStory()
        story.apply(run_watcher.decode(f"line {n}") for n in range(25))
        assert [row.text for row in story.log][-1] == "line 24"
        assert len(story.log) == 10
        assert story.log_dropped == 15
