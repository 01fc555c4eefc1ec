"""Report format csv: one line an image with every measure and the verdict."""

from __future__ import annotations

import csv
import io

from bespoke_gui.core.measures import ordered
from bespoke_gui.core.report import REPORTS, ReportFormat, ReportInput

_FORMULA = ("=", "+", "-", "@", "\t")


def _run(given: ReportInput) -> bytes:
    names = [measure.name for measure in ordered()]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(
        ["image", "epoch", "prompt", "seed", *names, "verdict", "basis", "score", "defects"]
    )
    for image in given.gallery.images():
        values = given.scores.images.get(image.name)
        if values is None:
            continue
        verdict = given.scores.verdicts[image.name]
        seed = "" if image.seed is None else image.seed
        place = [_plain(image.name), image.epoch, _plain(image.prompt), seed]
        figures = ["" if values[name] is None else values[name] for name in names]
        score = "" if verdict.score is None else round(verdict.score, 4)
        said = [verdict.verdict, verdict.basis, score, "; ".join(verdict.defects)]
        writer.writerow([*place, *figures, *said])
    return out.getvalue().encode("utf-8")


def _plain(text: str) -> str:
    """Keep a spreadsheet from reading a file's name as a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


REPORTS.add("csv", ReportFormat("csv", "Table of images", _run))
