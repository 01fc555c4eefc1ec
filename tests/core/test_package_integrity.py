"""Any byte of a package that is not as it was written is found, wherever it lies."""

import io
import json
import shutil
import struct
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bespoke_gui.core import package_zip
from bespoke_gui.core.package import build_package, open_package
from bespoke_gui.core.package_integrity import sha256_of
from bespoke_gui.core.package_verify import inspect_package
from bespoke_gui.core.package_zip import CanonicalZip, Member, first_difference
from tests.core._packages import CONFIG, write_config, write_pairs, write_zip

STEADY = CONFIG.replace("lr_warmup_steps = 1", "lr_warmup_steps = 0")


@pytest.fixture(scope="module")
def package(tmp_path_factory) -> bytes:
    base = tmp_path_factory.mktemp("built")
    pairs = write_pairs(base / "1_punk", ["a", "caf\u00e9"], (16, 16))
    build_package(pairs, write_config(base, STEADY.replace("64,64", "16,16")), base / "p.zip")
    return (base / "p.zip").read_bytes()


def problems_of(data: bytes, folder: Path) -> tuple[bool, list]:
    path = folder / "p.zip"
    path.write_bytes(data)
    found = inspect_package(path)
    return found.ok, [p for p in found.problems if p.severity == "error"]


def spans(data: bytes) -> dict[str, list[range]]:
    """Say which bytes of a package are what, by the format's own rules."""
    found: dict[str, list[range]] = {"end": [range(data.rindex(b"PK\5\6"), len(data))]}
    with zipfile.ZipFile(io.BytesIO(data)) as source:
        entries, start = source.infolist(), source.start_dir
    for entry in entries:
        name = len(entry.filename.encode())
        body = entry.header_offset + 30 + name
        kind = "manifest" if entry.filename.endswith("manifest.json") else "file"
        parts = {
            "header": range(entry.header_offset, body - name),
            "name": range(body - name, body),
            kind: range(body, body + entry.file_size),
            "entry": range(start, start + 46),
            "entry's name": range(start + 46, start + 46 + name),
        }
        for what, span in parts.items():
            found.setdefault(what, []).append(span)
        start += 46 + name
    return found


def test_the_spans_cover_every_byte(package):
    covered = sorted(i for ranges in spans(package).values() for span in ranges for i in span)
    assert covered == list(range(len(package)))


@pytest.mark.parametrize(
    "kind", ["header", "name", "file", "manifest", "entry", "entry's name", "end"]
)
def test_every_byte_outside_the_data_and_each_kind_of_data(package, tmp_path, kind):
    """All bytes of headers, names, entries and end; the first, middle and last of data."""
    assert problems_of(package, tmp_path) == (True, [])
    for span in spans(package)[kind]:
        places = (
            span if kind not in ("file", "manifest") else {span[0], span[len(span) // 2], span[-1]}
        )
        for place in list(places)[:: 1 if kind == "end" else 3]:
            broken = bytearray(package)
            broken[place] ^= 0x10
            ok, errors = problems_of(bytes(broken), tmp_path)
            assert not ok, (kind, place)
            assert all(problem.message for problem in errors)


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_any_flipped_bit_is_found(tmp_path_factory, package, data):
    broken = bytearray(package)
    broken[data.draw(st.integers(0, len(broken) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    ok, errors = problems_of(bytes(broken), tmp_path_factory.mktemp("flip"))
    assert not ok
    assert errors


@pytest.mark.parametrize("tail", [b"\0", b"x" * 100, b"PK\5\6"])
def test_what_was_added_behind_or_in_front_is_found(package, tmp_path, tail):
    assert not problems_of(package + tail, tmp_path)[0]
    assert not problems_of(tail + package, tmp_path)[0]


def test_a_comment_is_found(package, tmp_path):
    (tmp_path / "p.zip").write_bytes(package)
    with zipfile.ZipFile(tmp_path / "p.zip", "a") as target:
        target.comment = b"hello"
    assert "damaged_zip" in {p.code for p in inspect_package(tmp_path / "p.zip").problems}


@pytest.mark.parametrize("cut", [1, 22, 200])
def test_a_package_that_was_cut_off_is_found(package, tmp_path, cut):
    assert not problems_of(package[:-cut], tmp_path)[0]


def test_packed_again_by_another_program_is_said_and_trains(package, tmp_path):
    with zipfile.ZipFile(io.BytesIO(package)) as source:
        files = {name: source.read(name) for name in source.namelist()}
    found = inspect_package(write_zip(tmp_path / "q.zip", files))
    assert found.ok
    ours = {"repacked", "damaged_zip", "damaged_file", "changed_file", "lost_file", "added_file"}
    told = [(p.severity, p.code) for p in found.problems if p.code in ours]
    assert told == [("info", "repacked")]


def test_the_sha256_is_that_of_the_file(package, tmp_path):
    (tmp_path / "p.zip").write_bytes(package)
    assert inspect_package(tmp_path / "p.zip").sha256 == sha256_of(tmp_path / "p.zip")


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_a_flipped_bit_is_found_after_extraction_too(tmp_path_factory, package, data):
    folder = tmp_path_factory.mktemp("opened")
    (folder / "p.zip").write_bytes(package)
    open_package(folder / "p.zip", folder / "x")
    files = sorted(p for p in (folder / "x").rglob("*") if p.is_file())
    path = data.draw(st.sampled_from(files))
    broken = bytearray(path.read_bytes())
    broken[data.draw(st.integers(0, len(broken) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    path.write_bytes(broken)
    found = inspect_package(folder / "x").problems
    assert any(p.severity in ("error", "warning") and p.file.endswith(path.name) for p in found)


def test_a_manifest_written_in_another_form_is_found(package, tmp_path):
    (tmp_path / "p.zip").write_bytes(package)
    open_package(tmp_path / "p.zip", tmp_path / "x")
    manifest = tmp_path / "x" / "runpod_package" / "manifest.json"
    text = manifest.read_text("utf-8")
    for changed in (json.dumps(json.loads(text)), text.replace('"images": 2', '"images": 3')):
        manifest.write_text(changed, "utf-8")
        assert "changed_file" in {p.code for p in inspect_package(tmp_path / "x").problems}


FILES = st.dictionaries(
    st.text(st.sampled_from("ab/\u00e9.1"), min_size=1, max_size=5).filter(
        lambda n: not n.startswith("/") and not n.endswith("/") and "//" not in n
    ),
    st.binary(max_size=40),
    max_size=6,
)


@settings(deadline=None, max_examples=100)
@given(FILES)
def test_pythons_own_reader_reads_a_canonical_zip(files):
    buffer = io.BytesIO()
    target = CanonicalZip(buffer)
    for name, data in sorted(files.items(), key=lambda pair: package_zip.order(pair[0])):
        target.add(name, data)
    target.close()
    assert first_difference(buffer, target.members) is None
    with zipfile.ZipFile(buffer) as source:
        assert source.testzip() is None
        assert {name: source.read(name) for name in source.namelist()} == files
        assert {i.date_time for i in source.infolist()} <= {(1980, 1, 1, 0, 0, 0)}


def test_more_files_than_a_plain_zip_can_count(tmp_path):
    path = tmp_path / "many.zip"
    with path.open("w+b") as file:
        target = CanonicalZip(file)
        for number in range(70_000):
            target.add(f"t/{number:06d}", b"")
        target.close()
        assert first_difference(file, target.members) is None
    with zipfile.ZipFile(path) as source:
        assert len(source.namelist()) == 70_000
        assert source.read("t/069999") == b""
    assert {p.code for p in inspect_package(path).problems} == {"no_config"}
    if shutil.which("unzip"):
        import subprocess

        assert subprocess.run(["unzip", "-tqq", str(path)], check=False).returncode == 0


def test_files_beyond_four_gigabytes_have_their_place(monkeypatch):
    """The limit is lowered, so that a small zip needs the large form."""
    monkeypatch.setattr(package_zip, "_FAR", 50)
    members = [Member("a", 0, 60), Member("b", 0, 0)]
    buffer = io.BytesIO()
    target = CanonicalZip(buffer)
    for member in members:
        target.add_parts(member, [b"\0" * member.size])
    target.close()
    data = buffer.getvalue()
    entry = data.rindex(b"PK\1\2")
    kind, length, place = struct.unpack("<2HQ", data[entry + 47 : entry + 59])
    assert (kind, length) == (1, 8)
    assert data[place:].startswith(b"PK\3\4")
    assert data[place + 30 : place + 31] == b"b"
    assert b"PK\6\6" in data
    assert b"PK\6\7" in data


def test_names_out_of_order_are_refused():
    target = CanonicalZip(io.BytesIO())
    target.add("b", b"")
    with pytest.raises(ValueError, match="comes after"):
        target.add("a", b"")
