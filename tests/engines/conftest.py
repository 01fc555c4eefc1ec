"""Shared by the engine tests: one tiny base model and one training, made once."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="session")
def tiny_base(tmp_path_factory):
    """A tiny random pipeline in diffusers' folder layout."""
    from tests.engines import tiny

    folder = tmp_path_factory.mktemp("base") / "tiny"
    tiny.pipeline().save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def tiny_data(tmp_path_factory):
    """Six images with captions."""
    from tests.engines import tiny

    return tiny.data_folder(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="session")
def tiny_run(tmp_path_factory, tiny_base, tiny_data):
    """A finished training of two epochs of three steps."""
    from tests.engines import tiny
    from tests.engines.runs import finish, make_run

    run_dir = make_run(
        tmp_path_factory.mktemp("runs") / "done", "lora", base=str(tiny_base), data=[tiny_data],
        config=tiny.config(), options={"threads": 1},
    )  # fmt: skip
    outcome, fields = finish(run_dir)
    assert outcome == "finished", fields
    return run_dir
