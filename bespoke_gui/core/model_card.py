"""Model card: what someone who gets only the LoRA file must know, in Markdown."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from bespoke_gui.core.gallery import Gallery, GalleryImage
from bespoke_gui.core.project import Project
from bespoke_gui.core.protocol import Protocol
from bespoke_gui.core.report.verdict_words import verdict_lines
from bespoke_gui.core.verdicts import CLEAN

if TYPE_CHECKING:
    from bespoke_gui.core.judgement.verdict import GalleryVerdict
    from bespoke_gui.core.score import ScoreReport


def model_card(
    gallery: Gallery,
    report: ScoreReport,
    verdict: GalleryVerdict,
    file: str,
    sha256: str,
    project: Project | None = None,
) -> str:
    """Return the card of the decided epoch; raises ValueError when nothing is decided."""
    decision = verdict.decision
    if decision is None:
        raise ValueError("a card needs a decision")
    images = [image for image in gallery.images() if image.epoch == decision.epoch]
    trigger = project.trigger if project and project.trigger else "none recorded"
    protocol = gallery.protocol
    base = protocol.base if protocol else gallery.info.base or "unknown"
    sections = [
        f"# {file.removesuffix('.safetensors')}",
        _list([
            f"Base model: {base}", f"Trigger: {trigger}",
            f"Native size: {report.look.native_size} cells; read with downsampler "
            f"{report.look.downsampler}",
            *_rate(gallery, decision.epoch),
            f"Run: {gallery.info.run or 'unknown'}, epoch {decision.epoch}",
            f"Decided: {decision.date}" + (f", {decision.reason}" if decision.reason else ""),
        ]),
        "## Prompts that work", _list(_prompts(images, report, protocol, good=True)),
        "## Limits found", _list(_limits(images, report, verdict, protocol)),
        "## How it was judged", _list(verdict_lines(verdict)),
        "## Protocol", _list(_protocol(protocol, gallery)),
        "## Hashes", _list(_hashes(gallery, file, sha256)),
    ]  # fmt: skip
    return "\n\n".join(sections) + "\n"


def _list(lines: Iterable[str]) -> str:
    return "\n".join(f"- {' '.join(line.split())}" for line in lines)


def _rate(gallery: Gallery, epoch: int) -> list[str]:
    rate = gallery.learning_rate(epoch)
    return [] if rate is None else [f"Learning rate at its end: {rate:.1e}"]


def _prompts(
    images: list[GalleryImage], report: ScoreReport, protocol: Protocol | None, *, good: bool
) -> list[str]:
    """Return the prompts of which every image is clean (good), or not every one is."""
    lines = []
    for name in dict.fromkeys(image.prompt for image in images):
        said = [report.verdicts[i.name] for i in images
                if i.prompt == name and i.name in report.verdicts]  # fmt: skip
        clean = sum(verdict.verdict == CLEAN for verdict in said)
        if not said or (clean == len(said)) != good:
            continue
        prompt = protocol.prompt(name) if protocol else None
        text = f'"{prompt.text}"' if prompt else name
        basis = "/".join(sorted({verdict.basis for verdict in said}))
        lines.append(f"{text} ({clean} of {len(said)} clean, {basis})")
    if good and not lines:
        return ["none of the test prompts gave only clean images"]
    return lines


def _limits(
    images: list[GalleryImage], report: ScoreReport, verdict: GalleryVerdict,
    protocol: Protocol | None,
) -> list[str]:  # fmt: skip
    defects = [
        f"{image.prompt}: {said.reason}"
        for image in images
        if (said := report.verdicts.get(image.name)) and said.defects
    ]
    doubts = verdict.suggestion.against if verdict.suggestion.epoch == verdict.epoch else []
    weak = [f"not always clean: {line}" for line in _prompts(images, report, protocol, good=False)]
    return [*weak, *defects, *doubts] or ["none was found with these prompts and seeds"]


def _protocol(protocol: Protocol | None, gallery: Gallery) -> list[str]:
    if protocol is None:
        return ["how the test images were made is unknown"]
    seeds = ", ".join(map(str, protocol.seeds))
    return [
        f"{protocol.width}x{protocol.height}, {protocol.steps} steps, guidance "
        f"{protocol.guidance:g}, scheduler {protocol.scheduler}, LoRA strength "
        f"{protocol.lora_scale:g}, long prompts {protocol.long_prompts}",
        f"Seeds: {seeds}",
        f'Negative prompt: "{protocol.negative}"' if protocol.negative else "No negative prompt",
        f"Generation id: {gallery.generation_id}"
        + (" (declared, not proven)" if gallery.info.declared else ""),
    ]


def _hashes(gallery: Gallery, file: str, sha256: str) -> list[str]:
    lines = [f"{file}: SHA-256 {sha256}"]
    digest = gallery.protocol.base_digest if gallery.protocol else ""
    return [*lines, f"base: SHA-256 {digest}"] if digest else lines
