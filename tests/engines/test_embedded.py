"""The embedded base model: exact autoencoder, honest stream, a shipped folder that follows."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("diffusers")
pytest.importorskip("transformers")

from bespoke_gui.core.portraits.caption import full_caption  # noqa: E402
from bespoke_gui.core.portraits.draw import draw  # noqa: E402
from bespoke_gui.core.portraits.traits import is_held_out  # noqa: E402
from bespoke_gui.engines.embedded import adherence, schedule, stream, tokenizer, vae  # noqa: E402

FOLDER = Path(__file__).parents[2] / "resources" / "embedded_base"
LIMIT_BYTES = 25 * 1024 * 1024
needs_weights = pytest.mark.skipif(
    not (FOLDER / "build.json").is_file(), reason="resources/embedded_base is not built"
)


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def noise_cells():
    return np.random.default_rng(0).integers(0, 256, (2, 24, 24, 3), dtype=np.uint8)


def as_image(cells):
    big = cells.repeat(vae.CELL, 1).repeat(vae.CELL, 2)
    return torch.from_numpy(big).permute(0, 3, 1, 2).float() * 2 / 255 - 1


def test_vae_encodes_to_the_linear_map(noise_cells):
    with torch.no_grad():
        latents = vae.build_vae().encode(as_image(noise_cells)).latent_dist.sample()
    assert latents.shape == (2, 4, 24, 24)
    assert (latents - vae.encode_cells(noise_cells)).abs().max() < 1e-3


@pytest.mark.parametrize("stored", [torch.float32, torch.float16])
def test_vae_round_trip_is_exact(noise_cells, stored):
    model, image = vae.build_vae().to(stored).float(), as_image(noise_cells)
    with torch.no_grad():
        back = model.decode(model.encode(image).latent_dist.mode()).sample
    assert (back - image).abs().max() * 127.5 < 0.5


def test_stream_repeats_and_holds_out():
    one, two = (stream.batch(5, 2, 17, 8, 0.1) for _ in range(2))
    assert one[:2] == two[:2]
    assert np.array_equal(one[2], two[2])
    seen = [t for step in range(60) for t in stream.traits_of(1, 2, step, 16)[0]]
    assert not any(map(is_held_out, seen))


def test_fresh_prompts_are_held_out_and_many_coloured():
    traits = adherence.fresh_traits(72, 7)
    assert all(map(is_held_out, traits))
    assert len({t.background for t in traits}) >= 8


def test_reader_reads_real_drawings():
    for traits in adherence.fresh_traits(36, 3):
        found = adherence.judge(draw(traits), traits)
        assert (found["background_exact"], found["background_family"]) == (True, True)


def test_noise_ends_in_pure_noise():
    signal, noise = schedule.alphas_sigmas()
    assert (signal[-1], noise[-1]) == (0, 1)
    assert schedule.learning_rate(50, 1000, 1.0) < schedule.learning_rate(200, 1000, 1.0) == 1.0
    assert schedule.learning_rate(999, 1000, 1.0) < 0.03


@needs_weights
def test_hashes_match_the_files():
    record = json.loads((FOLDER / "build.json").read_text(encoding="utf-8"))
    assert len(record["sha256"]) == 3
    for name, digest in record["sha256"].items():
        assert hashlib.sha256((FOLDER / name).read_bytes()).hexdigest() == digest


@needs_weights
def test_folder_is_small_and_readable_by_all():
    files = [p for p in FOLDER.rglob("*") if p.is_file()]
    assert sum(p.stat().st_size for p in files) < LIMIT_BYTES
    assert all(p.stat().st_mode & 0o044 == 0o044 for p in files)


@pytest.fixture(scope="module")
def pipeline():
    return adherence.load(FOLDER)


@needs_weights
def test_shipped_tokenizer_equals_the_built_one(pipeline):
    record = json.loads((FOLDER / "build.json").read_text(encoding="utf-8"))
    built, text = tokenizer.build_tokenizer(record["seed"]), "Portrait of a lad, grey HAT (#1)"
    assert (tokenizer.encode(built, [text]) == tokenizer.encode(pipeline.tokenizer, [text])).all()


@needs_weights
def test_shipped_model_follows_backgrounds(pipeline):
    traits, rng = adherence.fresh_traits(40, 21)[::5], np.random.default_rng(21)
    texts = [full_caption(t, rng) for t in traits]
    cells = adherence.generate(pipeline, texts, seed=21, steps=12)
    hits = [
        adherence.background_of(c)[1] == adherence.background_of(draw(t))[1]
        for c, t in zip(cells, traits, strict=True)
    ]
    assert sum(hits) >= 5


@needs_weights
def test_same_seed_gives_the_same_picture(pipeline):
    one, two = (
        adherence.generate(pipeline, ["portrait of bespoke punk lad, red background"], 3, 4)
        for _ in range(2)
    )
    assert np.array_equal(one, two)
