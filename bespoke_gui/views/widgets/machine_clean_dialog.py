"""Machine clean dialog: what lies on a machine of earlier runs, ticked to be removed."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QHeaderView,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from bespoke_gui.core.machines import Machine
from bespoke_gui.qtmodels import wording
from bespoke_gui.qtmodels.machine_clean import Cleaning, age_of, name_of, remark_of
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.views import theme
from bespoke_gui.views.widgets.parts import button, heading, muted, row

COLUMNS = ("What lies there", "Size", "Last used", "")
KEY = Qt.ItemDataRole.UserRole


class MachineCleanDialog(QDialog):
    """Lists every folder of ours on one machine; nothing goes without a question."""

    def __init__(self, session: Session, machine: Machine, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._shown: list = []
        self.model = Cleaning(session, machine, self)
        self.setWindowTitle(f"Clean up {machine.name}")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(760, 480)
        self._build(machine)
        self.model.changed.connect(self._show)
        self.model.look()

    def _build(self, machine: Machine) -> None:
        self.tree = QTreeWidget()
        self.tree.setHeaderLabels(COLUMNS)
        self.tree.setRootIsDecorated(False)
        self.tree.setUniformRowHeights(True)
        self.tree.setAccessibleName(f"What lies on {machine.name}")
        header = self.tree.header()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        # Contents alone would forget the tick.
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Interactive)
        header.resizeSection(0, 280)
        header.setStretchLastSection(True)
        self.tree.itemChanged.connect(self._on_ticked)
        self.words = muted()
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        close = button("Close", "Leave everything as it is (Esc)")
        close.clicked.connect(self.reject)
        self.remove = button("Remove…", "Remove what is ticked, after one question", "danger")
        self.remove.clicked.connect(self._on_remove)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(12)
        layout.addWidget(heading(f"What earlier runs left on {machine.name}"))
        layout.addWidget(muted(
            "Ticked is what was not used for two weeks. Runs stay until all their files are here."
        ))  # fmt: skip
        layout.addWidget(self.tree, 1)
        layout.addWidget(self.words)
        layout.addLayout(row(None, close, self.remove))

    def _show(self) -> None:
        model = self.model
        self.tree.blockSignals(True)
        if self._shown != model.entries:
            self._fill()
        self.tree.blockSignals(False)
        self.tree.setEnabled(not model.doing)
        count = len(model.chosen)
        self.remove.setEnabled(bool(count) and not model.doing)
        self.remove.setText(f"Remove {wording.size(model.size)}…" if count else "Remove…")
        total = wording.size(sum(one.bytes for one in model.entries))
        lies = f"{wording.count(len(model.entries), 'folder')}, {total}" if model.entries else (
            "Nothing of Bespoke lies there")  # fmt: skip
        self.words.setText(model.problem or model.doing or model.said or lies)
        theme.set_kind(self.words, "danger" if model.problem else "muted")

    def _fill(self) -> None:
        self._shown = list(self.model.entries)
        self.tree.clear()
        for one in self.model.entries:
            words = [name_of(one), wording.size(one.bytes), age_of(one), remark_of(one)]
            item = QTreeWidgetItem(self.tree, words)
            item.setData(0, KEY, one.key)
            item.setToolTip(0, one.key)
            item.setToolTip(3, "\n".join([words[3], *one.runs]))
            item.setTextAlignment(1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            if one.kept:
                item.setFlags(item.flags() & ~Qt.ItemFlag.ItemIsEnabled)
            else:
                ticked = one.key in self.model.ticked
                item.setCheckState(0, Qt.CheckState.Checked if ticked else Qt.CheckState.Unchecked)

    def _on_ticked(self, item: QTreeWidgetItem, _column: int) -> None:
        self.model.tick(item.data(0, KEY), item.checkState(0) == Qt.CheckState.Checked)

    def _on_remove(self) -> None:
        chosen = self.model.chosen
        names = [f"{name_of(one)}, {wording.size(one.bytes)}" for one in chosen[:8]]
        more = [f"and {len(chosen) - 8} more"] if len(chosen) > 8 else []
        text = "\n".join([*names, *more, "", "It cannot be brought back there."])
        count = wording.count(len(chosen), "folder")
        title = f"Remove {count} from {self.model.machine.name}?"
        choices = [("back", "Leave them"), ("remove", f"Remove {wording.size(self.model.size)}")]
        if self._session.ask.choose(title, text, choices) == "remove":
            self.model.remove()
