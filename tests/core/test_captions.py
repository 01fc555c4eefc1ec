"""Captions on disk: no byte is lost, no change of another program is overwritten."""

import os
import unicodedata
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bespoke_gui.core import captions, textcodec
from bespoke_gui.core.dataset import scan
from bespoke_gui.core.errors import AppError

CAPTION = "pixel art, 24x24, café eyes, brown background"
FORMS = {
    "utf8": CAPTION.encode(),
    "utf8_mark": CAPTION.encode("utf-8-sig"),
    "utf16_little": b"\xff\xfe" + CAPTION.encode("utf-16-le"),
    "utf16_big": b"\xfe\xff" + CAPTION.encode("utf-16-be"),
    "windows": CAPTION.encode("cp1252"),
    "crlf_and_end": f"{CAPTION}\r\nsecond line\r\n".encode(),
    "mixed_line_ends": f"{CAPTION}\r\nsecond\nthird\rlast".encode(),
    "two_final_line_ends": f"{CAPTION}\n\n".encode(),
}


def put(folder, data, name="a.txt"):
    path = folder / name
    path.write_bytes(data)
    return path


@given(st.binary(max_size=300))
def test_any_bytes_come_back_as_they_were(data):
    text, form = textcodec.decode(data)
    assert textcodec.encode(text, form, text) == data


@given(st.text(st.characters(codec="utf-8"), max_size=200), st.sampled_from(["utf-8", "utf-16-le"]))
def test_any_text_written_is_the_text_read(text, encoding):
    form = textcodec.Form(encoding, bom=encoding != "utf-8")
    data = textcodec.encode(text, form)
    read, _ = textcodec.decode(data)
    wanted = textcodec.LINE_END.sub("\n", text)
    if not text.startswith("\ufeff"):
        assert read in (wanted, wanted.removesuffix("\n"))


@pytest.mark.parametrize("form", FORMS)
def test_editing_one_phrase_changes_nothing_else(tmp_path, form):
    path = put(tmp_path, FORMS[form])
    before = captions.read(path)
    assert "café eyes" in before.text
    after = captions.write(before, before.text.replace("brown", "green"))
    encoding = before.encoding if form != "windows" else "cp1252"
    assert path.read_bytes() == FORMS[form].replace(
        "brown".encode(encoding), "green".encode(encoding)
    )
    assert after == captions.read(path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    lines=st.lists(st.text("abc, é€", min_size=1), min_size=1, max_size=5),
    ends=st.lists(st.sampled_from(["\n", "\r\n", "\r"]), min_size=5, max_size=5),
    final=st.sampled_from(["", "\n", "\r\n"]),
    index=st.integers(0, 4),
)
def test_editing_one_line_keeps_the_ends_of_all_others(lines, ends, final, index):
    if lines[-1] == "":
        return
    raw = "".join(line + end for line, end in zip(lines, ends, strict=False))
    raw = raw[: len(raw) - len(ends[len(lines) - 1])] + final
    text, form = textcodec.decode(raw.encode())
    edited = text.split("\n")
    edited[index % len(lines)] = "NEW"
    data = textcodec.encode("\n".join(edited), form, text).decode()
    again = textcodec.LINE_END.split(data)
    assert again[: len(lines)] == edited
    old, new = textcodec.LINE_END.findall(raw), textcodec.LINE_END.findall(data)
    assert len(old) == len(new)
    kept = [i for i in range(len(old)) if i != index % len(lines)]
    if lines.count(lines[index % len(lines)]) == 1:
        assert [new[i] for i in kept] == [old[i] for i in kept]
    assert data.endswith(("\n", "\r")) == raw.endswith(("\n", "\r"))


def test_what_does_not_change_is_not_written(tmp_path):
    path = put(tmp_path, FORMS["crlf_and_end"])
    stamp = path.stat()
    caption = captions.read(path)
    assert captions.write(caption, caption.text) is caption
    assert captions.write(caption, caption.text.replace("\n", "\r\n")) is caption
    assert path.stat().st_mtime_ns == stamp.st_mtime_ns
    assert path.stat().st_ino == stamp.st_ino


def test_a_character_that_does_not_fit_is_refused_and_the_file_stays(tmp_path):
    path = put(tmp_path, FORMS["windows"])
    caption = captions.read(path)
    assert [problem.code for problem in caption.problems] == ["not_utf8"]
    with pytest.raises(AppError, match="windows-1252") as error:
        captions.write(caption, caption.text + " \N{BLACK STAR}")
    assert "UTF-8" in error.value.hint
    assert path.read_bytes() == FORMS["windows"]
    captions.write(caption, caption.text + " \N{EURO SIGN}")
    assert path.read_bytes() == FORMS["windows"] + b" \x80"


@pytest.mark.parametrize("form", ["windows", "utf16_little", "utf8_mark"])
def test_convert_writes_plain_utf8(tmp_path, form):
    path = put(tmp_path, FORMS[form])
    assert captions.read(path).problems
    converted = captions.convert(captions.read(path))
    assert path.read_bytes() == FORMS["utf8"]
    assert converted.problems == []
    assert captions.convert(converted) is converted


def test_the_bytes_that_windows_1252_leaves_open_survive(tmp_path):
    path = put(tmp_path, b"caf\xe9 \x81\x8d\x8f\x90\x9d, red")
    caption = captions.read(path)
    captions.write(caption, caption.text.replace("red", "blue"))
    assert path.read_bytes() == b"caf\xe9 \x81\x8d\x8f\x90\x9d, blue"


def changed(path):
    path.write_bytes(b"typed elsewhere")


def deleted(path):
    path.unlink()


@pytest.mark.parametrize("change", [changed, deleted])
def test_a_change_of_another_program_is_never_overwritten(tmp_path, change):
    path = put(tmp_path, FORMS["utf8"])
    caption = captions.read(path)
    change(path)
    left = path.read_bytes() if path.exists() else None
    with pytest.raises(AppError) as error:
        captions.write(caption, "mine")
    assert error.value.kind == "conflict"
    assert captions.changed_on_disk(caption)
    assert (path.read_bytes() if path.exists() else None) == left


def test_a_missing_caption_can_be_made_unless_it_appeared_meanwhile(tmp_path):
    missing = captions.read(tmp_path / "new.txt")
    assert missing.missing
    assert missing.text == ""
    captions.write(missing, "")
    assert not missing.path.exists()
    made = captions.write(missing, "red hat")
    assert missing.path.read_bytes() == b"red hat"
    assert not made.missing
    with pytest.raises(AppError) as error:
        captions.write(missing, "blue hat")
    assert error.value.kind == "conflict"
    assert missing.path.read_bytes() == b"red hat"


def test_a_link_is_written_through(tmp_path):
    target = put(tmp_path, FORMS["utf8"], "real.txt")
    link = tmp_path / "link.txt"
    try:
        link.symlink_to(target)
    except OSError:
        pytest.skip("links cannot be made here")
    captions.write(captions.read(link), "new words")
    assert link.is_symlink()
    assert target.read_bytes() == b"new words"


def test_no_temporary_file_is_left(tmp_path):
    captions.write(captions.read(put(tmp_path, FORMS["utf8"])), "new")
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


def test_what_killed_writes_left_is_swept_and_nothing_else(tmp_path):
    names = (".a.txt.abc_12.bespoke.tmp", ".mine.tmp", "a.bespoke.tmp", ".b.txt.xyz.bespoke.tmp")
    for name in names:
        put(tmp_path, b"x", name)
        os.utime(tmp_path / name, (1e9, 1e9))
    os.utime(tmp_path / names[-1])
    assert [path.name for path in captions.atomic.sweep(tmp_path)] == [names[0]]
    assert {path.name for path in tmp_path.iterdir()} == set(names[1:])


def test_one_bad_file_does_not_stop_the_others(tmp_path):
    for name in ("a", "b", "c", "d"):
        put(tmp_path, b"not decoded here", f"{name}.png")
    put(tmp_path, b"red hat", "a.txt")
    (tmp_path / "b.txt").mkdir()
    put(tmp_path, b"x" * (captions.MAX_BYTES + 1), "c.txt")
    found = captions.read_all(scan(tmp_path))
    assert list(found) == ["a.png", "b.png", "c.png", "d.png"]
    assert [c.unreadable for c in found.values()] == [False, True, True, False]
    assert found["d.png"].missing
    assert all("unreadable" in {p.code for p in found[n].problems} for n in ("b.png", "c.png"))
    assert captions.texts(found) == {"a.png": "red hat", "d.png": None}


def test_zero_bytes_are_said(tmp_path):
    caption = captions.read(put(tmp_path, CAPTION.encode("utf-16-le")[: 2 * 10]))
    assert [problem.code for problem in caption.problems] == ["zero_bytes"]


def test_a_folder_is_read_in_natural_order_without_hidden_files(tmp_path):
    (tmp_path / ".bespoke").mkdir()
    for name in ("lad_10.txt", "lad_9.txt", ".hidden.txt", ".bespoke/log.txt", "notes.md"):
        put(tmp_path, b"x", name)
    assert list(captions.read_folder(tmp_path)) == ["lad_9.txt", "lad_10.txt"]
    with pytest.raises(AppError, match="not a folder"):
        captions.read_folder(tmp_path / "lad_9.txt")


def test_decomposed_characters_stay_decomposed(tmp_path):
    decomposed = unicodedata.normalize("NFD", CAPTION)
    path = put(tmp_path, decomposed.encode())
    caption = captions.read(path)
    captions.write(caption, caption.text + ", hat")
    assert path.read_bytes() == decomposed.encode() + b", hat"


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write anything")
def test_a_read_only_file_is_not_replaced(tmp_path):
    path = put(tmp_path, FORMS["utf8"])
    path.chmod(0o444)
    with pytest.raises(AppError, match="read-only"):
        captions.write(captions.read(path), "new")


@pytest.mark.punks
def test_the_reference_captions_are_plain(punks):
    found = captions.read_folder(Path(punks) / "captions_before")
    assert len(found) == 203
    assert {(c.encoding, c.bom, c.form.final_newline) for c in found.values()} == {
        ("utf-8", False, False)
    }


def test_a_change_while_the_bytes_are_written_is_not_overwritten(tmp_path, monkeypatch):
    path = put(tmp_path, FORMS["utf8"])
    caption, real = captions.read(path), os.fsync

    def slow(handle):
        real(handle)
        path.write_bytes(b"typed elsewhere")

    monkeypatch.setattr(os, "fsync", slow)
    with pytest.raises(AppError) as error:
        captions.write(caption, "mine")
    assert error.value.kind == "conflict"
    assert path.read_bytes() == b"typed elsewhere"
    assert [found.name for found in tmp_path.iterdir()] == ["a.txt"]


@pytest.mark.skipif(os.name == "nt", reason="no such permissions there")
@pytest.mark.parametrize("mode", [0o600, 0o644, 0o2664])
def test_permissions_stay(tmp_path, mode):
    path = put(tmp_path, FORMS["utf8"])
    path.chmod(mode)
    captions.write(captions.read(path), "new")
    assert path.stat().st_mode & 0o7777 == mode


def test_a_new_file_gets_what_the_umask_allows(tmp_path):
    (tmp_path / "plain.txt").write_text("x")
    captions.write(captions.read(tmp_path / "new.txt"), "new")
    assert (tmp_path / "new.txt").stat().st_mode == (tmp_path / "plain.txt").stat().st_mode


def test_bytes_are_synced_before_and_the_folder_after_the_replace(tmp_path, monkeypatch):
    done, fsync, replace = [], os.fsync, os.replace
    monkeypatch.setattr(os, "fsync", lambda handle: (done.append("fsync"), fsync(handle)))
    monkeypatch.setattr(os, "replace", lambda *args: (done.append("replace"), replace(*args)))
    captions.write(captions.read(put(tmp_path, FORMS["utf8"])), "new")
    assert done == (["fsync", "replace"] if os.name == "nt" else ["fsync", "replace", "fsync"])


@pytest.mark.parametrize("data", [FORMS["windows"], b"caf\xe9\r\nline two", b"a\r\nb\nc\rd\n"])
def test_a_form_outlives_a_text_that_does_not_show_it(tmp_path, data):
    """Typing over all accents and lines, saved meanwhile, then undone: the bytes are the old."""
    path = put(tmp_path, data)
    first = captions.read(path)
    plain = captions.write(first, "x")
    assert path.read_bytes().strip() == b"x"
    assert plain.problems == []
    captions.write(plain, first.text)
    assert path.read_bytes() == data


def test_a_very_long_name_can_be_written(tmp_path):
    path = put(tmp_path, FORMS["utf8"], "é" * 125 + ".txt")
    captions.write(captions.read(path), "new")
    assert path.read_bytes() == b"new"


def test_a_chain_of_links_and_a_link_to_nothing_are_written_through(tmp_path):
    target, one, two = (tmp_path / name for name in ("real.txt", "one.txt", "two.txt"))
    try:
        one.symlink_to(target)
        two.symlink_to(one)
    except OSError:
        pytest.skip("links cannot be made here")
    captions.write(captions.read(two), "new words")
    assert one.is_symlink()
    assert two.is_symlink()
    assert target.read_bytes() == b"new words"
