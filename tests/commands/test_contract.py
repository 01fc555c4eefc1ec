"""The command line's promise: every key of DESIGN.md's table, exit codes, one JSON object."""

import contextlib
import io
import json

import pytest

from bespoke_gui.__main__ import console
from bespoke_gui.core.config.presets import preset

PROBLEM = "code severity file message hint where"
MEASURES = (
    "unique_colours distinct_colours background_match strays grid_alignment cell_impurity "
    "anti_aliased palette_distance memorisation"
)
GRID = "columns rows cell_width cell_height offset_x offset_y score verdict"
# Command, exit code, and its keys: "a.*.b c" asks for a, and for b and c in everything in it.
TABLE = [
    ("new {at}/new --images {at}/demo/dataset --name N", 0, ["project images captions"]),
    ("demo {at}/demo2", 0, ["project"]),
    ("check {at}/demo", 0, ["problems stats", f"problems.*.{PROBLEM}"]),
    ("check {at}/demo --config {at}/c.toml", 1, ["problems stats", f"problems.*.{PROBLEM}"]),
    ("train {at}/p.zip --engine fake --run-dir {at}/run2", 0, ["run outcome checkpoints"]),
    ("captions lint {at}/demo", 1, ["problems stats", f"problems.*.{PROBLEM}"]),
    ("captions read {at}/demo", 1, [
        "config max_token_length files summary", "files.*.tokens borders samples remarks",
    ]),
    ("captions list {at}/demo --where tokens:>9", 0, [
        "files summary", "files.*.tokens phrases review status lint changed lossy lost",
    ]),
    ("captions diff {at}/before {at}/demo/dataset", 0, [
        "files summary", "files.*.status ops lost gained lossy", "files.*.ops.*.op before after",
        "summary.equal changed lossy",
    ]),
    ("captions apply accessories {at}/demo --dry-run", 0, [
        "files summary", "files.*.before after rules lost gained crosses_separator lossy",
    ]),
    ("captions apply strip_hex {at}/before --skip-lossy --only *.txt", 0, ["files summary"]),
    ("captions snapshot {at}/demo now", 0, ["snapshot captions"]),
    ("captions snapshots {at}/demo", 0, ["snapshot captions snapshots.*.name"]),
    ("captions restore {at}/demo now", 0, ["snapshot captions"]),
    ("captions export {at}/demo --to csv --out {at}/c.csv", 0, ["path format captions missing"]),
    ("captions import {at}/before {at}/c.csv --dry-run", 0, [
        "format files summary", "files.*.status before after lost gained lossy where written",
        "summary.added changed unchanged lossy written skipped snapshot",
    ]),
    ("images add {at}/new {at}/set", 0, ["images captions renamed duplicates problems"]),
    ("project folders {at}/before", 0, [
        "folders images_per_epoch", "folders.*.folder repeats regularisation images captions",
    ]),
    ("images inspect {at}/demo/dataset", 0, [
        "images.*.width height grid unique_colours distinct_colours", f"images.*.grid.{GRID}",
    ]),
    ("images native {at}/demo/dataset {at}/native --size 24 --method centre", 0,
     ["images.*.columns rows unique_colours"]),
    ("images sheet {at}/demo/dataset --out {at}/s.png --columns 8 --scale 2", 0, ["path"]),
    ("prepare {at}/demo/dataset {at}/box --size 96 --method box --native 24", 0,
     ["images.*.colours_before colours_after native_exact note", "summary"]),
    ("config check {at}/demo/configs/demo.toml", 0, [
        "problems effective steps_per_epoch total_steps checkpoints lr_at_epoch lr_curve time usd",
        "annealed_epochs uneven disk_bytes", "disk_bytes.total", f"problems.*.{PROBLEM}",
    ]),
    ("config check {at}/sd.toml --images 203 --gpu A100 --usd-per-hour 2", 0, [
        "time usd price", "time.low seconds high basis kind start_up",
    ]),
    ("config diff {at}/demo/configs/demo.toml {at}/c.toml", 0, [
        "changes count without_effect words", "changes.*.key kind before after counts no_effect",
    ]),
    ("config presets", 0, ["presets.*.name title words size"]),
    ("config new sd15_384 {at}/demo/configs/new.toml --name punk", 0, ["path preset"]),
    ("config set {at}/demo/configs/new.toml network_dim=16 --unset seed", 0, ["changes words"]),
    ("config fix {at}/demo/configs/new.toml", 0, ["path written", "fixes"]),
    ("config options rank", 0, ["options.*.key label group help kind many default choices"]),
    ("config history {at}/demo/configs/new.toml", 0, [
        "versions.*.number created source changes text",
    ]),
    ("config diff {at}/demo/configs/new.toml --version 2", 0, ["changes.*.key before after"]),
    ("config restore {at}/demo/configs/new.toml 2", 0, ["path version created"]),
    ("config export {at}/sd.toml --to onetrainer --out {at}/o.json", 0, [
        "path mapped unmapped", "unmapped.*.key value why",
    ]),
    ("config export {at}/sd.toml --to aitoolkit --out {at}/a.yaml --dataset {at}/set", 0, [
        "path mapped unmapped", "unmapped.*.key value why",
    ]),
    ("machines add box ssh://ann@10.0.0.7 --agent --no-check", 0, [
        "machines.*.name host port user address host_keys key_file use_agent workdir",
    ]),
    ("machines list", 0, ["machines"]),
    ("cost --gpu H100 --steps 408 --batch 4", 0, ["hours usd basis hours_range usd_range"]),
    ("cost --gpu A100 --config {at}/sd.toml --images 203", 0, ["hours usd basis price"]),
    ("cost --steps 408", 1, ["hours usd basis"]),
    ("package {at}/set --config {at}/demo/configs/demo.toml --out {at}/q.zip --layout runpod", 0,
     ["package sha256 bytes files"]),
    ("package verify {at}/p.zip", 0, ["ok problems"]),
    ("engine status", 0, ["ready python"]),
    ("billing", 0, ["runs usd_per_hour problem"]),
    ("train {at}/c.toml --data {at}/set --engine fake --run-dir {at}/run3 --wait", 0,
     ["run outcome checkpoints", "checkpoints.*.epoch path sha256 learning_rate"]),
    ("runs list {at}/demo", 0, ["runs", "runs.*.run state checkpoints progress"]),
    ("runs show {at}/run", 0, ["runs", "runs.*.run state checkpoints progress"]),
    ("runs log {at}/run", 0, ["run", "file", "bytes", "lines"]),
    ("runs log {at}/run --search step", 0, ["count", "complete", "hits"]),
    ("runs curves {at}/run", 0, ["comparable", "differences", "runs.*.run x loss smoothed rate"]),
    ("keys list", 0, ["keys.*.service known where"]),
    ("generate {at}/run --protocol {at}/demo/protocol.toml --out {at}/gallery --engine fake", 0,
     ["images generation_id", "images.*"]),
    ("try {at}/run --prompt lad --epoch 1 2 --scale 0.5 1 --seed 3 --out {at}/try --engine fake",
     0, ["images grid", "grid.*.path prompt epoch strength seed"]),
    ("score {at}/gallery --native 24 --reference {at}/set", 0, [
        "images epochs verdicts", f"images.*.{MEASURES}", f"epochs.*.{MEASURES}", "verdicts.*",
    ]),
    ("compare {at}/gallery {at}/gallery", 0, ["comparable differences epochs verdict", "epochs.*"]),
    ("compare {at}/gallery {at}/demo/galleries/demo", 0, ["comparable differences epochs verdict"]),
    ("report {at}/gallery --out {at}/r.html", 0, ["path"]),
    ("gallery show {at}/gallery", 0, ["images epochs prompts seeds basis generation_id"]),
    ("gallery export {at}/gallery --out {at}/cells --epoch 1 --scale 1 8 --sheet 4", 0,
     ["files problems", "files.*.columns rows scale unique_colours"]),
    ("runs ledger {at}/demo", 0, ["runs changes expected_of_next", "runs.*.run images expected"]),
    ("review {at}/gallery", 0, ["images reviewed unscored votes standing judges problems"]),
    ("review {at}/gallery --judge ann --image epoch_01/green_bg_lad.png --score 7 --tag hat", 0,
     ["image review reviewed"]),
    ("review {at}/gallery --judge ann --pairs {at}/blind --count 4", 0, ["pairs", "pairs.*"]),
    ("decide {at}/gallery --epoch 1 --reason why", 0, [
        "epoch decision lines suggestion baseline standing index reviewed images",
        "lines.*.name figure interval basis count missing level sure text", "decision.epoch date",
    ]),
    ("lora inspect {at}/demo/runs/demo/outputs/demo_style.safetensors", 0,
     ["format modules rank metadata"]),
    ("lora convert {at}/demo/runs/demo/outputs/demo_style.safetensors --to diffusers --out {at}/l",
     0, ["path format source_format files modules ranks exact note"]),
    ("queue list --project {at}/demo", 0, ["paused entries"]),
    ("queue add {at}/demo/configs/demo.toml --engine fake", 0, [
        "paused added", "entries.*.id title state machine run note config sweep engine backend",
    ]),
    ("queue sweep {at}/demo/configs/demo.toml seed=1,2 --dry-run", 0, [
        "sweep.runs steps hours usd basis note", "sweep.configs.*.name values same_as",
    ]),
    ("queue move 1 1 --project {at}/demo", 0, ["entries"]),
    ("queue pause --project {at}/demo", 0, ["paused entries"]),
    ("queue run --project {at}/demo", 0, ["paused entries started"]),
    ("queue remove 1 --project {at}/demo", 0, ["entries"]),
    ("package export-task {at}/sd.zip --to skypilot --gpu A100 --out {at}/sky", 0,
     ["task path files how tested checkpoint"]),
    ("package export-task {at}/sd.zip --to accelerate --gpu A100 --nodes 2 --out {at}/acc", 0,
     ["files tested"]),
    ("models list", 0, ["models.*.name path kind title layout bytes dtype usable problems"]),
    ("models check embedded", 0, ["models.*.name kind bytes sha256"]),
    ("models check {at}/nothing.ckpt", 1, ["models.*.problems", f"models.*.problems.*.{PROBLEM}"]),
    ("models add {at}/demo", 1, []),
]  # fmt: skip
WRONG = [
    "train {at}/c.toml --backend ssh", "train {at}/c.toml --machine nobody", "machines check x",
    "machines clean x --yes", "machines clean x --only everything",
    "train {at}/c.toml --machine ssh://h --key k --agent --backend nowhere",
    "prepare {at}/demo/dataset {at}/x", "prepare {at}/set {at}/x --size 0", "nonsense",
    "package verify", "report {at}/gallery --out {at}/r.doc", "captions", "check", "images native",
    "queue sweep {at}/demo/configs/demo.toml lr=1", "queue remove --project {at}/demo",
    "queue add {at}/demo/configs/demo.toml --backend moon", "queue list --project {at}/set",
    "queue move 99 1 --project {at}/demo", "models remove nothing",
    "models add stable/one --name embedded",
    "billing --stop nothing", "billing --stop a --all", "runpod", "runpod key",
    "lora convert {at}/x.safetensors", "lora convert {at}/x.safetensors --to sdxl --out {at}/y",
    "captions restore {at}/demo never", "captions suggest {at}/demo", "cost --gpu A100",
    "config diff {at}/c.toml", "config set {at}/c.toml netwrok_dim=4", "config set {at}/c.toml x",
    "config export {at}/sd.toml --to nobody --out {at}/x", "config restore {at}/c.toml 9",
    "config new nothing {at}/y.toml", "cost --gpu A100 --steps 0",
    "captions suggest {at}/demo --endpoint http://localhost:1/v1 --local {at}/model",
]  # fmt: skip
CONFIG = """
[training_arguments]
output_name = "punk"
max_train_epochs = 2
train_data_dir = "nowhere"
bucket_resolution = 512
"""


def bespoke(words: str, at="") -> tuple[int, dict, list[str]]:
    """Run one command; return exit code, its one JSON object, and the lines for people."""
    out, told = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(told):
        try:
            code = console([*words.format(at=at).split(), "--json"])
        except SystemExit as end:
            code = int(end.code or 0)
    printed = out.getvalue()
    assert printed.count("\n") == 1, printed
    answer = json.loads(printed)
    assert isinstance(answer, dict)
    return code, answer, told.getvalue().splitlines()


@pytest.fixture(scope="module")
def at(tmp_path_factory):
    """A demo project, captions as they were, a set, a package, a run and a gallery."""
    folder = tmp_path_factory.mktemp("contract")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BESPOKE_HOME", str(folder / "home"))
        (folder / "c.toml").write_text(CONFIG, encoding="utf-8")
        (folder / "sd.toml").write_text(preset("sd15_512").text, encoding="utf-8")
        for words in (
            "demo {at}/demo", "new {at}/before --images {at}/demo/dataset",
            "captions apply accessories {at}/before",
            "prepare {at}/demo/dataset {at}/set --size 192",
            "package {at}/set --config {at}/demo/configs/demo.toml --out {at}/p.zip",
            "package {at}/set --config {at}/sd.toml --out {at}/sd.zip",
            "train {at}/c.toml --data {at}/set --engine fake --run-dir {at}/run --wait",
            "generate {at}/run --protocol {at}/demo/protocol.toml --out {at}/gallery --engine fake",
        ):  # fmt: skip
            code, answer, _ = bespoke(words, folder)
            assert code == 0, answer
    return folder


def require(data, path: str) -> None:
    """Assert that all names at the end of `path` are there; "*" is every entry, at least one."""
    head, _, rest = path.partition(".")
    if not rest:
        assert head == "*" or not set(head.split()) - set(data), (path, list(data))
        assert data
        return
    for name in head.split()[:-1]:
        assert name in data
    found = (list(data.values()) if isinstance(data, dict) else data) if head == "*" else None
    assert found is None or found, f"nothing in {path}"
    for entry in [data[head.split()[-1]]] if found is None else found:
        require(entry, rest)


@pytest.mark.parametrize(("words", "code", "keys"), TABLE, ids=[row[0] for row in TABLE])
def test_every_key_of_the_table_is_there(words, code, keys, at):
    got, answer, told = bespoke(words, at)
    assert got == code, told
    for path in keys:
        require(answer, path)


def test_values_are_real(at):
    config = bespoke("config check {at}/demo/configs/demo.toml", at)[1]
    assert config["total_steps"] == config["steps_per_epoch"] * len(config["lr_at_epoch"]) > 0
    assert len(config["checkpoints"]) == 8
    assert config["effective"]["output_name"] == "demo_style"
    run = bespoke("runs show {at}/run", at)[1]["runs"][0]
    assert (run["state"], len(run["checkpoints"])) == ("finished", 2)
    images = bespoke("images inspect {at}/demo/dataset", at)[1]["images"]
    assert all("/" not in name and name.endswith(".png") for name in images)
    assert all(image["grid"]["verdict"] == "pixel_art" for image in images.values())
    score = bespoke("score {at}/gallery --reference {at}/set", at)[1]
    assert list(score["epochs"]) == [str(number) for number in range(3)]
    assert "epoch_02/green_bg_lad.png" in score["images"]
    diff = bespoke("captions diff {at}/before {at}/before", at)[1]["summary"]
    assert (diff["equal"], diff["changed"]) == (40, 0)


def test_galleries_made_differently_are_not_compared(at):
    words = "generate {at}/run --seeds 7 --base embedded --out {at}/other --engine fake"
    assert bespoke(words, at)[0] == 0
    code, answer, _ = bespoke("compare {at}/gallery {at}/other", at)
    assert (code, answer["comparable"], answer["epochs"]) == (1, False, [])
    assert answer["differences"]


@pytest.mark.parametrize("words", WRONG)
def test_wrong_usage_exits_2_in_one_line(words, at):
    code, answer, told = bespoke(words, at)
    assert (code, answer["error"]["kind"], len(told)) == (2, "usage", 1), told
    assert told[0].startswith("bespoke: ")


@pytest.mark.parametrize(
    "words",
    ["check {at}/nowhere", "package verify {at}/nowhere.zip", "runs show nothing",
     "score {at}/home", "lora inspect {at}/c.toml",
     "generate {at}/set --out {at}/g --engine fake", "report {at}/set --out {at}/r.md",
     "demo {at}"],
)  # fmt: skip
def test_failure_exits_1_in_one_line(words, at):
    code, answer, told = bespoke(words, at)
    assert code == 1
    assert answer["error"]["message"]
    assert len(told) == 1


def test_ctrl_c_exits_130_in_one_line(at, monkeypatch):
    from bespoke_gui.commands import check

    def cut_off(_args):
        raise KeyboardInterrupt

    monkeypatch.setattr(check, "run", cut_off)
    code, answer, told = bespoke("check {at}/demo", at)
    assert (code, answer["error"]["kind"], told) == (130, "cancelled", ["bespoke: cancelled"])


def test_text_that_the_output_cannot_show_is_escaped(at, monkeypatch):
    import sys

    shown = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", shown)
    assert console(["captions", "snapshot", str(at / "before"), "größer"]) == 0
    assert b"gr\\xf6\\xdfer" in shown.buffer.getvalue()
