"""The run script of a package, run for real on a machine whose trainer is a stand-in."""

import os
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from bespoke_gui.core.config.options import option_table
from bespoke_gui.core.package import build_package
from bespoke_gui.core.package_plan import plan_package
from tests.core._packages import CONFIG, write_config, write_pairs

BASH = shutil.which("bash")
pytestmark = pytest.mark.skipif(BASH is None or os.name == "nt", reason="needs bash")

TORCH = """\
__version__ = "0"
class cuda:
    is_available = staticmethod(lambda: {gpu})
    is_bf16_supported = staticmethod(lambda: {bf16})
    get_device_name = staticmethod(lambda _: "stand-in")
"""
LAUNCHER = """\
import runpy, sys
print("launched with", *sys.argv[2:])
sys.argv = sys.argv[sys.argv.index("train_network.py"):]
runpy.run_path(sys.argv[0], run_name="__main__")
"""
# Writes a checkpoint only when it finds images, and ends with 0 all the same, as the trainer does.
TRAINER = """\
import json, pathlib, struct, sys
config = pathlib.Path(sys.argv[1].split("=", 1)[1]).read_text("utf-8")
value = lambda key: config.split(f'{key} = "')[1].split('"')[0]
if list(pathlib.Path(value("train_data_dir")).glob("[0-9]*_*/*.png")):
    header = json.dumps({"x": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}).encode()
    name = pathlib.Path(value("output_dir")) / "tiny.safetensors"
    name.write_bytes(struct.pack("<Q", len(header)) + header + b"1234"[: int("KEEP")])
print("trained with", sys.argv[1])
"""


class Machine:
    """A folder that stands for /workspace, with a package in it and stand-ins for the trainer."""

    def __init__(self, base: Path) -> None:
        self.base = base
        self.here = base / "runpod_package"
        self.library = base / "library"
        trainer = base / "sd-scripts"
        commands = self.library / "accelerate" / "commands"
        for folder in (trainer, commands):
            folder.mkdir(parents=True)
        for package in (commands, commands.parent):
            (package / "__init__.py").write_text("")
        (commands / "accelerate_cli.py").write_text(LAUNCHER)
        (trainer / ".installed_for_bespoke").touch()
        self.torch()
        self.trainer()

    def torch(self, gpu: bool = True, bf16: bool = True) -> None:
        (self.library / "torch.py").write_text(TORCH.format(gpu=gpu, bf16=bf16))

    def trainer(self, keep: int = 4) -> None:
        text = TRAINER.replace("KEEP", str(keep))
        (self.base / "sd-scripts" / "train_network.py").write_text(text)

    def run(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "PYTHONPATH": str(self.library), **variables}
        command = [str(BASH), str(self.here / "run.sh"), *arguments]
        return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)


@pytest.fixture
def machine(tmp_path) -> Machine:
    pairs = write_pairs(tmp_path / "2_punk")
    build_package(pairs, write_config(tmp_path), tmp_path / "p.zip")
    base = tmp_path / "work space"
    with zipfile.ZipFile(tmp_path / "p.zip") as source:
        source.extractall(base)
    text = (base / "runpod_package" / "run.sh").read_text("utf-8")
    # The disk this test runs on need not have room for a base model.
    (base / "runpod_package" / "run.sh").write_text(
        "\n".join(
            "NEEDS_GB=0" if line.startswith("NEEDS_GB") else line for line in text.split("\n")
        )
    )
    return Machine(base)


def test_it_trains_and_says_what_it_made(machine):
    done = machine.run()
    assert done.returncode == 0, done.stderr
    assert "2_punk: 3 images, each 2x an epoch" in done.stdout
    assert "run.sh: changed since it was packed: run.sh" in done.stderr
    output = machine.here / "output"
    assert "tiny.safetensors" in (output / "SHA256SUMS").read_text()
    assert "trained with" in (output / "train.log").read_text()
    placed = (output / "training_config.here.toml").read_text("utf-8")
    assert f'train_data_dir = "{machine.here}/training_data"' in placed
    assert "# my notes on this run" in placed


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({}, "--num_processes=1 --num_machines=1 --num_cpu"),
        ({"GPUS": "2"}, "--num_processes=2 --num_machines=1 --multi_gpu --num_cpu"),
        ({"GPUS": "2", "ACCELERATE_CONFIG": "/n 0.yaml"}, "launched with --config_file=/n 0.yaml"),
    ],
)
def test_on_several_gpus_and_machines(machine, variables, words):
    done = machine.run(**variables)
    assert done.returncode == 0, done.stderr
    assert words in (machine.here / "output" / "train.log").read_text()


def test_only_the_first_of_several_machines_has_checkpoints(machine):
    (machine.base / "sd-scripts" / "train_network.py").write_text("print('trained')")
    done = machine.run(NODE_RANK="1")
    assert (done.returncode, "checkpoints are on machine 0" in done.stdout) == (0, True)
    assert machine.run(NODE_RANK="0").returncode == 4


def test_an_exit_code_of_0_without_a_checkpoint_is_a_failure(machine):
    (machine.base / "sd-scripts" / "train_network.py").write_text("print('No data found')")
    done = machine.run()
    assert done.returncode == 4
    assert "tiny.safetensors is not there" in done.stderr


def test_half_a_checkpoint_is_a_failure(machine):
    machine.trainer(keep=2)
    done = machine.run()
    assert done.returncode == 4
    assert "not readable" in done.stderr


def test_an_old_result_is_never_written_over(machine):
    assert machine.run().returncode == 0
    done = machine.run()
    assert done.returncode == 2
    assert "there already" in done.stderr
    assert machine.run(OVERWRITE="1").returncode == 0
    (aside,) = machine.here.glob("output.2*")
    assert (aside / "tiny.safetensors").exists()


def test_what_is_missing_or_changed_stops_it(machine):
    image = machine.here / "training_data" / "2_punk" / "a.png"
    good = image.read_bytes()
    image.write_bytes(good[:-1])
    done = machine.run("--check")
    assert done.returncode == 2
    assert "changed since it was packed: training_data/2_punk/a.png" in done.stderr
    assert machine.run("--check", ALLOW_CHANGED="1").returncode == 0
    image.unlink()
    done = machine.run("--check", ALLOW_CHANGED="1")
    assert done.returncode == 2
    assert "missing: training_data/2_punk/a.png" in done.stderr


def test_data_that_was_moved_flat_stops_it(machine):
    folder = machine.here / "training_data"
    for path in list((folder / "2_punk").iterdir()):
        path.rename(folder / path.name)
    done = machine.run("--check")
    assert done.returncode == 2
    assert "0 of 3 images lie in <N>_<name> folders" in done.stderr


def test_the_machine_is_judged(machine):
    machine.torch(gpu=False)
    done = machine.run()
    assert done.returncode == 3
    assert "no GPU is usable" in done.stderr
    assert machine.run(ALLOW_CPU="1").returncode == 0
    (machine.library / "torch.py").unlink()
    (machine.library / "torch.py").write_text("raise ImportError('libcudart')")
    done = machine.run(OVERWRITE="1")
    assert done.returncode == 3
    assert "torch cannot be used: libcudart" in done.stderr
    assert machine.run(PYTHON="no-such-python").returncode == 3


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("NEEDS_GB=0", "NEEDS_GB=999999"),
        ("NEEDED=()", "NEEDED=(/workspace/models/base.safetensors)"),
    ],
)
def test_disk_and_files_that_must_be_copied(machine, name, words):
    script = machine.here / "run.sh"
    script.write_text(script.read_text("utf-8").replace(name, words))
    done = machine.run("--check")
    assert done.returncode == (3 if "GB" in words else 2)
    assert "are needed" in done.stderr or "copy it to this machine" in done.stderr
    assert machine.run("--check", ALLOW_LOW_DISK="1").returncode == (0 if "GB" in words else 2)


def test_what_a_config_asks_for_is_in_the_script(tmp_path):
    text = CONFIG.replace("sdpa = true", "xformers = true").replace('"no"', '"bf16"')
    text += 'optimizer_type = "AdamW8bit"\nsave_state = true\noutput_name = "it\'s $HOME"\n'
    text = text.replace('output_name = "tiny"\n', "")
    pairs = write_pairs(tmp_path / "1_x")
    plan = plan_package(pairs, write_config(tmp_path, text))
    script = plan.members["runpod_package/run.sh"]
    assert isinstance(script, bytes)
    lines = script.decode().split("\n")
    assert "MODULES=(xformers bitsandbytes)" in lines
    assert "PRECISION=bf16" in lines
    assert f"COMMIT={option_table().commit}" in lines
    assert """CHECKPOINT='it'"'"'s $HOME.safetensors'""" in lines
    readme = plan.members["runpod_package/README.md"]
    assert isinstance(readme, bytes)
    assert "--config_file=/workspace/runpod_package/training_config.toml" in readme.decode()
    assert "- epoch 2: `it's $HOME.safetensors` (the last epoch has no number)" in readme.decode()
    assert "A `xformers` that fits" in readme.decode()
    assert "of the Ampere generation" in readme.decode()


def test_a_config_for_our_own_base_is_not_started_in_vain(tmp_path):
    text = CONFIG.replace("stable-diffusion-v1-5/stable-diffusion-v1-5", "embedded")
    report = build_package(
        write_pairs(tmp_path / "1_x"), write_config(tmp_path, text), tmp_path / "p.zip"
    )
    with zipfile.ZipFile(report.package) as source:
        source.extractall(tmp_path / "w")
    done = Machine(tmp_path / "w").run()
    assert done.returncode == 2
    assert "`bespoke train`" in done.stderr


def test_a_config_without_a_course_still_gets_script_and_readme(tmp_path):
    text = CONFIG.replace("max_train_epochs = 2", 'max_train_epochs = "two"')
    plan = plan_package(write_pairs(tmp_path / "1_x"), write_config(tmp_path, text))
    readme = plan.members["runpod_package/README.md"]
    assert isinstance(readme, bytes)
    assert "no course that can be told" in readme.decode()


@pytest.mark.skipif(shutil.which("shellcheck") is None, reason="needs shellcheck")
def test_shellcheck_finds_nothing(machine):
    done = subprocess.run(
        ["shellcheck", str(machine.here / "run.sh")], capture_output=True, text=True, check=False
    )
    assert done.stdout == ""
    assert done.returncode == 0
