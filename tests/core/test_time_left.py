from bespoke_gui.core.time_left import TimeLeft, words


def test_the_pace_of_the_last_seconds_counts():
    now = [0.0]
    left = TimeLeft(lambda: now[0])
    assert left.seconds(0, 100) is None
    now[0] = 0.5
    assert left.seconds(10, 100) is None
    now[0] = 2.0
    assert left.seconds(20, 100) == 8.0
    for second in range(3, 30):
        now[0] = float(second)
        slow = left.seconds(20 + second, 100)
    assert 48 < slow < 56


def test_in_words():
    assert words(None) == words(0.1) == ""
    assert words(12.3) == "12 s left"
    assert words(200) == "3 min left"
    assert words(7200) == "2.0 h left"
