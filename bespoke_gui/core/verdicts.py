"""Verdicts on images: clean, pixel defect or messy; "predicted" until people have looked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bespoke_gui.core.criteria import Words
from bespoke_gui.core.judgement.summary import Judged
from bespoke_gui.core.measures import MEASURES

PREDICTED, REVIEWED = "predicted", "reviewed"
CLEAN, DEFECT, MESSY, FAIR, UNKNOWN = "clean", "pixel defect", "messy", "fair", "unknown"


@dataclass(frozen=True)
class Verdict:
    """verdict: "clean", "pixel defect", "messy", "fair" (reviewed: no defect, but neither a
    clean nor a messy score), or "unknown" where a threshold is missing.

    basis: "predicted" (from measures) or "reviewed" (by people). defects: the measures beyond
    their limit, or the tags that people gave. reason: the same in words. score: 0 to 10, the
    mean of those who gave one.
    """

    verdict: str
    basis: str = PREDICTED
    defects: tuple[str, ...] = ()
    reason: str = ""
    score: float | None = None

    @property
    def is_reviewed(self) -> bool:
        """Whether a person looked."""
        return self.basis == REVIEWED


def reviewed(said: Judged, words: Words) -> Verdict:
    """Return the verdict of one image from what people say about it."""
    score, count = said.score, len(said.defects)
    messy = count >= words.messy_defects or (score is not None and score <= words.messy_score)
    clean = not count and (score is None or score >= words.clean_score)
    word = MESSY if messy else DEFECT if count else CLEAN if clean else FAIR
    return Verdict(word, REVIEWED, said.defects, _said(said), score)


def _said(said: Judged) -> str:
    tags = ", ".join([*said.defects, *said.other_tags]) or "no defect"
    score = "not scored" if said.score is None else f"score {said.score:.3g}"
    many = "" if said.judges == 1 else f" by {said.judges} judges"
    apart = f", {said.spread:g} apart" if said.spread >= 3 else ""
    return f"{score}{many}{apart}: {tags}"


def predict(
    values: Mapping[str, float | None], limits: Mapping[str, float], words: Words
) -> Verdict:
    """Return the predicted verdict of one image from its measures.

    A defect is a measure of `words.defects` beyond its limit. "unknown" when no defect was
    found but a measure that has a value has no limit, or none of them has a value.
    """
    judged = [name for name in words.defects if values.get(name) is not None]
    defects = tuple(name for name in judged if _beyond(name, values[name], limits))
    missing = [name for name in words.defects if values.get(name) is None or name not in limits]
    if len(defects) >= words.messy_defects:
        return Verdict(MESSY, defects=defects, reason=_reason(defects, values, limits))
    if defects:
        return Verdict(DEFECT, defects=defects, reason=_reason(defects, values, limits))
    # The large image is not always there: impurity alone never keeps a verdict back.
    missing = [name for name in missing if name != "cell_impurity"]
    if missing:
        return Verdict(UNKNOWN, reason=f"no limit for {', '.join(missing)}: give the training set")
    return Verdict(CLEAN, reason="no defect predicted; people have not looked yet")


def _beyond(name: str, value: float | None, limits: Mapping[str, float]) -> bool:
    return MEASURES[name].beyond(value, limits.get(name))


def _reason(
    defects: tuple[str, ...], values: Mapping[str, float | None], limits: Mapping[str, float]
) -> str:
    parts = []
    for name in defects:
        measure = MEASURES[name]
        value, limit = measure.text(values[name]), measure.text(limits[name])
        parts.append(f"{measure.title.lower()} {value}, training set at most {limit}")
    return "; ".join(parts)
