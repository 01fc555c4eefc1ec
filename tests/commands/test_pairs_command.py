"""Pairs at the command line: add, exclude, include, rename, remove, restore."""

import pytest

from tests.commands.test_contract import bespoke
from tests.core._packages import write_image, write_pairs


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


def test_add_and_rename(folder, tmp_path):
    new = write_pairs(tmp_path / "new", ("a", "x"))
    write_image(new / "b.png", (9, 9))
    code, answer, _ = bespoke("images add {at}/set {at}/new", tmp_path)
    assert code == 0
    assert answer["images"]["b_2.png"] == str(new / "b.png")
    assert answer["renamed"] == {"b_2.png": "b.png"}
    assert set(answer["duplicates"]) >= {str(new / "a.png")}
    code, answer, _ = bespoke("images rename {at} b_2.png hat", folder)
    assert (code, answer["new"]) == (0, "hat.png")
    assert bespoke("images rename {at} hat.png C", folder)[0] == 1
    assert bespoke("images rename {at} hat.png con", folder)[0] == 2
    code, answer, _ = bespoke("images add {at}/set {at}/nothing.png", tmp_path)
    assert (code, answer["problems"][0]["code"]) == (1, "not_there")


def test_remove_and_restore(folder):
    code, answer, _ = bespoke("images remove {at} a.png b.png", folder)
    assert (code, answer["removed"]) == (0, ["a.png", "b.png"])
    assert sorted(p.name for p in folder.glob("*.*")) == [".bespoke", "c.png", "c.txt"]
    assert bespoke("images restore {at} c.png", folder)[0] == 2
    assert bespoke("images restore {at}", folder)[1]["restored"] == ["a.png", "b.png"]
    assert len(list(folder.glob("*.png"))) == 3
