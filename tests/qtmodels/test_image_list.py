from bespoke_gui.qtmodels.image_list_model import (
    ImageFilter,
    ImageListModel,
    Role,
    RowState,
)


def make(session, states=None):
    model = ImageListModel(session.thumbnails, lambda n: (states or {}).get(n, RowState()))
    model.set_items(session.dataset.items)
    return model, ImageFilter(model, session.captions.text)


def names(shown):
    return [shown.index(row, 0).data(Role.NAME) for row in range(shown.rowCount())]


def test_rows_tell_name_image_and_state(session):
    model, shown = make(session, {"lad_001.png": RowState(unsaved=True, notes=2)})
    index = shown.index(0, 0)
    assert index.data() == "lad_001"
    assert index.data(Role.STATE).unsaved
    model.data(model.index(0), Role.IMAGE)
    session.thumbnails._start()
    assert index.data(Role.IMAGE).width() == 24


def test_filter_looks_in_names_and_captions(session):
    _, shown = make(session)
    shown.set_text("EARRINGS")
    assert names(shown) == ["lady_001.png"]
    shown.set_text("lad_002")
    assert names(shown) == ["lad_002.png"]
    shown.set_text("  ")
    assert len(names(shown)) == 4


def test_filter_by_state(session):
    _, shown = make(session, {"lad_002.png": RowState(lossy=True, changed=True)})
    shown.set_kind("lossy")
    assert names(shown) == ["lad_002.png"]
    shown.set_kind("missing")
    assert names(shown) == []


def test_rows_stay_while_their_state_changes(session):
    states = {"lad_001.png": RowState(unsaved=True)}
    model, shown = make(session, states)
    shown.set_kind("unsaved")
    states["lad_001.png"] = RowState()
    model.refresh(["lad_001.png"])
    assert names(shown) == ["lad_001.png"]
    shown.apply()
    assert names(shown) == []


def test_state_in_words():
    assert RowState(unsaved=True, lossy=True, changed=True, notes=1).words() == (
        "not saved, words were lost, 1 note"
    )
    assert RowState().words() == ""
