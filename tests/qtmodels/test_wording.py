"""Words of the window: sentences of messages that also stand on the command line."""

import pytest

from bespoke_gui.qtmodels import wording


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("the learning rate is near zero", "The learning rate is near zero"),
        ("seed is 7", "seed is 7"),
        ("xformers = true needs the package", "xformers = true needs the package"),
        ("bucket_resolution is no option", "bucket_resolution is no option"),
        (
            "runwayml/stable-diffusion-v1-5 was withdrawn",
            "runwayml/stable-diffusion-v1-5 was withdrawn",
        ),
        ("'pixel art' is in 203 of 203 captions", "'pixel art' is in 203 of 203 captions"),
        ("write: constant", "Write: constant"),
        ("", ""),
    ],
)
def test_a_message_begins_with_a_capital_except_where_a_name_begins_it(message, shown):
    assert wording.sentence(message, "seed") == shown
