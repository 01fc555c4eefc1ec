"""Base models in both layouts; what is no base model is refused in one line."""

import shutil

import pytest

pytest.importorskip("torch")

import torch

from bespoke_gui.core.errors import AppError
from bespoke_gui.engines.diffusion.base_model import load_base
from tests.engines import tiny
from tests.engines.ldm import save_single_file

pytestmark = [
    pytest.mark.engine,
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning"),
]
CPU, FULL = torch.device("cpu"), torch.float32


def weights(pipe):
    """All weights by part and name."""
    parts = {"unet": pipe.unet, "vae": pipe.vae, "text": pipe.text_encoder}
    return {f"{p}.{n}": t for p, m in parts.items() for n, t in m.state_dict().items()}


def same(one, other):
    first, second = weights(one), weights(other)
    return first.keys() == second.keys() and all(torch.equal(first[n], second[n]) for n in first)


def test_both_layouts_give_the_same_model(tiny_base, tmp_path):
    from_folder = load_base(str(tiny_base), CPU, FULL)
    shutil.copytree(tiny_base, tmp_path / "model", ignore=shutil.ignore_patterns("*.safetensors"))
    save_single_file(tiny.pipeline(), tmp_path / "model.safetensors")
    from_file = load_base(str(tmp_path / "model.safetensors"), CPU, FULL)
    assert same(from_folder, from_file)
    assert from_file.scheduler.config.beta_end == 0.012


def test_a_folder_of_half_precision_weights_only_is_read(tiny_base, tmp_path):
    pipe = tiny.pipeline().to(dtype=torch.float16)
    pipe.save_pretrained(tmp_path / "half", variant="fp16")
    loaded = load_base(str(tmp_path / "half"), CPU, FULL)
    assert next(loaded.unet.parameters()).dtype == FULL


def _pickled(folder, tiny_base):
    shutil.copytree(tiny_base, folder / "m")
    for path in (folder / "m").rglob("*.safetensors"):
        path.rename(path.with_suffix(".bin"))
    return folder / "m"


def _truncated(folder, tiny_base):
    shutil.copytree(tiny_base, folder / "m")
    path = folder / "m" / "unet" / "diffusion_pytorch_model.safetensors"
    path.write_bytes(path.read_bytes()[:1000])
    return folder / "m"


def _file(name, data):
    def make(folder, tiny_base):
        (folder / name).write_bytes(data)
        return folder / name

    return make


@pytest.mark.parametrize(
    ("make", "word"),
    [
        (_pickled, "pickled"),
        (_truncated, "cannot be loaded"),
        (_file("model.ckpt", b"\x80\x04"), "pickle"),
        (_file("model.safetensors", b"PK\x03\x04" + bytes(60)), "pickle"),
        (_file("model.safetensors", b"ab"), "no readable"),
        (lambda folder, base: folder, "layout"),
        (lambda folder, base: folder / "nothing.safetensors", "not there"),
        (lambda folder, base: folder / "nothing" / "here", "not there"),
    ],
)
def test_what_is_no_base_is_refused_in_one_line(tmp_path, tiny_base, make, word):
    with pytest.raises(AppError, match=word) as caught:
        load_base(str(make(tmp_path, tiny_base)), CPU, FULL)
    assert caught.value.kind == "missing_model"
    assert "\n" not in str(caught.value)


def test_a_hub_id_without_network_is_one_clear_line(monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(AppError) as caught:
        load_base("somebody/some-model", CPU, FULL)
    assert caught.value.kind == "missing_model"
    assert "somebody/some-model" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_removed_base_of_the_reference_run_names_its_successor(monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(AppError, match="stable-diffusion-v1-5/stable-diffusion-v1-5"):
        load_base("runwayml/stable-diffusion-v1-5", CPU, FULL)
