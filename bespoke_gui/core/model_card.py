"""Model card: what someone who gets only the LoRA file must know, in Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from bespoke_gui.core.gallery import Gallery, GalleryImage
from bespoke_gui.core.project import Project
from bespoke_gui.core.protocol import Protocol
from bespoke_gui.core.report.verdict_words import verdict_lines
from bespoke_gui.core.verdicts import CLEAN, Verdict

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
        "## Prompts that work", _list(_works(images, report, protocol)),
        "## Limits found", _list(_limits(images, report, verdict)),
        "## How it was judged", _list(verdict_lines(verdict)),
        "## Protocol", _list(_protocol(protocol, gallery)),
        "## Hashes", _list(_hashes(gallery, file, sha256)),
    ]  # fmt: skip
    return "\n\n".join(sections) + "\n"


def _list(lines: Iterable[str]) -> str:
    return "\n".join(f"- {' '.join(line.split())}" for line in lines)


def _rate(gallery: Gallery, epoch: int) -> list[str]:
    rate = gallery.learning_rate(epoch)
    loss = gallery.held_out_loss(epoch)
    lines = [] if rate is None else [f"Learning rate at its end: {rate:.1e}"]
    return lines if loss is None else [*lines, f"Loss on images that were not taught: {loss:.4f}"]


def _by_prompt(
    images: list[GalleryImage], report: ScoreReport
) -> Iterator[tuple[str, list[Verdict], str]]:
    """Yield each prompt's name, the verdicts on its images, and "2 of 3 clean, reviewed"."""
    for name in dict.fromkeys(image.prompt for image in images):
        said = [report.verdicts[image.name] for image in images
                if image.prompt == name and image.name in report.verdicts]  # fmt: skip
        clean = sum(verdict.verdict == CLEAN for verdict in said)
        basis = "/".join(sorted({verdict.basis for verdict in said}))
        if said:
            yield name, said, f"{clean} of {len(said)} clean, {basis}"


def _works(images: list[GalleryImage], report: ScoreReport, protocol: Protocol | None) -> list[str]:
    """Return the prompts of which every image is clean, in full."""
    lines = []
    for name, said, words in _by_prompt(images, report):
        if all(verdict.verdict == CLEAN for verdict in said):
            prompt = protocol.prompt(name) if protocol else None
            lines.append(f'"{prompt.text}" ({words})' if prompt else f"{name} ({words})")
    return lines or ["none of the test prompts gave only clean images"]


def _limits(images: list[GalleryImage], report: ScoreReport, verdict: GalleryVerdict) -> list[str]:
    """Return what is wrong with the other prompts, and what speaks against the epoch."""
    lines = []
    for name, said, words in _by_prompt(images, report):
        if not all(one.verdict == CLEAN for one in said):
            reasons = dict.fromkeys(one.reason for one in said if one.defects)
            lines.append(f"{name}: {'. '.join([words, *reasons])}")
    doubts = verdict.suggestion.against if verdict.suggestion.epoch == verdict.epoch else []
    return [*lines, *doubts] or ["none was found with these prompts and seeds"]


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
        *(f'Prompt {prompt.name}: "{prompt.text}"' for prompt in protocol.prompts),
        f"Generation id: {gallery.generation_id}"
        + (" (declared, not proven)" if gallery.info.declared else ""),
    ]


def _hashes(gallery: Gallery, file: str, sha256: str) -> list[str]:
    lines = [f"{file}: SHA-256 {sha256}"]
    digest = gallery.protocol.base_digest if gallery.protocol else ""
    return [*lines, f"base: SHA-256 {digest}"] if digest else lines
