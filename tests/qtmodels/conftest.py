"""Everything these tests share is in tests/qt_fixtures.py."""

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
