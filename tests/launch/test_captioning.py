"""A local model through the run folder: started, followed, cancelled, taken up after a crash."""

import threading

import pytest
from PIL import Image

from bespoke_gui.core.errors import AppError
from bespoke_gui.core.rundir import RunDir
from bespoke_gui.core.runspec import load_spec
from bespoke_gui.core.suggest.answers import Answers
from bespoke_gui.core.suggest.batch import Asking, Job
from bespoke_gui.core.suggest.options import SuggestOptions
from bespoke_gui.launch.captioning import LocalBatch, runs_folder, take_left_over


class Stage:
    """A backend that plays an engine: says what it was told to, one thing a look."""

    def __init__(self, lines=(), end="finished", **exit_fields):
        self.lines = list(lines)
        self.end = end
        self.exit_fields = exit_fields
        self.spec = None
        self.stops = 0

    def start(self, run_dir):
        self.spec = load_spec(run_dir.spec_path)
        run_dir.beat()

    def read(self, run_dir, offset=0):
        return run_dir.tail(offset)

    def state(self, run_dir):
        if self.stops or not self.lines:
            if run_dir.read_exit() is None and self.end:
                run_dir.write_exit("cancelled" if self.stops else self.end, **self.exit_fields)
            return "cancelled" if self.stops else self.end or "running"
        run_dir.emit("suggestion", **self.lines.pop(0))
        return "running"

    def stop(self, run_dir):
        self.stops += 1
        return "asked"


@pytest.fixture
def jobs(tmp_path):
    made = []
    for name, colour in (("a", "red"), ("b", "green"), ("c", "blue")):
        path = tmp_path / f"{name}.png"
        Image.new("RGB", (24, 24), colour).save(path)
        made.append(Job(path.name, path, f"caption {name}"))
    return made


def asking(**options):
    return Asking(SuggestOptions(source="local", folder="/models/tiny", **options), "punk", 24)


def batch(tmp_path, stage, cancelled=None, **more):
    answers = Answers(tmp_path)
    cancelled = cancelled or threading.Event()
    return LocalBatch(tmp_path, answers, more.pop("asking", asking()), cancelled, backend=stage,
                      **more), answers  # fmt: skip


def line(name, text="words", **more):
    return {"name": f"{name}.png", "key": f"key-{name}", "text": text, **more}


def test_the_engine_is_asked_for_each_image_and_its_words_are_kept(jobs, tmp_path):
    stage = Stage([line("a"), line("b", "", problem="too dark"), line("c", note="odd")])
    running, answers = batch(tmp_path, stage, asking=asking(prompt="{name}: {caption}"))
    told = []
    report = running.run(jobs, told.append)
    assert report.outcomes == told
    assert [str(outcome.error or "") for outcome in told] == ["", "too dark", ""]
    assert set(Answers(tmp_path).pending()) == {"a.png", "c.png"}
    assert answers.pending()["c.png"].note == "odd"
    assert answers.pending()["c.png"].model == "tiny"
    assert stage.spec.base == "/models/tiny"
    items = stage.spec.options["items"]
    assert [item["prompt"] for item in items] == ["a: caption a", "b: caption b", "c: caption c"]
    assert not list(runs_folder(tmp_path).iterdir())


def test_what_was_described_is_not_described_again(jobs, tmp_path):
    first = Stage()
    batch(tmp_path, first)[0].run(jobs)
    keys = [item["key"] for item in first.spec.options["items"]]
    stage = Stage([{"name": job.name, "key": key, "text": "words"}
                   for job, key in zip(jobs, keys, strict=True)])  # fmt: skip
    assert batch(tmp_path, stage)[0].run(jobs).answered == 3
    last = Stage([], end="failed")
    report = batch(tmp_path, last)[0].run(jobs)
    assert [outcome.kept for outcome in report.outcomes] == [True] * 3
    assert last.spec is None


def test_a_failure_is_told_in_words_and_keeps_what_was_said(jobs, tmp_path):
    stage = Stage([line("a")], "failed", kind="missing_model", message="holds no x", hint="take y")
    report = batch(tmp_path, stage)[0].run(jobs)
    assert str(report.stopped) == "holds no x (take y)"
    assert report.answered == 1
    stage = Stage([], "lost")
    assert "log.txt" in str(batch(tmp_path, stage)[0].run(jobs).stopped)


def test_a_cancel_stops_the_engine(jobs, tmp_path):
    cancelled = threading.Event()
    stage = Stage([line("a"), line("b"), line("c")])
    running, answers = batch(tmp_path, stage, cancelled)
    report = running.run(jobs, lambda outcome: cancelled.set())
    assert report.cancelled
    assert stage.stops
    assert set(answers.pending()) == {"a.png"}


def test_an_interrupt_stops_the_engine(jobs, tmp_path):
    def interrupt(outcome):
        raise KeyboardInterrupt

    stage = Stage([line("a"), line("b")])
    running, _ = batch(tmp_path, stage)
    with pytest.raises(KeyboardInterrupt):
        running.run(jobs, interrupt)
    assert stage.stops == 1
    assert set(Answers(tmp_path).pending()) == {"a.png"}


def test_what_was_said_while_nobody_listened_is_taken_up(jobs, tmp_path):
    stage = Stage([line("a")], end="")
    running, _ = batch(tmp_path, stage, detached=lambda: True)
    assert running.run(jobs).answered == 1
    run_dir = RunDir(next(runs_folder(tmp_path).iterdir()))
    run_dir.emit("suggestion", **line("b"))
    answers = Answers(tmp_path)
    assert take_left_over(tmp_path, answers) == 1
    assert set(answers.pending()) == {"a.png", "b.png"}
    assert run_dir.folder.exists()
    answers.close(["b.png"], "dismissed")
    run_dir.write_exit("finished")
    assert take_left_over(tmp_path, answers) == 0
    assert set(Answers(tmp_path).pending()) == {"a.png"}
    assert not run_dir.folder.exists()
    assert take_left_over(tmp_path / "elsewhere", answers) == 0


def test_bad_prompts_start_nothing(jobs, tmp_path):
    stage = Stage()
    with pytest.raises(AppError, match="placeholder"):
        batch(tmp_path, stage, asking=asking(prompt="{x}"))[0].run(jobs)
    assert stage.spec is None


@pytest.mark.engine
def test_a_real_engine_describes_real_images(jobs, tmp_path):
    pytest.importorskip("torch")
    from tests.engines.tiny_captioners import blip

    model = blip(tmp_path / "tiny blip")
    options = SuggestOptions(source="local", folder=str(model), max_tokens=16)
    answers = Answers(tmp_path)
    running = LocalBatch(tmp_path, answers, Asking(options), threading.Event())
    report = running.run(jobs)
    assert report.stopped is None
    assert report.answered == 3
    assert {kept.model for kept in answers.pending().values()} == {"tiny blip"}
