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


def pytest_itemcollected(item):
    """The offscreen platform complains of every window that has a smallest size."""
    item.add_marker(pytest.mark.qt_log_ignore("propagateSizeHints", extend=True))
