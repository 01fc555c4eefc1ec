"""A training with the engine itself, small enough for every run, judged to its deployed checkpoint.

`test_chain.py` does the same with the 203 portraits; here are twelve drawings and three epochs.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bespoke_gui.core.config.trainer_config import TrainingConfig
from bespoke_gui.core.portraits.demo_set import write_demo_set
from bespoke_gui.core.protocol import load_protocol
from bespoke_gui.core.resources import resource
from tests.chain.chain import bespoke
from tests.chain.judging import to_the_end

pytestmark = pytest.mark.engine
EPOCHS = 3
SMALL = {"max_train_epochs": EPOCHS, "network_dim": 4, "network_alpha": 4, "lr_warmup_steps": 1,
         "validation_split": 0.25, "validation_seed": 42}  # fmt: skip


def test_from_twelve_drawings_to_a_deployed_checkpoint(tmp_path):
    pytest.importorskip("torch")
    write_demo_set(tmp_path / "drawn", 12)
    made = bespoke("new", tmp_path / "p", "--images", tmp_path / "drawn")
    assert (made["images"], made["captions"]) == (12, 12)
    project = Path(made["project"])
    bespoke("prepare", project / "dataset", project / "prepared" / "192", "--size", 192)
    config = TrainingConfig.load(resource("demo") / "training_config.toml")
    for key, value in SMALL.items():
        config.set(key, value)
    (tmp_path / "small.toml").write_text(config.text(), encoding="utf-8")
    package, run = tmp_path / "p.zip", project / "runs" / "small"
    words = ("--config", tmp_path / "small.toml", "--out", package)
    bespoke("package", project / "prepared" / "192", *words)
    trained = bespoke("train", package, "--base", "embedded", "--run-dir", run, "--wait")
    assert trained["outcome"] == "finished"
    bespoke("project", "protocol", project, "--base", "embedded", "--seeds", 1)
    few(project / "protocol.toml")
    gallery = project / "galleries" / "small"
    images = bespoke("generate", "small", "--out", gallery)["images"]
    assert len(images) == (EPOCHS + 1) * 2
    (shown,) = bespoke("runs", "show", run)["runs"]
    losses = shown["held_out_losses"]
    assert sorted(losses) == ["0", "1", "2", "3"]
    assert all(0 < loss < 2 for loss in losses.values())
    to_the_end(project, run, gallery, tmp_path, pairs=6)


def few(path: Path) -> None:
    """Leave two prompts of the protocol and few steps."""
    protocol = load_protocol(path)
    kept = tuple(p for p in protocol.prompts if p.name in ("green_bg_lad", "golden_earrings"))
    replace(protocol, prompts=kept, steps=6).save(path)
