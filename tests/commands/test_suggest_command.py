"""`bespoke captions suggest`: a preview from a real endpoint; captions are never written."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest
from PIL import Image

from bespoke_gui.__main__ import console
from bespoke_gui.core import settings
from bespoke_gui.core.suggest.answers import Answers
from tests.core.endpoint import Canned, reply, said, serving

KEY = "sk-secret-1234567890"


@pytest.fixture
def server():
    with serving() as found:
        yield found
        assert not found.problems


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "set"
    folder.mkdir()
    for name, text in (("a", "a lad, red hat"), ("b", "a lad, tie"), ("c", None)):
        Image.new("RGB", (24, 24), (ord(name), 0, 0)).save(folder / f"{name}.png")
        if text:
            (folder / f"{name}.txt").write_text(text)
    return folder


@pytest.fixture
def suggest(capsys, folder, server):
    def call(*words, code=0, endpoint=True):
        asked = ["--endpoint", server.url, "--model", "llava:7b"] if endpoint else []
        found = console(["captions", "suggest", str(folder), *asked, *words, "--json"])
        captured = capsys.readouterr()
        assert found == code, captured.err
        assert captured.out.count("\n") == 1
        call.told = captured.err
        return json.loads(captured.out)

    return call


def texts(folder):
    return {path.name: path.read_bytes() for path in folder.glob("*.txt")}


def test_every_image_is_asked_and_no_caption_is_written(suggest, server, folder):
    before = texts(folder)
    server.script = lambda asked: said('"a lad, tie, smiling"')
    data = suggest()
    assert data["files"]["a.txt"]["before"] == "a lad, red hat"
    assert data["files"]["a.txt"]["suggestion"] == "a lad, tie, smiling"
    assert data["files"]["a.txt"]["lost"] == ["red", "hat"]
    assert data["files"]["c.txt"]["before"] == ""
    assert [entry["lossy"] for entry in data["files"].values()] == [True, False, False]
    assert data["summary"] == {"images": 3, "answered": 3, "failed": 0, "kept": 0, "lossy": 1}
    assert texts(folder) == before
    assert set(Answers(folder).pending()) == {"a.png", "b.png", "c.png"}
    assert suggest()["summary"]["kept"] == 3
    assert len(server.questions()) == 3


def test_some_images_only(suggest, server):
    assert set(suggest("--only", "a*")["files"]) == {"a.txt"}
    assert set(suggest("--missing")["files"]) == {"c.txt"}
    assert "no image" in suggest("--only", "x*", code=1)["error"]["message"]


def test_words_and_numbers_are_passed_on(suggest, server):
    suggest("--only", "b", "--prompt", "{name}: {caption}", "--max-tokens", "50",
            "--temperature", "1", "--image", "original")  # fmt: skip
    asked = server.questions()[0]
    assert asked.prompt == "b: a lad, tie"
    assert (asked.data["max_tokens"], asked.data["temperature"]) == (50, 1)
    assert asked.picture.size == (24, 24)


def test_a_failure_is_told_and_the_rest_goes_on(suggest, server):
    server.plan = [reply({}, 413)]
    data = suggest(code=1)
    assert "too large" in data["failed"]["a.txt"]
    assert set(data["files"]) == {"b.txt", "c.txt"}


def test_an_error_of_all_is_told_once(suggest, server):
    server.key = KEY
    data = suggest(code=1)
    assert "key" in data["stopped"]
    assert len(server.questions()) == 1


def test_keys_come_from_variables_and_are_never_told(suggest, server, folder, monkeypatch):
    server.key = KEY
    monkeypatch.setenv("MY_KEY", KEY)
    assert suggest("--key-env", "MY_KEY")["summary"]["answered"] == 3
    assert KEY not in suggest.told
    monkeypatch.setenv("BESPOKE_CAPTION_KEY", KEY)
    assert suggest("--again")["summary"]["answered"] == 3
    assert "BESPOKE_CAPTION_KEY" in suggest.told
    monkeypatch.setenv("BESPOKE_CAPTION_KEY", "wrong-key-0123")
    data = suggest("--again", code=1)
    assert "does not accept the key: Incorrect API key: Bearer •••" in data["stopped"]
    assert "wrong-key-0123" not in json.dumps(data) + suggest.told
    assert "empty" in suggest("--key-env", "NOT_THERE", code=2)["error"]["message"]
    kept = (folder / ".bespoke" / "suggestions.jsonl").read_text()
    assert KEY not in kept
    assert "wrong-key-0123" not in kept


def test_without_a_model_the_error_lists_those_there_are(capsys, folder, server):
    assert console(["captions", "suggest", str(folder), "--endpoint", server.url]) == 2
    told = capsys.readouterr().err
    assert "llava:7b, qwen3-vl:8b" in told
    assert told.count("\n") == 1


def test_settings_of_the_window_are_used_when_it_is_on(suggest, server):
    assert suggest(endpoint=False, code=2)["error"]["kind"] == "usage"
    mine = settings.load()
    mine.suggest = {"enabled": True, "base_url": server.url, "model": "llava:7b", "prompt": "P"}
    settings.save(mine)
    assert suggest(endpoint=False)["summary"]["answered"] == 3
    assert server.questions()[0].prompt == "P"


def test_for_people_it_is_a_diff(capsys, folder, server):
    server.script = lambda asked: said("a lad, tie", finish="length")
    words = ["captions", "suggest", str(folder), "--endpoint", server.url, "--model", "llava:7b"]
    assert console(words) == 0
    text = capsys.readouterr().out
    assert "a.txt: LOSSY (cut off at the token limit)" in text
    assert "[-red hat-]" in text
    assert "no caption was written" in text


@pytest.mark.engine
def test_a_local_model_is_asked(suggest, tmp_path):
    pytest.importorskip("torch")
    from tests.engines.tiny_captioners import blip

    model = blip(tmp_path / "blip")
    data = suggest("--local", str(model), "--max-tokens", "16", endpoint=False)
    assert data["summary"]["answered"] == 3
    error = suggest("--local", str(tmp_path / "nothing"), code=1, endpoint=False)
    assert "no folder of a transformers model" in error["stopped"]


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_ctrl_c_keeps_what_was_answered(folder, server, root):
    server.plan = [said("one"), Canned(hang=True)]
    # A shell that starts jobs in the background lets them ignore Ctrl+C: here it counts.
    start = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    start += "from bespoke_gui.__main__ import console; raise SystemExit(console())"
    command = [sys.executable, "-c", start, "captions", "suggest", str(folder), "--json",
               "--endpoint", server.url, "--model", "llava:7b"]  # fmt: skip
    env = {**os.environ, "PYTHONPATH": str(root)}
    process = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    end = time.monotonic() + 60
    while len(server.questions()) < 2 and time.monotonic() < end:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    try:
        out, told = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 130, told
    data = json.loads(out)
    assert data["cancelled"] is True
    assert {name: entry["suggestion"] for name, entry in data["files"].items()} == {"a.txt": "one"}
    assert set(Answers(folder).pending()) == {"a.png"}
    assert b"goes on from there" in told
