"""The parts of the lora engine: captions, buckets, noise, batches, options, state."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("torch")

import torch

from bespoke_gui.core.buckets import fit, sizes
from bespoke_gui.core.errors import AppError
from bespoke_gui.engines.lora import noise, state
from bespoke_gui.engines.lora.captions import draw_caption, read_caption
from bespoke_gui.engines.lora.data import Example, balanced, batches_for
from bespoke_gui.engines.lora.options import not_honoured
from bespoke_gui.engines.lora.settings import settings_from
from tests.engines import tiny

pytestmark = pytest.mark.engine
CAPTION = "pixel art, a,  b , c, d"


def settings(**changes):
    return settings_from(tiny.config(**changes))


def test_kept_phrases_stay_and_the_rest_is_shuffled_without_loss():
    kept = settings(shuffle_caption=True, keep_tokens=1)
    drawn = {draw_caption(CAPTION, kept, 1, random.Random(seed)) for seed in range(40)}
    assert len(drawn) > 10
    assert all(text.startswith("pixel art, ") for text in drawn)
    assert {tuple(sorted(text.split(", "))) for text in drawn} == {
        ("a", "b", "c", "d", "pixel art")
    }


def test_without_shuffling_a_caption_is_untouched():
    assert draw_caption(CAPTION, settings(), 1, random.Random(0)) == CAPTION


def test_dropout_prefix_and_phrase_dropout():
    rng = random.Random(1)
    often = settings(caption_dropout_rate=0.25)
    empty = sum(draw_caption("x", often, 1, rng) == "" for _ in range(2000))
    assert 430 < empty < 570
    by_epoch = settings(caption_dropout_every_n_epochs=2)
    assert [draw_caption("x", by_epoch, epoch, rng) for epoch in (1, 2, 3, 4)] == ["x", "", "x", ""]
    assert draw_caption("x", settings(caption_prefix="punk"), 1, rng) == "punk x"
    phrases = settings(caption_tag_dropout_rate=0.5, keep_tokens=1)
    drawn = [draw_caption(CAPTION, phrases, 1, rng) for _ in range(50)]
    assert all(text.startswith("pixel art") for text in drawn)
    assert len(set(drawn)) > 5
    divided = settings(shuffle_caption=True, keep_tokens_separator="|||")
    fixed = draw_caption("one, two ||| three, four", divided, 1, rng)
    assert fixed.startswith("one, two, ")
    chosen = settings(enable_wildcard=True, secondary_separator=";")
    drawn = {draw_caption("a {red|blue}\nb; c", chosen, 1, rng) for _ in range(40)}
    assert drawn == {"a red", "a blue", "b, c"}


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"first\nsecond", "first"), (b"\xef\xbb\xbfbom", "bom"), (b"a\r\nb", "a"),
        ("caf\xe9".encode("cp1252"), "caf\xe9"), ("x".encode("utf-16"), "x"), (b"", "word"),
        (None, "word"),
    ],
)  # fmt: skip
def test_captions_in_every_shape_are_read(tmp_path, raw, text):
    if raw is not None:
        (tmp_path / "a.txt").write_bytes(raw)
    assert read_caption(tmp_path / "a.png", ".txt", "word")[0] == text


@given(st.integers(8, 3000), st.integers(8, 3000), st.booleans(), st.booleans())
def test_every_image_fits_its_bucket(width, height, bucket, no_upscale):
    chosen = settings(
        resolution="512,512", enable_bucket=bucket, bucket_no_upscale=no_upscale,
        min_bucket_reso=256, max_bucket_reso=1024,
    )  # fmt: skip
    try:
        found = fit((width, height), chosen)
    except AppError:
        assert no_upscale
        assert min(width, height) < 64
        return
    assert all(side % 8 == 0 and side >= 8 for side in found.size)
    assert found.resized[0] >= found.size[0]
    assert found.resized[1] >= found.size[1]


def test_buckets_follow_sd_scripts():
    chosen = settings(resolution="512,512", enable_bucket=True)
    assert (512, 512) in sizes(chosen)
    assert (256, 1024) in sizes(chosen)
    assert all(w * h <= 512 * 512 for w, h in sizes(chosen))
    assert fit((1000, 500), chosen).size == (704, 320)
    small = settings(resolution="512,512", enable_bucket=True, bucket_no_upscale=True)
    assert fit((200, 130), small).size == (192, 128)
    assert fit((192, 192), settings(resolution="192,192", enable_bucket=True)).size == (192, 192)


def example(number, size=(64, 64), repeats=1):
    from pathlib import Path

    from bespoke_gui.core.buckets import Fit

    return Example(Path(f"{number}.png"), "", repeats, "1_x", Fit(size, size))


def test_batches_hold_every_image_once_a_repeat_and_one_size_each():
    found = [example(i, (64, 64) if i % 3 else (128, 64), 2) for i in range(7)]
    batches = batches_for(found, 4, seed=1, epoch=0)
    flat = sorted(index for batch in batches for index in batch)
    assert flat == sorted(list(range(7)) * 2)
    assert all(len({found[index].size for index in batch}) == 1 for batch in batches)
    assert batches == batches_for(found, 4, seed=1, epoch=0)
    assert batches != batches_for(found, 4, seed=1, epoch=1)


def test_as_many_regularisation_images_as_taught_ones():
    from dataclasses import replace

    taught = [example(i, repeats=2) for i in range(3)]

    def shown(*repeats):
        apart = [replace(example(i, repeats=n), is_reg=True) for i, n in enumerate(repeats)]
        found = balanced([*taught, *apart])
        assert found[:3] == taught
        return [item.repeats for item in found[3:]]

    assert shown() == []
    assert shown(1, 1) == [3, 3]
    assert shown(1, 1, 1, 1) == [2, 2, 1, 1]
    assert shown(4, 4, 4) == [4, 4]
    assert balanced([replace(example(0), is_reg=True)]) == []


def test_noise_offset_moves_whole_channels_and_multires_is_of_unit_size():
    shape = torch.Size((64, 4, 24, 24))
    numbers, rng = torch.Generator().manual_seed(0), random.Random(0)
    moved = noise.make_noise(shape, settings(noise_offset=0.5), numbers, rng)
    assert moved.mean(dim=(2, 3)).std() == pytest.approx(0.5, abs=0.08)
    coarse = settings(multires_noise_iterations=6, multires_noise_discount=0.8)
    wide = noise.make_noise(shape, coarse, numbers, rng)
    assert wide.std() == pytest.approx(1.0, abs=1e-3)
    plain = noise.make_noise(shape, settings(), numbers, rng)
    assert wide.mean(dim=(2, 3)).std() > 3 * plain.mean(dim=(2, 3)).std()


def test_min_snr_weights():
    alphas = torch.tensor([0.99, 0.5, 0.1, 0.0])
    times = torch.arange(4)
    noise_weights = noise.snr_weights(alphas, times, 5.0, v=False)
    assert noise_weights.tolist() == pytest.approx([5 / 99, 1.0, 1.0, 1.0], rel=1e-3)
    velocity = noise.snr_weights(alphas, times, 5.0, v=True)
    assert velocity.tolist() == pytest.approx([5 / 100, 0.5, 0.1, 0.0], rel=1e-3, abs=1e-6)


def test_losses():
    one, zero = torch.ones(2, 1, 2, 2), torch.zeros(2, 1, 2, 2)
    assert noise.per_image_loss(one, zero, "l2").tolist() == [1.0, 1.0]
    assert noise.per_image_loss(one * 2, zero, "l1").tolist() == [2.0, 2.0]
    assert noise.per_image_loss(one, zero, "huber")[0] == pytest.approx(0.2 * (1.01**0.5 - 0.1))


def test_only_options_with_an_effect_are_named():
    config = {"xformers": True, "sample_prompts": "p.txt", "ip_noise_gamma": 0.1, "debiased": False,
              "unknown": 0, "seed": 1}  # fmt: skip
    found = not_honoured(config)
    assert len(found) == 2
    assert "ip_noise_gamma = 0.1" in found[0]
    assert "protocol" in found[1]


def test_states_are_pruned_and_a_broken_one_is_passed_over(tmp_path):
    weight = torch.nn.Parameter(torch.ones(3))
    optimizer = torch.optim.AdamW([weight])
    weight.sum().backward()
    optimizer.step()
    for step in (1, 2, 3):
        state.save_state(tmp_path, {"step": step}, {"w": weight.detach()}, optimizer)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["step_00000002", "step_00000003"]
    (tmp_path / "step_00000003" / "weights.safetensors").write_bytes(b"cut")
    found = state.latest(tmp_path)
    assert found is not None
    facts, weights, folder = found
    assert (facts["step"], weights["w"].tolist()) == (2, weight.tolist())
    fresh = torch.optim.AdamW([weight])
    state.load_moments(folder, fresh)
    assert torch.equal(fresh.state[weight]["exp_avg"], optimizer.state[weight]["exp_avg"])
    other = torch.optim.AdamW([torch.nn.Parameter(torch.ones(4))])
    with pytest.raises(AppError, match="does not belong"):
        state.load_moments(folder, other)
    assert state.latest(tmp_path / "nothing") is None


@pytest.mark.parametrize("fused", [False, True])
def test_a_fused_optimiser_gets_its_step_count_on_the_device_of_its_weights(tmp_path, fused):
    """torch's fused AdamW refuses a count on the CPU for weights on a GPU."""
    weight = torch.nn.Parameter(torch.ones(2))
    optimizer = torch.optim.AdamW([weight], lr=0.1)
    weight.grad = torch.ones(2)
    optimizer.step()
    folder = state.save_state(tmp_path, {"step": 1}, {"w": weight.detach()}, optimizer)
    elsewhere = torch.nn.Parameter(torch.ones(2, device="meta"))
    other = torch.optim.AdamW([elsewhere], lr=0.1)
    other.param_groups[0]["fused"] = fused
    state.load_moments(folder or state.latest(tmp_path)[2], other)
    found = other.state[elsewhere]
    assert found["step"].device.type == ("meta" if fused else "cpu")
    assert found["exp_avg"].device.type == "meta"
