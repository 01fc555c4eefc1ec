"""Exchange: captions go out and come back byte for byte, and nothing is written unseen."""

import csv
import io
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bespoke_gui.core import textcodec
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.exchange.apply import write_import
from bespoke_gui.core.exchange.base import FORMATS
from bespoke_gui.core.exchange.detect import detect
from bespoke_gui.core.exchange.entries import working_set
from bespoke_gui.core.exchange.export import export_captions
from bespoke_gui.core.exchange.form_words import describe, parse
from bespoke_gui.core.exchange.preview import preview
from bespoke_gui.core.history import History
from bespoke_gui.core.pairs.exclude import exclude
from bespoke_gui.core.pairs.target import open_pairs
from bespoke_gui.core.project import create_project
from tests.core._packages import write_image, write_pairs

ODD = {
    "plain": b"pixel art, red hat",
    "final": b"pixel art, red hat\n",
    "crlf": b"one\r\ntwo\r\n",
    "mixed": b"one\r\ntwo\nthree\rfour",
    "bom": b"\xef\xbb\xbfred",
    "utf16": "red, größer".encode("utf-16"),
    "windows": "br\xfcnett \x80".encode("cp1252", "replace"),
    "empty": b"",
    "newline": b"\n",
    "newlines": b"\r\n\r\n",
    "quotes": b'say "hi", they\'re; tab\there',
    "unicode": "日本語, 🎩, \u2028 line, \x85 next".encode(),
    "zero": b"ends \x01\x1f",
    "spaces": b"  padded  ",
}
TABLES = {"jsonl": "m.jsonl", "csv": "m.csv", "meta": "m.json"}


def write_set(folder: Path, captions: dict[str, bytes], images_only: bool = False) -> Path:
    for name, data in captions.items():
        write_image(folder / f"{name}.png", (4, 4))
        if not images_only:
            (folder / f"{name}.txt").write_bytes(data)
    return folder


def texts(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*.txt")}


def take(target: Path, source: Path, **kw):
    found = working_set(target)
    shown = preview(found, source)
    with History(target) as history:
        return shown, write_import(found, shown, history, **kw)


def out_for(folder: Path, to: str) -> Path:
    return folder / TABLES.get(to, to)


@pytest.mark.parametrize("to", list(FORMATS))
def test_every_format_brings_every_byte_back(to, tmp_path):
    source = write_set(tmp_path / "set", ODD)
    write_image(source / "bare.png")
    before = texts(source)
    done = export_captions(source, to, out_for(tmp_path, to))
    assert (done.captions, done.missing) == (len(ODD), ["bare.png"])
    same, report = take(source, done.path)
    assert (same.changes, report.written, report.snapshot) == ({}, {}, "")
    assert texts(source) == before
    target = write_set(tmp_path / "target", ODD, images_only=True)
    shown, report = take(target, done.path)
    assert shown.format == to
    assert (shown.problems, report.problems) == ([], [])
    assert texts(target) == before
    assert shown.summary["added"] == len(ODD)


CAPTION = st.one_of(
    st.text(st.sampled_from("ab,\"'\\;\t \r\nü€\x85\u2028🎩\ufeff"), max_size=20).map(str.encode),
    st.binary(max_size=24).filter(lambda data: b"\0" not in data),
    st.text(max_size=12).map(lambda text: text.replace("\0", "").encode("utf-16", "ignore")),
)


@settings(max_examples=40, deadline=None)
@given(st.lists(CAPTION, min_size=1, max_size=5), st.sampled_from(sorted(FORMATS)))
def test_any_bytes_come_back_in_any_format(tmp_path_factory, captions, to):
    at = tmp_path_factory.mktemp("at")
    named = {f"n{number}": data for number, data in enumerate(captions)}
    source = write_set(at / "set", named)
    kept = {
        name: data for name, data in texts(source).items() if "\0" not in textcodec.decode(data)[0]
    }
    done = export_captions(source, to, out_for(at, to))
    target = write_set(at / "fresh" / "set", named, images_only=True)
    shown, report = take(target, done.path)
    assert report.problems == []
    assert {name: data for name, data in texts(target).items() if name in kept} == kept
    again = export_captions(target, to, out_for(at / "again", to))
    if len(kept) == len(named):
        assert shown.problems == []
        assert _whole(again.path) == _whole(done.path)


def _whole(path: Path) -> dict[str, bytes]:
    if path.is_file():
        return {"": path.read_bytes()}
    return {p.relative_to(path).as_posix(): p.read_bytes() for p in path.rglob("*") if p.is_file()}


@given(st.binary(max_size=40))
def test_the_words_for_a_form_tell_all_of_it(data):
    text, form = textcodec.decode(data)
    again = parse(describe(text, form), text)
    assert again is not None
    assert textcodec.encode(text, again) == data


@pytest.mark.parametrize("words", ["klingon", "endings=XX", "endings=LL", "final final2"])
def test_other_words_for_a_form_mean_nothing(words):
    assert parse(words, "one line") is None


@pytest.mark.parametrize("to", ["jsonl", "csv"])
def test_a_table_with_images_is_what_hugging_face_reads(to, tmp_path):
    source = write_pairs(tmp_path / "set")
    write_image(source / "sub" / "bare.png")
    exclude(open_pairs(source), ["c.png"])
    done = export_captions(source, to, tmp_path / "out", images=True)
    assert (done.images, done.captions, done.excluded) == (3, 2, ["c.png"])
    assert sorted(_whole(tmp_path / "out")) == ["a.png", "b.png", f"metadata.{to}", "sub/bare.png"]
    assert (tmp_path / "out" / "a.png").read_bytes() == (source / "a.png").read_bytes()
    table = (tmp_path / "out" / f"metadata.{to}").read_text("utf-8")
    if to == "jsonl":
        rows = [json.loads(line) for line in table.splitlines()]
        assert rows[0] == {"file_name": "a.png", "text": "pixel art, red hat, portrait a"}
        assert rows[2] == {"file_name": "sub/bare.png", "text": None}
    else:
        rows = list(csv.DictReader(io.StringIO(table)))
        assert rows[0]["file_name"] == "a.png"
        assert rows[0]["text"] == "pixel art, red hat, portrait a"
    assert preview(working_set(source), tmp_path / "out").changes == {}


def test_kohya_folders_carry_repeats_and_flat_names(tmp_path):
    write_pairs(tmp_path / "source", ("a", "b"))
    write_pairs(tmp_path / "source" / "5_hats", ("a", "x"))
    write_pairs(tmp_path / "source" / "sub", ("a",))
    project = create_project(tmp_path / "p", tmp_path / "source", name="punk").project
    exclude(open_pairs(project.folder), ["b.png"])
    export_captions(project.folder, "kohya", tmp_path / "train", images=True)
    assert sorted(_whole(tmp_path / "train")) == [
        "1_punk/a.png", "1_punk/a.txt", "1_punk/sub_a.png", "1_punk/sub_a.txt",
        "5_hats/a.png", "5_hats/a.txt", "5_hats/x.png", "5_hats/x.txt",
    ]  # fmt: skip
    (tmp_path / "train" / "1_punk" / "sub_a.txt").write_text("changed below")
    shown = preview(working_set(project.folder), tmp_path / "train")
    assert {name: change.after for name, change in shown.changes.items()} == {
        "sub/a.png": "changed below"
    }


@pytest.mark.parametrize("to", ["jsonl", "csv"])
def test_further_columns_rows_and_untouched_lines_stay(to, tmp_path):
    folder = write_pairs(tmp_path / "set")
    if to == "jsonl":
        table = tmp_path / "metadata.jsonl"
        old = (
            '{"score": 7, "file_name": "a.png",  "text": "pixel art, red hat, portrait a"}\r\n'
            '{"file_name": "elsewhere.png", "text": "not ours", "tags": ["x"]}\r\n'
            "not json\r\n"
            '{"text": "old", "file_name": "b.png", "score": 9}\r\n'
        )
    else:
        table = tmp_path / "metadata.csv"
        old = (
            'score;file_name;text\r\n7;a.png;"pixel art, red hat, portrait a"\r\n'
            "1;elsewhere.png;not ours\r\nbroken;row\r\n9;b.png;old\r\n"
        )
    table.write_bytes(b"\xef\xbb\xbf" + old.encode())
    with pytest.raises(AppError, match="is there already"):
        export_captions(folder, to, table)
    export_captions(folder, to, table, update=True)
    data = table.read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    lines = data.decode("utf-8-sig").split("\r\n")
    kept = old.split("\r\n")
    changed = 3 if to == "jsonl" else 4
    assert lines[:changed] == kept[:changed]
    assert "portrait b" in lines[changed]
    assert "9" in lines[changed]
    assert "c.png" in lines[changed + 1]
    export_captions(folder, to, table, update=True)
    assert table.read_bytes() == data


def test_meta_joins_caption_and_tags_as_the_trainer_does(tmp_path):
    folder = write_pairs(tmp_path / "set")
    table = tmp_path / "metadata.json"
    table.write_text(
        json.dumps(
            {
                "/somewhere/else/a.png": {"caption": "x"},
                "a": {"caption": "red hat", "tags": "1boy, hat", "train_resolution": [64, 64]},
                "b.png": "only a text",
                "c": {"tags": 5},
            }
        )
    )
    shown = preview(working_set(folder), table)
    assert {name: change.after for name, change in shown.changes.items()} == {
        "a.png": "red hat, 1boy, hat",
        "b.png": "only a text",
    }
    assert [problem.where for problem in shown.problems] == ["row 1", "row 4"]
    export_captions(folder, "meta", table, update=True)
    now = json.loads(table.read_text())
    assert now["a"] == {"caption": "pixel art, red hat, portrait a", "train_resolution": [64, 64]}
    assert now["/somewhere/else/a.png"] == {"caption": "x"}


def test_the_preview_tells_what_is_lost_and_writes_nothing(tmp_path):
    folder = write_pairs(tmp_path / "set")
    (folder / "c.txt").unlink()
    table = tmp_path / "t.csv"
    table.write_text(
        'Image,Caption\na.png,pixel art\nb,"pixel art, red hat, portrait b, smiling"\nc.png,new\n'
    )
    before = _whole(folder)
    found = working_set(folder)
    shown = preview(found, table)
    assert _whole(folder) == before
    assert shown.summary == {"added": 1, "changed": 2, "unchanged": 0, "lossy": 1}
    assert {"red", "hat"} <= set(shown.changes["a.png"].diff.lost)
    assert shown.changes["a.png"].lossy
    assert not shown.changes["b.png"].lossy
    wanted = [name for name, change in shown.changes.items() if not change.lossy]
    with History(folder) as history:
        report = write_import(found, shown, history, wanted)
        assert sorted(report.written) == ["b.png", "c.png"]
        assert history.load(report.snapshot)["b.png"] == "pixel art, red hat, portrait b"
        assert history.texts("b.png")[0].source == "import: t.csv"
    assert (folder / "a.txt").read_bytes() == before["a.txt"]
    assert (folder / "c.txt").read_bytes() == b"new"


def test_an_import_keeps_the_form_of_a_file_that_is_there(tmp_path):
    folder = write_set(tmp_path / "set", {"a": b"\xef\xbb\xbfold\r\nlines\r\n"})
    (tmp_path / "t.jsonl").write_text('{"file_name": "a.png", "text": "new\\nlines\\n"}')
    take(folder, tmp_path / "t.jsonl")
    assert (folder / "a.txt").read_bytes() == b"\xef\xbb\xbfnew\r\nlines\r\n"


def test_captions_without_images_are_exchanged_too(tmp_path):
    folder = tmp_path / "captions"
    folder.mkdir()
    (folder / "a.txt").write_text("red")
    export_captions(folder, "jsonl", tmp_path / "m.jsonl")
    images = write_set(tmp_path / "images", {"a": b""}, images_only=True)
    take(images, tmp_path / "m.jsonl")
    assert (images / "a.txt").read_text() == "red"


def test_the_format_is_seen_or_asked_for(tmp_path):
    with pytest.raises(AppError, match="is not there"):
        detect(tmp_path / "x")
    (tmp_path / "x.pdf").write_text("")
    with pytest.raises(AppError, match="no file captions can be read from"):
        detect(tmp_path / "x.pdf")
    both = write_pairs(tmp_path / "both")
    (both / "metadata.jsonl").write_text("")
    with pytest.raises(AppError, match="two formats"):
        detect(both)
    (tmp_path / "nothing").mkdir()
    with pytest.raises(AppError, match="holds no captions"):
        detect(tmp_path / "nothing")


def test_nothing_is_exported_among_the_images_or_over_something(tmp_path):
    folder = write_pairs(tmp_path / "set")
    for to, out in (("txt", folder / "new"), ("txt", folder), ("kohya", folder / "k")):
        with pytest.raises(AppError, match="lies inside the dataset"):
            export_captions(folder, to, out)
    full = write_pairs(tmp_path / "full")
    with pytest.raises(AppError, match="is there already"):
        export_captions(folder, "txt", full)
    with pytest.raises(AppError, match="is a folder"):
        export_captions(folder, "csv", full)
    with pytest.raises(AppError, match="only a table"):
        export_captions(folder, "txt", tmp_path / "n", update=True)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["full", "set"]


def test_edited_texts_count_more_than_the_files(tmp_path):
    folder = write_set(tmp_path / "set", {"a": b"old\r\n", "b": b"same\r\n"})
    export_captions(folder, "txt", tmp_path / "out", texts={"a.png": "new", "b.png": "same"})
    assert texts(tmp_path / "out") == {"a.txt": b"new\r\n", "b.txt": b"same\r\n"}


@pytest.mark.punks
def test_the_real_captions_go_through_every_format(punks, tmp_path):
    source = punks / "captions_before"
    kept = texts(source)
    for to in ("jsonl", "csv", "meta", "txt", "caption"):
        done = export_captions(source, to, out_for(tmp_path / to, to))
        assert done.captions == 203
        assert preview(working_set(source), done.path).changes == {}
    assert texts(tmp_path / "txt" / "txt") == kept
    shown = preview(working_set(source), punks / "captions_after", "txt")
    assert shown.summary == {"added": 0, "changed": 203, "unchanged": 0, "lossy": 52}
