"""The end of the chain: two simulated judges, blind votes, verdict, decision, reports, deploy."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from bespoke_gui.core.prompt_colours import accessories
from bespoke_gui.core.protocol import load_protocol
from tests.chain.chain import bespoke

JUDGES = {"ann": 0.1, "bo": 0.3}
"""How often each votes against what they see: they like later epochs."""

FORMATS = ("html", "md", "png", "csv", "json")
REASON = "the judges agree; one eye is off"


def vote(gallery: Path, place: Path, judge: str, pairs: int) -> None:
    """Have one judge fill in a folder of blind pairs, without a look at what they are."""
    sheet = place / f"blind_{judge}"
    words = ("--judge", judge, "--pairs", sheet, "--count", pairs, "--random", len(judge))
    made = bespoke("review", gallery, *words)
    assert len(made["pairs"]) == pairs
    text = (sheet / "votes.csv").read_text(encoding="utf-8")
    assert "epoch" not in text.split("\n", 1)[1], "the sheet tells the epochs"
    chance, key = random.Random(judge), json.loads((sheet / "key.json").read_text())["pairs"]
    lines = ["pair,prompt,winner"]
    for row in csv.DictReader(io.StringIO(text)):
        pair = key[row["pair"]]
        right_is_later = pair["right"] > pair["left"]
        against = chance.random() < JUDGES[judge]
        lines.append(f"{row['pair']},,{'right' if right_is_later != against else 'left'}")
    (sheet / "votes.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert bespoke("review", gallery, "--votes", sheet)["taken in"] == pairs


def review(gallery: Path, place: Path, names: Sequence[str], last: int) -> None:
    """Have both judges score every image; the second one half of them."""
    prompts = {
        prompt.name: prompt.text for prompt in load_protocol(gallery / "protocol.toml").prompts
    }
    chance = random.Random(1)
    lines = ["image,judge,score,tags,accessories,notes"]
    for number, name in enumerate(names):
        epoch, file = int(name[6:8]), name.split("/")[1]
        text = next(text for prompt, text in prompts.items() if file.startswith(prompt))
        for judge in JUDGES if number % 2 else ("ann",):
            score = min(10.0, max(0.0, round(3 + 5 * epoch / last + chance.gauss(0, 0.5), 1)))
            tags = "" if score >= 6 else "eyes; stray pixels"
            answers = "; ".join(
                f"{what}={'yes' if score >= 5 else 'no'}" for what in accessories(text)
            )
            lines.append(f"{name},{judge},{score},{tags},{answers},")
    table = place / "reviews.csv"
    table.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert bespoke("review", gallery, "--import", table)["imported"] == len(lines) - 1


def judge(gallery: Path, place: Path, pairs: int) -> dict[str, Any]:
    """Score, vote and review; return how the judgement stands."""
    shown = bespoke("gallery", "show", gallery)
    assert shown["basis"] == "recorded"
    scored = bespoke("score", gallery)
    assert scored["reference"]["images"] > 0, "the project's own training images count"
    assert {said["basis"] for said in scored["verdicts"].values()} == {"predicted"}
    for name in JUDGES:
        vote(gallery, place, name, pairs)
    review(gallery, place, bespoke("review", gallery)["unscored"], max(shown["epochs"]))
    state = bespoke("review", gallery)
    assert (state["reviewed"], state["votes"]) == (shown["images"], pairs * len(JUDGES))
    assert [one["judge"] for one in state["judges"]] == list(JUDGES)
    assert {one["judge"] for one in state["steadiness"]} == set(JUDGES)
    return state


def decide(gallery: Path, run: Path, place: Path) -> int:
    """Take the suggested epoch, deploy it, and hold the copy against its checkpoint."""
    before = bespoke("decide", gallery)
    suggested = before["suggestion"]
    assert suggested["evidence"] == "blind votes"
    assert suggested["reasons"]
    out = place / "deployed"
    words = ("--epoch", suggested["epoch"], "--reason", REASON, "--deploy", out)
    found = bespoke("decide", gallery, *words)
    assert found["decision"]["reason"] == REASON
    lines = {line["name"]: line for line in found["lines"]}
    assert set(lines) == {"pixel_defects", "accessories", "better_epochs", "messy", "clean"}
    assert lines["clean"]["basis"] == lines["messy"]["basis"] == "reviewed"
    (copy,), (card,) = out.glob("*.safetensors"), out.glob("*.md")
    digest = hashlib.sha256(copy.read_bytes()).hexdigest()
    (shown,) = bespoke("runs", "show", run)["runs"]
    known = {item["epoch"]: item["sha256"] for item in shown["checkpoints"]}
    assert digest == known[suggested["epoch"]]
    text = card.read_text(encoding="utf-8")
    assert digest in text
    assert ("Loss on images that were not taught" in text) is bool(shown["held_out_losses"])
    return suggested["epoch"]


def report(gallery: Path, place: Path, epoch: int, losses: dict[str, float]) -> None:
    """Write every report and find the decision, all images and all figures in them."""
    paths = {suffix: place / f"verdict.{suffix}" for suffix in FORMATS}
    for path in paths.values():
        assert bespoke("report", gallery, "--out", path)["path"] == str(path)
    images = bespoke("gallery", "show", gallery)["images"]
    page = paths["html"].read_text(encoding="utf-8")
    assert page.count("data:image/png;base64,") == images
    assert f"Chosen: epoch {epoch}, " in page
    assert REASON in page
    assert ("held-out loss" in page) is bool(losses)
    assert "http" not in page.replace("http-equiv", "")
    text = paths["md"].read_text(encoding="utf-8")
    assert f"**Chosen: epoch {epoch}**" in text
    assert ("| Epoch | Learning rate | Held-out loss |" in text) is bool(losses)
    figures = json.loads(paths["json"].read_text(encoding="utf-8"))
    assert figures["chosen"] == epoch
    assert len(figures["images"]) == images
    for number, row in figures["epochs"].items():
        assert row["held_out_loss"] == losses.get(number)
    rows = list(csv.DictReader(io.StringIO(paths["csv"].read_text(encoding="utf-8"))))
    assert len(rows) == images
    assert {float(row["score"]) for row in rows if row["score"]}
    with Image.open(paths["png"]) as collage:
        assert min(collage.size) > 300


def to_the_end(project: Path, run: Path, gallery: Path, place: Path, pairs: int) -> None:
    """From a gallery of a run in a project to the deployed checkpoint, and what the ledger says."""
    state = judge(gallery, place, pairs)
    chosen = decide(gallery, run, place)
    (entry,) = bespoke("runs", "ledger", project)["runs"]
    report(gallery, place, chosen, entry["held_out_losses"])
    assert state["standing"]["epochs"][0]["epoch"] == chosen
    assert entry["galleries"][0]["decided"] == chosen
    (listed,) = bespoke("gallery", "list", project)["galleries"]
    assert listed["decided"] == chosen
