"""Screenshots of every panel in light and dark: `python tests/screenshots.py OUT [PUNKS]`.

Opens a project made of the reference data (default ../shared/data/punks), or the demo project
where that is absent or --demo is given, and grabs each panel at --size (default 1440x900) on the
platform in use: offscreen, or a real window when DISPLAY is set (`xvfb-run python ...`).
QT_SCALE_FACTOR=1.5 shows it as on a display of 150 %.
"""

import argparse
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
if not os.environ.get("DISPLAY"):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

SIZE = "1440x900"
PANELS = ("home", "captions", "prepare", "train", "gallery")
THEMES = ("light", "dark")


def make_project(folder: Path, punks: Path | None) -> Path:
    """Make the project that is shown: the real punks with a snapshot, or the demo."""
    from bespoke_gui.core import captions, demo, project
    from bespoke_gui.core.history import History

    if punks is None or not punks.is_dir():
        demo.write_demo(folder)
        return folder
    images, after = punks / "train_512px", punks / "captions_after"
    project.create_project(folder, images, after, "Bespoke Punks")
    with History(folder) as history:
        before = captions.read_folder(punks / "captions_before")
        history.snapshot("before enhancement", captions.texts(before))
    for name in ("phase1b", "256px", "512px"):
        shutil.copy(punks / "configs" / f"training_config_{name}.toml", folder / "configs")
    shutil.copytree(punks / "epoch_grid_24px", folder / "galleries" / "512px run")
    return folder


class Shooter:
    """Opens the window on a project and takes its pictures."""

    themes: tuple[str, ...] = THEMES

    def __init__(self, project: Path, out: Path, size: tuple[int, int]) -> None:
        from bespoke_gui import app

        self.app = app
        self.size = size
        self.out = out
        self.application, self.session, self.window = app.build()
        self.window.resize(*self.size)
        self.window.show()
        self.session.open_project(project)
        self.wait(1.0)

    def wait(self, seconds: float) -> None:
        """Let the window work for a while, and until background tasks have ended."""
        from bespoke_gui.qtmodels import tasks

        end = time.monotonic() + seconds
        while time.monotonic() < end or (tasks.running() and time.monotonic() < end + 30):
            self.application.processEvents()
            time.sleep(0.005)

    def shoot(self, name: str) -> None:
        """Write one picture of the window."""
        self.window.resize(*self.size)
        self.wait(0.2)
        path = self.out / f"{name}.png"
        self.window.grab().save(str(path))
        print(path)

    def all(self, panels: tuple[str, ...]) -> None:
        """Take every panel in both themes."""
        for name in panels:
            self.window.show_panel(name)
            self.wait(1.0)
            self.prepare_scene(name)
            self.shoot_themes(name)
            if name == "home":
                self.home_dialogs()
            if name == "captions":
                self.caption_parts()
            if name == "train":
                self.config_parts()
            if name == "prepare":
                self.prepare_parts()
            if name == "gallery":
                self.gallery_parts()

    def shoot_themes(self, name: str) -> None:
        """Write what is shown in light and in dark."""
        for theme in self.themes:
            self.window.set_theme(theme)
            self.shoot(f"{name}_{theme}")

    def home_dialogs(self) -> None:
        """Take what is asked for a new project, and the sheet of keys."""
        home = self.window.panel("home")
        for name, open_it in (("new", home.new_project), ("keys", self.window.show_shortcuts)):
            open_it()
            self.wait(0.5)
            dialog = next(one for one in self.application.topLevelWidgets() if one.isModal())
            dialog.grab().save(str(self.out / f"dialog_{name}.png"))
            dialog.close()
            self.wait(0.1)

    def caption_parts(self) -> None:
        """Take every page of the Captions room, and every tab of its edit page."""
        from bespoke_gui.views.caption_pages import PAGES
        from bespoke_gui.views.caption_tabs import TABS

        room = self.window.panel("captions")
        for tab in TABS:
            room.page("edit").tabs.show_tab(tab)
            self.wait(0.5)
            self.shoot_themes(f"captions_tab_{tab}")
        for page in (page for page in PAGES if page != "edit"):
            room.show_page(page)
            self.wait(1.5)
            self.shoot_themes(f"captions_{page}")

    def gallery_parts(self) -> None:
        """Take every page of the Gallery room."""
        from bespoke_gui.views.gallery_pages import PAGES

        room = self.window.panel("gallery")
        for page in PAGES:
            room.show_page(page)
            self.wait(1.5)
            self.shoot_themes(f"gallery_{page}")
        compare = room.page("compare")
        room.show_page("compare")
        for way in ("slider", "heat"):
            compare.show_way(way)
            self.wait(0.5)
            self.shoot_themes(f"gallery_compare_{way}")

    def prepare_parts(self) -> None:
        """Take every page of the Prepare room."""
        from bespoke_gui.views.prepare_pages import PAGES

        for page in PAGES:
            self.window.panel("prepare").show_page(page)
            self.wait(1.5)
            self.shoot_themes(f"prepare_{page}")
        self.resize_scenes()
        sections = self.window.panel("prepare").page("health")
        self.window.panel("prepare").show_page("health")
        for section in sections.cards:
            sections.show_section(section)
            self.wait(0.5)
            self.shoot_themes(f"prepare_health_{section}")

    def resize_scenes(self) -> None:
        """Take the resize page where a size leaves a rest, with a filter, and with sets made."""
        room = self.window.panel("prepare")
        room.show_page("resize")
        page = room.page("resize")
        page.model.prepare("pixel_384")
        self.wait(2.0)
        page.model.choose(size=256)
        self.wait(2.0)
        self.shoot_themes("prepare_resize_rest")
        page.model.choose(method="lanczos")
        page.preview.modes["heat"].click()
        page.tabs["prepared"].click()
        self.wait(2.0)
        self.shoot_themes("prepare_resize_lanczos")

    def config_parts(self) -> None:
        """Take the config page: as form, as text, and what was changed."""
        room = self.window.panel("train")
        room.show_page("config")
        page = room.page("config")
        self.wait(1.5)
        self.shoot_themes("train_config_form")
        room.configs.document.set_value("network_dim", 16)
        room.configs.document.set_value("resolution", "384,384")
        page.briefing.machine_chosen.emit("NVIDIA A100 80GB PCIe")
        page.briefing.forecast.more.click()
        page.go_to("lr_scheduler")
        self.wait(1.0)
        self.shoot_themes("train_config_edited")
        page.show_view("text")
        page.text.go_to("bucket_resolution")
        self.wait(1.0)
        self.shoot_themes("train_config_text")
        page.show_view("changes")
        self.wait(1.0)
        self.shoot_themes("train_config_changes")
        page.export()
        self.wait(0.5)
        dialog = next(one for one in self.application.topLevelWidgets() if one.isModal())
        dialog.grab().save(str(self.out / "train_config_export.png"))
        dialog.reject()
        room.show_page("ledger")
        self.wait(1.0)
        self.shoot_themes("train_ledger")
        self.queue_parts()
        room.show_page("curves")
        self.wait(1.0)
        self.shoot_themes("train_curves")
        room.show_page("run")

    def queue_parts(self) -> None:
        """Take the queue, paused so that nothing starts, and a sweep before it is written."""
        from bespoke_gui.views.widgets.sweep_dialog import SweepDialog

        room = self.window.panel("train")
        room.show_page("queue")
        self.wait(1.0)
        self.shoot_themes("train_queue_empty")
        room.queue.pause_all(True)
        page = room.page("queue")
        for _ in range(3):
            page.plus.click()
        self.wait(1.0)
        self.shoot_themes("train_queue")
        page.many.click()
        (dialog,) = page.findChildren(SweepDialog)
        dialog.axes[0].values.setText("1e-4, 5e-5")
        dialog.add_axis("network_dim").values.setText("16, 32")
        self.wait(1.5)
        dialog.grab().save(str(self.out / "train_sweep.png"))
        dialog.reject()

    def prepare_scene(self, name: str) -> None:
        """Bring a panel to where there is something to see."""
        panel = self.window.panel(name)
        items = [item.name for item in self.session.dataset.items]
        lossy = next((n for n in items if "copper" in n), items[0])
        if name == "captions":
            self.session.show_caption(lossy)
        if name == "prepare":
            off_grid = next((n for n in items if n.startswith("lady_012")), items[0])
            panel.desk.show(off_grid)
        self.wait(1.0)

    def close(self) -> None:
        """Take the window apart."""
        self.window.close()
        self.app.shut_down(self.session, self.window, 0)


def main() -> int:
    """Take the pictures and say where they are."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path, help="folder for the pictures")
    default = ROOT.parent / "shared" / "data" / "punks"
    parser.add_argument("punks", type=Path, nargs="?", default=default, help="reference data")
    parser.add_argument("--panel", action="append", choices=PANELS, help="only this panel")
    parser.add_argument("--size", default=SIZE, help=f"of the window (default {SIZE})")
    parser.add_argument("--theme", action="append", choices=THEMES, help="only this theme")
    parser.add_argument("--demo", action="store_true", help="show the demo project")
    args = parser.parse_args()
    width, height = map(int, args.size.split("x"))
    args.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        os.environ["BESPOKE_HOME"] = str(Path(temporary) / "home")
        project = make_project(Path(temporary) / "project", None if args.demo else args.punks)
        shooter = Shooter(project, args.out, (width, height))
        shooter.themes = tuple(args.theme or THEMES)
        shooter.all(tuple(args.panel or PANELS))
        shooter.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
