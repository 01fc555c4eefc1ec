"""Must show: 500 kills at every write, sync and replace; no caption is lost, and nothing typed.

A real process is killed (SIGKILL) at each boundary of single saves, bulk edits, rules, restore and
autosave in turn. Afterwards every caption is, byte for byte, one of the states the user saw, what
was there before a bulk edit is in its snapshot, and the journal brings back what was typed, all
but the last keystroke.
"""

import json
import os
import random
import re
import shutil
import time

import pytest

from bespoke_gui.core import captions, textcodec
from bespoke_gui.core.caption_set import open_captions
from bespoke_gui.core.history import History
from bespoke_gui.qtmodels.caption_journal import Journal
from tests.crash_kit import LIVE, SCENARIOS, SEEN, Forge

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and SIGKILL")
TEXT = "portrait of a lad, café eyes, red hat, green background"
FILES = {
    "a.txt": TEXT.encode(),
    "b.txt": TEXT.replace("red", "blue").encode(),
    "c.txt": TEXT.encode("utf-8-sig") + b"\r\nline two\r\n",
    "d.txt": TEXT.encode("cp1252"),
    "e.txt": (TEXT + "\nline two\r\nline three\n").encode(),
}
RULES = """schema = 1
name = "hats"
[[rules]]
name = "hat"
action = "replace"
find = "hat"
with = "hat with a brim"
[[rules]]
name = "eyes"
action = "replace"
find = "eyes"
with = "big eyes"
"""
LEFT = re.compile(r"\..+\.[a-z0-9_]+\.bespoke\.tmp")
SAMPLE = 60


@pytest.fixture(scope="module")
def forge():
    made = Forge()
    yield made
    made.close()


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    folder = tmp_path_factory.mktemp("crash") / "template"
    (folder / "dataset").mkdir(parents=True)
    for name, data in FILES.items():
        (folder / "dataset" / name).write_bytes(data)
    (folder / "rules.toml").write_text(RULES)
    with History(folder / "dataset") as history:
        history.snapshot("old", {name: f"{text}, as it was" for name, text in texts().items()})
    return folder


def texts():
    return {name: textcodec.decode(data)[0] for name, data in FILES.items()}


def witnessed(folder):
    """Return all states seen by caption, the oldest first, and whether the last is not known."""
    lines = [json.loads(line) for line in (folder / SEEN).read_text().splitlines()]
    seen = {name: [text] for name, text in texts().items()}
    for entry in filter(None, lines):
        seen[entry[0]].append(entry[1])
    after = lines[::-1].index(None) if None in lines else len(FILES)
    return seen, after < len(FILES)


def check_files(folder, seen):
    """Every caption is there and is, to the byte, one of its states; nothing else was left."""
    dataset = folder / "dataset"
    for name, states in seen.items():
        before = FILES[name]
        old, form = textcodec.decode(before)
        allowed = {before} | {textcodec.encode(text, form, old) for text in states}
        allowed |= {text.encode() for text in states if text.endswith(", theirs")}
        data = (dataset / name).read_bytes()
        assert data in allowed, (name, data)
        assert captions.read(dataset / name).text in states
    left = {path.name for path in dataset.iterdir()} - set(FILES) - {".bespoke"}
    assert all(LEFT.fullmatch(name) for name in left), left
    assert set(open_captions(dataset).captions) == set(FILES)


def check_snapshot(folder):
    """What a bulk edit replaced can be brought back."""
    changed = any((folder / "dataset" / n).read_bytes() != data for n, data in FILES.items())
    with History(folder / "dataset") as history:
        assert history.saved
        assert not history.problems
        kept = [s.name for s in history.snapshots() if s.automatic]
        assert kept or not changed
        for name in kept:
            assert history.load(name) == texts()


def check_journal(folder, seen, unsure):
    """The next start offers what was typed: all but the keystroke under way."""
    entries = Journal(folder / "journal").read()
    for name, states in seen.items():
        found = captions.read(folder / "dataset" / name).text
        recovered = entries[name].text if name in entries else found
        joined = [text for text in states if "theirs" in text]  # by the save, not by a keystroke
        allowed = states if unsure else states[-2:] + joined
        assert recovered in allowed, (name, recovered, allowed)


def kill(forge, template, scenario, at, place):
    folder = place / f"{scenario}_{at}"
    shutil.copytree(template, folder)
    answer = forge.run(scenario, folder, at)
    seen, unsure = witnessed(folder)
    check_files(folder, seen)
    if scenario in ("bulk", "rules", "restore"):
        check_snapshot(folder)
    if scenario == "autosave":
        check_journal(folder, seen, unsure)
    shutil.rmtree(folder)
    return answer


def boundaries(forge, template, place):
    return {name: kill(forge, template, name, 0, place)["count"] for name in SCENARIOS}


def test_a_sample_of_kills_loses_nothing(forge, template, tmp_path):
    counts = boundaries(forge, template, tmp_path)
    assert sum(counts.values()) >= 500, counts
    step = sum(counts.values()) // SAMPLE
    for name, count in counts.items():
        for at in range(1, count + 1, step):
            assert kill(forge, template, name, at, tmp_path)["killed"]


@pytest.mark.full
def test_five_hundred_kills_lose_nothing(forge, template, tmp_path):
    """One kill at every boundary there is."""
    began, done = time.monotonic(), 0
    for name, count in boundaries(forge, template, tmp_path).items():
        for at in range(1, count + 1):
            assert kill(forge, template, name, at, tmp_path)["killed"]
            done += 1
    print(json.dumps({"kills": done, "seconds": round(time.monotonic() - began, 1)}))
    assert done >= 500


def kill_any_time(forge, template, place, seconds):
    folder = place / f"live_{seconds}"
    shutil.copytree(template, folder)
    assert forge.run(LIVE, folder, kill_after=seconds)["killed"]
    seen, _ = witnessed(folder)
    check_files(folder, seen)
    check_journal(folder, seen, False)
    return sum(map(len, seen.values()))


def test_kills_at_any_time_lose_nothing_while_threads_save(forge, template, tmp_path):
    typed = [kill_any_time(forge, template, tmp_path, 0.3 + 0.061 * n) for n in range(6)]
    assert max(typed) > 20


@pytest.mark.full
def test_many_kills_at_any_time_lose_nothing(forge, template, tmp_path):
    chance = random.Random(11)
    for _ in range(100):
        kill_any_time(forge, template, tmp_path, chance.uniform(0.1, 0.9))


def test_the_kit_notices_a_write_that_is_not_atomic(forge, template, tmp_path, monkeypatch):
    """The test tests itself: a file written in place is found half written."""
    folder = tmp_path / "x"
    shutil.copytree(template, folder)
    (folder / SEEN).write_text("")
    (folder / "dataset" / "a.txt").write_bytes(FILES["a.txt"][:20])
    with pytest.raises(AssertionError):
        check_files(folder, witnessed(folder)[0])
