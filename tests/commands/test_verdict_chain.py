"""From a run trained here to a deployed checkpoint, as a person would type it.

The demo project holds a real run on the embedded base and the gallery generated with it.
"""

import csv
import io
import json

import pytest

from bespoke_gui.__main__ import console
from bespoke_gui.core.lorafile import file_hash
from bespoke_gui.core.prompt_colours import accessories
from bespoke_gui.core.protocol import load_protocol


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo") / "demo"
    assert console(["demo", str(folder)]) == 0
    return folder


def call(capsys, *words):
    code = console([str(word) for word in words] + ["--json"])
    assert code == 0, capsys.readouterr().err
    return json.loads(capsys.readouterr().out)


def fill_in(sheet):
    """Vote for the later epoch of every pair, as someone who likes training would."""
    key = json.loads((sheet / "key.json").read_text())["pairs"]
    rows = list(csv.DictReader(io.StringIO((sheet / "votes.csv").read_text())))
    lines = ["pair,prompt,winner"]
    for row in rows:
        pair = key[row["pair"]]
        lines.append(f"{row['pair']},,{'left' if pair['left'] > pair['right'] else 'right'}")
    (sheet / "votes.csv").write_text("\n".join(lines) + "\n")


def reviews_of(names, protocol):
    """A table: the last epochs clean, the others with a defect; every accessory answered."""
    lines = ["image,judge,score,tags,accessories,notes"]
    for name in names:
        late = int(name[6:8]) >= 7
        asked = accessories(protocol.prompt(name.split("/")[1].removesuffix(".png")).text)
        answers = "; ".join(f"{what}={'yes' if late else 'no'}" for what in asked)
        note = "" if late else '"brim off, ""sucks"""'
        lines.append(f"{name},ann,{8 if late else 5},{'' if late else 'hat'},{answers},{note}")
    return "\n".join(lines) + "\n"


def test_a_run_of_our_own_is_judged_voted_decided_reported_and_deployed(project, tmp_path, capsys):
    gallery, run = project / "galleries" / "demo", project / "runs" / "demo"
    shown = call(capsys, "gallery", "show", gallery)
    assert shown["basis"] == "recorded"
    before = call(capsys, "decide", gallery, "--reference", project / "dataset")
    assert {line["basis"].split(",")[0] for line in before["lines"]} <= {"predicted", "reviewed",
                                                                         "declared"}  # fmt: skip
    assert before["reviewed"] == 0

    for number in range(3):
        sheet = tmp_path / f"sheet{number}"
        call(capsys, "review", gallery, "--judge", "ann", "--pairs", sheet, "--count", 24)
        fill_in(sheet)
        voted = call(capsys, "review", gallery, "--votes", sheet)
    assert voted["votes"] == 72
    assert voted["standing"]["epochs"][0]["epoch"] == max(shown["epochs"])

    table = tmp_path / "reviews.csv"
    names = [name for name in voted["unscored"] if not name.startswith("epoch_00")]
    table.write_text(reviews_of(names, load_protocol(gallery / "protocol.toml")))
    assert call(capsys, "review", gallery, "--import", table)["imported"] == len(names)

    best = max(shown["epochs"])
    out = tmp_path / "out"
    found = call(capsys, "decide", gallery, "--reference", project / "dataset", "--epoch", best,
                 "--reason", "clean and wanted", "--deploy", out)  # fmt: skip
    assert (found["suggestion"]["epoch"], found["suggestion"]["evidence"]) == (best, "blind votes")
    lines = {line["name"]: line for line in found["lines"]}
    assert (lines["clean"]["figure"], lines["clean"]["level"]) == (1, "best")
    assert (lines["messy"]["figure"], lines["messy"]["level"]) == (0, "target")
    assert lines["accessories"]["figure"] == 1
    assert lines["clean"]["basis"] == "reviewed"
    (written,) = out.glob("*.md")
    card = written.read_text()
    (checkpoint,) = out.glob("*.safetensors")
    assert file_hash(checkpoint) in card
    assert file_hash(checkpoint) in {file_hash(path) for path in (run / "outputs").glob("*")}
    assert "Trigger: none" not in card

    for suffix in ("html", "md", "png", "csv", "json"):
        path = tmp_path / f"report.{suffix}"
        call(capsys, "report", gallery, "--reference", project / "dataset", "--out", path)
        assert path.stat().st_size > 1000
    text = (tmp_path / "report.html").read_text()
    assert f"Chosen: epoch {best}" in text
    assert text.count("<svg") > 8
    assert 'src="http' not in text
    assert "brim off, &quot;sucks&quot;" in text
    entry = call(capsys, "runs", "ledger", project)["runs"][0]
    assert entry["galleries"][0]["decided"] == best
