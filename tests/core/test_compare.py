import json
from dataclasses import replace

import pytest

from bespoke_gui.core.compare import compare_galleries, protocol_differences
from bespoke_gui.core.gallery import EpochInfo, import_gallery, open_gallery, record
from bespoke_gui.core.protocol import builtin_protocol, generation_id
from tests.core.gallery_kit import GREEN, make_gallery, portrait, protocol, write_png


def two(tmp_path, mine=None, theirs=None, **kinds):
    a = make_gallery(tmp_path / "a", mine or protocol(), epochs=(0, 1, 2), **kinds)
    b = make_gallery(tmp_path / "b", theirs or protocol(), epochs=(0, 1), **kinds)
    return open_gallery(a), open_gallery(b)


def test_galleries_made_alike_are_compared(tmp_path):
    a, b = two(tmp_path)
    found = compare_galleries(a, b)
    assert (found.comparable, found.basis, found.differences) == (True, "recorded", [])
    sides = [(row["side"], row["epoch"]) for row in found.epochs]
    assert sides == [("gallery", "0"), ("gallery", "1"), ("gallery", "2"), ("baseline", "0"),
                     ("baseline", "1")]  # fmt: skip
    assert found.best["background_match"]["result"] == "tie"
    assert found.best["background_match"]["pairs"] == 4
    assert "unique_colours" not in found.best
    json.dumps(found.as_dict(), allow_nan=False)


def test_the_better_side_is_said_where_chance_does_not_explain_it(tmp_path):
    asked = protocol(seeds=tuple(range(6)))
    a, b = two(tmp_path, asked, asked)
    for image in b.images():
        if image.epoch:
            write_png(image.path, portrait((120, 80, 40), scale=8, seed=image.seed or 0))
    found = compare_galleries(a, open_gallery(b.folder))
    assert found.best["background_match"]["result"] == "better"
    assert "better: background_match" in found.verdict
    assert compare_galleries(b, a).best["background_match"]["result"] == "worse"


def test_the_256_px_way_is_refused_with_every_difference_named(tmp_path):
    """Other size and prompts: the false comparison of the reference run."""
    other = protocol(width=256, height=256, steps=20)
    first = other.prompts[0]
    changed = (replace(first, text="a lad on green"), *other.prompts[1:])
    a, b = two(tmp_path, protocol(), replace(other, prompts=changed))
    found = compare_galleries(a, b)
    assert not found.comparable
    assert found.epochs == []
    named = {item.field: (item.gallery, item.baseline) for item in found.differences}
    assert named["width"] == ("192", "256")
    assert named["height"] == ("192", "256")
    assert named["steps"] == ("30", "20")
    assert named["prompt green_lad"] == (first.text, "a lad on green")
    assert found.verdict == "not comparable: width, height, steps, prompt green_lad differ"


@pytest.mark.parametrize(
    ("name", "value"),
    [("base", "x"), ("seeds", (1, 3)), ("guidance", 3.0), ("scheduler", "ddim"),
     ("lora_scale", 0.5), ("long_prompts", "truncate"), ("negative", "blurry"),
     ("base_digest", "ab" * 32)],
)  # fmt: skip
def test_each_difference_that_changes_the_id_is_named(name, value):
    one, other = protocol(), replace(protocol(), **{name: value})
    assert generation_id(one) != generation_id(other)
    named = [item.field for item in protocol_differences(one, other)]
    assert named == ["base" if name == "base_digest" else name]


def test_how_to_look_never_breaks_a_comparison(tmp_path):
    looks = replace(protocol(), downsampler="mode", merge="off", thresholds={"strays": 1.0})
    a, b = two(tmp_path, protocol(), looks)
    assert compare_galleries(a, b).comparable


def test_other_prompt_names_and_orders_are_paired_by_text(tmp_path):
    names = tuple(
        replace(prompt, name=f"other_{n}", background="red")
        for n, prompt in enumerate(protocol().prompts)
    )
    a, b = two(tmp_path, protocol(), replace(protocol(), prompts=names))
    found = compare_galleries(a, b)
    assert found.comparable
    assert found.best["background_match"]["pairs"] == 4
    assert found.best["background_match"]["result"] == "tie"


def test_unknown_images_are_never_compared(tmp_path):
    for side in ("a", "b"):
        write_png(tmp_path / side / "epoch_01" / "lad.png", portrait())
    write_png(tmp_path / "b" / "epoch_01" / "other.png", portrait(GREEN, scale=2))
    found = compare_galleries(open_gallery(tmp_path / "a"), open_gallery(tmp_path / "b"))
    assert (found.comparable, found.basis) == (False, "unknown")
    named = {item.field: (item.gallery, item.baseline) for item in found.differences}
    assert named["prompts"] == ("lad", "lad, other")
    assert named["image size"] == ("24x24", "24x24, 48x48")
    assert "unknown" in named["protocol"][0]
    assert "unknown" in found.verdict


def test_a_declared_protocol_is_compared_and_called_not_proven(tmp_path):
    asked = protocol(seeds=(42,))
    a = open_gallery(make_gallery(tmp_path / "a", asked, epochs=(1,)))
    for prompt in asked.prompts:
        write_png(tmp_path / "s" / "epoch_01" / f"{prompt.name}.png", portrait(scale=8))
    b = import_gallery(tmp_path / "s", tmp_path / "b", asked)
    found = compare_galleries(a, b)
    assert (found.comparable, found.basis) == (True, "declared")
    assert "not proven" in found.verdict


def test_a_protocol_changed_after_the_images_is_no_proof(tmp_path):
    a, b = two(tmp_path)
    protocol(steps=5).save(b.folder / "protocol.toml")
    found = compare_galleries(a, open_gallery(b.folder))
    assert not found.comparable
    assert found.differences[0].field == "record (protocol.toml)"
    assert "changed after" in found.differences[0].baseline


def test_an_image_of_another_protocol_is_no_proof(tmp_path):
    a, b = two(tmp_path)
    image = b.images()[0]
    data = {"epoch": 0, "prompt": image.prompt, "seed": image.seed, "generation_id": "other"}
    write_png(image.path, portrait(scale=8), data)
    found = compare_galleries(a, open_gallery(b.folder))
    assert not found.comparable
    assert image.name in found.differences[0].field


def test_the_learning_rate_stands_beside_each_epoch(tmp_path):
    a, b = two(tmp_path)
    record(
        a.folder, protocol(), epochs={1: EpochInfo("f", "s", 1e-4), 2: EpochInfo("f", "s", 2e-9)}
    )
    rates = [row["learning_rate"] for row in compare_galleries(open_gallery(a.folder), b).epochs]
    assert rates == [None, 1e-4, 2e-9, None, None]


def test_one_merge_is_decided_for_both_sides(tmp_path):
    """A side full of jitter and a clean one: both merged or neither."""
    import numpy as np

    a, b = two(tmp_path)
    rng = np.random.default_rng(0)
    for image in a.images():
        rgb = portrait(scale=1, seed=1).astype(int)
        noisy = (rgb + rng.integers(-3, 4, rgb.shape)).clip(0, 255).astype(np.uint8)
        write_png(image.path, noisy.repeat(8, axis=0).repeat(8, axis=1))
    found = compare_galleries(open_gallery(a.folder), b)
    assert len([note for note in found.notes if "merged" in note]) == 1


@pytest.mark.punks
def test_the_runs_of_the_artist_are_refused_with_every_difference(punks, tmp_path):
    """512 px images of seven prompts against images made at 24x24 from other prompts."""
    grid = punks / "epoch_grid_24px"
    asked = replace(builtin_protocol(), seeds=(42,))
    mine = import_gallery(grid, tmp_path / "run_512", asked)
    others = tuple(replace(p, text=p.text.partition(", sharp")[0]) for p in asked.prompts)
    way_256 = replace(asked, width=24, height=24, prompts=others)
    theirs = import_gallery(grid, tmp_path / "run_256", way_256)
    found = compare_galleries(mine, theirs, punks / "native_24px")
    assert (found.comparable, found.epochs, found.best) == (False, [], {})
    named = {item.field: (item.gallery, item.baseline) for item in found.differences}
    assert named["width"] == named["height"] == ("512", "24")
    assert len([name for name in named if name.startswith("prompt ")]) == 4
    assert found.verdict.startswith("not comparable: width, height, prompt green_bg_lad, ")
