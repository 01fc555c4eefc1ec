import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bespoke_gui.core.errors import AppError
from bespoke_gui.core.prompt_colours import accessories, background_colour
from bespoke_gui.core.protocol import (
    Prompt,
    Protocol,
    builtin_protocol,
    canonical,
    for_base,
    generation_id,
    load_protocol,
    new_prompt,
    pinned,
    protocol_from,
)
from bespoke_gui.core.protocol_check import check_protocol
from bespoke_gui.core.resources import resource


def test_the_builtin_protocol_asks_the_seven_prompts_of_the_reference_run():
    protocol = builtin_protocol()
    assert [prompt.name for prompt in protocol.prompts] == [
        "green_bg_lad", "brown_eyes_lady", "golden_earrings", "sunglasses_lad",
        "melon_lady", "cash_lad", "carbon_lad",
    ]  # fmt: skip
    assert (protocol.width, protocol.height, protocol.steps, protocol.guidance) == (
        512, 512, 30, 7.5,
    )  # fmt: skip
    assert protocol.seeds == (42,)
    assert protocol.negative.startswith("blurry, smooth, gradients")


def test_written_expectations_equal_those_read_from_the_texts():
    for prompt in builtin_protocol().prompts:
        assert prompt.background == background_colour(prompt.text)
        assert list(prompt.accessories) == accessories(prompt.text)


@pytest.mark.punks
def test_prompts_are_those_of_the_mission(punks):
    mission = (punks.parent.parent / "mission" / "reference_run.md").read_text()
    for number, prompt in enumerate(builtin_protocol().prompts, 1):
        assert f"{number}. {prompt.name}: {prompt.text}" in mission


LOOKS = {
    "native_size": 32,
    "downsampler": "mode",
    "merge": "off",
    "thresholds": {"strays": 3.0},
}
CHANGES = {
    "base": "other/model",
    "negative": "blurry",
    "seeds": (42, 43),
    "width": 256,
    "height": 256,
    "steps": 31,
    "guidance": 7.0,
    "scheduler": "ddim",
    "lora_scale": 0.8,
    "long_prompts": "truncate",
    "base_digest": "ab" * 32,
}


@pytest.mark.parametrize("name", LOOKS)
def test_how_to_look_never_changes_the_generation_id(name):
    before = builtin_protocol()
    assert generation_id(replace(before, **{name: LOOKS[name]})) == generation_id(before)


@pytest.mark.parametrize("name", CHANGES)
def test_what_determines_images_changes_the_generation_id(name):
    before = builtin_protocol()
    assert generation_id(replace(before, **{name: CHANGES[name]})) != generation_id(before)


def test_every_field_is_either_a_look_or_changes_the_id():
    assert {*LOOKS, *CHANGES, "prompts"} == set(Protocol.__dataclass_fields__)


def test_expectations_names_and_order_do_not_change_the_id_but_texts_do():
    before = builtin_protocol()
    first = before.prompts[0]
    renamed = (*before.prompts[1:], replace(first, name="x", background="", accessories=("bow",)))
    assert generation_id(replace(before, prompts=renamed)) == generation_id(before)
    other = (replace(first, text=first.text + " "), *before.prompts[1:])
    assert generation_id(replace(before, prompts=other)) != generation_id(before)


def test_a_prompts_own_negative_counts_like_the_common_one():
    common = Protocol(negative="blurry", prompts=(Prompt("a", "x"),))
    own = Protocol(negative="", prompts=(Prompt("a", "x", "blurry"),))
    assert canonical(common) == canonical(own)


def test_the_generation_id_is_fixed_for_all_time():
    """A changed value here makes every gallery that people have incomparable."""
    prompts = (Prompt("a", "a lad, bright green background"),)
    protocol = Protocol(base="sd15", negative="blurry", prompts=prompts)
    expected = "ced59600d617c0dd05ea203f7a08cbfb4b31a11fbf67a2259c72dfc1ace06688"
    assert generation_id(protocol) == expected


texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=60).filter(
    str.strip
)
prompts = st.builds(
    Prompt,
    st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_-]{0,20}", fullmatch=True),
    texts,
    texts | st.just(""),
    texts | st.just(""),
    st.lists(texts, max_size=3).map(tuple),
)
protocols = st.builds(
    Protocol,
    base=texts,
    negative=st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=40),
    seeds=st.lists(st.integers(0, 2**63 - 1), min_size=1, max_size=4, unique=True).map(tuple),
    width=st.integers(8, 512).map(lambda n: n * 8),
    steps=st.integers(1, 1000),
    guidance=st.floats(0, 100),
    lora_scale=st.floats(-10, 10),
    prompts=st.lists(
        prompts, min_size=1, max_size=4, unique_by=lambda prompt: prompt.name.casefold()
    ).map(tuple),
    thresholds=st.dictionaries(st.sampled_from(["strays", "anti_aliased"]), st.floats(0, 10)),
)


@given(protocol=protocols)
def test_a_protocol_survives_its_file(tmp_path_factory, protocol):
    path = tmp_path_factory.mktemp("protocol") / "protocol.toml"
    protocol.save(path)
    again = load_protocol(path)
    assert again == protocol
    assert generation_id(again) == generation_id(protocol)
    assert protocol_from(protocol.as_dict()) == protocol


def test_expectations_can_be_corrected_in_the_file():
    text = "a lad, bright green background"
    parsed = protocol_from({"prompts": [{"name": "a", "text": text}]})
    assert parsed.prompts[0].background == "bright green"
    corrected = {"name": "a", "text": text, "expect": {"background": "red", "accessories": []}}
    assert protocol_from({"prompts": [corrected]}).prompts[0].background == "red"


WRONG = {
    "guidence": ({"guidence": 7.0}, "did you mean guidance?"),
    "width": ({"width": 100}, "width = 100"),
    "steps": ({"steps": True}, "steps = True"),
    "seeds": ({"seeds": [1, 1]}, "seeds"),
    "no seed": ({"seeds": []}, "seeds"),
    "long": ({"long_prompts": "cut"}, "long_prompts"),
    "guidance": ({"guidance": float("nan")}, "guidance"),
    "newer": ({"schema": 2}, "schema"),
    "path": ({"prompts": [{"name": "../x", "text": "a"}]}, "../x"),
    "twice": ({"prompts": [{"name": "a", "text": "a"}, {"name": "A", "text": "b"}]}, "two prompts"),
    "no text": ({"prompts": [{"name": "a", "text": " "}]}, "no text"),
    "no prompt": ({"prompts": []}, "no prompt"),
    "expect": ({"prompts": [{"name": "a", "text": "x", "expect": {"colour": 1}}]}, "colour"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_values_are_named(case):
    changes, named = WRONG[case]
    data = {"prompts": [{"name": "a", "text": "a lad"}], **changes}
    with pytest.raises(AppError) as caught:
        protocol_from(data, file="protocol.toml")
    assert named in str(caught.value)
    assert str(caught.value).startswith("protocol.toml: ")


def test_all_findings_are_listed():
    problems = check_protocol({"width": 1, "steps": 0, "prompts": [{"name": "", "text": ""}]})
    assert len(problems) == 4


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"[[prompts", b"prompts = 3"])
def test_a_broken_file_gives_one_line_with_its_name(tmp_path, content):
    path = tmp_path / "protocol.toml"
    path.write_bytes(content)
    with pytest.raises(AppError) as caught:
        load_protocol(path)
    assert "protocol.toml" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_embedded_base_draws_192_pixels_in_few_steps():
    protocol = for_base(builtin_protocol(), "embedded")
    assert (protocol.width, protocol.height) == (192, 192)
    build = json.loads((resource("embedded_base") / "build.json").read_text(encoding="utf-8"))
    wanted = build["recommended"]
    assert (protocol.steps, protocol.guidance) == (wanted["steps"], wanted["guidance"])
    assert protocol.prompts == builtin_protocol().prompts
    other = for_base(protocol, "/models/sd15")
    assert (other.base, other.base_digest) == ("/models/sd15", "")


BACKGROUNDS = {
    "a lad, bright green background, red shirt": "bright green",
    "blue solid background": "blue",
    "solid blue background": "blue",
    "split background": "",
    "checkered brick background": "",
    "dark yellow to bright yellow gradient background": "",
    "green and blue background": "",
    "solid background": "",
    "red shirt and pale blue grey background": "pale blue grey",
    "deep blue background (#112233)": "deep blue",
    "grey background medium": "grey medium",
    "bright blue background light skin": "bright blue",
    "brown background with yellow representing electricity": "",
    "no mention": "",
    "": "",
}


@pytest.mark.parametrize("text", BACKGROUNDS)
def test_the_colour_of_a_plain_background_is_read(text):
    assert background_colour(text) == BACKGROUNDS[text]


ACCESSORIES = {
    "wearing black stunner shades with white reflection": ["sunglasses"],
    "wearing brown rimmed glasses": ["glasses"],
    "wearing golden sun glasses": ["sunglasses"],
    "white baseball cap, white diamond earring": ["hat", "earrings"],
    "blue bow in hair with white center": ["bow"],
    "eyebrows, elbow, capable": [],
    "no hat, wearing silver necklace": ["necklace"],
}


@pytest.mark.parametrize("text", ACCESSORIES)
def test_accessories_are_read(text):
    assert accessories(text) == ACCESSORIES[text]


def test_new_prompt_reads_its_expectations():
    prompt = new_prompt("a", "lad with golden earrings, hot pink background")
    assert (prompt.background, prompt.accessories) == ("hot pink", ("earrings",))


@pytest.fixture
def embedded(tmp_path, monkeypatch):
    """An embedded base of two small files, and a function that replaces its weights."""
    from bespoke_gui.core import protocol

    folder = tmp_path / "embedded_base"
    (folder / "unet").mkdir(parents=True)

    def put(weights, build="{}"):
        (folder / "unet" / "model.safetensors").write_bytes(weights)
        (folder / "build.json").write_text(build)
        protocol.embedded_digest.cache_clear()

    monkeypatch.setattr(protocol, "resource", lambda name: tmp_path / name)
    put(b"one")
    yield put
    protocol.embedded_digest.cache_clear()


def test_other_weights_of_the_embedded_base_are_another_base(embedded):
    asked = Protocol(prompts=(Prompt("a", "x"),))
    record = pinned(asked)
    before = generation_id(asked)
    assert generation_id(record) == before
    embedded(b"two")
    assert generation_id(asked) != before
    assert generation_id(record) == before, "what was recorded stays what it was"


@pytest.mark.parametrize("build", ["{", "[]", '{"steps": 5000}', '{"recommended": 3}'])
def test_advice_that_cannot_be_read_leaves_the_defaults(embedded, build):
    embedded(b"one", build)
    protocol = for_base(Protocol(prompts=(Prompt("a", "x"),)), "embedded")
    assert (protocol.width, protocol.steps, protocol.guidance) == (192, 16, 2.0)


def test_the_advice_of_the_embedded_base_is_taken(embedded):
    embedded(b"one", '{"recommended": {"steps": 12, "guidance": 3, "width": 96, "height": 96}}')
    protocol = for_base(Protocol(prompts=(Prompt("a", "x"),)), "embedded")
    assert (protocol.width, protocol.height, protocol.steps, protocol.guidance) == (96, 96, 12, 3)
