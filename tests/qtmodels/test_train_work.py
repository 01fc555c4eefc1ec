"""What a project offers to train on."""

from bespoke_gui.core.portraits.demo_set import write_demo_set
from bespoke_gui.core.prepare import prepare
from bespoke_gui.core.project import create_project
from bespoke_gui.qtmodels.train_work import read_choices


def test_prepared_sets_come_first_and_say_their_size(tmp_path):
    write_demo_set(tmp_path / "drawn", count=2)
    project = create_project(tmp_path / "project", tmp_path / "drawn").project
    project.prepared_dir.mkdir()
    prepare(project.folder / "dataset", project.prepared_dir / "small", 192)
    (project.prepared_dir / "other").mkdir()
    (project.prepared_dir / "odd").mkdir()
    (project.prepared_dir / "odd" / "manifest.json").write_text('{"settings": 3}')
    sets = {chosen.folder.name: chosen for chosen in read_choices(project).sets}
    assert set(sets) == {"small", "odd", "dataset"}
    assert (sets["small"].size, sets["small"].title) == (192, "small · 192 px")
    assert (sets["odd"].size, sets["odd"].title) == (0, "odd")
    assert read_choices(project).sets[-1].folder.name == "dataset"
