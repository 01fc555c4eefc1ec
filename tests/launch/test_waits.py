"""Waits: the usual ones, and those of the environment in their place."""

import json

import pytest

from bespoke_gui.launch.remote.waits import VARIABLE, Waits, load_waits


def test_the_environment_overrides_single_waits(monkeypatch):
    monkeypatch.setenv(VARIABLE, json.dumps({"asked": 0.5, "fetch_tries": 2, "unknown": 1}))
    waits = load_waits()
    assert (waits.asked, waits.fetch_tries, waits.connect) == (0.5, 2, Waits.connect)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"asked": "long"}'])
def test_nonsense_leaves_the_usual_ones(text, monkeypatch):
    monkeypatch.setenv(VARIABLE, text)
    assert load_waits() == Waits()
