"""Still billing: told at the start, a line that stays, and machines ended after one question."""

import pytest

from bespoke_gui.core.errors import AppError
from bespoke_gui.launch.runpod import billing
from bespoke_gui.launch.runpod.billing import Bill, Bills
from bespoke_gui.qtmodels.billing_model import BillingModel
from bespoke_gui.views.widgets.billing_bar import BillingBar, BillingDialog


def bill(name="pod1", **changes):
    values = {
        "id": name, "name": f"bespoke-{name}", "status": "RUNNING", "gpu": "NVIDIA L4",
        "cloud": "secure", "usd_per_hour": 0.5, "since": 1_795_000_000.0, "spent_usd": 1.25,
        "run": "run1", "folder": "/r",
    }  # fmt: skip
    return Bill(**{**values, **changes})


@pytest.fixture
def runpod(monkeypatch, session):
    """What RunPod answers; `ended` collects what was ended."""
    session.settings.runpod = {"window": {}}

    class Answers:
        bills: tuple = ()
        asked = 0
        ended: list = []
        problem = ""

    def still():
        Answers.asked += 1
        return Bills(list(Answers.bills), Answers.problem)

    def end(name, discard=False):
        if name == "stubborn":
            raise AppError("RunPod does not answer", hint="try again", kind="network")
        Answers.ended.append((name, discard))
        gone = next(one for one in Answers.bills if one.id == name)
        Answers.bills = tuple(one for one in Answers.bills if one.id != name)
        return gone

    Answers.ended = []
    monkeypatch.setattr(billing, "still_billing", still)
    monkeypatch.setattr(billing, "end", end)
    return Answers


@pytest.fixture
def make(qtbot, session, runpod):
    def make(*bills):
        runpod.bills = bills
        model = BillingModel(session)
        bar = BillingBar(session, model)
        model.setParent(bar)
        qtbot.addWidget(bar)
        bar.resize(900, 40)
        bar.refresh()
        return bar

    return make


def test_nothing_is_shown_or_asked_again_while_nothing_costs(make, session):
    bar = make()
    assert not bar.isVisible()
    assert not bar._model._timer.isActive()
    assert session.told == []


def test_a_forgotten_machine_is_told_at_the_start_and_stays_in_sight(make, qtbot, runpod):
    bar = make()
    runpod.bills = (bill(),)
    bar._model.at = 0.0
    bar._model.ask()
    dialog = bar.window().findChild(BillingDialog)
    assert dialog.isVisible()
    assert dialog._rows.count() == 1
    dialog.close()
    assert bar.isVisible()
    assert bar._model._timer.isActive()
    assert "$0.50 an hour, $1.25 so far · run run1 · nobody looks after it" in bar.words.text()
    bar._model.ask()
    assert not [one for one in bar.window().findChildren(BillingDialog) if one.isVisible()]
    bar.grab()


def test_one_that_is_looked_after_is_a_quiet_line(make, session):
    bar = make(bill(followed=True))
    assert bar.isVisible()
    assert not bar.sign.isVisible()
    assert session.told == []


def test_several_are_added_up(make):
    bar = make(bill(), bill("pod2", followed=True))
    assert "2 rented machines, $1.00 an hour, $2.50 so far" in bar.words.text()
    assert "nobody looks after 1 of them" in bar.words.text()
    assert not bar.stop.isVisible()


def test_it_is_given_back_after_one_question(make, ask, runpod, session):
    bar = make(bill())
    ask.answers = [""]
    bar.stop.click()
    assert runpod.ended == []
    ask.answers = ["end"]
    bar.stop.click()
    assert runpod.ended == [("pod1", False)]
    assert not bar.isVisible()
    assert session.told[-1][0] == "good"


def test_files_that_are_not_here_are_named_before_they_are_lost(make, ask, runpod):
    bar = make(bill(missing=("outputs/a.safetensors", "b")))
    ask.answers = ["end"]
    bar.stop.click()
    assert (
        "2 files not here yet would be lost: outputs/a.safetensors and others."
        in (ask.asked[-1][1])
    )
    assert runpod.ended == [("pod1", True)]


def test_one_that_does_not_end_stays_and_is_told(make, ask, session):
    bar = make(bill("stubborn"))
    ask.answers = ["end"]
    bar.stop.click()
    assert bar.isVisible()
    assert bar.stop.isEnabled()
    assert "RunPod does not answer" in session.told[-1][1]


def test_the_list_ends_each_of_them(make, ask, runpod, qtbot):
    bar = make(bill(), bill("pod2"))
    dialog = BillingDialog(bar, bar._model)
    qtbot.addWidget(dialog)
    assert dialog._rows.count() == 2
    ask.answers = ["end"]
    dialog._bar.ask_end(bar._model.bills[1])
    assert runpod.ended == [("pod2", False)]
    assert dialog._rows.count() == 1
    runpod.bills, runpod.problem = (), "RunPod cannot be reached"
    bar._model.ask()
    assert "RunPod cannot be reached" in dialog.note.text()


def test_it_is_asked_again_after_a_run_began_or_ended(make, runpod, session, qtbot):
    bar = make()
    asked = runpod.asked
    bar._model._soon.setInterval(10)
    session.runs_changed.emit()
    session.runs_changed.emit()
    qtbot.waitUntil(lambda: runpod.asked == asked + 1)


def test_who_never_rented_is_not_asked_for_a_keyring(make, runpod, session, monkeypatch):
    monkeypatch.delenv("BESPOKE_RUNPOD_KEY", raising=False)
    session.settings.runpod = {}
    make()
    assert runpod.asked == 0
