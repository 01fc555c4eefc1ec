"""Settings: kept between starts, never stop a start, unknown keys survive."""

import json

import pytest

from bespoke_gui.core import settings
from bespoke_gui.core.settings import Settings


def test_first_start_has_defaults():
    assert settings.load() == Settings()
    assert settings.load().theme == "system"


def test_values_come_back(own_settings):
    mine = Settings(theme="dark", engine_python="/opt/python", cell_size=192)
    mine.remember(own_settings / "a")
    mine.remember(own_settings / "b")
    mine.remember(own_settings / "a")
    settings.save(mine)
    assert settings.load() == mine
    assert [path[-1] for path in mine.recent] == ["a", "b"]


def test_keys_of_a_newer_version_are_kept():
    path = settings.settings_path()
    path.write_text('{"theme": "light", "from_the_future": {"x": 1}}')
    loaded = settings.load()
    loaded.theme = "dark"
    settings.save(loaded)
    data = json.loads(path.read_text())
    assert data["from_the_future"] == {"x": 1}
    assert data["theme"] == "dark"


@pytest.mark.parametrize("text", ["", "{", "[]", '"x"', "\0", "[" * 100_000])
def test_a_broken_file_gives_defaults_and_is_kept_aside(text):
    path = settings.settings_path()
    path.write_text(text)
    assert settings.load() == Settings()
    settings.save(Settings(theme="dark"))
    assert settings.load().theme == "dark"
    if text not in ("[]", '"x"'):
        assert path.with_suffix(".broken").read_text() == text


@pytest.mark.parametrize(
    "data", [{"theme": "pink"}, {"cell_size": 3}, {"cell_size": "96"}, {"recent": 5}]
)
def test_values_of_the_wrong_kind_are_left_out(data):
    settings.settings_path().write_text(json.dumps(data))
    assert settings.load() == Settings()


def test_home_can_be_chosen(tmp_path, monkeypatch):
    monkeypatch.setenv("BESPOKE_HOME", str(tmp_path / "new" / "place"))
    settings.save(Settings(theme="light"))
    assert (tmp_path / "new" / "place" / "settings.json").exists()
    monkeypatch.delenv("BESPOKE_HOME")
    assert "bespoke" in settings.home().name.lower()
