"""Rules about the course of a training: scheduler, warm-up, optimiser, noise."""

from __future__ import annotations

from collections.abc import Iterator

from bespoke_gui.core.config.case import Case, rule
from bespoke_gui.core.config.learning_rate import SCHEDULER_NAMES
from bespoke_gui.core.config.options import nearest
from bespoke_gui.core.config.schedule import annealed_epochs, plan, uneven_words
from bespoke_gui.core.errors import AppError, Problem


@rule
def scheduler(case: Case) -> Iterator[Problem]:
    """Names the trainer knows, and what each of them needs."""
    name = case.get("lr_scheduler")
    if not isinstance(name, str) or case.get("lr_scheduler_type"):
        return
    if name.split(":")[0] not in SCHEDULER_NAMES:
        near = nearest(name, SCHEDULER_NAMES)
        message = f"lr_scheduler = {name!r} is none the trainer knows; it stops"
        hint = f"did you mean {near}?" if near else f"one of {', '.join(sorted(SCHEDULER_NAMES))}"
        yield case.finding("bad_choice", "error", "lr_scheduler", message, hint)
    elif name == "constant" and (case.number("lr_warmup_steps") or 0) > 0:
        message = (
            "lr_scheduler constant with lr_warmup_steps above 0 stops the trainer: "
            '"constant does not require `num_warmup_steps`"'
        )
        hint = 'set lr_scheduler = "constant_with_warmup", or lr_warmup_steps = 0'
        yield case.finding("conflict", "error", "lr_scheduler", message, hint)
    elif name == "cosine_with_min_lr" and not case.given("lr_scheduler_min_lr_ratio"):
        message = "cosine_with_min_lr needs lr_scheduler_min_lr_ratio; without it the trainer stops"
        hint = "set lr_scheduler_min_lr_ratio = 0.1"
        yield case.finding("conflict", "error", "lr_scheduler", message, hint)
    elif name.startswith("adafactor") and str(case.get("optimizer_type")).lower() != "adafactor":
        message = "lr_scheduler adafactor needs optimizer_type Adafactor; the trainer stops"
        yield case.finding("conflict", "error", "lr_scheduler", message, "change one of them")


@rule
def foreign_scheduler(case: Case) -> Iterator[Problem]:
    """A scheduler class of another library is given no warm-up."""
    kind = case.get("lr_scheduler_type")
    if not kind:
        return
    if (case.number("lr_warmup_steps") or 0) > 0:
        message = f"lr_scheduler_type {kind} with lr_warmup_steps above 0 stops the trainer"
        hint = "set lr_warmup_steps = 0"
        yield case.finding("conflict", "error", "lr_warmup_steps", message, hint)
    if case.given("lr_scheduler"):
        message = "lr_scheduler is ignored, since lr_scheduler_type is set"
        yield case.finding("ignored_value", "info", "lr_scheduler", message, "take it out")


@rule
def share_of_steps(case: Case) -> Iterator[Problem]:
    """A number with a point is a share of all steps: 100.0 is a hundred times the training."""
    for key in ("lr_warmup_steps", "lr_decay_steps"):
        value = case.number(key)
        if isinstance(value, float) and value > 1:
            message = f"{key} = {value} has a point, so it is a share: {value:g} times all steps"
            hint = f"write {key} = {int(value)} for {int(value)} steps"
            yield case.finding("share_above_one", "error", key, message, hint)


@rule
def uneven_epochs(case: Case) -> Iterator[Problem]:
    """Epochs that end at very different rates differ for that reason too."""
    if case.data is None or case.data.meant < 1:
        return
    try:
        course = plan(case.values, case.data.meant, case.sizes)
    except AppError:
        return  # The values that do not fit are named by other rules.
    if course.warmup_steps >= course.total_steps > 0:
        message = (
            f"lr_warmup_steps covers all {course.total_steps} steps: "
            "the full learning rate is never reached"
        )
        yield case.finding(
            "long_warmup", "warning", "lr_warmup_steps", message, "set it to about 10% of them"
        )
    words = uneven_words(course.lr_at_epoch)
    if words:
        # A rate that only falls is what one expects; one that rises again misleads.
        low = annealed_epochs(course.lr_at_epoch)
        restarts = low[-1] - low[0] + 1 > len(low) or low[-1] < course.epochs
        severity = "warning" if restarts else "info"
        hint = "compare epochs with this in mind, or use constant_with_warmup"
        yield case.finding("uneven_epochs", severity, "lr_scheduler", words, hint)


@rule
def two_noises(case: Case) -> Iterator[Problem]:
    """Once excluded, now allowed without a word: the check is commented out in the trainer."""
    if case.number("noise_offset") and case.number("multires_noise_iterations"):
        message = "noise_offset and multires noise are both on: allowed, but they change the same"
        hint = "keep one, unless this is what you want to test"
        yield case.finding("two_noises", "info", "noise_offset", message, hint)
    if case.given("adaptive_noise_scale") and not case.given("noise_offset"):
        message = "adaptive_noise_scale requires noise_offset; the trainer stops"
        yield case.finding("conflict", "error", "adaptive_noise_scale", message, "set noise_offset")


@rule
def nothing_trained(case: Case) -> Iterator[Problem]:
    """Both switches together leave nothing to train."""
    unet, text = "network_train_unet_only", "network_train_text_encoder_only"
    if case.get(unet) is True and case.get(text) is True:
        message = f"{unet} and {text} are both on: nothing is left to train"
        yield case.finding("conflict", "error", unet, message, "turn one of them off")


@rule
def steps_overridden(case: Case) -> Iterator[Problem]:
    """A number of epochs replaces a number of steps."""
    if case.given("max_train_epochs") and case.given("max_train_steps"):
        message = "max_train_steps is ignored, since max_train_epochs is set"
        yield case.finding("ignored_value", "info", "max_train_steps", message, "take it out")


@rule
def no_regularisation(case: Case) -> Iterator[Problem]:
    """prior_loss_weight weighs regularisation images only."""
    if case.given("prior_loss_weight") and not case.given("reg_data_dir"):
        message = "prior_loss_weight has no effect without regularisation images"
        yield case.finding("ignored_value", "info", "prior_loss_weight", message, "take it out")
