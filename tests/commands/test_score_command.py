import json

import pytest

from bespoke_gui.__main__ import console
from bespoke_gui.core.measures import ORDER
from tests.core.gallery_kit import make_gallery, portrait, protocol, write_png


def run(capsys, *arguments):
    code = console([str(part) for part in arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def run_json(capsys, *arguments):
    code, out, _ = run(capsys, *arguments, "--json")
    return code, json.loads(out)


def test_score_prints_the_keys_of_the_design(tmp_path, capsys):
    folder = make_gallery(tmp_path / "g", epochs=(0, 1))
    write_png(tmp_path / "train" / "a.png", portrait())
    write_png(tmp_path / "train" / "b.png", portrait(seed=4))
    code, data = run_json(capsys, "score", folder, "--reference", tmp_path / "train")
    assert code == 0
    assert set(data["epochs"]) == {"0", "1"}
    assert set(data["images"]["epoch_01/green_lad_2.png"]) == set(ORDER)
    assert data["verdicts"]["epoch_01/green_lad_2.png"]["basis"] == "predicted"
    saved = json.loads((folder / "scores.json").read_text(encoding="utf-8"))
    assert saved["images"] == data["images"]


def test_columns_never_run_into_each_other(tmp_path, capsys):
    folder = make_gallery(tmp_path / "g", epochs=(0, 1))
    write_png(tmp_path / "train" / "a.png", portrait())
    write_png(tmp_path / "train" / "b.png", portrait(seed=4))
    _, out, _ = run(capsys, "score", folder, "--reference", tmp_path / "train")
    head, *rows = out.splitlines()[:3]
    assert head.split() == [*ORDER, "clean"]
    for row in rows:
        assert len(row) == len(head)
        assert len(row[10:].split()) == len(ORDER) + 1


def test_score_leaves_a_folder_of_others_as_it_is(tmp_path, capsys):
    write_png(tmp_path / "epoch_01" / "lad.png", portrait())
    before = sorted(path.name for path in tmp_path.rglob("*"))
    code, out, _ = run(capsys, "score", tmp_path, "--native", 24)
    assert code == 0
    assert "epoch 1" in out
    assert sorted(path.name for path in tmp_path.rglob("*")) == before


def test_score_takes_images_without_an_epoch(tmp_path, capsys):
    write_png(tmp_path / "a.png", portrait(scale=8))
    code, data = run_json(capsys, "score", tmp_path)
    assert (code, data["epochs"], list(data["images"])) == (0, {}, ["a.png"])
    code, out, _ = run(capsys, "score", tmp_path)
    assert out.startswith("a.png: unique_colours 4")


def test_score_uses_the_expectations_of_the_given_protocol(tmp_path, capsys):
    write_png(tmp_path / "g" / "epoch_01" / "green_lad_1.png", portrait())
    protocol().save(tmp_path / "protocol.toml")
    arguments = ("score", tmp_path / "g", "--protocol", tmp_path / "protocol.toml")
    _, data = run_json(capsys, "score", tmp_path / "g")
    assert data["epochs"]["1"]["background_match"] is None
    _, data = run_json(capsys, *arguments)
    assert data["epochs"]["1"]["background_match"] > 0.9


def test_a_bad_image_is_said_and_exits_1(tmp_path, capsys):
    write_png(tmp_path / "epoch_01" / "a.png", portrait())
    (tmp_path / "epoch_01" / "b.png").write_bytes(b"")
    code, data = run_json(capsys, "score", tmp_path)
    assert code == 1
    assert [p["file"] for p in data["problems"] if p["severity"] == "error"] == ["epoch_01/b.png"]
    assert list(data["images"]) == ["epoch_01/a.png"]


@pytest.mark.parametrize("native", ["3", "x", "1000"])
def test_a_wrong_native_size_is_wrong_usage(tmp_path, capsys, native):
    write_png(tmp_path / "epoch_01" / "a.png", portrait())
    with pytest.raises(SystemExit) as caught:
        console(["score", str(tmp_path), "--native", native])
    assert caught.value.code == 2


def test_an_unknown_downsampler_names_those_there_are(tmp_path, capsys):
    write_png(tmp_path / "epoch_01" / "a.png", portrait(scale=8))
    code, _, err = run(capsys, "score", tmp_path, "--downsampler", "magic")
    assert code == 2
    assert "median" in err


def test_compare_exits_0_for_like_and_1_for_unlike(tmp_path, capsys):
    a = make_gallery(tmp_path / "a", epochs=(1,))
    b = make_gallery(tmp_path / "b", epochs=(1,))
    c = make_gallery(tmp_path / "c", protocol(width=256, height=256), epochs=(1,))
    code, data = run_json(capsys, "compare", a, b)
    assert (code, data["comparable"], len(data["epochs"])) == (0, True, 2)
    code, data = run_json(capsys, "compare", a, c)
    assert (code, data["comparable"]) == (1, False)
    assert data["differences"][0] == {"field": "width", "gallery": "192", "baseline": "256"}
    code, out, _ = run(capsys, "compare", a, c)
    assert out.startswith("not comparable: width, height differ\n  width: 192 against 256")


def test_report_writes_what_the_suffix_says(tmp_path, capsys):
    folder = make_gallery(tmp_path / "g", epochs=(1,))
    for suffix in ("html", "md", "png", "csv", "json"):
        out = tmp_path / f"r.{suffix}"
        code, data = run_json(capsys, "report", folder, "--out", out, "--chosen", 1)
        assert (code, data["path"]) == (0, str(out))
        assert out.stat().st_size > 100
    code, _, err = run(capsys, "report", folder, "--out", tmp_path / "r.doc")
    assert code == 2
    assert "html" in err
    code, _, err = run(capsys, "report", folder, "--out", tmp_path / "r.md", "--chosen", 9)
    assert code == 2
    assert "no epoch 9" in err


@pytest.mark.punks
def test_the_real_grid_is_scored_from_the_command_line(punks, capsys):
    code, data = run_json(capsys, "score", punks / "epoch_grid_24px", "--native", 24)
    assert code == 0
    assert data["images"]["epoch_05/green_bg_lad.png"]["unique_colours"] == 156
    assert data["images"]["epoch_05/green_bg_lad.png"]["background_match"] < 0.2
    assert data["images"]["epoch_07/green_bg_lad.png"]["background_match"] > 0.8
