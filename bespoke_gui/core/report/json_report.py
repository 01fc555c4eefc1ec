"""Report format json: all figures, thresholds and verdicts."""

from __future__ import annotations

import json

from bespoke_gui.core.report import REPORTS, ReportFormat, ReportInput


def _run(given: ReportInput) -> bytes:
    info = given.gallery.info.as_dict()
    data = {"title": given.title, "chosen": given.chosen, "gallery": info}
    data["verdict"] = given.verdict.as_dict() if given.verdict else None
    data["judgement"] = given.reviews.as_dict()
    text = json.dumps({**data, **given.scores.as_dict()}, indent=1, ensure_ascii=False)
    return (text + "\n").encode("utf-8")


REPORTS.add("json", ReportFormat("json", "All figures", _run))
