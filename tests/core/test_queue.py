"""The queue's file and its edits; sweeps: which configs come of them, and what they take."""

import json
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bespoke_gui.core.config.trainer_config import TrainingConfig
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.filelock import locked
from bespoke_gui.core.project import Project, open_project
from bespoke_gui.core.queue import edit
from bespoke_gui.core.queue.entry import ENDED, PENDING, STATES, Entry, entry_from, machine_of
from bespoke_gui.core.queue.request import folder_of, kept_path
from bespoke_gui.core.queue.store import Queue, QueueFile
from bespoke_gui.core.queue.sweep import (
    Axis,
    axis_from,
    forecasts,
    plan_sweep,
    require_different,
    split_values,
    write_sweep,
)
from tests.queue_kit import CONFIG, add, project_in


def line(*states):
    return Queue([Entry(n, f"e{n}", state=state) for n, state in enumerate(states, 1)])


def ids(queue):
    return [entry.id for entry in queue.entries]


# -- the file -----------------------------------------------------------------------------------


def test_an_entry_comes_back_as_it_was(tmp_path):
    project = project_in(tmp_path)
    kept = add(project, "a", data=[["set", 3]], place={"machine": {"name": "x"}}, sweep="s")
    assert QueueFile(project).read().entries == [kept]
    assert kept.id == 1
    assert add(project, "b").id == 2


def test_an_id_is_never_given_again(tmp_path):
    project = project_in(tmp_path)
    add(project, "a")
    with QueueFile(project).edit() as queue:
        edit.remove(queue, 1)
    assert add(project, "b").id == 2


def test_many_programs_at_once_lose_nothing(tmp_path):
    project = project_in(tmp_path)
    threads = [
        threading.Thread(target=lambda n=n: [add(project, f"{n}-{i}") for i in range(6)])
        for n in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    entries = QueueFile(project).read().entries
    assert [entry.id for entry in entries] == list(range(1, 25))
    assert len({entry.title for entry in entries}) == 24


def test_an_edit_that_fails_writes_nothing(tmp_path):
    project = project_in(tmp_path)
    add(project, "a")
    before = (project.bespoke_dir / "queue.json").read_bytes()
    with pytest.raises(AppError), QueueFile(project).edit() as queue:  # noqa: PT012
        edit.remove(queue, 1)
        edit.remove(queue, 7)
    assert (project.bespoke_dir / "queue.json").read_bytes() == before


def test_a_lock_that_is_held_is_one_line(tmp_path):
    path, held = tmp_path / "lock", pytest.raises(AppError, match="held by another")
    with locked(path), held, locked(path, wait_s=0.05):
        pass
    with locked(tmp_path / "lock", wait_s=0):
        pass


@pytest.mark.parametrize(
    "data",
    [
        {}, {"id": 1}, {"id": "1", "title": "a", "state": "waiting"},
        {"id": 1, "title": "a", "state": "odd"},
    ],
)  # fmt: skip
def test_an_entry_that_makes_no_sense_is_none(data):
    assert entry_from(data) is None


def test_values_of_another_kind_are_left_out():
    found = entry_from({"id": 1, "title": "a", "state": "done", "added": 3, "run": 7, "new": 1})
    assert found == Entry(1, "a", state="done", added=3.0)


def test_machines():
    assert machine_of("", {}) == "local"
    assert machine_of("ssh", {"machine": {"name": "box", "host": "h"}}) == "ssh:box"
    assert machine_of("ssh", {"machine": {"host": "h", "port": 2022}}) == "ssh:h:2022"
    assert machine_of("runpod", {"gpus": ["A100"]}) == "runpod"


def test_paths_inside_the_project_move_with_it(tmp_path):
    project = Project(tmp_path / "p", "p", [])
    assert kept_path(project, tmp_path / "p" / "configs" / "a.toml") == "configs/a.toml"
    outside = kept_path(project, tmp_path / "elsewhere")
    assert folder_of(project, outside) == tmp_path / "elsewhere"
    moved = Project(tmp_path / "q", "p", [])
    assert folder_of(moved, "configs/a.toml") == tmp_path / "q" / "configs" / "a.toml"


# -- edits ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "position", "order"),
    [
        (4, 1, [1, 2, 4, 3, 5]), (3, 2, [1, 2, 4, 3, 5]), (5, 1, [1, 2, 5, 3, 4]),
        (3, 9, [1, 2, 4, 5, 3]), (3, 1, [1, 2, 3, 4, 5]), (5, -3, [1, 2, 5, 3, 4]),
    ],
)  # fmt: skip
def test_a_place_counts_those_that_wait(number, position, order):
    queue = line("done", "running", "waiting", "paused", "waiting")
    edit.move(queue, number, position)
    assert ids(queue) == order


@given(
    states=st.lists(st.sampled_from(STATES), max_size=8),
    steps=st.lists(
        st.tuples(st.integers(0, 5), st.integers(0, 9), st.integers(-2, 12)), max_size=9
    ),
)
def test_no_edit_loses_an_entry_or_touches_what_runs(states, steps):
    queue = line(*states)
    everything = set(ids(queue))
    running = [entry for entry in queue.entries if entry.state == "running"]
    removed, refused = [], set()
    for kind, number, position in steps:
        try:
            match kind:
                case 0:
                    edit.move(queue, number, position)
                case 1:
                    edit.pause(queue, number)
                case 2:
                    edit.resume(queue, number)
                case 3:
                    removed.append(edit.remove(queue, number))
                case 4:
                    removed += edit.remove_ended(queue)
                case 5:
                    edit.put_back(queue, removed[::-1])
                    removed = []
        except AppError as error:
            refused.add(error.kind)
        assert len(set(ids(queue))) == len(ids(queue))
        assert {*ids(queue), *(item.entry.id for item in removed)} == everything
        assert [entry for entry in queue.entries if entry.state == "running"] == running
    assert refused <= {"usage", "conflict"}


@given(states=st.lists(st.sampled_from([*PENDING, *ENDED]), min_size=1, max_size=7), data=st.data())
def test_what_was_removed_comes_back_to_its_place(states, data):
    queue = line(*states)
    before = list(queue.entries)
    chosen = data.draw(st.lists(st.sampled_from(ids(queue)), unique=True))
    removed = [edit.remove(queue, number) for number in chosen]
    edit.put_back(queue, reversed(removed))
    assert queue.entries == before


def test_what_cannot_be_done_is_said():
    queue = line("running", "done", "waiting", "failed")
    for call, word in (
        (lambda: edit.pause(queue, 1), "bespoke runs pause"),
        (lambda: edit.move(queue, 2, 1), "is done"),
        (lambda: edit.remove(queue, 1), "bespoke runs stop"),
        (lambda: edit.resume(queue, 3), "is waiting"),
        (lambda: edit.pause(queue, 9), "no entry 9"),
    ):
        with pytest.raises(AppError, match=word):
            call()
    edit.resume(queue, 4)
    assert queue.entries[3].state == "waiting"


# -- sweeps -----------------------------------------------------------------------------------


def test_every_combination_or_pairs():
    axes = [axis_from("learning_rate=1e-4,5e-5"), axis_from("network_dim=4,8")]
    config = TrainingConfig(CONFIG)
    full = plan_sweep(config, "punk", axes)
    assert [run.name for run in full] == [
        "punk-lr1e-4-dim4", "punk-lr1e-4-dim8", "punk-lr5e-5-dim4", "punk-lr5e-5-dim8",
    ]  # fmt: skip
    paired = plan_sweep(config, "punk", axes, paired=True)
    assert [run.name for run in paired] == ["punk-lr1e-4-dim4", "punk-lr5e-5-dim8"]
    values = TrainingConfig(paired[1].text).values
    assert (values["learning_rate"], values["network_dim"]) == (5e-5, 8)
    assert values["output_name"] == "punk-lr5e-5-dim8"
    assert config.text() == CONFIG


def test_comments_and_the_way_numbers_are_written_stay():
    config = TrainingConfig("# mine\nlearning_rate = 1e-4   # from facts\n")
    (run,) = plan_sweep(config, "a", [axis_from("learning_rate=5e-5")])
    assert "# mine\nlearning_rate = 5e-5   # from facts" in run.text


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("1e-4,5e-5", ["1e-4", "5e-5"]), ('"512,512", "768,768"', ["512,512", "768,768"]),
        ("cosine, constant", ["cosine", "constant"]), ("a,,b,", ["a", "b"]), ("", []),
        ("'x y',z", ["x y", "z"]),
    ],
)  # fmt: skip
def test_values_between_commas(text, values):
    assert split_values(text) == values


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("learning_rate", "no KEY=VALUE"), ("lr=1", "did you mean learning_rate"),
        ("network_dim=", "no values"), ("network_dim=4,4", "twice"), ("network_dim=four", "whole"),
        ("seed=1,1.0", "whole"),
    ],
)  # fmt: skip
def test_what_is_no_axis_is_said(text, word):
    with pytest.raises(AppError, match=word):
        axis_from(text)


def test_lists_that_do_not_fit_are_said():
    config = TrainingConfig(CONFIG)
    one, two = axis_from("seed=1,2,3"), axis_from("network_dim=4,8")
    with pytest.raises(AppError, match="seed 3, network_dim 2"):
        plan_sweep(config, "a", [one, two], paired=True)
    with pytest.raises(AppError, match="named twice"):
        plan_sweep(config, "a", [one, one])
    with pytest.raises(AppError, match="KEY=VALUE"):
        plan_sweep(config, "a", [])
    wide = Axis("seed", tuple(range(100)))
    with pytest.raises(AppError, match="300 runs are more than 256"):
        plan_sweep(config, "a", [wide, Axis("network_dim", (1, 2, 3))])


def test_a_sweep_that_trains_the_same_twice_is_refused():
    config = TrainingConfig(f"{CONFIG}unet_lr = 1e-3\ntext_encoder_lr = 1e-4\n")
    runs = plan_sweep(config, "a", [axis_from("learning_rate=1e-4,5e-5")])
    assert [run.same_as for run in runs] == ["", "a-lr1e-4"]
    with pytest.raises(AppError, match="unet_lr and text_encoder_lr are both set"):
        require_different(runs)
    require_different(plan_sweep(config, "a", [axis_from("unet_lr=1e-4,5e-5")]))
    equal = plan_sweep(config, "a", [axis_from("learning_rate=1e-3,5e-5,2e-5")])
    assert [run.same_as for run in equal] == ["", "a-lr0.001", "a-lr0.001"]


def test_an_option_that_has_no_effect_only_with_some_values_of_another():
    axes = [axis_from("lr_scheduler=cosine_with_restarts,constant"),
            axis_from("lr_scheduler_num_cycles=1,3")]  # fmt: skip
    runs = plan_sweep(TrainingConfig(CONFIG), "a", axes)
    assert [run.same_as for run in runs] == ["", "", "", runs[2].name]
    assert "no cycles" in runs[3].why


def test_each_config_is_written_under_a_free_name_with_its_history(tmp_path):
    project = project_in(tmp_path)
    (project.configs_dir / "a-seed1.toml").write_text("mine = 1\n")
    runs = plan_sweep(TrainingConfig(CONFIG), "a", [axis_from("seed=1,2")])
    paths = write_sweep(project, runs, "sweep of a.toml")
    assert [path.name for path in paths] == ["a-seed1_2.toml", "a-seed2.toml"]
    assert (project.configs_dir / "a-seed1.toml").read_text() == "mine = 1\n"
    assert TrainingConfig.load(paths[1]).get("seed") == 2


def test_what_a_sweep_takes_is_the_sum_of_its_runs():
    config = TrainingConfig(f'{CONFIG}network_dim = 16\nmixed_precision = "bf16"\n')
    runs = plan_sweep(config, "a", [axis_from("max_train_epochs=1,3")])
    told = forecasts(runs, 20, gpu="A100", usd_per_hour=2.0)
    single = [forecasts([run], 20, gpu="A100", usd_per_hour=2.0) for run in runs]
    assert told.steps == 20 + 60
    assert told.runs == 2
    assert told.seconds is not None
    for place in range(3):
        assert told.seconds[place] == pytest.approx(sum(one.seconds[place] for one in single))
        assert told.usd[place] == pytest.approx(sum(one.usd[place] for one in single), abs=1e-3)
    assert told.basis
    assert "2 runs, 80 steps" in told.words
    assert "$" in told.words


def test_what_is_not_known_is_said_and_not_guessed():
    runs = plan_sweep(TrainingConfig(CONFIG), "a", [axis_from("seed=1,2")])
    assert "nothing is known about the speed" in forecasts(runs, 20).words
    none = forecasts(runs, 0)
    assert (none.steps, none.seconds) == (None, None)
    assert "no image" in none.words


def test_the_file_is_plain_json_that_people_can_read(tmp_path):
    project = project_in(tmp_path)
    add(project, "a")
    data = json.loads((project.bespoke_dir / "queue.json").read_text())
    assert (data["schema"], data["paused"], data["entries"][0]["title"]) == (1, False, "a")
    assert open_project(project.folder).name == project.name
