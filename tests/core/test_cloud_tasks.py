"""Packages as tasks of other launchers: valid by those tools' own schemas, where they are here."""

import re

import pytest

from bespoke_gui.core.cloud_tasks import dstack, skypilot
from bespoke_gui.core.cloud_tasks.base import CLOUD_TASKS
from bespoke_gui.core.cloud_tasks.wish import wish_for
from bespoke_gui.core.cloud_tasks.write import write_task
from bespoke_gui.core.config.speeds import speed_table
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.package import build_package
from tests.core._packages import CONFIG, write_config, write_pairs, write_zip

WISHES = (
    {"gpus": ["A100"]},
    {"gpus": ["A100", "RTX 4090"], "max_hours": 2.5, "usd_per_hour": 1.5},
    {"gpus": ["H100"], "count": 2, "bucket": "punks-checkpoints"},
)


@pytest.fixture
def package(tmp_path):
    pairs = write_pairs(tmp_path / "2_punk")
    path = tmp_path / "Punks 512.zip"
    build_package(pairs, write_config(tmp_path), path)
    return path


def written(task, wish):
    """The task's own file as data."""
    yaml = pytest.importorskip("yaml")
    text = next(iter(CLOUD_TASKS[task].files(wish).values()))
    return yaml.safe_load(text), text


@pytest.fixture(params=WISHES, ids=lambda wish: wish["gpus"][0] + str(len(wish)))
def wish(request, package):
    return wish_for(package, **request.param)


def test_what_a_package_says_is_filled_in(package):
    found = wish_for(package, ["A100"])
    assert (found.inside, found.name) == ("runpod_package", "bespoke-punks-512")
    assert found.checkpoint == "tiny.safetensors"
    assert 40 <= found.disk_gb <= 60


def test_skypilot(wish):
    data, text = written("skypilot", wish)
    assert data["file_mounts"]["~/bespoke/package.zip"] == str(wish.package)
    assert "python3 -m zipfile -e package.zip ." in data["setup"]
    assert data["run"].rstrip().endswith("bash runpod_package/run.sh")
    assert f"GPUS={wish.count}" in data["run"]
    assert ("timeout --signal=TERM 9000" in data["run"]) == (wish.max_hours == 2.5)
    assert data["resources"]["autostop"]["down"] is True
    if wish.bucket:
        assert data["file_mounts"]["/checkpoints"]["name"] == wish.bucket
        assert "ln -sfn /checkpoints/bespoke-punks-512 runpod_package/output" in data["run"]
    else:
        assert "fetch them before" in text
    assert "tiny.safetensors" in text


def test_dstack(wish):
    data, text = written("dstack", wish)
    assert data["files"] == [f"{wish.package}:/workspace/package.zip"]
    assert f"GPUS={wish.count} bash runpod_package/run.sh" in data["commands"]
    assert data["resources"]["gpu"]["count"] == wish.count
    assert data.get("max_duration") == ("150m" if wish.max_hours else None)
    assert data.get("max_price") == wish.usd_per_hour
    assert ("sleep" in data["commands"][-1]) == (not wish.bucket)
    assert "tiny.safetensors" in text


def test_accelerate_over_machines(package):
    wish = wish_for(package, ["A100"], count=2, nodes=3, main_host="10.0.0.1")
    files = CLOUD_TASKS["accelerate"].files(wish)
    names = [f"accelerate_node{rank}.yaml" for rank in range(3)]
    assert list(files) == ["COMMANDS.md", *names]
    commands = files["COMMANDS.md"]
    assert "**Untested:**" in commands
    for rank, name in enumerate(names):
        assert f"NODE_RANK={rank} ACCELERATE_CONFIG=/workspace/{name}" in commands
        assert f"machine_rank: {rank}\n" in files[name]
        assert "num_processes: 6\n" in files[name]
        assert 'main_process_ip: "10.0.0.1"' in files[name]
    assert not CLOUD_TASKS["accelerate"].tested


@pytest.mark.parametrize("name", sorted(speed_table().cards))
def test_every_card_has_a_name_of_one_word_there(name):
    assert re.fullmatch(r"[A-Z0-9a-z]+(-\d+GB)?", skypilot.card_name(name))
    assert re.fullmatch(r"[A-Z0-9a-z]+", dstack.card_name(name))


@pytest.mark.parametrize(
    ("name", "sky", "other"),
    [
        ("NVIDIA A100 80GB PCIe", "A100-80GB", "A100"), ("A100", "A100-80GB", "A100"),
        ("NVIDIA GeForce RTX 4090", "RTX4090", "RTX4090"), ("4090", "4090", "4090"),
        ("NVIDIA H100 80GB HBM3", "H100", "H100"), ("NVIDIA RTX A6000", "RTXA6000", "A6000"),
        ("NVIDIA L40S", "L40S", "L40S"), ("Tesla T4", "T4", "T4"), ("NVIDIA H200", "H200", "H200"),
    ],
)  # fmt: skip
def test_names_of_cards(name, sky, other):
    assert (skypilot.card_name(name), dstack.card_name(name)) == (sky, other)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"gpus": [" "]}, "no card"), ({"count": 0}, "1 to 64"), ({"nodes": 65}, "1 to 64"),
        ({"max_hours": 0}, "more than 0"), ({"usd_per_hour": float("nan")}, "more than 0"),
        ({"bucket": "A bucket"}, "no name of a bucket"), ({"main_host": "a b"}, "no address"),
    ],
)  # fmt: skip
def test_machines_that_cannot_be_meant(package, change, word):
    with pytest.raises(AppError, match=word):
        wish_for(package, **{"gpus": ["A100"], **change})


def test_packages_that_no_such_machine_trains(tmp_path):
    for text, word in (
        (CONFIG.replace('"base"', '"embedded"'), "run.sh"),
        ("nothing = 1", "run.sh"),
    ):
        path = write_zip(tmp_path / "a.zip", {"p/training_config.toml": text})
        with pytest.raises(AppError, match=word):
            wish_for(path, ["A100"])
    files = {"p/training_config.toml": 'pretrained_model_name_or_path = "embedded"', "p/run.sh": ""}
    with pytest.raises(AppError, match="own base"):
        wish_for(write_zip(tmp_path / "b.zip", files), ["A100"])
    with pytest.raises(AppError, match="is a folder"):
        wish_for(tmp_path, ["A100"])
    with pytest.raises(AppError, match="no such package"):
        wish_for(tmp_path / "nothing.zip", ["A100"])


def test_nothing_is_written_over(tmp_path):
    files = {"a.yaml": "new", "b.yaml": "new"}
    (tmp_path / "b.yaml").write_text("mine")
    with pytest.raises(AppError, match="there already"):
        write_task(files, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["b.yaml"]
    assert len(write_task(files, tmp_path / "new" / "deeper")) == 2
    assert len(write_task(files, tmp_path / "new" / "deeper")) == 2


# -- those tools' own judgement -----------------------------------------------------------------


def test_skypilot_itself_takes_it(wish, tmp_path):
    sky = pytest.importorskip("sky")
    (path,) = write_task(CLOUD_TASKS["skypilot"].files(wish), tmp_path / "sky")
    task = sky.Task.from_yaml(str(path))
    assert task.name == wish.name
    assert len(task.resources) == len(wish.gpus)


def test_dstack_itself_takes_it(wish):
    configurations = pytest.importorskip("dstack._internal.core.models.configurations")
    data, _ = written("dstack", wish)
    found = configurations.parse_run_configuration(data)
    assert found.name == wish.name
    assert found.resources.gpu.count.min == wish.count


def test_accelerate_itself_takes_it(package, tmp_path):
    config_args = pytest.importorskip("accelerate.commands.config.config_args")
    wish = wish_for(package, ["A100"], count=2, nodes=2, main_host="10.0.0.1")
    paths = write_task(CLOUD_TASKS["accelerate"].files(wish), tmp_path / "a")
    for rank, path in enumerate(paths[1:]):
        found = config_args.load_config_from_file(str(path))
        assert (found.machine_rank, found.num_machines, found.num_processes) == (rank, 2, 4)
