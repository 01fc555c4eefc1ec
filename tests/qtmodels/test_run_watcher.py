"""Run watcher: whole lines only, bounded pieces, the end after the last event, lost runs."""

import json

import pytest

from bespoke_gui.core.events import encode
from bespoke_gui.core.rundir import RunDir
from bespoke_gui.qtmodels import run_watcher
from bespoke_gui.qtmodels.run_model import CheckpointModel
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
    assert len(batches) < 60


def test_a_torn_line_that_was_cut_is_read_anew(run_dir):
    tail = EventTail(run_dir.events_path)
    append(run_dir, b'{"event": "stage", "name": "one"}\n{"event": "sta')
    assert [event.get("name") for event in tail.read()[0]] == ["one"]
    whole = run_dir.events_path.read_bytes()
    run_dir.events_path.write_bytes(whole[: whole.index(b"\n") + 1])
    assert tail.read() == ([], False)
    append(run_dir, b'{"event": "stage", "name": "two"}\n')
    assert [event.get("name") for event in tail.read()[0]] == ["two"]


def test_a_file_begun_anew_is_read_from_its_beginning(run_dir):
    tail = EventTail(run_dir.events_path)
    append(run_dir, b'{"event": "stage", "name": "one"}\n' * 5)
    assert len(tail.read()[0]) == 5
    run_dir.events_path.write_bytes(b'{"event": "stage", "name": "two"}\n')
    assert [event.get("name") for event in tail.read()[0]] == ["two"]


def test_the_job_and_files_on_their_way_are_told_when_they_change(run_dir, qtbot, monkeypatch):
    monkeypatch.setattr(run_watcher, "JOB_EVERY_S", 0.0)
    jobs, coming = [], []
    watcher = RunWatcher(run_dir, lambda _: "running", 5)
    watcher.job_read.connect(jobs.append)
    watcher.coming_read.connect(coming.append)
    run_dir.job_path.write_text('{"backend": "ssh", "link": "ok"}')
    watcher.start()
    qtbot.waitUntil(lambda: jobs == [{"backend": "ssh", "link": "ok"}])
    (run_dir.outputs / "a.safetensors.part").write_bytes(b"123")
    qtbot.waitUntil(lambda: coming == [{"outputs/a.safetensors": 3}])
    (run_dir.outputs / "a.safetensors.part").rename(run_dir.outputs / "a.safetensors")
    qtbot.waitUntil(lambda: coming[-1] == {})
    watcher.stop()
    assert len(jobs) == 1


def test_a_busy_window_slows_the_reading_down(run_dir, qtbot, monkeypatch):
    """Pieces wait in the file, not in memory, while nobody takes them."""
    import time

    monkeypatch.setattr(run_watcher, "CHUNK", 100)
    append(run_dir, b'{"event": "stage", "name": "one"}\n' * 200)
    watcher, batches = RunWatcher(run_dir, lambda _: "running", 1), []
    watcher.events_read.connect(batches.append)
    watcher.start()
    time.sleep(0.3)
    reader = watcher._reader
    assert reader is not None
    assert reader._tail.offset <= (run_watcher.UNDER_WAY + 1) * 100
    qtbot.waitUntil(lambda: sum(map(len, batches)) == 200, timeout=20_000)
    watcher.stop()


def test_nothing_is_told_after_a_stop(run_dir, qtbot):
    watcher, batches = RunWatcher(run_dir, lambda _: "running", 1), []
    watcher.events_read.connect(batches.append)
    watcher.start()
    run_dir.emit("hello")
    watcher.stop()
    qtbot.wait(80)
    assert not batches


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

    def test_gpu_load_is_a_figure_and_no_line_of_the_log(self):
        story = RunStory()
        line = '{"event":"metric","name":"gpu","value":87,"memory":6144,"memory_total":24576}'
        story.apply([run_watcher.decode(line)])
        assert story.gpu is not None
        assert (story.gpu.percent, story.gpu.memory_total) == (87, 24576)
        assert not story.log
        story.apply([run_watcher.decode('{"event":"metric","name":"device","value":"L4"}')])
        assert story.device == "L4"

    def test_what_was_fetched_is_here_and_said(self):
        story = RunStory()
        story.apply([run_watcher.decode('{"event":"fetched","path":"outputs/a.safetensors"}')])
        assert story.is_here("outputs\\a.safetensors")
        assert story.log[-1].text == "a.safetensors is here, verified"

    def test_a_picture_drawn_again_is_there_once_and_last(self):
        story = RunStory()
        for path in ("a.png", "b.png", "a.png"):
            story.apply([run_watcher.decode(json.dumps({"event": "sample", "path": path}))])
        assert [row.path for row in story.samples] == ["b.png", "a.png"]

    def test_events_of_other_work_are_passed_over(self):
        assert RunStory().apply([run_watcher.decode('{"event":"suggestion"}')]) == {"suggestion"}

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

    def test_a_checkpoint_carries_the_held_out_loss_of_its_epoch(self):
        story = RunStory()
        for epoch, loss in ((0, 0.09), (1, 0.05), (2, float("nan"))):
            metric = {"event": "metric", "name": "held_out_loss", "value": loss, "epoch": epoch}
            story.apply([run_watcher.decode(json.dumps(metric))])
        decode = run_watcher.decode
        for name in ("x-000001", "x-step00000011"):
            path = f"o/{name}.safetensors"
            story.apply([decode(json.dumps({"event": "checkpoint", "path": path, "epoch": 1}))])
        assert story.held_out_losses == {0: 0.09, 1: 0.05}
        assert [row.held_out_loss for row in story.checkpoints] == [0.05, None]
        model = CheckpointModel()
        model.show(story.checkpoints)
        column = model.headings.index("Held-out loss")
        assert [model.index(row, column).data() for row in (0, 1)] == ["0.0500", "–"]

    def test_the_log_is_bounded_and_counts_what_it_dropped(self, monkeypatch):
        monkeypatch.setattr("bespoke_gui.qtmodels.run_story.LOG_LIMIT", 10)
        story = RunStory()
        story.apply(run_watcher.decode(f"line {n}") for n in range(25))
        assert [row.text for row in story.log][-1] == "line 24"
        assert len(story.log) == 10
        assert story.log_dropped == 15
