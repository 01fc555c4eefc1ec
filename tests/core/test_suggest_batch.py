"""Batches of suggestions: kept, resumed, cancelled, and one bad image never stops the rest."""

import json
import threading
import time

import numpy as np
import pytest
from PIL import Image

from bespoke_gui.core.errors import AppError
from bespoke_gui.core.suggest import picture, prompt
from bespoke_gui.core.suggest.answer import Answer
from bespoke_gui.core.suggest.answers import ACCEPTED, DISMISSED, Answers, key_of
from bespoke_gui.core.suggest.batch import Asking, Batch, Job, ready, seconds_left
from bespoke_gui.core.suggest.client import Endpoint
from bespoke_gui.core.suggest.options import (
    SuggestOptions,
    account_of,
    checked,
    from_dict,
    tidy_url,
)
from bespoke_gui.core.suggest.pace import Pace
from tests.core.endpoint import Canned, reply, said, serving


@pytest.fixture
def server():
    with serving() as found:
        yield found
        assert not found.problems


@pytest.fixture
def jobs(tmp_path):
    made = []
    for number in range(6):
        path = tmp_path / "images" / f"lad_{number}.png"
        path.parent.mkdir(exist_ok=True)
        pixels = np.random.default_rng(number).integers(0, 256, (24, 24, 3), dtype=np.uint8)
        Image.fromarray(pixels).resize((96, 96), Image.Resampling.NEAREST).save(path)
        made.append(Job(path.name, path, f"caption {number}"))
    return made


def batch(server, folder, pace=None, again=False, **options):
    pace = pace or Pace()
    options = {"model": "llava:7b", "base_url": server.url, "timeout_s": 5, **options}
    chosen = SuggestOptions(**options)
    answers = Answers(folder)
    return Batch(Endpoint(chosen, None, pace), answers, Asking(chosen, "punk", 24, again), pace)


def by_prompt(asked):
    return said(f"better {asked.prompt}")


def test_every_image_is_asked_about_with_its_own_words_and_native_pixels(server, jobs, tmp_path):
    server.script = by_prompt
    told = []
    words = "{name}|{caption}|{trigger}|{{x}}"
    with pytest.raises(AppError, match="unknown placeholder"):
        batch(server, tmp_path, prompt=words).run(jobs)
    asking = batch(server, tmp_path, prompt="{name}|{caption}|{trigger}|{ }")
    report = asking.run(jobs, told.append)
    assert report.outcomes == told
    assert report.answered == 6
    texts = {outcome.name: outcome.answer.text for outcome in told}
    assert texts["lad_3.png"] == "better lad_3|caption 3|punk|{ }"
    shown = server.questions()[0].picture
    assert shown.size == (480, 480)
    assert len(set(shown.convert("RGB").get_flattened_data())) == 24 * 24


def test_a_caption_with_braces_is_not_filled_in_again(server, jobs, tmp_path):
    server.script = by_prompt
    job = Job("a.png", jobs[0].image, "{name} {trigger} {other}")
    report = batch(server, tmp_path, prompt="[{caption}]").run([job])
    assert report.outcomes[0].answer.text == "better [{name} {trigger} {other}]"


def test_one_bad_image_does_not_stop_the_rest(server, jobs, tmp_path):
    jobs[1].image.write_bytes(b"no image")
    jobs[2].image.unlink()
    server.script = lambda asked: (
        reply({}, 413) if "caption 4" in asked.prompt else said("a good one")
    )
    report = batch(server, tmp_path).run(jobs)
    failed = {outcome.name: str(outcome.error) for outcome in report.outcomes if outcome.error}
    assert sorted(failed) == ["lad_1.png", "lad_2.png", "lad_4.png"]
    assert "is not an image" in failed["lad_1.png"]
    assert "does not exist" in failed["lad_2.png"]
    assert "too large" in failed["lad_4.png"]
    assert report.answered == 3
    assert report.stopped is None


def test_an_error_of_all_images_stops_the_batch(server, jobs, tmp_path):
    server.plan = [said("one"), reply({}, 401)]
    report = batch(server, tmp_path).run(jobs)
    assert "key" in str(report.stopped)
    assert len(server.questions()) == 2
    assert report.answered == 1


def test_what_was_answered_is_not_asked_again(server, jobs, tmp_path):
    batch(server, tmp_path).run(jobs[:4])
    report = batch(server, tmp_path).run(jobs)
    assert [outcome.kept for outcome in report.outcomes] == [True] * 4 + [False] * 2
    assert len(server.questions()) == 6
    batch(server, tmp_path, prompt="other words").run(jobs)
    assert len(server.questions()) == 12
    batch(server, tmp_path, again=True).run(jobs[:1])
    assert len(server.questions()) == 13
    jobs[0].image.write_bytes(jobs[1].image.read_bytes())
    batch(server, tmp_path).run(jobs)
    assert len(server.questions()) == 14


def test_a_cancel_keeps_what_was_answered_and_even_what_comes_later(server, jobs, tmp_path):
    gate, pace = threading.Event(), Pace()

    def script(asked):
        if "caption 2" in asked.prompt:
            pace.cancelled.set()
            gate.wait(10)
        return said("an answer")

    server.script = script
    report = batch(server, tmp_path, pace).run(jobs)
    assert report.cancelled
    assert report.answered == 2
    assert sorted(Answers(tmp_path).pending()) == ["lad_0.png", "lad_1.png"]
    gate.set()
    end = time.monotonic() + 10
    while len(Answers(tmp_path).pending()) < 3 and time.monotonic() < end:
        time.sleep(0.02)
    assert sorted(Answers(tmp_path).pending()) == ["lad_0.png", "lad_1.png", "lad_2.png"]
    assert len(server.questions()) == 3


def test_several_are_asked_at_a_time_and_no_more(server, jobs, tmp_path):
    together = threading.Barrier(3, timeout=10)

    def script(asked):
        together.wait()
        return said("an answer")

    server.script = script
    report = batch(server, tmp_path, concurrency=3).run(jobs)
    assert report.answered == 6
    assert server.busiest == 3


def test_a_wait_that_an_endpoint_asks_for_is_everybodys(server, jobs, tmp_path):
    waits, now = [], [0.0]

    def sleep(seconds):
        waits.append(seconds)
        now[0] += seconds
        return False

    pace = Pace(clock=lambda: now[0], sleep=sleep)
    server.plan = [reply({}, 429, Retry_After="9")]
    assert batch(server, tmp_path, pace).run(jobs).answered == 6
    assert waits == [9]


def test_answers_are_on_disk_before_they_are_told(server, jobs, tmp_path):
    def told(outcome):
        assert Answers(tmp_path).pending()[outcome.name].text == outcome.answer.text

    batch(server, tmp_path).run(jobs, told)


def test_nothing_is_asked_where_answers_cannot_be_kept(server, jobs, tmp_path):
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / ".bespoke").write_text("a file in the way")
    with pytest.raises(AppError, match="cannot be written"):
        batch(server, tmp_path / "home").run(jobs)
    assert server.asked == []


def test_an_accepted_suggestion_is_not_paid_for_again(server, jobs, tmp_path):
    server.script = lambda asked: said(f"better {len(server.questions())}")
    report = batch(server, tmp_path).run(jobs[:2])
    texts = [outcome.answer.text for outcome in report.outcomes]
    Answers(tmp_path).close([job.name for job in jobs[:2]], ACCEPTED)
    now = [Job(job.name, job.image, text) for job, text in zip(jobs[:2], texts, strict=True)]
    report = batch(server, tmp_path).run(now)
    assert [outcome.kept for outcome in report.outcomes] == [True, True]
    assert len(server.questions()) == 2
    assert Answers(tmp_path).pending() == {}
    batch(server, tmp_path, prompt="other words").run(now)
    assert len(server.questions()) == 4
    batch(server, tmp_path).run([Job(now[0].name, now[0].image, "typed since")])
    assert len(server.questions()) == 5


def test_an_answer_that_cannot_be_kept_is_told_and_the_batch_ends(
    server, jobs, tmp_path, monkeypatch
):
    def full(self, line):
        if line:
            raise AppError("the disk is full, nothing was written", hint="free some space")

    monkeypatch.setattr(Answers, "_append", full)
    report = batch(server, tmp_path).run(jobs)
    assert len(server.questions()) == 1
    assert report.outcomes[0].answer.text == "a caption of 1"
    assert "disk is full" in str(report.stopped)


def test_captions_are_never_written(server, jobs, tmp_path):
    caption = jobs[0].image.with_suffix(".txt")
    caption.write_bytes(b"as it was")
    batch(server, tmp_path).run(jobs)
    assert caption.read_bytes() == b"as it was"
    assert sorted(p.name for p in tmp_path.rglob("*.txt")) == [caption.name]


def test_kept_answers_survive_torn_and_foreign_lines(tmp_path):
    answers = Answers(tmp_path)
    answers.keep("k1", "a.png", Answer("one"), "m")
    answers.keep("k2", "b.png", Answer("two", "odd"), "m")
    whole = answers.path.read_bytes()
    for length in range(len(whole)):
        answers.path.write_bytes(whole[:length])
        found = Answers(tmp_path)
        assert set(found.pending()) <= {"a.png", "b.png"}
        found.keep("k3", "c.png", Answer("three"))
        assert Answers(tmp_path).pending()["c.png"].text == "three"
    lines = [b"[]", b"7", b'{"key": 1, "name": "x", "text": "y"}', b"\xff", b'{"key": "k"}',
             b'{"key": "k", "name": "x", "text": 5}']  # fmt: skip
    answers.path.write_bytes(whole + b"\n".join(lines))
    assert set(Answers(tmp_path).pending()) == {"a.png", "b.png"}
    assert Answers(tmp_path).pending()["b.png"].note == "odd"


def test_dismissed_is_asked_again_and_accepted_is_not(tmp_path):
    answers = Answers(tmp_path)
    answers.keep("k1", "a.png", Answer("one"))
    answers.keep("k2", "b.png", Answer("two"))
    answers.close(["a.png", "c.png"], DISMISSED)
    answers.close(["b.png"], ACCEPTED)
    for found in (answers, Answers(tmp_path)):
        assert found.pending() == {}
        assert found.find("k1") is None
        assert found.find("k2") == Answer("two")
    answers.close(["a.png"], "")
    assert set(Answers(tmp_path).pending()) == {"a.png"}
    answers.close(["a.png"], DISMISSED)
    answers.offer("k2", "b.png")
    assert set(Answers(tmp_path).pending()) == {"b.png"}


def test_a_later_answer_takes_the_place_of_an_earlier_one(tmp_path):
    answers = Answers(tmp_path)
    answers.keep("k1", "a.png", Answer("one"))
    answers.keep("k2", "a.png", Answer("two"))
    assert Answers(tmp_path).pending()["a.png"].text == "two"
    answers.offer("k1", "a.png")
    assert Answers(tmp_path).pending()["a.png"].text == "one"


def test_keys_tell_questions_apart(jobs):
    options = SuggestOptions(model="a")
    key = key_of(jobs[0].image, "x", options)
    others = [
        key_of(jobs[1].image, "x", options), key_of(jobs[0].image, "y", options),
        key_of(jobs[0].image, "x", SuggestOptions(model="b")),
        key_of(jobs[0].image, "x", SuggestOptions(model="a", image="original")),
        key_of(jobs[0].image, "x", SuggestOptions(model="a", source="local", folder="/m")),
    ]  # fmt: skip
    assert len({key, *others}) == 6
    assert key == key_of(jobs[0].image, "x", SuggestOptions(model="a", timeout_s=7, enabled=True))


@pytest.mark.parametrize(
    ("size", "kind", "expected"),
    [
        ((24, 24), "native", (480, 480)),
        ((96, 96), "native", (480, 480)),
        ((96, 96), "original", (96, 96)),
        ((24, 48), "native", (240, 480)),
        ((3000, 1500), "original", (2048, 1024)),
    ],
)
def test_pictures_are_enlarged_by_whole_factors(size, kind, expected, tmp_path):
    width, height = size
    path = tmp_path / "x.png"
    cells = np.random.default_rng(1).integers(0, 256, (24, 24 * width // height, 3), dtype=np.uint8)
    art = Image.fromarray(cells).resize(size, Image.Resampling.NEAREST)
    art.save(path)
    shown = picture.for_model(path, 24, kind)
    assert shown.size == expected
    if kind == "native" and size == (96, 96):
        assert np.array_equal(np.asarray(shown)[::20, ::20], cells)


def test_a_photo_is_shown_as_it_is(tmp_path):
    noise = np.random.default_rng(2).integers(0, 256, (300, 300, 3), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / "x.png")
    assert np.array_equal(np.asarray(picture.for_model(tmp_path / "x.png", 24)), noise)


def test_notes_in_the_file_are_not_sent(tmp_path):
    from PIL.PngImagePlugin import PngInfo

    notes = PngInfo()
    notes.add_text("prompt", "my secret place")
    Image.new("RGB", (24, 24)).save(tmp_path / "x.png", pnginfo=notes)
    for kind in ("native", "original"):
        assert b"secret" not in picture.png_bytes(picture.for_model(tmp_path / "x.png", 24, kind))


def test_options_survive_anything_in_the_settings():
    assert from_dict({}) == SuggestOptions()
    mine = SuggestOptions(enabled=True, model="m", per_minute=10, temperature=1.0, image="original")
    assert from_dict(json.loads(json.dumps(mine.as_dict()))) == mine
    assert from_dict({"temperature": 1}).temperature == 1.0
    bad = {
        "enabled": "yes", "source": "magic", "per_minute": -1, "timeout_s": True, "other": 1,
        "max_tokens": 1e9, "temperature": "hot", "concurrency": 0, "prompt": 7,
    }  # fmt: skip
    assert from_dict(bad) == SuggestOptions()
    assert "key" not in SuggestOptions().as_dict()


@pytest.mark.parametrize(
    ("given", "tidy"),
    [
        ("http://localhost:11434/v1/", "http://localhost:11434/v1"),
        ("localhost:1234/v1", "http://localhost:1234/v1"),
        ("192.168.1.5:8000/v1", "http://192.168.1.5:8000/v1"),
        ("api.example.com/v1", "https://api.example.com/v1"),
        ("https://x.org/v1/chat/completions", "https://x.org/v1"),
    ],
)
def test_addresses_are_tidied(given, tidy):
    assert tidy_url(given) == tidy


@pytest.mark.parametrize(
    "given",
    ["", "ftp://x", "http://", "https://me:secret@x.org/v1", "https://x.org/v1?key=secret",
     "http://x:99999/v1", "http://[::1/v1"],
)  # fmt: skip
def test_bad_addresses_are_refused_without_being_shown(given):
    with pytest.raises(AppError) as caught:
        tidy_url(given)
    assert caught.value.kind == "usage"
    assert "secret" not in str(caught.value)


def test_a_key_belongs_to_host_and_port():
    assert account_of("https://api.example.com/v1") == "api.example.com:443"
    assert account_of("http://localhost:1234/v1") == "localhost:1234"


@pytest.mark.parametrize(
    "options",
    [SuggestOptions(), SuggestOptions(model="m", timeout_s=0), SuggestOptions(model="m", image="x"),
     SuggestOptions(model="m", prompt=" "), SuggestOptions(model="m", prompt="{captoin}")],
)  # fmt: skip
def test_options_that_cannot_work_are_usage_errors(options):
    with pytest.raises(AppError) as caught:
        ready(options)
    assert caught.value.kind == "usage"


def test_good_options_are_ready():
    good = checked(SuggestOptions(model=" m ", base_url="localhost:1234/v1/"))
    assert (good.model, good.base_url) == ("m", "http://localhost:1234/v1")
    assert ready(good).enabled
    assert prompt.fill(" {a} ", {"a": "x"}) == "x"


def test_time_left():
    assert seconds_left(10, 0, 5) is None
    assert seconds_left(10, 5, 10) == 20


def test_a_hanging_server_does_not_hold_a_cancel_up(server, jobs, tmp_path):
    pace = Pace()
    server.script = lambda asked: Canned(hang=True)
    threading.Timer(0.2, pace.cancelled.set).start()
    report = batch(server, tmp_path, pace, timeout_s=60).run(jobs)
    assert report.cancelled
    assert report.outcomes == []
