"""Lines of the verdict: each criterion with figure, basis, number of images, interval and level."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from bespoke_gui.core.bootstrap import Interval, nested_difference, ratio_interval
from bespoke_gui.core.criteria import LEVELS, Criterion
from bespoke_gui.core.judgement.outcomes import CLEAN_SHARE, Outcome, Place, Share, share_of
from bespoke_gui.core.verdicts import PREDICTED, REVIEWED

NOT_REACHED = "not reached"


@dataclass(frozen=True)
class Base:
    """What is compared with: images of a comparable baseline's best epoch, or figures that a
    person counted (`declared`). why: why nothing can be compared, e.g. "not comparable: ..."."""

    items: Sequence[Outcome] = ()
    epoch: int | None = None
    declared: dict[str, float] = field(default_factory=dict)
    why: str = ""


@dataclass(frozen=True)
class Line:
    """One criterion judged. value: the figure as the criterion counts it (a reduction, a share,
    a number of epochs), None where it cannot be judged. level: the highest level reached,
    "not reached", or "" where nothing can be said. sure: the interval's bad end reaches it too.

    basis: "predicted" or "reviewed", and "declared" or "baseline epoch 8" where it is relative.
    count: images (accessories: answers); missing: how many are still to be looked at.
    """

    name: str
    title: str
    kind: str
    value: float | None
    interval: tuple[float, float] | None
    figure: float | None
    baseline: float | None
    basis: str
    count: int
    missing: int
    level: str
    sure: bool
    levels: dict[str, float]
    text: str
    better: str = "higher"

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return asdict(self)


def judge_line(
    criterion: Criterion, mine: Sequence[Outcome], base: Base, epochs: dict[int, list[Outcome]]
) -> Line:
    """Judge one criterion. mine: the images of the epoch that is judged; epochs: those of all."""
    if criterion.kind == "better":
        return _better(criterion, base, epochs)
    share = share_of(criterion.name, mine)
    if criterion.kind == "share":
        return _line(criterion, share, None, share.value, share.interval, share.why)
    return _relative(criterion, share, mine, base)


def _line(
    criterion: Criterion, share: Share, baseline: float | None, value: float | None,
    interval: Interval | None, why: str, against: str = "",
) -> Line:  # fmt: skip
    ends = (
        (round(interval.low, 4), round(interval.high, 4))
        if interval and value is not None
        else None
    )
    level, sure = ("", False) if value is None or why else _level(criterion, value, ends)
    basis = f"{share.basis}, {against}" if against else share.basis
    shown = None if value is None else round(value, 4)
    levels = {name: at for name in LEVELS if (at := getattr(criterion, name)) is not None}
    figure = None if share.value is None else round(share.value, 4)
    line = Line(
        criterion.name, criterion.title, criterion.kind, shown, ends, figure, baseline, basis,
        share.count, share.missing, level, sure, levels, "", criterion.better,
    )  # fmt: skip
    return Line(**{**asdict(line), "interval": ends, "text": _words(criterion, line, why)})


def _level(
    criterion: Criterion, value: float, ends: tuple[float, float] | None
) -> tuple[str, bool]:
    """Return the highest level reached by the figure, and whether the bad end reaches it too."""
    lower = criterion.better == "lower" and criterion.kind == "share"
    bad = value if ends is None else ends[1] if lower else ends[0]
    reached, sure = NOT_REACHED, False
    for name in LEVELS:
        at = getattr(criterion, name)
        if at is not None and (value <= at if lower else value >= at):
            reached, sure = name, (bad <= at if lower else bad >= at)
    if reached == NOT_REACHED:
        sure = not _any_within(criterion, ends, lower)
    return reached, sure


def _any_within(criterion: Criterion, ends: tuple[float, float] | None, lower: bool) -> bool:
    """Whether the good end of the interval would reach a level after all."""
    if ends is None:
        return False
    levels = [at for name in LEVELS if (at := getattr(criterion, name)) is not None]
    return any(ends[0] <= at if lower else ends[1] >= at for at in levels)


def _words(criterion: Criterion, line: Line, why: str) -> str:
    if why or line.value is None:
        known = line.figure is not None and criterion.kind != "better"
        when = "so far" if line.missing else "here"
        so_far = f" ({when} {_percent(line.figure or 0)})" if known else ""
        return f"{why or 'cannot be judged'}{so_far}"
    if criterion.kind == "better":
        return f"{line.value:.0f}: {_reached(line)}"
    ends = (
        f" ({_percent(line.interval[0])} to {_percent(line.interval[1])})" if line.interval else ""
    )
    if criterion.kind == "share":
        return f"{_percent(line.value)}{ends}: {_reached(line)}"
    up = (line.value < 0) == (criterion.kind == "reduction")
    change = (
        f"{_percent(abs(line.value))} {'more' if up else 'fewer'}{ends if line.value > 0 else ''}"
    )
    sides = f"from {_percent(line.baseline or 0)} to {_percent(line.figure or 0)}"
    return f"{change}, {sides}: {_reached(line)}"


def _reached(line: Line) -> str:
    word = line.level if line.level == NOT_REACHED else f"{line.level} reached"
    return word if line.sure else f"{word}, but it may be chance"


def _percent(value: float) -> str:
    return f"{value:.0%}"


def _relative(criterion: Criterion, share: Share, mine: Sequence[Outcome], base: Base) -> Line:
    """A reduction or improvement against the baseline: 0.3 is 30% fewer, or 30% more."""
    sign = -1 if criterion.kind == "reduction" else 1
    if base.why or (not base.items and criterion.name not in base.declared):
        why = base.why or "there is nothing to compare with: give a baseline"
        return _line(criterion, share, None, None, None, share.why or why)
    if not base.items:
        return _declared(criterion, share, base.declared[criterion.name], sign)
    theirs = share_of(criterion.name, base.items, "" if share.basis == REVIEWED else PREDICTED)
    against = f"baseline epoch {base.epoch}"
    why = share.why or (f"the baseline {theirs.why}" if theirs.why else "")
    if not why and theirs.basis != share.basis:
        why = f"cannot be judged yet: the baseline's {len(base.items)} images are unscored"
    places = sorted(set(share.hits) & set(theirs.hits), key=str)
    if not why and not places:
        why = "cannot be judged: no prompt and seed is on both sides"
    if why or share.value is None or not theirs.value:
        why = why or f"cannot be judged: the baseline's figure is {theirs.value}"
        return _line(criterion, share, theirs.value, None, None, why, against)
    interval = ratio_interval(
        [share.hits[place] for place in places], [theirs.hits[place] for place in places], sign
    )
    return _line(criterion, share, round(theirs.value, 4), interval.mean, interval, "", against)


def _declared(criterion: Criterion, share: Share, base: float, sign: int) -> Line:
    """Against a figure a person counted elsewhere: shown, and called so."""
    against = "baseline declared, not proven like for like"
    if share.value is None or not share.interval or base <= 0:
        why = share.why or "the declared baseline is 0"
        return _line(criterion, share, base, None, None, why, against)
    change: Callable[[float], float] = lambda figure: sign * (figure / base - 1)  # noqa: E731
    ends = sorted((change(share.interval.low), change(share.interval.high)))
    interval = Interval(change(share.value), ends[0], ends[1], share.count)
    return _line(criterion, share, base, interval.mean, interval, share.why, against)


def _better(criterion: Criterion, base: Base, epochs: dict[int, list[Outcome]]) -> Line:
    """Count the epochs that beat the baseline's best beyond what chance explains."""
    declared = "baseline declared, not proven" if CLEAN_SHARE in base.declared else ""
    basis = f"baseline epoch {base.epoch}" if base.items else declared
    everything = [item for items in epochs.values() for item in items]
    share = share_of(CLEAN_SHARE, everything)
    why = base.why or share.why
    if not why and not base.items and CLEAN_SHARE not in base.declared:
        why = "there is nothing to compare with: give a baseline"
    if not why and base.items:
        theirs = share_of(CLEAN_SHARE, base.items, "" if share.basis == REVIEWED else PREDICTED)
        if theirs.why or theirs.basis != share.basis:
            why = f"cannot be judged yet: the baseline's {len(base.items)} images are unscored"
    value = (
        None if why else float(sum(_beats(items, base, share.basis) for items in epochs.values()))
    )
    return _line(criterion, share, None, value, None, why, basis)


def _beats(items: Sequence[Outcome], base: Base, basis: str) -> bool:
    if not base.items:
        share = share_of(CLEAN_SHARE, items, basis)
        return bool(share.interval and share.interval.low > base.declared[CLEAN_SHARE])
    scored = all(item.verdict.score is not None for item in (*items, *base.items))
    mine, theirs = _quality(items, scored), _quality(base.items, scored)
    interval = nested_difference(mine, theirs)
    return interval is not None and interval.excludes_zero and interval.mean > 0


def _quality(items: Sequence[Outcome], scored: bool) -> dict[Place, float]:
    """Return place -> score where all of both sides are scored, else whether it is clean."""
    return {
        item.place: item.verdict.score or 0.0 if scored else float(bool(item.says(CLEAN_SHARE)))
        for item in items
    }
