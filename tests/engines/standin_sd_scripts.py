"""A stand-in for sd-scripts' train_network.py: prints what the real one prints, writes its files.

Run as `train_network.py --config_file=X`; the config's training_comment says what goes wrong:
no_data, oom, crash, silent, nan, late (no last file), slow.
"""

import json
import os
import re
import sys
import time
import tomllib
from pathlib import Path

SOURCE = "train_network.py:575"


def record(level, text, source=SOURCE):
    """One rich record, wrapped as the width of the terminal asks."""
    width = int(os.environ.get("COLUMNS", "80")) - 30 - len(source)
    words = [text[i : i + width] for i in range(0, len(text), width)]
    for number, part in enumerate(words):
        head = f"{'2026-11-22 11:07:12' if not number else ' ' * 19} "
        head += f"{level:8} " if not number else " " * 9
        sys.stderr.write(f"{head}{part:<{width}} {source if not number else ''}\n")
    sys.stderr.flush()


def say(text):
    """One plain line on standard output."""
    print(text, flush=True)


def bar(step, total, loss=""):
    """One state of tqdm's bar."""
    percent = 100 * step // total
    sys.stderr.write(f"\rsteps: {percent:3}%|███   | {step}/{total} [00:01<00:00,  2.25it/s{loss}]")
    sys.stderr.flush()


def checkpoint(path, epoch, epochs):
    """A small kohya file, written in two halves as a slow disk would."""
    from bespoke_gui.core.lorafile import encode_tensors

    shapes = {"lora_down.weight": (2, 4), "lora_up.weight": (4, 2), "alpha": ()}
    name = "lora_unet_down_blocks_0_attentions_0_proj_in"
    tensors = {f"{name}.{part}": ("F16", shape, b"\0" * (16 if shape else 2))
               for part, shape in shapes.items()}  # fmt: skip
    data = encode_tensors(tensors, {"ss_epoch": str(epoch), "ss_num_epochs": str(epochs)})
    say(f"saving checkpoint: {path}")
    with Path(path).open("wb") as file:
        file.write(data[: len(data) // 2])
        file.flush()
        time.sleep(0.3)
        file.write(data[len(data) // 2 :])


def images_in(folder):
    """How many images x repeats the trainer would find."""
    count = 0
    for path in Path(folder).glob("*"):
        found = re.match(r"(\d+)_", path.name)
        if found:
            count += int(found.group(1)) * len(list(path.glob("*.png")))
    return count


def first_epoch(config):
    """1, or the epoch after the saved state."""
    if not config.get("resume"):
        return 1
    state = json.loads((Path(config["resume"]) / "train_state.json").read_text())
    return state["current_epoch"] + 1


def plan(per, epochs, batch):
    """What the trainer says before its first step."""
    say("running training / 学習開始")
    say(f"  num batches per epoch / 1epochのバッチ数: {per}")
    say(f"  num epochs / epoch数: {epochs}")
    say(f"  batch size per device / バッチサイズ: {batch}")
    say("  gradient accumulation steps / 勾配を合計するステップ数 = 1")
    say(f"  total optimization steps / 学習ステップ数: {per * epochs}")


def go_wrong(wrong):
    """Fail as asked."""
    if wrong == "oom":
        raise RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB")
    if wrong == "crash":
        raise ZeroDivisionError("something nobody thought of")
    if wrong == "silent":
        os._exit(3)


def save_epoch(output, name, epoch, epochs):
    """A checkpoint and its state."""
    checkpoint(output / f"{name}-{epoch:06d}.safetensors", epoch, epochs)
    state = output / f"{name}-{epoch:06d}-state"
    state.mkdir(exist_ok=True)
    (state / "train_state.json").write_text(json.dumps({"current_epoch": epoch}))


def validate(config, epoch):
    """The second bar; without a seed the real one measures images that it taught."""
    for place in (0, 1, 2):
        loss = 0.5 / epoch if "validation_seed" in config else 0.0
        said = f", val_epoch_avg_loss={loss}, timestep={place}" if place else ""
        sys.stderr.write(f"\n\repoch validation steps: {50 * place:3}%|██| {place}/2 "
                         f"[00:00<00:00,  9.1it/s{said}]\x1b[A")  # fmt: skip
    sys.stderr.flush()


def sample(config, folder, step):
    """One picture for each line of the prompt file."""
    from bespoke_gui.engines.png import encode_png

    folder.mkdir(exist_ok=True)
    for number, _ in enumerate(Path(config["sample_prompts"]).read_text("utf-8").splitlines()):
        name = f"{config['output_name']}_{step:06d}_{number:02d}_20261122110712_42.png"
        (folder / name).write_bytes(encode_png(2, 2, bytes(12), {}))


def main():
    config = tomllib.loads(Path(sys.argv[1].split("=", 1)[1]).read_text("utf-8"))
    wrong, name = config.get("training_comment", ""), config["output_name"]
    record("INFO", "prepare images.", "train_util.py:2112")
    images = 0 if wrong == "no_data" else images_in(config["train_data_dir"])
    if not images:
        words = "No data found. Please verify arguments (train_data_dir must be the parent of "
        return record("ERROR", words + "folders with images) / 画像がありません。")
    batch, shown, output = config["train_batch_size"], 0, Path(config["output_dir"])
    per = -(-images // batch)
    steps = config.get("max_train_steps") or config["max_train_epochs"] * per
    epochs = config.get("max_train_epochs") or -(-steps // per)
    plan(per, epochs, batch)
    for epoch in range(first_epoch(config), epochs + 1):
        say(f"\nepoch {epoch}/{epochs}\n")
        for _ in range(min(per, steps - shown)):
            time.sleep(0.3 if wrong == "slow" else 0.01)
            shown += 1
            bar(shown, per * epochs)
            bar(shown, per * epochs, ", avr_loss=nan" if wrong == "nan" else ", avr_loss=1.13")
            if shown % config.get("sample_every_n_steps", 10**9) == 0:
                sample(config, output / "sample", shown)
        if config.get("validation_split"):
            validate(config, epoch)
        go_wrong(wrong)
        if epoch < epochs:
            save_epoch(output, name, epoch, epochs)
    if wrong not in ("late", "nan"):
        checkpoint(output / f"{name}.safetensors", epochs, epochs)
        record("INFO", "model saved.", "train_network.py:1729")
    return None


if __name__ == "__main__":
    main()
