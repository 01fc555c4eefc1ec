"""Where things are on the 24x24 grid: rows of (y, first x, last x)."""

Span = tuple[int, int, int]


def column(x: int, top: int, bottom: int) -> tuple[Span, ...]:
    """One column of cells from top to bottom, both included."""
    return tuple((y, x, x) for y in range(top, bottom + 1))


def block(x0: int, x1: int, top: int, bottom: int) -> tuple[Span, ...]:
    """A filled rectangle, edges included."""
    return tuple((y, x0, x1) for y in range(top, bottom + 1))


FACE = ((6, 8, 15), *block(7, 16, 7, 14), (15, 8, 15), (16, 8, 15), (17, 9, 14))
FACE_SHADE = (*column(16, 8, 14), (15, 15, 15), (16, 15, 15), (17, 13, 14))
EARS = ((11, 6, 6), (12, 6, 6), (11, 17, 17), (12, 17, 17))
NECK = block(10, 13, 17, 20)
NECK_SHADE = ((18, 10, 13),)
BODY = ((20, 7, 16), (21, 5, 18), (22, 4, 19), (23, 4, 19))
BODY_SHADE = ((21, 17, 18), (22, 18, 19), (23, 18, 19))

_CROWN = ((3, 9, 14), (4, 8, 15), (5, 7, 16), (6, 7, 16))
_SIDES = (*column(7, 7, 9), *column(16, 7, 9))
_FRINGE = ((7, 7, 16),)

# Drawn behind the head.
HAIR_BACK: dict[str, tuple[Span, ...]] = {
    "long": (*block(5, 18, 6, 19), (5, 6, 17), (20, 5, 8), (20, 15, 18)),
    "bob": (*block(5, 18, 7, 15), (5, 6, 17), (6, 6, 17)),
    "ponytail": (*block(17, 19, 6, 15), (5, 17, 18), (16, 18, 19), (17, 18, 18)),
    "wings": (
        (9, 4, 6),
        (10, 3, 6),
        (11, 3, 6),
        (12, 4, 6),
        (9, 17, 19),
        (10, 17, 20),
        (11, 17, 20),
        (12, 17, 19),
        *block(18, 19, 13, 18),
    ),
    "afro": (*block(3, 20, 4, 12), (1, 7, 16), (2, 5, 18), (3, 4, 19), (13, 4, 19)),
    "curly": (
        *block(5, 18, 4, 12),
        (3, 6, 7),
        (3, 16, 17),
        (6, 4, 4),
        (9, 4, 4),
        (6, 19, 19),
        (9, 19, 19),
        (13, 5, 6),
        (13, 17, 18),
    ),
    "buns": (*block(3, 6, 3, 6), *block(17, 20, 3, 6)),
}

# Drawn over the forehead.
HAIR_FRONT: dict[str, tuple[Span, ...]] = {
    "short": (*_CROWN, *_FRINGE, *_SIDES),
    "parted": (*_CROWN, (7, 7, 13), (8, 7, 11), (9, 7, 8), *column(16, 7, 9)),
    "spiky": (
        (1, 8, 8),
        (1, 12, 12),
        (1, 16, 16),
        (2, 7, 8),
        (2, 11, 13),
        (2, 15, 16),
        (3, 7, 9),
        (3, 11, 16),
        (4, 7, 16),
        (5, 7, 16),
        (6, 7, 16),
        (7, 7, 8),
        (7, 11, 12),
        (7, 15, 16),
        *_SIDES,
    ),
    "mohawk": (*block(10, 13, 0, 6), (7, 11, 12)),
    "curly": (
        (2, 8, 9),
        (2, 11, 12),
        (2, 14, 15),
        *_CROWN,
        (7, 7, 8),
        (7, 10, 11),
        (7, 13, 14),
        (7, 16, 16),
        *_SIDES,
    ),
    "afro": (*_CROWN, *_FRINGE, *_SIDES),
    "bob": (*_CROWN, *_FRINGE, (8, 7, 16), *_SIDES),
    "long": (*_CROWN, (7, 7, 10), (7, 13, 16), (8, 7, 8), (8, 15, 16), *_SIDES),
    "ponytail": (*_CROWN, *_FRINGE, *_SIDES),
    "buns": (*_CROWN, (7, 7, 9), (7, 14, 16), *_SIDES),
    "wings": (*_CROWN, (7, 7, 8), (7, 15, 16), *_SIDES),
    "bald": (),
}
HAIR_LIGHT = ((4, 9, 11), (5, 8, 9))

BEARD = (
    (13, 7, 7),
    (13, 16, 16),
    (14, 7, 8),
    (14, 15, 16),
    (15, 8, 15),
    (16, 8, 9),
    (16, 14, 15),
    (17, 9, 14),
    (18, 10, 13),
)
MUSTACHE = ((15, 9, 14),)

HAT: dict[str, tuple[Span, ...]] = {
    "cap": ((2, 9, 14), (3, 8, 15), *block(7, 16, 4, 7)),
    "beanie": ((1, 11, 12), (2, 9, 14), (3, 8, 15), *block(7, 16, 4, 8)),
    "hat": ((2, 9, 14), *block(8, 15, 3, 6), (7, 4, 19), (8, 5, 18)),
    "top hat": (*block(7, 16, 0, 6), (7, 4, 19)),
    "headband": block(7, 16, 6, 7),
}
HAT_DARK: dict[str, tuple[Span, ...]] = {
    "cap": ((8, 6, 19), (7, 16, 16)),
    "beanie": ((8, 7, 16), (7, 7, 16)),
    "hat": ((6, 8, 15), (8, 5, 18)),
    "top hat": ((5, 7, 16), (6, 7, 16)),
    "headband": ((7, 15, 16), (8, 17, 18), (9, 17, 17)),
}
BOW = (
    (2, 12, 13),
    (2, 17, 18),
    (3, 12, 14),
    (3, 16, 18),
    (4, 12, 18),
    (5, 12, 14),
    (5, 16, 18),
    (6, 12, 13),
    (6, 17, 18),
)
BOW_KNOT = ((3, 15, 15), (4, 15, 15), (5, 15, 15))
