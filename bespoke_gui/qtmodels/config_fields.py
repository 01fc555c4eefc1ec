"""The fields of the config form: what each option is called, how it is edited, what it does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bespoke_gui.core.errors import AppError

SCHEDULERS = (
    "constant", "constant_with_warmup", "linear", "cosine", "cosine_with_restarts", "polynomial",
)  # fmt: skip
OPTIMIZERS = ("AdamW", "AdamW8bit", "Lion", "Prodigy", "DAdaptAdam", "Adafactor", "SGDNesterov")
PRECISIONS = ("no", "fp16", "bf16")


@dataclass(frozen=True)
class Field:
    """One option. `kind`: int, float, flag, choice or text; `default`: the trainer's own.

    A choice may be written freely (`choices` are offered, not enforced): trainers differ.
    """

    key: str
    label: str
    kind: str
    help: str
    default: Any = None
    choices: tuple[str, ...] = ()
    group: str = ""

    def parse(self, text: str) -> Any:
        """Return what a person typed as a value; raises AppError in words."""
        text = text.strip()
        try:
            if self.kind == "int":
                return int(text)
            if self.kind == "float":
                return float(text)
        except ValueError:
            wanted = "a whole number" if self.kind == "int" else "a number such as 1e-4"
            raise AppError(f"{self.label}: {text!r} is not {wanted}", kind="bad_config") from None
        return text


def _group(name: str, *rows: tuple) -> tuple[str, tuple[Field, ...]]:
    fields = []
    for key, label, kind, default, words, *choices in rows:
        fields.append(Field(key, label, kind, words, default, tuple(*choices), name))
    return name, tuple(fields)


GROUPS: tuple[tuple[str, tuple[Field, ...]], ...] = (
    _group(
        "Network",
        ("network_dim", "Rank", "int", 4,
         "Size of the LoRA. 16 to 32 holds a pixel-art style; more learns more and overfits."),
        ("network_alpha", "Alpha", "float", 1.0,
         "Strength of the LoRA is alpha divided by rank. Half the rank is usual."),
        ("network_dropout", "Dropout", "float", None, "Share of the network left out each step."),
        ("network_train_unet_only", "Image part only", "flag", False,
         "Leave the text encoder as it is: words keep their meaning, the style is learned."),
    ),
    _group(
        "Learning",
        ("max_train_epochs", "Epochs", "int", None,
         "How often every image is seen. One checkpoint an epoch lets you choose by eye."),
        ("train_batch_size", "Batch size", "int", 1, "Images in one step."),
        ("gradient_accumulation_steps", "Accumulation", "int", 1,
         "Steps gathered before the network changes: a larger batch with less memory."),
        ("learning_rate", "Learning rate", "float", 2e-6, "Used where no own rate is given below."),
        ("unet_lr", "Rate, image part", "float", None, "Learning rate of the UNet."),
        ("text_encoder_lr", "Rate, text part", "float", None,
         "Learning rate of the text encoder, usually half of the other."),
        ("lr_scheduler", "Schedule", "choice", "constant",
         "How the rate moves over the run. With restarts some epochs end at full rate, so that "
         "they look rougher than their neighbours.", SCHEDULERS),
        ("lr_warmup_steps", "Warm-up steps", "int", 0, "Steps until the full rate is reached."),
        ("lr_scheduler_num_cycles", "Restarts", "int", 1, "Cycles of cosine_with_restarts."),
        ("optimizer_type", "Optimizer", "choice", "AdamW", "How the network is changed.",
         OPTIMIZERS),
        ("mixed_precision", "Precision", "choice", "no",
         "bf16 on newer GPUs, fp16 on older ones, no on a processor.", PRECISIONS),
        ("gradient_checkpointing", "Save memory", "flag", False, "Slower, with far less memory."),
        ("seed", "Seed", "int", None, "Same seed and settings: same run."),
    ),
    _group(
        "Dataset",
        ("resolution", "Resolution", "text", None,
         "Edge of the training images, for example 384,384: multiples of 24 and 64 keep every "
         "native pixel whole."),
        ("enable_bucket", "Allow other shapes", "flag", False, "Sort images by shape."),
        ("shuffle_caption", "Shuffle phrases", "flag", False,
         "Phrases come in another order each time, except the kept ones."),
        ("keep_tokens", "Phrases kept first", "int", 0,
         "How many phrases stay at the front, so that they always count."),
        ("caption_dropout_rate", "Caption dropout", "float", 0.0,
         "Share of images trained without their caption."),
        ("max_token_length", "Longest caption", "choice", None,
         "Tokens read of a caption: 75 when empty, 150 or 225.", ("150", "225")),
        ("caption_extension", "Caption files", "text", ".caption", "How caption files end."),
        ("resize_interpolation", "Resize by", "choice", None,
         "Only used where an image has another size. nearest keeps pixels whole.",
         ("nearest", "area", "lanczos")),
        ("cache_latents", "Cache images", "flag", False, "Encode every image once: faster."),
        ("flip_aug", "Mirror images", "flag", False,
         "Also train on mirrored images. Logos and partings get mixed up."),
    ),
    _group(
        "Noise",
        ("noise_offset", "Noise offset", "float", None,
         "Lets the model learn very dark and very bright pictures."),
        ("min_snr_gamma", "Min-SNR gamma", "float", None, "Balances easy and hard steps; often 5."),
        ("multires_noise_iterations", "Multires steps", "int", None, "Noise at several sizes."),
        ("multires_noise_discount", "Multires discount", "float", 0.3, "Fading of larger noise."),
    ),
    _group(
        "Saving",
        ("output_name", "Name", "text", None, "Beginning of every checkpoint's name."),
        ("save_every_n_epochs", "Save every", "int", None, "Epochs between two checkpoints."),
        ("save_precision", "Saved as", "choice", None, "Number format of the checkpoints.",
         ("float", "fp16", "bf16")),
        ("save_state", "Keep state", "flag", False,
         "Also keep what is needed to go on after a stop."),
    ),
)  # fmt: skip

FIELDS: dict[str, Field] = {field.key: field for _, fields in GROUPS for field in fields}
PLACES = frozenset({
    "pretrained_model_name_or_path", "train_data_dir", "output_dir", "logging_dir",
})  # fmt: skip
"""Options that Bespoke sets for every run; they are chosen above the form, not in it."""

OTHER = "Other options in this file"


def other_field(key: str, value: Any) -> Field:
    """Return a field for an option that the form does not know, by the kind of its value."""
    kinds: dict[type, str] = {bool: "flag", int: "int", float: "float"}
    words = "Not described here; it is kept as it is and handed to the trainer."
    return Field(key, key, kinds.get(type(value), "text"), words, group=OTHER)
