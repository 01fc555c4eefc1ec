"""Config document and desk: one text with one undo, drafts, and files that others change."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bespoke_gui.core.config.trainer_config import TrainingConfig
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.history import History
from bespoke_gui.qtmodels import config_document, config_drafts, tasks
from bespoke_gui.qtmodels.config_comparison import ConfigComparison
from bespoke_gui.qtmodels.config_desk import ConfigDesk
from bespoke_gui.qtmodels.config_document import ConfigDocument
from bespoke_gui.qtmodels.preflight_model import PreflightModel

TEXT = """\
# Mine
[network]
network_dim = 32      # rank
network_alpha = 16

[training]
learning_rate = 1e-4  # rate
keep_tokens = 1
"""


@pytest.fixture
def doc(tmp_path, qapp):
    return ConfigDocument(tmp_path / "a.toml", TEXT.encode())


class TestDocument:
    def test_a_form_edit_changes_one_value_and_nothing_else(self, doc):
        doc.set_value("network_dim", 16)
        assert doc.text == TEXT.replace("network_dim = 32 ", "network_dim = 16 ")
        assert doc.values["network_dim"] == 16
        assert doc.unsaved

    def test_unset_takes_one_line(self, doc):
        doc.unset("keep_tokens")
        assert doc.text == TEXT.replace("keep_tokens = 1\n", "")

    def test_one_undo_for_form_and_text(self, doc):
        doc.set_value("network_dim", 16)
        doc.set_text(doc.text.replace("1e-4", "2e-4"))
        doc.undo()
        assert doc.values["learning_rate"] == 1e-4
        doc.undo()
        assert doc.text == TEXT
        assert not doc.unsaved
        assert not doc.can_undo
        doc.redo()
        doc.redo()
        assert (doc.values["network_dim"], doc.values["learning_rate"]) == (16, 2e-4)
        assert not doc.can_redo

    def test_quick_typing_is_one_step(self, doc, monkeypatch):
        clock = [100.0]
        monkeypatch.setattr(config_document.time, "monotonic", lambda: clock[0])
        for sign in "abc":
            doc.set_text(doc.text + sign, merge="typing")
        clock[0] += 5
        doc.set_text(doc.text + "d", merge="typing")
        doc.undo()
        assert doc.text == TEXT + "abc"
        doc.undo()
        assert doc.text == TEXT

    def test_a_broken_text_says_its_line_and_keeps_what_was_read(self, doc):
        doc.set_text(TEXT.replace("= 16", "="))
        assert doc.bad_line.line == 4
        assert doc.values["network_alpha"] == 16
        with pytest.raises(AppError, match="line 4 is no TOML"):
            doc.set_value("network_dim", 8)
        doc.undo()
        assert doc.bad_line is None

    def test_lines_end_as_they_did(self, tmp_path, qapp):
        data = TEXT.replace("\n", "\r\n").encode()
        windows = ConfigDocument(tmp_path / "a.toml", data)
        windows.set_value("network_dim", 16)
        assert "\r" not in windows.text
        assert windows.encoded() == data.replace(b"= 32 ", b"= 16 ")

    def test_a_file_that_is_no_text_is_refused(self, tmp_path, qapp):
        with pytest.raises(AppError, match="not UTF-8"):
            ConfigDocument(tmp_path / "a.toml", b"\xff\x00\xe4")

    def test_what_others_write_is_taken_over_only_where_nothing_is_lost(self, doc):
        other = TEXT.replace("32", "64").encode()
        doc.look_at(other)
        assert doc.values["network_dim"] == 64
        assert not doc.unsaved
        doc.set_value("network_dim", 8)
        doc.look_at(TEXT.encode())
        assert doc.disk_changed
        assert doc.values["network_dim"] == 8
        doc.load(TEXT.encode())
        assert (doc.values["network_dim"], doc.disk_changed, doc.unsaved) == (32, False, False)
        doc.undo()
        assert doc.values["network_dim"] == 8

    @given(
        st.lists(
            st.tuples(
                st.sampled_from(["network_dim", "seed", "clip_skip", "keep_tokens"]),
                st.one_of(st.none(), st.integers(0, 10**6)),
            ),
            max_size=12,
        )
    )
    def test_any_edits_keep_comments_and_undo_brings_all_back(self, edits):
        doc = ConfigDocument("a.toml", TEXT.encode())
        expected = dict(TrainingConfig(TEXT).values)
        for key, value in edits:
            if value is None:
                doc.unset(key)
                expected.pop(key, None)
            else:
                doc.set_value(key, value)
                expected[key] = value
        assert doc.values == expected
        assert "# Mine\n" in doc.text
        assert "learning_rate = 1e-4  # rate\n" in doc.text
        while doc.can_undo:
            doc.undo()
        assert doc.text == TEXT


@pytest.fixture
def desk(session, qapp):
    made = []

    def make():
        desk = ConfigDesk(session, PreflightModel(session), session)
        made.append(desk)
        project = session.project
        desk.take_files(project, sorted(project.configs_dir.glob("*.toml")))
        return desk

    yield make
    for one in made:
        one.deleteLater()


@pytest.fixture
def path(session):
    path = session.project.configs_dir / "a.toml"
    path.write_text(TEXT)
    return path


class TestDesk:
    def test_edits_stay_when_another_config_is_opened(self, desk, path):
        other = path.with_name("b.toml")
        other.write_text("network_dim = 4\n")
        one = desk()
        one.open(path)
        one.document.set_value("network_dim", 16)
        one.open(other)
        assert one.document.values == {"network_dim": 4}
        assert one.unsaved() == [path]
        one.open(path)
        assert one.document.values["network_dim"] == 16
        one.document.undo()
        assert one.document.text == TEXT

    def test_edits_live_on_when_the_window_closes(self, desk, path):
        one = desk()
        one.open(path)
        one.document.set_value("network_dim", 16)
        one.flush()
        assert path.read_text() == TEXT
        two = desk()
        assert two.unsaved() == [path]
        two.open(path)
        assert two.document.values["network_dim"] == 16
        assert not two.document.disk_changed

    def test_a_draft_of_a_file_that_changed_is_said(self, desk, path):
        one = desk()
        one.open(path)
        one.document.set_value("network_dim", 16)
        one.flush()
        path.write_text(TEXT + "seed = 1\n")
        two = desk()
        two.open(path)
        assert two.document.disk_changed
        assert two.document.values["network_dim"] == 16

    def test_a_save_is_in_the_history_and_ends_the_draft(self, desk, path, session):
        one = desk()
        one.open(path)
        one.document.set_value("network_dim", 16)
        one.save()
        assert "network_dim = 16      # rank" in path.read_text()
        assert not one.document.unsaved
        one.flush()
        assert config_drafts.read_drafts(session.project.bespoke_dir) == {}
        with History(session.project.folder) as history:
            texts = [version.text for version in history.texts("configs/a.toml")]
        assert texts == [path.read_text(), TEXT]

    def test_saves_in_quick_succession_write_the_last_text(self, desk, path, session, qtbot):
        one = desk()
        one.open(path)
        undo = tasks.use(tasks.ThreadPool())
        for rank in (16, 8, 4):
            one.document.set_value("network_dim", rank)
            one.save()
            one.look()
        qtbot.waitUntil(lambda: not tasks.running(), timeout=30_000)
        assert tasks.shutdown()
        undo()
        assert "network_dim = 4 " in path.read_text()
        assert not one.document.unsaved
        assert not one.document.disk_changed
        assert session.told == []

    def test_another_programs_text_is_asked_about_before_a_save(self, desk, path, session):
        one = desk()
        one.open(path)
        one.document.set_value("network_dim", 16)
        path.write_text(TEXT + "seed = 1\n")
        one.save()
        assert path.read_text() == TEXT + "seed = 1\n"
        assert "changed by another program" in session.told[-1][1]
        assert one.document.disk_changed
        one.keep_mine()
        one.save()
        assert "network_dim = 16" in path.read_text()
        assert "seed" not in path.read_text()
        with History(session.project.folder) as history:
            assert TEXT + "seed = 1\n" in [v.text for v in history.texts("configs/a.toml")]

    def test_theirs_can_be_taken_and_mine_comes_back(self, desk, path):
        one = desk()
        one.open(path)
        one.document.set_value("network_dim", 16)
        path.write_text(TEXT + "seed = 1\n")
        one.look()
        one.load_theirs()
        assert one.document.values["seed"] == 1
        one.document.undo()
        assert one.document.values["network_dim"] == 16

    def test_a_broken_text_is_not_written_but_kept(self, desk, path, session):
        one = desk()
        one.open(path)
        one.document.set_text(TEXT + "x = \n")
        one.save()
        assert path.read_text() == TEXT
        assert "line 9 is no TOML yet" in session.told[-1][1]
        assert one.broken.severity == "error"
        assert one.config is None
        one.flush()
        assert config_drafts.read_drafts(session.project.bespoke_dir)["a.toml"].text.endswith(
            "x = \n"
        )

    def test_a_preset_duplicate_and_new_name(self, desk, path, session):
        one = desk()
        made = one.add_preset("sd15_384")
        assert made.stem == "sd15_384"
        assert one.document.values["output_name"] == "punks_384"
        one.document.set_value("network_dim", 8)
        copy = one.duplicate()
        assert copy.stem == "sd15_384_2"
        assert one.document.values["network_dim"] == 8
        one.rename("small")
        assert one.document.name == "small"
        assert not copy.exists()
        assert {p.stem for p in one.paths} == {"a", "sd15_384", "small"}

    def test_the_bin_gives_back_with_the_edits(self, desk, path):
        one = desk()
        binned = []
        one.binned.connect(binned.append)
        one.open(path)
        one.document.set_value("network_dim", 16)
        one.remove()
        assert not path.exists()
        assert one.document is None
        one.bring_back(binned[0])
        assert one.document.path == path
        assert one.document.values["network_dim"] == 16

    def test_edits_of_a_file_that_vanished_stay_open(self, desk, path, session):
        one = desk()
        one.open(path)
        one.document.set_value("network_dim", 16)
        path.unlink()
        one.take_files(session.project, [])
        assert one.paths == [path]
        one.look()
        one.keep_mine()
        one.save()
        assert "network_dim = 16" in path.read_text()

    def test_files_that_come_and_go_are_noticed(self, desk, path):
        one = desk()
        one.open(path)
        other = path.with_name("b.toml")
        other.write_text(TEXT)
        one.look()
        assert one.paths == [path, other]
        other.unlink()
        one.look()
        assert one.paths == [path]
        assert one.document.path == path

    def test_drafts_that_are_damaged_are_no_drafts(self, desk, path, session):
        folder = session.project.bespoke_dir
        for text in ("[]", "{", '{"a.toml": 3}', '{"a.toml": {"text": 1}}'):
            (folder / config_drafts.FILE).write_text(text)
            assert config_drafts.read_drafts(folder) == {}


class TestComparison:
    def test_since_saved_against_the_past_and_another(self, desk, path):
        other = path.with_name("b.toml")
        other.write_text(TEXT.replace("32", "4"))
        one = desk()
        one.open(path)
        comparison = ConfigComparison(one, one)
        one.document.set_value("network_dim", 16)
        comparison.look()
        assert comparison.since_saved.words == "1 change"
        one.save(comparison.read_sides)
        comparison.look()
        assert comparison.since_saved.words == "no changes"
        titles = [side.title for side in comparison.sides]
        assert titles[0].endswith("found on disk")
        assert titles[1] == "b"
        comparison.compare_with(comparison.sides[0])
        assert [(c.before, c.after) for c in comparison.diff.changes] == [(32, 16)]
        comparison.compare_with(comparison.sides[1])
        assert [(c.before, c.after) for c in comparison.diff.changes] == [(4, 16)]
        comparison.put_back(comparison.diff.changes[0])
        assert one.document.values["network_dim"] == 4

    def test_an_added_option_is_taken_out_again(self, desk, path):
        one = desk()
        one.open(path)
        comparison = ConfigComparison(one, one)
        one.document.set_value("seed", 1)
        one.document.unset("keep_tokens")
        comparison.look()
        kinds = {change.kind: change for change in comparison.diff.changes}
        assert set(kinds) == {"added", "removed"}
        for change in kinds.values():
            comparison.put_back(change)
        assert one.document.values == TrainingConfig(TEXT).values
