"""Caption engine: tiny random models of every kind describe images; nothing foreign is run."""

import json

import pytest
from PIL import Image

from bespoke_gui.core.suggest.answer import CUT

pytestmark = pytest.mark.engine
torch = pytest.importorskip("torch")


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    from tests.engines import tiny_captioners

    folder = tmp_path_factory.mktemp("captioners")
    return {name: make(folder / name) for name, make in tiny_captioners.ALL.items()}


@pytest.fixture
def items(tmp_path):
    made = []
    for number, colour in enumerate(["green", "red", "blue"]):
        path = tmp_path / f"lad_{number}.png"
        Image.new("RGB", (24, 24), colour).save(path)
        made.append({"name": path.name, "key": f"k{number}", "image": str(path),
                     "prompt": "a red hat"})  # fmt: skip
    return made


def described(tmp_path, base, items, **options):
    from tests.engines.runs import finish, make_run

    options = {"items": items, "image": "native", "native_size": 24, "max_tokens": 8,
               "threads": 1, **options}  # fmt: skip
    run_dir = make_run(tmp_path / "run", "caption", base=str(base), device="cpu", options=options)
    return run_dir, *finish(run_dir)


@pytest.mark.parametrize("name", ["blip", "git", "vision_encoder_decoder", "llava"])
def test_every_image_gets_words(name, models, items, tmp_path):
    from tests.engines.runs import events

    run_dir, outcome, fields = described(tmp_path, models[name], items)
    assert (outcome, fields) == ("finished", {"images": 3, "described": 3}), fields
    found = events(run_dir, "suggestion")
    assert [event["key"] for event in found] == ["k0", "k1", "k2"]
    assert all(event["text"] and "[SEP]" not in event["text"] for event in found)
    assert events(run_dir, "progress")[-1]["step"] == 3
    warned = any("takes no prompt" in event.get("text", "") for event in events(run_dir, "log"))
    assert warned == (name != "llava")


def test_a_text_cut_at_the_limit_says_so(models, items, tmp_path):
    from tests.engines.runs import events

    run_dir, *_ = described(tmp_path, models["blip"], items[:1], max_tokens=4)
    found = events(run_dir, "suggestion")[0]
    assert found["note"] == CUT
    assert len(found["text"].split()) <= 4


def test_one_bad_image_does_not_stop_the_rest(models, items, tmp_path):
    from tests.engines.runs import events

    (tmp_path / "lad_1.png").write_bytes(b"no image")
    run_dir, outcome, fields = described(tmp_path, models["blip"], items)
    assert (outcome, fields["described"]) == ("finished", 2)
    problems = [event.get("problem", "") for event in events(run_dir, "suggestion")]
    assert ["is not an image" in problem for problem in problems] == [False, True, False]


def test_a_stop_keeps_what_was_said(models, items, tmp_path):
    from bespoke_gui.core.suggest import picture
    from tests.engines.runs import events

    def stop_at_the_second(path, native_size, kind):
        if path.name == "lad_1.png":
            (tmp_path / "run" / "control" / "stop").touch()
        return Image.open(path)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(picture, "for_model", stop_at_the_second)
        run_dir, outcome, fields = described(tmp_path, models["blip"], items)
    assert outcome == "cancelled"
    assert "2 of 3" in fields["message"]
    assert len(events(run_dir, "suggestion")) == 2


def change_config(folder, **fields):
    path = folder / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **fields}))


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda folder: (folder / "config.json").unlink(), "no config.json"),
        (lambda folder: (folder / "config.json").write_text("{"), "no config.json"),
        (lambda folder: (folder / "model.safetensors").rename(folder / "pytorch_model.bin"),
         "holds no .safetensors"),
        (lambda folder: change_config(folder, auto_map={"AutoModel": "evil.Model"}), "never run"),
        (lambda folder: change_config(folder, model_type="bert"), "cannot be loaded"),
        (lambda folder: (folder / "model.safetensors").write_bytes(b"x" * 64), "cannot be loaded"),
        (lambda folder: (folder / "tokenizer.json").unlink(), "no tokenizer"),
    ],
)  # fmt: skip
def test_what_is_no_safe_model_is_refused_in_one_line(spoil, words, items, tmp_path):
    from tests.engines.tiny_captioners import blip

    folder = blip(tmp_path / "model")
    (folder / "evil.py").write_text("raise SystemExit('foreign code ran')")
    spoil(folder)
    _, outcome, fields = described(tmp_path, folder, items)
    assert (outcome, fields["kind"]) == ("failed", "missing_model"), fields
    assert words in fields["message"]
    assert "\n" not in fields["message"]
    assert fields["hint"]


def test_pickled_weights_are_never_read(items, tmp_path):
    """A folder with both kinds uses the safetensors; the other file would run code when read."""
    from tests.engines.tiny_captioners import blip

    folder = blip(tmp_path / "model")
    bomb = b"cposix\nsystem\n(S'touch " + str(tmp_path / "boom").encode() + b"'\ntR."
    (folder / "pytorch_model.bin").write_bytes(bomb)
    _, outcome, _ = described(tmp_path, folder, items)
    assert outcome == "finished"
    assert not (tmp_path / "boom").exists()
