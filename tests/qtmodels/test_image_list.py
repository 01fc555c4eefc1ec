from bespoke_gui.qtmodels import image_list_model
from bespoke_gui.qtmodels.image_list_model import ImageListModel, Role, RowState


def make(session, states=None):
    model = ImageListModel(session.thumbnails, lambda n: (states or {}).get(n, RowState()))
    model.set_items(session.dataset.items)
    return model


def test_rows_tell_name_image_and_state(session):
    model = make(session, {"lad_001.png": RowState(unsaved=True, notes=2)})
    index = model.index(0)
    assert index.data() == "lad_001"
    assert index.data(Role.STATE).unsaved
    changed = []
    model.dataChanged.connect(lambda first, last, roles: changed.append((first.row(), roles)))
    assert index.data(Role.IMAGE) is None
    session.thumbnails._start()
    assert index.data(Role.IMAGE).width() == 24
    assert changed == [(0, [int(Role.IMAGE)])]


def test_only_the_names_given_are_shown_in_their_order(session):
    model = make(session)
    resets = []
    model.modelReset.connect(lambda: resets.append(model.rowCount()))
    model.show_names(["lady_002.png", "gone.png", "lad_001.png"])
    assert model.names() == ["lady_002.png", "lad_001.png"]
    assert (model.row_of("lad_001.png"), model.row_of("lad_002.png")) == (1, -1)
    assert (model.rowCount(), model.total()) == (2, 4)
    model.show_names(["lady_002.png", "lad_001.png"])
    assert resets == [2]
    model.show_names(model.all_names())
    assert model.rowCount() == 4


def test_refresh_names_only_rows_that_are_shown(session):
    model = make(session)
    model.show_names(["lad_001.png", "lady_001.png"])
    spans = []
    model.dataChanged.connect(lambda first, last: spans.append((first.row(), last.row())))
    model.refresh(["lady_001.png", "lad_002.png"])
    model.refresh(["lad_002.png"])
    model.refresh()
    assert spans == [(1, 1), (0, 1)]


def test_rows_of_a_large_set_are_painted_without_being_numbered(session, monkeypatch):
    monkeypatch.setattr(image_list_model, "LARGE", 3)
    model = make(session)
    spans = []
    model.dataChanged.connect(lambda first, last: spans.append((first.row(), last.row())))
    model.refresh(["lady_001.png"])
    model.index(2).data(Role.IMAGE)
    session.thumbnails._start()
    assert spans == [(0, 3), (0, 3)]
    assert model.row_of("lady_001.png") == 2
    model.refresh(["lady_001.png"])
    assert spans[2:] == [(2, 2)]


def test_state_in_words():
    assert RowState(unsaved=True, lossy=True, changed=True, notes=1).words() == (
        "not saved, words were lost, 1 note"
    )
    assert RowState().words() == ""
    assert RowState(review="needs_work", note="eyes", excluded=True).words() == (
        "excluded, needs work: eyes"
    )
    assert RowState(review="accepted", missing=True).words() == "accepted, no caption"
