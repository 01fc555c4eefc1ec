"""Report format png: the collage with figures, settings and the chosen epoch."""

from __future__ import annotations

import io

from PIL import PngImagePlugin

from bespoke_gui.core.collage import CollageText, collage
from bespoke_gui.core.report import REPORTS, ReportFormat, ReportInput
from bespoke_gui.core.report.verdict_words import verdict_lines
from bespoke_gui.core.report.words import background_and_colours, beside_epoch, settings_lines


def _run(given: ReportInput) -> bytes:
    gallery = given.gallery
    under = {image.name: background_and_colours(given, image.name) for image in gallery.images()}
    foot = [*settings_lines(given), *_judged(given)]
    text = CollageText(given.title, under, _beside(given), foot, given.chosen)
    picture = collage(gallery, given.scale, given.scores.look, text)
    info = PngImagePlugin.PngInfo()
    info.add_text("Software", "Bespoke")
    data = io.BytesIO()
    picture.save(data, "PNG", pnginfo=info, optimize=True)
    return data.getvalue()


def _judged(given: ReportInput) -> list[str]:
    """Return why the epoch was chosen, and the criteria in a sentence each."""
    verdict = given.verdict
    if verdict is None:
        return []
    lines = verdict_lines(verdict)
    decision = verdict.decision
    if decision and decision.epoch == given.chosen and decision.reason:
        lines.insert(0, f"Chosen {decision.date[:10]}: {decision.reason}")
    return ["", *lines]


def _beside(given: ReportInput) -> dict[int, list[str]]:
    lines = {}
    for number, row in given.scores.epochs.items():
        words = [f"{row['unique_colours']:.1f} colours"] if row["unique_colours"] else []
        if row["background_match"] is not None:
            words.append(f"background {row['background_match']:.2f}")
        lines[int(number)] = [*words, *beside_epoch(row)]
    return lines


REPORTS.add("png", ReportFormat("png", "Collage", _run))
