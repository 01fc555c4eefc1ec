"""Config page: form and raw text of one config, found, judged, mended and compared in place."""

import json
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from bespoke_gui.core.config.option_words import described_options
from bespoke_gui.core.config.options import option_table
from bespoke_gui.core.config.values import written
from bespoke_gui.views.rooms.train import TrainPanel
from bespoke_gui.views.widgets import config_form
from bespoke_gui.views.widgets.config_editors import (
    ChoiceEditor,
    FlagEditor,
    LineEditor,
    ListEditor,
    TableEditor,
)
from bespoke_gui.views.widgets.config_export import ConfigExportDialog
from bespoke_gui.views.widgets.config_page import ConfigPage

TIMEOUT = 30_000
PUNKS = Path(__file__).resolve().parents[3] / "shared" / "data" / "punks" / "configs"
TEXT = """\
# Mine
[general]
bucket_resolution = 512   # no such option
enable_bucket = true

[network_arguments]
network_module = "networks.lora"
network_dim = 32          # KEEP
network_train_unet_only = false

[training_arguments]
pretrained_model_name_or_path = "stable-diffusion-v1-5/stable-diffusion-v1-5"
train_data_dir = "/workspace/training_data"
output_dir = "/workspace/output"
resolution = "512,512"
caption_extension = ".txt"
learning_rate = 1e-4      # proven
max_train_epochs = 8
save_every_n_epochs = 1
lr_scheduler = "cosine"
sdpa = true
seed = 42

# end
"""


@pytest.fixture
def path(session):
    path = session.project.configs_dir / "mine.toml"
    path.write_text(TEXT, encoding="utf-8")
    return path


@pytest.fixture
def page(qtbot, session, path):
    panel = TrainPanel(session)
    qtbot.addWidget(panel)
    panel.resize(1360, 820)
    panel.show()
    panel.show_page("config")
    panel.activateWindow()
    qtbot.waitActive(panel)
    page = panel.page("config")
    page.room = panel
    qtbot.waitUntil(lambda: panel.preflight.result is not None, timeout=TIMEOUT)
    yield page
    panel.view.detach()
    panel.hide()


def judged(page, qtbot):
    """Wait until the doctor has seen the text as it is now."""
    with qtbot.waitSignal(page.desk.preflight.judged, timeout=TIMEOUT):
        pass


def type_into(page, key, text):
    editor = page.form.row(key).editor
    editor.line.setText(text)
    editor.line.editingFinished.emit()


def shown(page):
    return {row.key for row in page.form.rows() if not row.isHidden()}


class TestOpening:
    def test_rows_come_a_few_at_a_time_and_only_of_open_groups(self, page, qtbot, monkeypatch):
        monkeypatch.setattr(config_form, "BUDGET_S", 0.0)
        other = ConfigPage(page.desk)
        qtbot.addWidget(other)
        form, counts = other.form, []
        assert [row.key for row in form.rows()] == ["bucket_resolution"], "no option of the trainer"
        form._later.stop()
        other.resize(1300, 800)
        other.show()
        while any(one.is_open and not one.is_built for one in form.sections):
            form._build_next()
            counts.append(len(list(form.rows())))
        assert counts == list(range(2, len(counts) + 2)), "one row, without any time for more"
        open_ones = [one for one in form.sections if one.is_open]
        assert counts[-1] == sum(len(one.keys) for one in open_ones) < 193
        assert all(one.rows[one.keys[0]].isVisible() for one in open_ones if one.keys)

    def test_text_and_changes_are_made_when_they_are_wanted(self, page, qtbot):
        assert page._stack.count() == 1
        page.show_view("text")
        assert page._stack.currentWidget() is page.text
        assert page.text.editor.marks, "the findings from before are there"
        page.show_view("changes")
        page.show_view("form")
        assert page._stack.count() == 3
        page.show_view("text")
        assert page._stack.count() == 3


class TestForm:
    def test_every_option_has_an_editor_of_its_kind(self, page):
        for key, described in described_options().items():
            row = page.form.row(key)
            option = option_table()[key]
            if option.kind == "bool":
                assert isinstance(row.editor, FlagEditor)
            elif option.many and option.kind == "str":
                assert isinstance(row.editor, ListEditor)
            else:
                assert isinstance(row.editor, ChoiceEditor if described.offers else LineEditor)
            assert row.editor.widget.accessibleName()
        assert len([row for row in page.form.rows() if row.key in option_table()]) == 193

    @pytest.mark.parametrize(
        ("key", "typed", "line"),
        [
            ("network_dim", "16", "network_dim = 16          # KEEP"),
            ("learning_rate", "5e-5", "learning_rate = 5e-5      # proven"),
            ("min_snr_gamma", "5", "min_snr_gamma = 5.0"),
            ("lr_warmup_steps", "0.1", "lr_warmup_steps = 0.1"),
            ("lr_warmup_steps", "100", "lr_warmup_steps = 100"),
            ("output_name", "a b", 'output_name = "a b"'),
            ("mixed_precision", "bf16", 'mixed_precision = "bf16"'),
            ("max_token_length", "225", "max_token_length = 225"),
            ("lr_scheduler", "linear", 'lr_scheduler = "linear"'),
            ("text_encoder_lr", "5e-5", "text_encoder_lr = 5e-5"),
            ("base_weights_multiplier", "1, 0.5", "base_weights_multiplier = [1.0, 0.5]"),
        ],
    )
    def test_an_option_of_every_kind_is_editable(self, page, key, typed, line):
        row = page.form.row(key)
        if isinstance(row.editor, ChoiceEditor):
            row.editor.box.setEditText(typed)
            row.editor.line.editingFinished.emit()
        else:
            type_into(page, key, typed)
        assert line in page.desk.document.text.splitlines()
        assert set(TEXT.splitlines()) - set(page.desk.document.text.splitlines()) <= {
            one for one in TEXT.splitlines() if one.startswith(f"{key} =")
        }

    def test_a_switch_and_a_list(self, page):
        page.form.row("network_train_unet_only").editor.check.click()
        assert "network_train_unet_only = true" in page.desk.document.text
        row = page.form.row("network_args")
        row.editor.text.setPlainText("conv_dim=8\nconv_alpha=4")
        row.editor.text.left.emit()
        assert page.desk.document.values["network_args"] == ["conv_dim=8", "conv_alpha=4"]

    def test_emptying_or_resetting_takes_the_option_out(self, page):
        type_into(page, "seed", "")
        assert page.desk.document.text == TEXT.replace("seed = 42\n", "")
        row = page.form.row("learning_rate")
        assert row.reset.isVisible()
        row.reset.click()
        assert "learning_rate" not in page.desk.document.values
        assert "not set (2e-6)" in row.editor.line.placeholderText()
        assert not row.reset.isVisible()
        assert row.was.text() == "saved: 1e-4"

    def test_a_wrong_entry_is_marked_told_and_not_taken(self, page, session):
        type_into(page, "train_batch_size", "four")
        row = page.form.row("train_batch_size")
        assert row.editor.line.property("invalid") == "true"
        assert "'four' is not a whole number" in session.told[-1][1]
        assert page.desk.document.text == TEXT

    def test_values_of_another_kind_are_shown_as_they_are(self, page):
        page.desk.document.set_text('network_dim = "4"\nsample_prompts = [{prompt = "a"}]\n')
        assert page.form.row("network_dim").editor.line.text() == "4"
        assert page.desk.document.text.startswith('network_dim = "4"')

    def test_unknown_names_come_first_and_can_go(self, page):
        section = page.form.sections[0]
        assert section.keys == ["bucket_resolution"]
        assert section.isVisible()
        section.rows["bucket_resolution"].reset.click()
        assert not section.isVisible()
        assert "bucket_resolution" not in page.desk.document.text

    def test_a_table_is_left_to_the_text(self, page):
        page.desk.document.set_text("[[mine]]\nx = 1\n[[mine]]\nx = 2\n")
        assert isinstance(page.form.row("mine").editor, TableEditor)

    def test_the_wheel_over_a_choice_changes_nothing(self, page):
        box = page.form.row("lr_scheduler").editor.box
        wheel = QWheelEvent(
            QPointF(5, 5), QPointF(5, 5), QPoint(), QPoint(0, -120), Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(box, wheel)
        assert box.currentText() == "cosine"


class TestSearch:
    @pytest.mark.parametrize(
        ("words", "key"),
        [("rank", "network_dim"), ("snr", "min_snr_gamma"), ("overfits", "network_dim"),
         ("keep_tok", "keep_tokens"),
         ("several gpu", "zero_stage"), ("hugging face", "async_upload")],
    )  # fmt: skip
    def test_by_name_label_and_explanation(self, page, words, key):
        page.form.search.setText(words)
        assert key in shown(page)
        assert len(shown(page)) < 60
        assert page.form.row(key).isVisible()
        assert page.form.count.text() == f"{len(shown(page))} of 193"

    def test_what_is_nowhere_is_said(self, page):
        page.form.search.setText("zebra")
        assert page.form.nothing.isVisible()
        assert not shown(page)
        page.form.search.clear()
        assert not page.form.nothing.isVisible()

    def test_only_set_changed_or_with_findings(self, page, qtbot):
        page.form.chips["set"].setChecked(True)
        assert shown(page) == set(page.desk.document.values)
        page.form.chips["set"].setChecked(False)
        page.form.chips["changed"].setChecked(True)
        assert not shown(page)
        type_into(page, "network_dim", "16")
        assert shown(page) == {"network_dim"}
        page.form.chips["changed"].setChecked(False)
        page.form.chips["findings"].setChecked(True)
        assert "bucket_resolution" in shown(page)
        assert "seed" not in shown(page)

    def test_going_to_an_option_ends_a_search_that_hides_it(self, page, qtbot):
        page.form.search.setText("rank")
        page.go_to("zero_stage")
        assert page.form.search.text() == ""
        assert page.form.row("zero_stage").editor.widget.hasFocus()
        row = page.form.row("zero_stage")
        qtbot.waitUntil(lambda: not row.visibleRegion().isEmpty(), timeout=TIMEOUT)

    def test_ctrl_f_goes_to_the_search(self, page):
        page.show_view("text")
        page.text.editor.setFocus()
        QTest.keyClick(page.text.editor, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
        assert page.form.search.hasFocus()


class TestText:
    def test_typing_updates_form_findings_and_forecast(self, page, qtbot):
        page.show_view("text")
        editor = page.text.editor
        editor.go_to_line(18)
        cursor = editor.textCursor()
        cursor.movePosition(cursor.MoveOperation.EndOfLine)
        editor.setTextCursor(cursor)
        QTest.keyClick(editor, Qt.Key.Key_Return)
        QTest.keyClicks(editor, "nework_dim = 8")
        assert "nework_dim" in page.desk.document.values
        assert "nework_dim" in page.form.sections[0].keys
        judged(page, qtbot)
        assert [p.code for p in editor.marks[19]] == ["unknown_key"]
        assert "no option of the trainer" in editor.words_at(19)
        assert page.text.findings[0].problem.where == "nework_dim"

    def test_a_form_edit_shows_in_the_text_where_the_view_is(self, page):
        page.show_view("text")
        editor = page.text.editor
        editor.go_to_line(10)
        page.desk.document.set_value("network_dim", 8)
        assert editor.text() == TEXT.replace("network_dim = 32", "network_dim = 8")
        assert editor.line() == 10

    def test_one_undo_with_its_keys(self, page):
        page.show_view("text")
        editor = page.text.editor
        editor.go_to_line(1)
        QTest.keyClicks(editor, "# x ")
        page.desk.document.set_value("network_dim", 8)
        ctrl = Qt.KeyboardModifier.ControlModifier
        QTest.keyClick(editor, Qt.Key.Key_Z, ctrl)
        assert page.desk.document.values["network_dim"] == 32
        QTest.keyClick(editor, Qt.Key.Key_Z, ctrl)
        assert editor.text() == page.desk.document.text == TEXT
        QTest.keyClick(editor, Qt.Key.Key_Z, ctrl | Qt.KeyboardModifier.ShiftModifier)
        assert editor.text().startswith("# x # Mine")

    def test_undo_in_a_form_field_reaches_the_config(self, page):
        type_into(page, "network_dim", "16")
        line = page.form.row("network_dim").editor.line
        line.setFocus()
        QTest.keyClick(line, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        assert page.desk.document.text == TEXT
        assert line.text() == "32"

    def test_undo_in_a_field_takes_back_what_is_typed_there_first(self, page):
        type_into(page, "seed", "7")
        line = page.form.row("network_dim").editor.line
        line.setFocus()
        line.selectAll()
        QTest.keyClicks(line, "9")
        QTest.keyClick(line, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        assert line.text() == "32"
        assert page.desk.document.values["seed"] == 7

    def test_a_broken_line_is_marked_and_the_form_waits(self, page, qtbot):
        page.desk.document.set_text(TEXT.replace("seed = 42", "seed = "))
        assert list(page.text.editor.marks) == [22]
        assert page.text.editor.marks[22][0].severity == "error"
        assert page.form.broken.text() == "Line 22 is no TOML yet: the form waits until it is."
        assert not page.form.row("network_dim").editor.widget.isEnabled()
        assert page.form.row("network_dim").editor.line.text() == "32"
        page.form.line_wanted.emit()
        assert page.text.editor.line() == 22
        page.show_view("form")
        judged(page, qtbot)
        assert not page.room.setup.start.isEnabled()
        page.undo()
        assert page.form.row("network_dim").editor.widget.isEnabled()
        assert not page.form.broken.isVisible()

    def test_an_emoji_moves_no_mark(self, page, qtbot):
        page.desk.document.set_text("# \U0001f3a8 art\n" + TEXT)
        page.desk.document.set_value("network_dim", 8)
        assert page.text.editor.text() == page.desk.document.text
        judged(page, qtbot)
        assert 4 in page.text.editor.marks

    def test_what_cannot_be_shown_faithfully_is_only_read(self, page):
        page.desk.document.set_text("# a\u2029b\n" + TEXT)
        assert page.text.editor.isReadOnly()
        page.undo()
        assert not page.text.editor.isReadOnly()


class TestFindings:
    def test_a_finding_stands_at_its_field_and_is_mended_there(self, page, qtbot):
        row = page.form.row("bucket_resolution")
        assert [problem.code for problem in row.problems] == ["unknown_key"]
        line = row.findChild(type(page.text._finding(row.problems[0])))
        line.button.click()
        assert page.desk.document.text == TEXT.replace(
            "bucket_resolution = 512   # no such option\n", ""
        )
        judged(page, qtbot)
        assert not page.form.sections[0].isVisible()
        page.undo()
        assert page.desk.document.text == TEXT

    def test_a_finding_is_mended_from_the_list_and_the_text(self, page, qtbot):
        page.desk.document.set_value("xformers", True)
        judged(page, qtbot)
        buttons = page.briefing.findings.findChildren(type(page.save_button))
        next(one for one in buttons if one.text() == "Use sdpa instead").click()
        assert page.desk.document.values["xformers"] is False
        page.text.go_to("bucket_resolution")
        assert page.text.findings[0].fix.words == "Take out bucket_resolution"
        page.text.findings[0].button.click()
        assert "bucket_resolution" not in page.desk.document.text

    def test_all_plain_fixes_are_one_step(self, page, qtbot):
        page.desk.document.set_value("xformers", True)
        page.desk.document.set_value("keep_tokens", 1)
        before = page.desk.document.text
        judged(page, qtbot)
        plain = [fix for fix in map(page._fix_for, page.briefing.findings.problems) if fix]
        assert page.briefing.all.text() == f"Fix {sum(fix.plain for fix in plain)} at once"
        page.briefing.all.click()
        values = page.desk.document.values
        assert (values["xformers"], values["sdpa"]) == (False, True)
        assert not {"bucket_resolution", "keep_tokens"} & set(values)
        judged(page, qtbot)
        assert not page.briefing.all.isVisible()
        page.undo()
        assert page.desk.document.text == before

    def test_a_finding_leads_to_its_line_where_the_text_is_open(self, page):
        page.show_view("text")
        page.briefing.chosen.emit("bucket_resolution")
        assert page.text.editor.line() == 3

    def test_groups_say_how_many_findings_they_have(self, page):
        assert page.form.sections[0].findings.text() == "1 finding"
        assert page.form.sections[1].set_words.text() == "3 of 12 set"


class TestFile:
    def test_saving_by_key_takes_what_is_typed(self, page, path):
        line = page.form.row("network_dim").editor.line
        line.setFocus()
        line.setText("16")
        QTest.keyClick(line, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
        assert path.read_text() == TEXT.replace("network_dim = 32", "network_dim = 16")
        assert page.state.text() == "saved"
        assert not page.save_button.isEnabled()

    def test_another_programs_change_is_said_in_place(self, page, path):
        page.desk.document.set_value("network_dim", 16)
        path.write_text(TEXT + "clip_skip = 2\n")
        page.desk.look()
        assert page.theirs.isVisible()
        page.desk.load_theirs()
        assert not page.theirs.isVisible()
        assert page.desk.document.values["clip_skip"] == 2

    def test_revert_can_be_taken_back(self, page):
        page.desk.document.set_value("network_dim", 16)
        page.revert.click()
        assert page.desk.document.text == TEXT
        page.undo()
        assert page.desk.document.values["network_dim"] == 16

    def test_the_bin_offers_undo(self, page, path):
        page.configs.bin.click()
        assert not path.exists()
        assert page.configs.back.isVisible()
        page.configs._bring_back()
        assert path.read_text() == TEXT
        assert page.desk.document.path == path

    def test_new_from_a_preset_and_another_name(self, page, ask, path):
        page.configs._fill_menu()
        actions = {action.text(): action for action in page.configs.menu.actions()}
        actions["Stable Diffusion 1.5 at 384 px"].trigger()
        assert page.title.text() == "sd15_384"
        assert page.configs.list.currentItem().text() == "sd15_384"
        ask.answers = ["mine384"]
        page.configs.ask_for_name()
        assert page.title.text() == "mine384"
        assert path.read_text() == TEXT

    def test_unsaved_edits_are_marked_in_the_list(self, page):
        page.desk.document.set_value("network_dim", 16)
        assert page.configs.list.currentItem().text() == "mine •"


class TestChanges:
    def test_since_saved_and_put_back(self, page, qtbot):
        page.desk.document.set_value("network_dim", 16)
        page.desk.document.unset("bucket_resolution")
        page.comparison.look()
        assert page.since.text() == "2 changes, 1 without effect since saved"
        assert page.views["changes"].text() == "Changes (2)"
        page.show_view("changes")
        table = page.changes.table
        rows = [[item.text(i) for i in range(4)] for item in map(table.topLevelItem, range(2))]
        assert rows[0][:3] == ["bucket_resolution", "512", "not set"]
        assert rows[0][3] == "no effect: the trainer has no such option"
        assert rows[1][:3] == ["network_dim", "32", "16"]
        assert rows[1][3] == "Rank: Size of the LoRA"
        assert page.changes.note.text().startswith("Grey:")
        table.topLevelItem(1).setSelected(True)
        assert page.changes.note.text() == "Rank: Size of the LoRA"
        page.changes.grab()
        page.changes.back.click()
        assert page.desk.document.values["network_dim"] == 32

    @pytest.mark.punks
    @pytest.mark.skipif(not PUNKS.is_dir(), reason="reference data is absent")
    def test_the_reference_configs(self, page):
        for name in ("512px", "phase1b", "256px"):
            text = (PUNKS / f"training_config_{name}.toml").read_text(encoding="utf-8")
            page.desk.add(name, text, "test")
        page.desk.open(next(p for p in page.desk.paths if p.stem == "phase1b"))
        sides = {side.title: side for side in page.comparison.sides}
        page.comparison.compare_with(sides["512px"])
        assert page.changes.words.text() == "4 changes"
        page.desk.open(next(p for p in page.desk.paths if p.stem == "256px"))
        sides = {side.title: side for side in page.comparison.sides}
        page.comparison.compare_with(sides["phase1b"])
        keys = {change.key: change.counts for change in page.comparison.diff.changes}
        assert keys["bucket_resolution"] is False
        assert keys["max_bucket_reso"] is False
        assert keys["resolution"] is True


class TestForecast:
    def test_it_follows_the_config(self, page, qtbot):
        card = page.briefing.forecast
        assert "4 images an epoch" in card.words.text()
        assert "8 epochs" in card.words.text()
        page.desk.document.set_value("max_train_epochs", 3)
        judged(page, qtbot)
        assert "3 epochs" in card.words.text()

    def test_checkpoints_have_their_names_and_rates(self, page, qtbot):
        page.desk.document.set_value("output_name", "mine")
        page.desk.document.set_value("max_train_epochs", 3)
        judged(page, qtbot)
        card = page.briefing.forecast
        assert card.more.text() == "Show 3 checkpoints"
        card.more.click()
        assert card.more.text() == "Hide 3 checkpoints"
        names = [card._names.itemAtPosition(line, 1).widget().text() for line in range(3)]
        assert names == ["mine-000001", "mine-000002", "mine"]

    def test_epochs_that_end_at_other_rates_are_warned_about(self, page, qtbot):
        card = page.briefing.forecast
        document = page.desk.document
        document.set_value("train_batch_size", 1)
        document.set_value("max_train_epochs", 20)
        assert not card.warning.isVisible()
        document.set_value("lr_scheduler", "cosine_with_restarts")
        document.set_value("lr_scheduler_num_cycles", 2)
        judged(page, qtbot)
        assert "near zero at the end of epochs" in card.uneven.text()
        assert card.warning.isVisible()
        assert "annealed" in card.rate.accessibleDescription()

    def test_time_and_cost_for_a_rented_card_with_their_basis(self, page, qtbot):
        card = page.briefing.forecast
        assert "A first run will tell" in card.basis.text()
        name = next(
            card.machines.itemData(i)
            for i in range(card.machines.count())
            if "$" in card.machines.itemText(i)
        )
        index = card.machines.findData(name)
        card.machines.setCurrentIndex(index)
        card.machines.activated.emit(index)
        judged(page, qtbot)
        assert "$" in card.time.text()
        assert "not today's" in card.basis.text()
        assert card.machines.currentData() == name
        room = page.room.setup.briefing.forecast
        assert room.machines.currentData() == name
        assert room.time.text() == card.time.text()


class TestExport:
    @pytest.fixture
    def dialog(self, page, qtbot):
        page.configs.export.click()
        dialog = page.findChild(ConfigExportDialog)
        yield dialog
        for one in page.findChildren(ConfigExportDialog):
            one.reject()

    def choose(self, dialog, name):
        dialog.trainers.setCurrentIndex(dialog.trainers.findData(name))

    def test_it_shows_the_file_and_what_does_not_go_along(self, dialog):
        self.choose(dialog, "onetrainer")
        assert json.loads(dialog.text.toPlainText())["lora_rank"] == 32
        left = [dialog.left.topLevelItem(i) for i in range(dialog.left.topLevelItemCount())]
        why = {item.text(0): item.text(2) for item in left}
        assert "no option of sd-scripts" in why["bucket_resolution"]
        assert f"{len(left)} do" in dialog.words.text()
        self.choose(dialog, "aitoolkit")
        assert "sd_trainer" in dialog.text.toPlainText()

    def test_it_is_written_where_asked(self, dialog, ask, tmp_path, session):
        self.choose(dialog, "onetrainer")
        shown = dialog.text.toPlainText()
        ask.answers = [None]
        dialog.go_on.click()
        assert dialog.isVisible()
        ask.answers = [tmp_path / "out"]
        dialog.go_on.click()
        assert (tmp_path / "out.json").read_text() == shown
        assert session.told[-1][0] == "good"

    def test_what_cannot_be_exported_is_said(self, page, qtbot):
        page.desk.document.set_value("pretrained_model_name_or_path", "embedded")
        page.export()
        dialog = page.findChild(ConfigExportDialog)
        assert "known to Bespoke only" in dialog.words.text()
        assert not dialog.go_on.isEnabled()
        dialog.reject()


def test_no_config_is_an_invitation(qtbot, session):
    panel = TrainPanel(session)
    qtbot.addWidget(panel)
    panel.show()
    panel.show_page("config")
    page = panel.page("config")
    assert page.configs.empty.isVisible()
    assert not page._middle.isVisible()
    page.desk.add_preset("sd15_512")
    assert page._middle.isVisible()
    assert written(page.desk.document.values["resolution"]) == "512,512"
    panel.hide()
