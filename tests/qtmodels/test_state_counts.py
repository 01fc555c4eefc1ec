import random

from bespoke_gui.qtmodels.image_list_model import RowState
from bespoke_gui.qtmodels.state_counts import QUICK, StateCounts


def random_state(chance):
    return RowState(
        unsaved=chance.random() < 0.3,
        missing=chance.random() < 0.2,
        changed=chance.random() < 0.5,
        lossy=chance.random() < 0.3,
        notes=chance.choice([0, 0, 2]),
        review=chance.choice(["todo", "accepted", "needs_work"]),
        excluded=chance.random() < 0.1,
    )


def counted(counts):
    return [counts.count(term) for term in QUICK]


def plain(states):
    return [sum(map(holds, states.values())) for _, holds in QUICK.values()]


def test_counts_stay_right_through_single_changes(qapp):
    chance = random.Random(3)
    states = {f"{n}.png": random_state(chance) for n in range(400)}
    counts = StateCounts(states.__getitem__)
    counts.set_names(list(states))
    qapp.processEvents()
    assert counted(counts) == plain(states)
    for _ in range(50):
        name = chance.choice(list(states))
        states[name] = random_state(chance)
        counts.refresh([name])
    assert counted(counts) == plain(states)


def test_a_whole_refresh_asks_each_caption_once(qapp):
    asked = []
    counts = StateCounts(lambda name: asked.append(name) or RowState(lossy=True))
    counts.set_names(["a", "b"])
    for _ in range(5):
        counts.refresh([])
    qapp.processEvents()
    assert sorted(asked) == ["a", "b"]
    assert counts.count("lossy:yes") == 2


def test_changes_during_a_recount_are_not_lost(qapp, threaded_tasks, qtbot):
    states = {f"{n}.png": RowState() for n in range(20_000)}
    counts = StateCounts(states.__getitem__)
    counts.set_names(list(states))
    qtbot.waitUntil(lambda: counts._task is not None)
    for n in range(5):
        states[f"{n}.png"] = RowState(lossy=True)
        counts.refresh([f"{n}.png"])
    qtbot.waitUntil(lambda: counts._task is None)
    assert counts.count("lossy:yes") == 5
    assert counts.count("status:todo") == 20_000
