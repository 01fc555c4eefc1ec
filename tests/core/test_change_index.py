"""Index of distinct changes: the same as made anew, whatever is replaced; what was accepted."""

from hypothesis import given
from hypothesis import strategies as st

from bespoke_gui.core.change_index import Change, ChangeIndex
from bespoke_gui.core.reviewed_changes import ReviewedChanges
from bespoke_gui.core.worddiff import compare

TEXT = st.lists(st.sampled_from(["a hat", "red hat", "tie", "smile", "x"]), max_size=5).map(
    ", ".join
)


@given(st.lists(st.tuples(st.sampled_from("abc"), TEXT, TEXT), max_size=12))
def test_replacing_diffs_gives_what_a_new_index_gives(steps):
    index, last = ChangeIndex(), {}
    for name, before, after in steps:
        last[name] = compare(before, after)
        index.put(name, last[name])
        index.changes()
    assert sorted(map(as_set, index.changes())) == sorted(map(as_set, ChangeIndex(last).changes()))
    for name in "abc":
        index.put(name, None)
    assert index.changes() == []


def as_set(change):
    return (*change.key, change.count, sorted(change.names), sorted(change.lossy), change.lost)


def test_accepted_changes_are_remembered(tmp_path):
    change = Change("replace", "hat", "cap", 2, ["a", "b"])
    reviewed = ReviewedChanges(tmp_path)
    assert not reviewed.holds(change)
    reviewed.add([change])
    reviewed.save()
    again = ReviewedChanges(tmp_path)
    assert again.holds(change)
    assert again.holds(Change("replace", "hat", "cap", 1, ["a"]))
    assert not again.holds(Change("replace", "hat", "cap", 3, ["a", "b", "c"]))
    assert not again.holds(Change("replace", "hat", "caps", 1, ["a"]))
    again.remove([change])
    assert not again.holds(change)


def test_a_broken_file_is_put_aside(tmp_path):
    reviewed = ReviewedChanges(tmp_path)
    reviewed.save()
    reviewed.path.write_text("[1]")
    assert not ReviewedChanges(tmp_path).holds(Change("insert", "", "x", 1, ["a"]))
    assert reviewed.path.with_suffix(".unreadable").read_text() == "[1]"
