"""The portrait generator: same traits, same cells; held-out pairs stay out; words cover prompts."""

import re

import numpy as np
import pytest
from PIL import Image

from bespoke_gui.core.portraits import colours
from bespoke_gui.core.portraits.caption import caption, full_caption
from bespoke_gui.core.portraits.demo_draw import PALETTE, draw_demo
from bespoke_gui.core.portraits.demo_set import write_demo_set
from bespoke_gui.core.portraits.draw import draw
from bespoke_gui.core.portraits.traits import Traits, any_traits, is_held_out, random_traits

REFERENCE_PROMPTS = (
    "brown hair, brown eyes, medium male skin tone, bright green background",
    "brown hair, brown eyes, light skin, blue solid background",
    "black hair, wearing golden earrings, brown eyes, light skin, gray solid background",
    "blonde hair, wearing black stunner shades with white reflection, light skin",
    "wearing white baseball cap, wearing big dark brown rimmed sunglasses with blue reflection",
    "white diamond earring, lips, neutral expression, blue jacket with white hoodie underneath",
    "with lifeguard cross on it, lime green yellow green hair tied back in queue ponytail with",
    "side wings fluffed out in 18th century colonial style, light pale green skin tone",
    "split background",
    "wearing classic vintage dark grey suit with and white undergarments, hat with multicolored",
    "(red gold and white) logo in the center, checkered brick background, medium grey shirt",
)


def some_traits(count, seed=3):
    rng = np.random.default_rng(seed)
    return [random_traits(rng) for _ in range(count)]


def words_of(texts):
    return {word for text in texts for word in re.findall(r"[\w()-]+", text)}


@pytest.mark.parametrize("paint", [draw, draw_demo])
def test_same_traits_give_same_cells(paint):
    for traits in some_traits(50):
        cells = paint(traits)
        assert (cells.shape, cells.dtype) == ((24, 24, 3), np.uint8)
        assert np.array_equal(cells, paint(traits))


def test_same_seed_gives_same_captions():
    def texts():
        rng = np.random.default_rng(8)
        return [caption(t, rng) for t in some_traits(50)]

    assert texts() == texts()


def test_training_never_draws_a_held_out_pair():
    assert not any(map(is_held_out, some_traits(3000)))


def test_every_background_has_a_held_out_hair_and_a_trained_one():
    for background in colours.BACKGROUNDS:
        answers = {is_held_out(Traits(background=background, hair=hair)) for hair in colours.HAIR}
        assert answers == {True, False}


def test_reference_pairs_are_trained():
    for background, hair in (
        ("bright green", "brown"),
        ("blue", "brown"),
        ("gray", "black"),
        ("blue", "blonde"),
    ):
        assert not is_held_out(Traits(background=background, hair=hair))


def test_words_cover_the_reference_prompts():
    rng = np.random.default_rng(4)
    known = words_of(caption(t, rng) for t in some_traits(6000))
    assert words_of(REFERENCE_PROMPTS) <= known


def test_captions_name_many_colours():
    rng = np.random.default_rng(4)
    texts = [full_caption(t, rng) for t in some_traits(800)]
    named = {n for n in colours.BACKGROUNDS if any(f"{n} solid background" in t for t in texts)}
    assert len(named) >= 12
    assert {"bright", "dark", "light", "hot", "neon"} <= words_of(texts)


def test_full_caption_names_background_and_hair():
    rng = np.random.default_rng(4)
    traits = Traits(background="bright red", hair="purple")
    assert re.search(r"(bright|hot) red.* background", full_caption(traits, rng))


@pytest.mark.parametrize(
    "change",
    [
        {"hat": "cap"},
        {"glasses": "shades"},
        {"earrings": "gold"},
        {"bow": "red"},
        {"beard": "beard"},
        {"lips": "red"},
        {"expression": "smile"},
        {"pattern": "brick"},
        {"clothes": "suit"},
        {"style": "long"},
        {"eyes": "blue"},
        {"skin": "dark"},
    ],
)
def test_every_trait_shows(change):
    assert not np.array_equal(draw(Traits()), draw(Traits(**change)))


def test_solid_background_fills_the_border_of_a_capped_portrait():
    cells = draw(Traits(background="teal", hat="cap"))
    assert (cells[0] == colours.background_rgb("teal")).all()


def test_demo_style_keeps_to_its_palette_and_differs_from_the_base():
    allowed = {tuple(c) for c in PALETTE}
    assert len(allowed) == 32
    for traits in some_traits(60):
        cells = draw_demo(traits)
        assert {tuple(c) for c in cells.reshape(-1, 3)} <= allowed
        assert (cells != draw(traits)).any(-1).mean() > 0.3


def test_demo_set_is_written_twice_alike(tmp_path):
    first = write_demo_set(tmp_path / "a", count=12)
    assert first == write_demo_set(tmp_path / "b", count=12)
    for name in first:
        for suffix in (".png", ".txt"):
            one, two = (tmp_path / d / (name + suffix) for d in "ab")
            assert one.read_bytes() == two.read_bytes()


def test_demo_set_pairs_are_clean_files_with_flawed_words(tmp_path):
    names = write_demo_set(tmp_path)
    assert len(names) == len(set(names)) == 40
    texts = [(tmp_path / f"{name}.txt").read_bytes().decode("utf-8") for name in names]
    assert not any("\n" in text for text in texts)
    assert sum("#" in text for text in texts) == 3
    assert any("hair hair" in text for text in texts)
    assert max(len(text.split()) for text in texts) > 75


def test_demo_pictures_are_512_and_no_two_alike(tmp_path):
    names = write_demo_set(tmp_path)
    pictures = set()
    for name in names:
        with Image.open(tmp_path / f"{name}.png") as image:
            assert (image.size, image.mode) == ((512, 512), "RGB")
            pictures.add(image.tobytes())
    assert len(pictures) == len(names)


def test_held_out_pairs_can_be_asked_for():
    rng = np.random.default_rng(1)
    assert any(is_held_out(any_traits(rng)) for _ in range(100))
