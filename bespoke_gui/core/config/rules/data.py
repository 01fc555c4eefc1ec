"""Rules about the training data: where the trainer looks, and what it finds there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from bespoke_gui.core.config.case import Case, rule
from bespoke_gui.core.config.train_data import NO_DATA, TrainData
from bespoke_gui.core.dataset import folder_repeats
from bespoke_gui.core.errors import Problem

KEY = "train_data_dir"


@rule
def no_numbered_folder(case: Case) -> Iterator[Problem]:
    """Images count only inside a folder <N>_<name>; else the trainer ends with exit code 0."""
    data = case.data
    if data is None or data.folders or case.given("dataset_config"):
        return
    why, hint = _why_nothing(data)
    yield case.finding(
        "no_data", "error", KEY, f'{why}; the trainer says "{NO_DATA}" and ends with 0', hint
    )


def _why_nothing(data: TrainData) -> tuple[str, str]:
    if folder_repeats(data.name) and data.flat:
        return f"{KEY} is {data.name} itself", f"name the folder that holds {data.name}"
    if data.flat:
        why = f"{data.flat} images lie directly in {data.name}, not in a <N>_<name> folder"
        return (
            why,
            "move them with their captions into a folder such as 1_portrait, or package them",
        )
    if data.skipped:
        name = sorted(data.skipped)[0]
        return f"folder {name} has no number in front", f"rename it to 1_{name}"
    return f"{data.name} holds no images", "put the images into a folder such as 1_portrait"


@rule
def images_left_out(case: Case) -> Iterator[Problem]:
    """Images beside the ones that the trainer reads."""
    data = case.data
    if data is None or not data.folders:
        return
    left = {
        f"{data.flat} images directly in {data.name}": data.flat,
        f"{data.deep} images in folders inside a <N>_<name> folder": data.deep,
        f"{sum(data.skipped.values())} images in {', '.join(sorted(data.skipped))}": len(
            data.skipped
        ),
    }
    for what, count in left.items():
        if count:
            message = f"{what} are not trained on"
            hint = "move them into a <N>_<name> folder"
            yield case.finding("images_left_out", "warning", KEY, message, hint)


@rule
def other_formats(case: Case) -> Iterator[Problem]:
    """Files the trainer does not take for images."""
    for name in case.data.other[:20] if case.data else []:
        yield Problem(
            "format_not_read",
            "warning",
            "is not among the images the trainer looks for (.png .jpg .jpeg .webp .bmp)",
            name,
            "save it as PNG with the suffix .png",
        )


@rule
def path_after_extraction(case: Case) -> Iterator[Problem]:
    """The path in the config must be there once the package lies in /workspace."""
    path = case.get(KEY)
    if case.workspace is None or not isinstance(path, str) or not path:
        return
    parts = PurePosixPath(path).parts
    if len(parts) < 2 or parts[:2] != ("/", "workspace"):
        message = f"{KEY} = {path!r} does not lie in /workspace, where the package is extracted"
        yield case.finding("path_will_not_exist", "error", KEY, message, "package it anew")
    elif "/".join(parts[2:]) not in case.workspace:
        message = f"{path} will not exist after the package is extracted in /workspace"
        hint = _existing(case) or "package it anew"
        yield case.finding("path_will_not_exist", "error", KEY, message, hint)


def _existing(case: Case) -> str:
    """Say where the data really is, so that the path can be put right."""
    name = case.data.name if case.data else ""
    found = sorted(path for path in case.workspace or () if PurePosixPath(path).name == name)
    return f'write {KEY} = "/workspace/{found[0]}"' if found else ""


@rule
def fine_tuning_mode(case: Case) -> Iterator[Problem]:
    """Any in_json, even "", switches the trainer to metadata files."""
    if not case.given("in_json") or case.given("dataset_config"):
        return
    if case.values["in_json"] == "":
        message = 'in_json = "" still asks for a metadata file: "no metadata", the trainer stops'
        yield case.finding("empty_in_json", "error", "in_json", message, "take the line out")
    else:
        message = "in_json makes the trainer read captions from a metadata file, not from .txt"
        hint = "take it out to train on image and caption pairs"
        yield case.finding("fine_tuning_mode", "warning", "in_json", message, hint)


@rule
def dataset_config_wins(case: Case) -> Iterator[Problem]:
    """A dataset_config file takes the place of these options."""
    if not case.given("dataset_config"):
        return
    for key in ("train_data_dir", "reg_data_dir", "in_json"):
        if case.given(key):
            message = f"{key} is ignored, since dataset_config is set"
            yield case.finding("ignored_value", "warning", key, message, "take one of them out")
