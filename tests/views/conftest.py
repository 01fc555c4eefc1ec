"""Everything these tests share is in tests/qt_fixtures.py."""

import pytest

from tests.qt_fixtures import (  # noqa: F401
    _no_widget_left,
    _theme,
    ask,
    empty_session,
    make_project,
    session,
    synchronous_tasks,
    threaded_tasks,
)

# What the offscreen platform says about windows that a desktop would place, raise or focus.
NO_WINDOWS = ("propagateSizeHints", "does not support raise", "does not support grabbing")


def pytest_itemcollected(item):
    """The offscreen platform complains of every window that has a smallest size."""
    item.add_marker(pytest.mark.qt_log_ignore(*NO_WINDOWS, extend=True))
