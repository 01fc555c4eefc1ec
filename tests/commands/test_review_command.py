"""Commands review and decide: reviews, tables, blind votes, the decision and its deployment."""

import csv
import json

import numpy as np
import pytest
from PIL import Image

from bespoke_gui.__main__ import console
from bespoke_gui.core.gallery import EpochInfo, open_gallery, record
from bespoke_gui.core.lorafile import file_hash, write_tensors
from tests.core.gallery_kit import make_gallery, portrait, protocol, write_png


def run(capsys, *arguments):
    code = console([str(part) for part in arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def run_json(capsys, *arguments):
    code, out, _ = run(capsys, *arguments, "--json")
    return code, json.loads(out)


@pytest.fixture
def folder(tmp_path):
    return make_gallery(tmp_path / "g", epochs=(0, 1, 2))


NAME = "epoch_01/blue_lady_1.png"


def test_one_review_is_written_and_shown(folder, capsys):
    code, data = run_json(
        capsys, "review", folder, "--judge", "ann", "--image", NAME, "--score", 6.5, "--tag", "hat",
        "--tag", "stray_pixels", "--accessory", "earrings=no", "--notes", "brim off",
    )  # fmt: skip
    assert (code, data["reviewed"], data["images"]) == (0, 1, 12)
    said = data["reviews"][NAME]["ann"]
    assert (said["score"], said["tags"]) == (6.5, ["hat", "stray pixels"])
    assert said["accessories"] == {"earrings": False}
    assert NAME not in data["unscored"]
    code, out, _ = run(capsys, "review", folder)
    assert code == 0
    assert out.startswith("1 of 12 images reviewed, 0 blind votes")


@pytest.mark.parametrize(
    "words",
    [("--image", NAME), ("--judge", "a", "--image", "x.png"), ("--score", "7"),
     ("--judge", "a", "--image", NAME, "--score", "11"),
     ("--judge", "a", "--image", NAME, "--accessory", "hat"),
     ("--judge", "a", "--image", NAME, "--export", "x.csv"), ("--pairs", "p")],
)  # fmt: skip
def test_wrong_usage_is_one_line_and_writes_nothing(folder, capsys, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, _, err = run(capsys, "review", folder, *words)
    assert (code, err.count("\n")) == (2, 1)
    assert not (folder / "reviews.json").exists()


def test_a_table_goes_out_and_comes_in_elsewhere(folder, tmp_path, capsys):
    run(capsys, "review", folder, "--judge", "ann", "--image", NAME, "--score", 7)
    table = tmp_path / "r.csv"
    assert run(capsys, "review", folder, "--export", table)[0] == 0
    other = make_gallery(tmp_path / "other", epochs=(0, 1, 2))
    code, data = run_json(capsys, "review", other, "--import", table)
    assert (code, data["imported"], data["reviewed"]) == (0, 1, 1)
    table.write_text(f"image;score;judge\n{NAME};4;cy\n")
    assert run_json(capsys, "review", other, "--import", table)[1]["imported"] == 1
    write_png(other / NAME, portrait((9, 9, 9), scale=8))
    data = run_json(capsys, "review", other)[1]
    assert data["reviewed"] == 0, "the image was made anew: a table by hand does not count either"
    assert [problem["code"] for problem in data["problems"]] == ["stale_reviews"]
    table.write_text("image,score\nnothing.png,3\n")
    code, data = run_json(capsys, "review", other, "--import", table, "--judge", "bo")
    assert (code, data["imported"]) == (1, 0)
    assert data["problems"][0]["message"] == "there is no image nothing.png"


def test_a_blind_test_on_paper_tells_nothing_and_comes_back(folder, tmp_path, capsys):
    sheet = tmp_path / "sheet"
    code, data = run_json(
        capsys, "review", folder, "--judge", "ann", "--pairs", sheet, "--count", 5
    )
    assert (code, len(data["pairs"])) == (0, 4), "two epochs, two prompts, two seeds"
    _, words, _ = run(capsys, "review", folder, "--judge", "ann", "--pairs", tmp_path / "again")
    assert words.startswith(f"pairs: 4, from {tmp_path / 'again' / 'pair_001.png'} on")
    key = json.loads((sheet / "key.json").read_text())
    first = key["pairs"]["pair_001"]
    left = np.array(Image.open(folder / first["left"]))[::8, ::8].repeat(16, 0).repeat(16, 1)
    with Image.open(sheet / "pair_001.png") as picture:
        assert picture.size == (24 * 16 * 2 + 32, 24 * 16)
        assert picture.info == {}, "nothing in the picture says what it is"
        assert np.array_equal(np.array(picture)[:, : 24 * 16], left)
    text = (sheet / "votes.csv").read_text()
    assert "epoch" not in text
    rows = list(csv.reader(text.splitlines()))
    answers = ["left", "R", "=", "maybe"]
    filled = "pair;prompt;winner\n" + "".join(
        f"{row[0]};{row[1]};{answer}\n" for row, answer in zip(rows[1:], answers, strict=True)
    )
    (sheet / "votes.csv").write_text(filled)
    code, data = run_json(capsys, "review", folder, "--votes", sheet)
    assert (code, data["taken in"], data["votes"]) == (1, 3, 3)
    assert "maybe" in data["problems"][0]["message"]
    code, data = run_json(capsys, "review", folder, "--votes", sheet)
    assert data["votes"] == 3, "read twice, counted once"
    assert {row["epoch"] for row in data["standing"]["epochs"]} == {1, 2}
    code, _, err = run(capsys, "review", folder, "--judge", "ann", "--pairs", sheet)
    assert (code, "not empty" in err) == (1, True)


def test_the_verdict_is_shown_and_a_decision_recorded(folder, tmp_path, capsys):
    write_png(tmp_path / "train" / "a.png", portrait())
    write_png(tmp_path / "train" / "b.png", portrait(seed=4))
    code, data = run_json(capsys, "decide", folder, "--reference", tmp_path / "train")
    assert (code, data["decision"]) == (0, None)
    assert {line["name"] for line in data["lines"]} >= {"pixel_defects", "clean", "messy"}
    assert data["suggestion"]["epoch"] in (1, 2)
    code, data = run_json(capsys, "decide", folder, "--epoch", 2, "--reason", "truly green")
    assert (data["decision"]["epoch"], data["epoch"]) == (2, 2)
    assert data["decision"]["reason"] == "truly green"
    code, out, _ = run(capsys, "decide", folder)
    assert ": epoch 2: truly green" in out
    assert "12 of 12 images unscored" in out
    assert run_json(capsys, "decide", folder, "--withdraw")[1]["decision"] is None
    code, _, err = run(capsys, "decide", folder, "--epoch", 9)
    assert (code, "no epoch 9" in err) == (2, True)
    assert run(capsys, "decide", folder, "--epoch", 1, "--withdraw")[0] == 2


def test_weights_and_criteria_may_be_given(folder, tmp_path, capsys):
    mine = tmp_path / "mine.toml"
    mine.write_text('[[criteria]]\nname = "clean"\ntitle = "Clean"\nkind = "share"\ntarget = 0.5\n')
    code, data = run_json(capsys, "decide", folder, "--criteria", mine, "--weight", "strays=0",
                          "background_match=5")  # fmt: skip
    assert (code, [line["name"] for line in data["lines"]]) == (0, ["clean"])
    weights = data["index"]["weights"]
    assert "strays" not in weights
    assert weights["background_match"] == 5
    assert weights["distinct_colours"] == 1
    for wrong in ("strays", "beauty=1", "strays=-1", "strays=x"):
        code, _, err = run(capsys, "decide", folder, "--weight", wrong)
        assert (code, err.count("\n")) == (2, 1), wrong


def test_a_baseline_made_otherwise_is_refused_with_its_differences(folder, tmp_path, capsys):
    other = make_gallery(tmp_path / "o", protocol(width=256, height=256), epochs=(1,))
    code, out, _ = run(capsys, "decide", folder, "--baseline", other)
    assert code == 0
    assert out.startswith(
        "Baseline o: not comparable: width, height differ\nwidth: 192 against 256"
    )


@pytest.fixture
def trained(tmp_path):
    """A project with a run of two checkpoints and a gallery made with them."""
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "bespoke.toml").write_text(
        'schema = 1\nname = "My Punks"\ntrigger = "bespoke punk"\n'
    )
    outputs = tmp_path / "p" / "runs" / "r1" / "outputs"
    outputs.mkdir(parents=True)
    epochs = {}
    for epoch, name in ((1, "x-000001.safetensors"), (2, "x.safetensors")):
        raw = np.full(8, epoch, np.float32).tobytes()
        write_tensors(outputs / name, {"lora_unet_a.lora_down.weight": ("F32", (2, 4), raw)}, {})
        epochs[epoch] = EpochInfo(name, file_hash(outputs / name), 1e-4)
    folder = make_gallery(tmp_path / "p" / "galleries" / "g", epochs=(0, 1, 2))
    record(folder, protocol(), run="r1", epochs=epochs)
    return folder


def test_the_decided_checkpoint_is_deployed_with_its_card(trained, tmp_path, capsys):
    out = tmp_path / "out"
    code, _, err = run(capsys, "decide", trained, "--deploy", out)
    assert (code, "no epoch is decided" in err) == (2, True)
    code, data = run_json(
        capsys, "decide", trained, "--epoch", 2, "--reason", "green", "--deploy", out
    )
    assert code == 0
    checkpoint = out / "my-punks-epoch-02.safetensors"
    assert data["deployed"]["checkpoint"] == str(checkpoint)
    source = trained.parent.parent / "runs" / "r1" / "outputs" / "x.safetensors"
    assert checkpoint.read_bytes() == source.read_bytes()
    card = (out / "my-punks-epoch-02.md").read_text()
    for part in ("Base model: embedded", "Trigger: bespoke punk", file_hash(source), "## Limits",
                 "## Prompts that work", open_gallery(trained).generation_id, "green", "1.0e-04",
                 "Seeds: 1, 2"):  # fmt: skip
        assert part in card, part
    again = run_json(capsys, "decide", trained, "--deploy", out)
    assert again[0] == 0, "the same file may be deployed again"
    checkpoint.write_bytes(b"mine")
    code, _, err = run(capsys, "decide", trained, "--deploy", out)
    assert (code, "another file already" in err) == (1, True)
    assert checkpoint.read_bytes() == b"mine"


def test_a_checkpoint_that_changed_is_not_deployed(trained, tmp_path, capsys):
    outputs = trained.parent.parent / "runs" / "r1" / "outputs"
    (outputs / "x.safetensors").write_bytes((outputs / "x-000001.safetensors").read_bytes())
    run(capsys, "decide", trained, "--epoch", 2)
    code, _, err = run(capsys, "decide", trained, "--deploy", tmp_path / "out")
    assert (code, "not the file that the images were made with" in err) == (1, True)
    (outputs / "x.safetensors").unlink()
    code, _, err = run(capsys, "decide", trained, "--deploy", tmp_path / "out")
    assert (code, "--run" in err) == (1, True)
    assert not (tmp_path / "out").exists()
