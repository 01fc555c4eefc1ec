"""Which Python an engine environment is made with."""

import sys

import pytest

from bespoke_gui.core.errors import AppError
from bespoke_gui.launch import engine_env


def test_own_python_outside_the_packed_app():
    assert engine_env.base_python() == sys.executable


def test_packed_app_takes_a_python_of_the_system(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(engine_env.shutil, "which", {"python3": sys.executable}.get)
    assert engine_env.base_python() == sys.executable


def test_packed_app_without_any_python_says_so(monkeypatch):
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(engine_env.shutil, "which", lambda name: None)
    with pytest.raises(AppError, match="no Python") as raised:
        engine_env.base_python()
    assert raised.value.kind == "missing_package"
