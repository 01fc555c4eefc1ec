"""Rules about the optimiser: names the trainer knows, packages they need, what they overrule."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bespoke_gui.core.config.case import Case, rule
from bespoke_gui.core.config.options import nearest
from bespoke_gui.core.errors import Problem

# Names that the trainer compares without regard to case (sd-scripts train_util.py:4826).
OWN_NAMES = (
    "AdamW", "AdamW8bit", "PagedAdamW", "PagedAdamW8bit", "PagedAdamW32bit", "Lion", "Lion8bit",
    "PagedLion8bit", "SGDNesterov", "SGDNesterov8bit", "DAdaptation", "DAdaptAdamPreprint",
    "DAdaptAdaGrad", "DAdaptAdam", "DAdaptAdan", "DAdaptAdanIP", "DAdaptLion", "DAdaptSGD",
    "Prodigy", "Adafactor", "RAdamScheduleFree", "AdamWScheduleFree", "SGDScheduleFree",
)  # fmt: skip
# Anything else is looked for in torch.optim, with regard to case.
TORCH_NAMES = (
    "Adadelta", "Adagrad", "Adam", "AdamW", "Adamax", "ASGD", "LBFGS", "NAdam", "RAdam", "RMSprop",
    "Rprop", "SGD", "SparseAdam",
)  # fmt: skip
PLAIN_RATE = 0.01
ADAPTIVE_RATE = 0.1
RATES = ("learning_rate", "unet_lr", "text_encoder_lr")
SCHEDULING = ("lr_scheduler", "lr_warmup_steps", "lr_scheduler_num_cycles")


def optimiser_of(case: Case) -> str:
    """Return the optimiser's name in lower case, as the trainer compares it."""
    for flag, name in (("use_8bit_adam", "adamw8bit"), ("use_lion_optimizer", "lion")):
        if case.get(flag) is True:
            return name
    return str(case.get("optimizer_type") or "adamw").lower()


@rule
def optimiser_name(case: Case) -> Iterator[Problem]:
    """Names of nothing stop the trainer (AttributeError)."""
    name = case.get("optimizer_type")
    if not isinstance(name, str) or not name or "." in name or name in TORCH_NAMES:
        return
    if name.lower() in {known.lower() for known in OWN_NAMES}:
        return
    near = nearest(name, {known.lower(): known for known in (*OWN_NAMES, *TORCH_NAMES)})
    known = {k.lower(): k for k in (*OWN_NAMES, *TORCH_NAMES)}.get(near, "")
    message = f"optimizer_type = {name!r} is none the trainer knows; it stops"
    hint = f"did you mean {known}?" if known else 'write "AdamW"'
    yield case.finding("bad_choice", "error", "optimizer_type", message, hint)


@rule
def optimiser_packages(case: Case) -> Iterator[Problem]:
    """Optimisers that come in packages of their own."""
    name = optimiser_of(case)
    needs = {
        "bitsandbytes": name.endswith("8bit") or name.startswith("pagedadamw"),
        "lion_pytorch": name == "lion",
        "dadaptation": name.startswith("dadapt"),
        "prodigyopt": name == "prodigy",
        "schedulefree": name.endswith("schedulefree"),
    }
    for package, needed in needs.items():
        if needed:
            shown = case.get("optimizer_type") or name
            message = (
                f"optimizer_type {shown} needs {package} on the machine; "
                "where it is missing the trainer stops"
            )
            hint = f'check that {package} is installed there, or use "AdamW"'
            yield case.finding(f"needs_{package}", "warning", "optimizer_type", message, hint)


@rule
def old_optimiser_flags(case: Case) -> Iterator[Problem]:
    """The old flags exclude the option that replaced them."""
    flags = [key for key in ("use_8bit_adam", "use_lion_optimizer") if case.get(key) is True]
    for key in flags:
        if case.get("optimizer_type") or len(flags) > 1:
            message = f"{key} and another optimiser are both set; the trainer stops"
            yield case.finding("conflict", "error", key, message, f"take {key} out")


@rule
def unlikely_rates(case: Case) -> Iterator[Problem]:
    """Learning rates that an optimiser cannot do anything sensible with."""
    name = optimiser_of(case)
    adaptive = name.startswith(("dadapt", "prodigy"))
    for key in RATES:
        rate = case.number(key)
        if not case.given(key) or rate is None or rate <= 0:
            continue
        if adaptive and rate <= ADAPTIVE_RATE:
            message = f"{key} = {rate:g} is far too low for {name}, which finds the rate by itself"
            yield case.finding("unlikely_rate", "warning", key, message, f"set {key} = 1.0")
        elif rate > PLAIN_RATE and not adaptive and name != "adafactor":
            message = f"{key} = {rate:g} is far too high: the images fall apart within few steps"
            yield case.finding("unlikely_rate", "warning", key, message, "1e-4 is usual for a LoRA")


@rule
def untrained_part(case: Case) -> Iterator[Problem]:
    """A rate of 0 leaves that part untrained; below 0 the optimiser stops."""
    zero = [key for key in RATES if case.given(key) and case.get(key) == 0]
    for key in RATES:
        rate = case.number(key)
        if case.given(key) and rate is not None and rate < 0:
            message = f"{key} = {rate:g} must be 0 or more"
            yield case.finding("out_of_range", "error", key, message, "set 1e-4")
    if {"unet_lr", "text_encoder_lr"} <= set(zero):
        message = "unet_lr and text_encoder_lr are both 0: nothing is left to train"
        yield case.finding("conflict", "error", "unet_lr", message, "set unet_lr = 1e-4")
    for key, part in (("unet_lr", "UNet"), ("text_encoder_lr", "text encoder")):
        if zero == [key]:
            message = f"{key} = 0 leaves the {part} untrained"
            hint = f"set {key} = 5e-5, unless that is meant"
            yield case.finding("untrained_part", "info", key, message, hint)


@rule
def schedule_overruled(case: Case) -> Iterator[Problem]:
    """Some optimisers bring their own schedule."""
    name = optimiser_of(case)
    if name.endswith("schedulefree"):
        for key in SCHEDULING:
            if case.given(key):
                message = f"{key} is ignored, since {name} keeps one rate"
                yield case.finding("ignored_value", "info", key, message, "take it out")
    if name == "adafactor" and not _relative_step_off(case):
        for key in ("unet_lr", "text_encoder_lr", "lr_scheduler"):
            if case.given(key) and case.get(key) != "adafactor":
                message = f"{key} is ignored, since Adafactor finds the rate by itself"
                hint = 'for fixed rates set optimizer_args = ["relative_step=False"]'
                yield case.finding("ignored_value", "warning", key, message, hint)
        if (case.number("lr_warmup_steps") or 0) > 0:
            message = "Adafactor with its own schedule and lr_warmup_steps above 0: it stops"
            hint = "set lr_warmup_steps = 0"
            yield case.finding("conflict", "error", "lr_warmup_steps", message, hint)


def _relative_step_off(case: Case) -> bool:
    arguments = case.get("optimizer_args")
    words = [str(one).replace(" ", "") for one in arguments] if isinstance(arguments, list) else []
    return "relative_step=False" in words and "warmup_init=True" not in words


@rule
def argument_lists(case: Case) -> Iterator[Problem]:
    """`name=value` with a value that Python can read; anything else stops the trainer."""
    for key in ("optimizer_args", "lr_scheduler_args"):
        entries = case.get(key)
        for entry in entries if isinstance(entries, list) else ():
            if isinstance(entry, str) and not _readable(entry):
                message = f"{key} holds {entry!r}, which is no name=value with a Python value"
                hint = 'write it as "weight_decay=0.1", texts in quotes, True and False capital'
                yield case.finding("bad_argument", "error", key, message, hint)


def _readable(entry: str) -> bool:
    name, equals, value = entry.partition("=")
    if not equals or not name.strip().isidentifier() or "=" in value:
        return False
    try:
        ast.literal_eval(value.strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
        return False
    return True
