"""What a broken or malicious machine says is made harmless before it reaches any file here."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bespoke_gui.core.events import KINDS, decode
from bespoke_gui.launch.remote.clean import LONGEST_TEXT, clean_line, clean_text, safe_path
from bespoke_gui.launch.remote.local_run import as_line
from bespoke_gui.launch.remote.manifest import Manifest

OUTSIDE = [
    "../evil", "outputs/../../evil", "/etc/passwd", "outputs/..", "outputs", "outputs/",
    "outputs//x", "outputs/./x", "C:/x", "outputs/C:x", "outputs\\..\\x", "outputs/a\\b",
    "spec.json", "control/stop", "exit.json", ".bespoke/x", "outputs/.hidden", "outputs/x.part",
    "outputs/con", "outputs/NUL.safetensors", "outputs/x.", "outputs/x ", "outputs/a\nb",
    "outputs/a\u202eb", "outputs/a\x00b", "outputs/\x1b[2J", "outputs/" + "x" * 300, "", None, 7,
    ["outputs/x"], "~/x", "outputs/a:b", "/home/me/bespoke/runs/r/../x",
]  # fmt: skip


@pytest.mark.parametrize("path", OUTSIDE)
def test_a_path_that_leads_elsewhere_is_no_path(path):
    assert safe_path(path, "/home/me/bespoke/runs/r") == ""
    event = clean_line(json.dumps({"event": "sample", "path": path}).encode())
    assert event["event"] == "log"
    manifest = Manifest()
    line = {"name": path, "size": 1, "sha256": "0" * 64}
    assert manifest.take(json.dumps(line).encode() + b"\n")
    assert not manifest.files


@pytest.mark.parametrize(
    "path", ["outputs/punk-000001.safetensors", "outputs/samples/epoch_01/ein Wort ü.png",
             "state/step_00000100/state.json"],
)  # fmt: skip
def test_a_path_of_the_run_is_kept(path):
    assert safe_path(path) == path
    assert safe_path(f"/home/me/runs/r/{path}", "/home/me/runs/r") == path
    assert safe_path(f"/home/me/runs/r/{path}", "/home/me/runs/other") == ""


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07after", "after"),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1bPdcs\x1b\\x", "x"),
        ("a\x07\x08\r\x7f\x9bb", "ab"),
        ("left\u202eright", "leftright"),
        ("<b>bold</b> & <script>", "<b>bold</b> & <script>"),
        ("tab\tline\nnext", "tab\tline\nnext"),
    ],
)
def test_terminal_sequences_go_and_words_stay(text, wanted):
    assert clean_text(text) == wanted
    event = clean_line(json.dumps({"event": "log", "text": text}).encode())
    assert event["text"] == wanted


def test_values_of_the_wrong_kind_are_left_out():
    said = {
        "event": "progress", "time": "now", "step": "7", "total": 1.5, "epoch": True,
        "epochs": 1e300, "loss": "low", "lr": [1], "eta_s": None, "name": {"a": 1},
    }  # fmt: skip
    event = clean_line(json.dumps(said).encode())
    assert set(event) == {"event", "time"}
    assert clean_line(b'{"event": "progress", "loss": NaN, "lr": Infinity, "step": 3}')["step"] == 3
    assert "loss" not in clean_line(b'{"event": "progress", "loss": NaN}')


def test_what_only_we_may_say_becomes_a_log():
    fetched = {"event": "fetched", "path": "outputs/x.safetensors", "sha256": "0" * 64, "size": 1}
    assert clean_line(json.dumps(fetched).encode())["event"] == "log"
    event = clean_line(b'{"event": "stage", "name": "x", "at": 5, "a\\u200et": 6}')
    assert "at" not in event


@pytest.mark.parametrize(
    "line",
    [b"plain words", b"\xff\xfe", b"[1]", b"7", b'{"event": 7}', b'{"event": ["done"]}',
     b"[" * 100_000, b'{"a":' * 50_000, b"1" * 10_000, b'{"event": "unheard of"}'],
)  # fmt: skip
def test_what_is_no_event_is_a_log_of_bounded_length(line):
    event = clean_line(line)
    assert event["event"] == "log"
    assert len(event["text"]) <= LONGEST_TEXT


ANY = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=5),
    max_leaves=20,
)


@given(st.dictionaries(st.sampled_from(["path", "step", "name", "text", "loss", "x"]), ANY),
       st.sampled_from(KINDS))  # fmt: skip
def test_any_event_gives_one_line_that_can_be_read_again(fields, kind):
    event = clean_line(json.dumps({"event": kind, **fields}).encode())
    line = as_line({**event, "at": 7})
    assert line.count(b"\n") == 1
    again = decode(line.decode())
    assert again.event == event["event"]
    assert again.get("at") == 7
    assert again.get("path", "outputs/x").startswith(("outputs/", "state/"))
    for name in ("step", "total", "epoch"):
        assert isinstance(again.get(name, 0), int)


def test_the_manifest_refuses_what_cannot_be_and_goes_on():
    digest = "a" * 64
    lines = [
        {"name": "outputs/a", "size": 3, "sha256": digest},
        {"name": "outputs/A", "size": 3, "sha256": digest},
        {"name": "outputs/b", "size": -1, "sha256": digest},
        {"name": "outputs/b", "size": True, "sha256": digest},
        {"name": "outputs/b", "size": 10**30, "sha256": digest},
        {"name": "outputs/b", "size": 3, "sha256": "zz"},
        {"name": "outputs/b", "size": 3, "sha256": digest.upper()},
        {"name": "outputs/b", "size": 3},
        7,
        {"name": "outputs/c", "size": 4, "sha256": digest},
        {"name": "outputs/a", "gone": True},
    ]
    manifest = Manifest()
    data = b"".join(json.dumps(line).encode() + b"\n" for line in lines) + b'{"name": "outpu'
    assert len(manifest.take(data)) == 8
    assert list(manifest.files) == ["outputs/c"]
    assert manifest.gone == {"outputs/a"}
    assert manifest.restart() == len(data) - len(b'{"name": "outpu')


def test_a_manifest_line_without_end_is_not_kept():
    manifest = Manifest()
    for _ in range(100):
        manifest.take(b"x" * 10_000)
    manifest.take(b"\n" + json.dumps({"name": "outputs/c", "size": 4, "sha256": "a" * 64}).encode())
    manifest.take(b"\n")
    assert list(manifest.files) == ["outputs/c"]
