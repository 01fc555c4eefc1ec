"""Radar: outside is better for both directions, the limit stands half way out, nothing leaves."""

from hypothesis import given
from hypothesis import strategies as st

from bespoke_gui.core.judgement.radar import AT_LIMIT, Axis, axes, spokes
from bespoke_gui.core.measures import MEASURES

LOWER, HIGHER = MEASURES["strays"], MEASURES["background_match"]


def rows(**values):
    return {str(number): {"intervals": {}, **dict(zip(values, row, strict=True))}
            for number, row in enumerate(zip(*values.values(), strict=True))}  # fmt: skip


def test_a_limit_stands_half_way_out_in_both_directions():
    found = axes([LOWER, HIGHER], rows(strays=[9, 0, 4], background_match=[1, 0.2, 0.9]),
                 {"strays": 3.0, "background_match": 0.3})  # fmt: skip
    strays, match = found
    assert [strays.place(value) for value in (0, 1.5, 3, 6, 60)] == [1, 0.75, AT_LIMIT, 0, 0]
    assert [match.place(value) for value in (0, 0.15, 0.3, 0.65, 1)] == [0, 0.25, AT_LIMIT, 0.75, 1]


def test_without_a_limit_the_gallery_is_the_scale_and_the_lora_off_row_no_part_of_it():
    (strays,) = axes([LOWER], rows(strays=[90, 2, 6]), {})
    assert (strays.worst, strays.limit, strays.best) == (6, None, 2)
    (match,) = axes([HIGHER], rows(background_match=[0, 0.2, 0.6]), {})
    assert (match.worst, match.best) == (0.2, 0.6)


def test_a_measure_that_some_epoch_lacks_or_that_is_not_ranked_has_no_axis():
    shown = next(one for one in MEASURES.values() if not one.ranked)
    made = rows(strays=[1, 2, None], **{shown.name: [1, 2, 3]})
    assert not axes([LOWER, shown], made, {})


@given(
    st.sampled_from([LOWER, HIGHER]),
    st.floats(0.01, 50) | st.none(),
    st.lists(st.floats(0, 100), min_size=2, max_size=6),
)
def test_better_is_never_further_in_and_intervals_hold_the_mean(measure, limit, values):
    limits = {} if limit is None else {measure.name: limit}
    made = rows(**{measure.name: [0, *values]})
    (axis,) = axes([measure], made, limits)
    ordered = sorted(values, reverse=measure.better == "lower")
    places = [axis.place(value) for value in ordered]
    assert places == sorted(places)
    assert all(0 <= place <= 1 for place in places)
    row = {measure.name: values[0], "intervals": {measure.name: (min(values), max(values))}}
    (spoke,) = spokes([axis], row)
    assert spoke.low <= spoke.at <= spoke.high
    assert isinstance(axis, Axis)
