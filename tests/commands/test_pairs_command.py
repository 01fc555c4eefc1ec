"""Pairs at the command line: exclude, include."""

import pytest

from tests.commands.test_contract import bespoke
from tests.core._packages import write_pairs


@pytest.fixture
def folder(tmp_path):
    return write_pairs(tmp_path / "set")


def test_exclude_and_include(folder):
    code, answer, _ = bespoke("images exclude {at} a.png b.png", folder)
    assert (code, answer) == (
        0,
        {"changed": ["a.png", "b.png"], "excluded": ["a.png", "b.png"], "images": 1},
    )
    assert bespoke("check {at}", folder)[1]["stats"]["excluded"] == 2
    code, answer, _ = bespoke("images include {at} a.png c.png", folder)
    assert (answer["changed"], answer["excluded"]) == (["a.png"], ["b.png"])
    code, answer, told = bespoke("images exclude {at} nobody.png", folder)
    assert (code, answer["error"]["kind"], len(told)) == (2, "usage", 1)
