"""Script: puts the run and gallery of a finished `bespoke loop` under resources/demo.

    python -m bespoke_gui loop --out FOLDER
    python tests/freeze_demo.py FOLDER

Run it after every change of the embedded base, the demo drawings or the demo config.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

TARGET = Path(__file__).resolve().parent.parent / "resources" / "demo"
RUN_FILES = ("config.toml", "events.jsonl", "exit.json", "log.txt")


def main(loop: Path) -> None:
    """Copy what a demo project needs; folders of this machine become relative ones."""
    project = loop / "project"
    for kind in ("run", "gallery"):
        shutil.rmtree(TARGET / kind, ignore_errors=True)
    freeze_run(project / "runs" / "demo", TARGET / "run")
    ignore = shutil.ignore_patterns(".run")
    shutil.copytree(project / "galleries" / "demo", TARGET / "gallery", ignore=ignore)


def freeze_run(run: Path, target: Path) -> None:
    (target / "outputs").mkdir(parents=True)
    for name in RUN_FILES:
        shutil.copy(run / name, target)
    for checkpoint in (run / "outputs").glob("*.safetensors"):
        shutil.copy(checkpoint, target / "outputs")
    spec = json.loads((run / "spec.json").read_text(encoding="utf-8"))
    for data in spec["data"]:
        data["folder"] = "../../prepared/192"
    (target / "spec.json").write_text(json.dumps(spec, indent=1) + "\n", encoding="utf-8")
    (target / "job.json").write_text('{"backend": "local"}\n', encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
