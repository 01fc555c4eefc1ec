"""The registry: found without a central list, loud when empty or doubled, safe between threads."""

import sys
import threading

import pytest

from bespoke_gui.core.errors import AppError
from bespoke_gui.core.registry import Registry


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package with one slow extension that registers itself."""
    folder = tmp_path / "extensions_under_test"
    folder.mkdir()
    (folder / "__init__.py").write_text(
        "from bespoke_gui.core.registry import Registry\n"
        "ITEMS = Registry('thing', 'extensions_under_test')\n"
    )
    (folder / "slow.py").write_text(
        "import time\ntime.sleep(0.3)\n"
        "from extensions_under_test import ITEMS\nITEMS.add('slow', 1)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    import extensions_under_test

    yield extensions_under_test.ITEMS
    for name in [name for name in sys.modules if name.startswith("extensions_under_test")]:
        del sys.modules[name]


def test_two_threads_both_wait_for_the_extensions(package):
    found = []
    threads = [threading.Thread(target=lambda: found.append(package["slow"])) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [1, 1, 1, 1]


def test_unknown_name_lists_what_there_is(package):
    with pytest.raises(AppError, match="choose one of: slow"):
        package["fast"]


def test_a_name_twice_is_refused(package):
    assert list(package) == ["slow"]
    with pytest.raises(RuntimeError, match="twice"):
        package.add("slow", 2)


def test_an_empty_package_is_loud(tmp_path, monkeypatch):
    (tmp_path / "no_extensions_here").mkdir()
    (tmp_path / "no_extensions_here" / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(RuntimeError, match="no thing found"):
        len(Registry("thing", "no_extensions_here"))


def test_one_item_is_found_in_the_module_of_its_name_without_the_others(tmp_path, monkeypatch):
    folder = tmp_path / "things_under_test"
    folder.mkdir()
    register = "from things_under_test import ITEMS\nITEMS.add({!r}, 1)\n"
    (folder / "__init__.py").write_text(
        "from bespoke_gui.core.registry import Registry\n"
        "ITEMS = Registry('thing', 'things_under_test')\n"
    )
    for module, name in (("light", "light"), ("heavy", "heavy"), ("odd_place", "other")):
        (folder / f"{module}.py").write_text(register.format(name))
    monkeypatch.syspath_prepend(tmp_path)
    import things_under_test

    try:
        assert things_under_test.ITEMS["light"] == 1
        assert "things_under_test.heavy" not in sys.modules
        assert things_under_test.ITEMS["other"] == 1, "a module of another name is found too"
        assert list(things_under_test.ITEMS) == ["heavy", "light", "other"]
    finally:
        for name in [name for name in sys.modules if name.startswith("things_under_test")]:
            del sys.modules[name]
