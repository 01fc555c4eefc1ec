"""Loss plot: draws what it is given, thins long curves out, tells values by mouse and keyboard."""

import math

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from bespoke_gui.core.config.forecast import Mark
from bespoke_gui.qtmodels.run_story import Curve
from bespoke_gui.views import theme
from bespoke_gui.views.widgets.buckets import MOST, Buckets
from bespoke_gui.views.widgets.loss_plot import LossPlot
from bespoke_gui.views.widgets.plot_axes import scale, ticks
from bespoke_gui.views.widgets.rate_plot import RatePlot
from tests.qt_fixtures import wear


def curve_of(count, spike=None):
    curve = Curve()
    for step in range(1, count + 1):
        curve.add(step, 9.0 if step == spike else 1.0 / step, 1e-4)
    return curve


def colours_in(widget, area):
    image = widget.grab().toImage()
    rect = area.toRect()
    return {
        image.pixelColor(x, y).name()
        for x in range(rect.left(), rect.right())
        for y in range(rect.top(), rect.bottom())
    }


@pytest.fixture
def plot(qtbot):
    plot = LossPlot()
    qtbot.addWidget(plot)
    plot.resize(640, 240)
    plot.show()
    return plot


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_both_curves_are_drawn_in_the_colours_of_the_theme(plot, qapp, mode):
    wear(qapp, mode)
    plot.show_curve(curve_of(40), [(20, 1), (40, 2)], 40)
    found = colours_in(plot, plot.area())
    assert theme.tokens().accent.name() in found
    assert theme.tokens().warning.name() in found


def test_an_empty_plot_says_so_and_draws_no_curve(plot):
    assert theme.tokens().accent.name() not in colours_in(plot, plot.area())
    assert plot.readout() == ""


def test_the_readout_follows_the_mouse_and_the_keys(plot):
    plot.show_curve(curve_of(100), [(50, 1), (100, 2)], 100)
    assert plot.readout().startswith("step 100  ·  epoch 2")
    middle = QPoint(round(plot.area().center().x()), round(plot.area().center().y()))
    QTest.mouseMove(plot, middle)
    assert plot.cursor_index is not None
    assert plot.readout().startswith("step 50  ·  epoch 1  ·  loss 0.0200")
    QTest.keyClick(plot, Qt.Key.Key_Home)
    assert plot.readout().startswith("step 1 ")
    QTest.keyClick(plot, Qt.Key.Key_Right)
    assert plot.readout().startswith("step 2 ")
    assert plot.accessibleDescription() == plot.readout()
    QTest.keyClick(plot, Qt.Key.Key_Escape)
    assert plot.cursor_index is None


def test_a_resumed_run_that_goes_back_loses_the_cursor_not_the_window(plot):
    curve = curve_of(30)
    plot.show_curve(curve, [], 30)
    QTest.keyClick(plot, Qt.Key.Key_End)
    curve.add(10, 0.5, 1e-4)
    plot.show_curve(curve, [], 30)
    plot.grab()
    assert plot.cursor_index is None
    assert [bucket.step for bucket in plot._buckets.rows] == list(range(1, 11))


@pytest.mark.parametrize("count", [1, 2, MOST, MOST + 1, 3 * MOST + 7, 40_000])
def test_thinning_keeps_first_last_and_extremes(count):
    spike = count // 2 or None
    curve = curve_of(count, spike)
    buckets = Buckets()
    for _ in range(3):
        buckets.follow(curve)
    assert len(buckets.rows) <= MOST + 1
    assert buckets.rows[-1].step == count
    assert max(row.high for row in buckets.rows) == max(curve.losses)
    assert min(row.low for row in buckets.rows) == min(curve.losses)
    steps = [row.step for row in buckets.rows]
    assert steps == sorted(set(steps))


def test_thinning_bit_by_bit_equals_thinning_at_once():
    curve, slow = Curve(), Buckets()
    for step in range(1, 3 * MOST):
        curve.add(step, math.sin(step), 1e-4)
        slow.follow(curve)
    fast = Buckets()
    fast.follow(curve)
    assert slow.rows == fast.rows


def test_ticks_are_round_and_inside():
    assert ticks(0, 1e-4, 5) == pytest.approx([0, 2e-5, 4e-5, 6e-5, 8e-5, 1e-4])
    assert ticks(3, 3, 5) == []
    assert scale(2, 2, 0, 100).pixel(2) == 50
    assert scale(float("nan"), 1, 0, 10).low == 0


def test_the_plan_tells_annealed_epochs(qtbot):
    plan = RatePlot()
    qtbot.addWidget(plan)
    plan.resize(360, 130)
    marks = [Mark(1, 50, "x-000001.safetensors", 1e-4), Mark(2, 100, "x.safetensors", 1e-9, True)]
    plan.show_plan([(1, 0.0), (50, 1e-4), (100, 0.0)], marks, 100)
    plan.grab()
    assert plan.accessibleDescription() == "epoch 1: 1.0e-4, epoch 2: 1.0e-9 · annealed"
    assert theme.tokens().warning.name() in colours_in(plan, plan.area())
