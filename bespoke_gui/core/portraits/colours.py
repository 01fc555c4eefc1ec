"""Named colours of the base style, as RGB in 0..255."""

RGB = tuple[int, int, int]

# name -> (colour, family). A family is what a viewer calls it when asked for one word.
BACKGROUNDS: dict[str, tuple[RGB, str]] = {
    "red": ((208, 40, 44), "red"),
    "bright red": ((250, 30, 34), "red"),
    "dark red": ((122, 16, 26), "red"),
    "orange": ((240, 132, 32), "orange"),
    "neon orange": ((255, 108, 10), "orange"),
    "peach": ((255, 200, 160), "orange"),
    "yellow": ((238, 208, 56), "yellow"),
    "bright yellow": ((255, 234, 20), "yellow"),
    "light yellow": ((255, 244, 164), "yellow"),
    "green": ((60, 158, 68), "green"),
    "bright green": ((40, 222, 60), "green"),
    "dark green": ((20, 84, 40), "green"),
    "light green": ((156, 226, 140), "green"),
    "neon green": ((96, 255, 20), "green"),
    "teal": ((24, 140, 136), "teal"),
    "turquoise": ((52, 206, 192), "teal"),
    "cyan": ((20, 226, 244), "teal"),
    "blue": ((48, 98, 214), "blue"),
    "bright blue": ((24, 70, 255), "blue"),
    "light blue": ((136, 194, 246), "blue"),
    "dark blue": ((22, 36, 112), "blue"),
    "purple": ((132, 58, 178), "purple"),
    "dark purple": ((66, 24, 98), "purple"),
    "light purple": ((194, 156, 236), "purple"),
    "neon purple": ((176, 30, 255), "purple"),
    "pink": ((246, 148, 190), "pink"),
    "hot pink": ((255, 44, 146), "pink"),
    "light pink": ((255, 202, 220), "pink"),
    "brown": ((128, 80, 44), "brown"),
    "dark brown": ((74, 44, 26), "brown"),
    "tan": ((208, 174, 128), "brown"),
    "gray": ((134, 136, 140), "gray"),
    "light gray": ((194, 196, 200), "gray"),
    "dark gray": ((70, 72, 78), "gray"),
    "white": ((248, 248, 248), "white"),
    "black": ((14, 14, 18), "black"),
}

HAIR: dict[str, RGB] = {
    "black": (28, 24, 30),
    "dark brown": (66, 40, 24),
    "brown": (112, 66, 34),
    "light brown": (158, 104, 60),
    "blonde": (240, 206, 98),
    "red": (190, 44, 30),
    "orange": (228, 112, 32),
    "gray": (142, 142, 150),
    "white": (238, 238, 242),
    "pink": (244, 112, 176),
    "purple": (126, 52, 172),
    "blue": (40, 84, 208),
    "light blue": (116, 190, 240),
    "green": (44, 148, 64),
    "lime green": (164, 232, 40),
    "teal": (28, 156, 150),
}

SKIN: dict[str, RGB] = {
    "light": (244, 204, 166),
    "pale": (252, 230, 212),
    "medium": (200, 142, 96),
    "tan": (222, 170, 116),
    "dark": (126, 78, 46),
    "deep": (82, 48, 30),
    "pale green": (184, 222, 160),
    "green": (104, 172, 86),
    "pale blue": (164, 208, 236),
    "gray": (168, 168, 172),
}

EYES: dict[str, RGB] = {
    "brown": (104, 58, 22),
    "dark": (24, 18, 18),
    "blue": (40, 104, 224),
    "green": (30, 148, 60),
    "gray": (116, 122, 132),
    "red": (220, 24, 24),
    "purple": (142, 50, 200),
    "amber": (226, 150, 20),
}

# Hats, bows, clothes, rims and reflections.
CLOTH: dict[str, RGB] = {
    "black": (26, 26, 30),
    "white": (244, 244, 244),
    "gray": (136, 138, 144),
    "dark gray": (78, 80, 88),
    "red": (212, 36, 40),
    "orange": (240, 128, 30),
    "yellow": (244, 212, 48),
    "green": (48, 148, 62),
    "blue": (44, 88, 210),
    "light blue": (128, 192, 244),
    "dark blue": (26, 40, 110),
    "purple": (128, 54, 172),
    "pink": (246, 128, 182),
    "brown": (116, 72, 40),
    "dark brown": (70, 42, 24),
    "gold": (248, 200, 40),
}

LIPS: dict[str, RGB] = {
    "red": (206, 30, 44),
    "pink": (240, 112, 146),
    "purple": (138, 44, 138),
    "dark": (96, 34, 40),
}

METAL: dict[str, RGB] = {
    "gold": (255, 208, 30),
    "silver": (208, 214, 224),
    "diamond": (226, 250, 255),
}

WHITE: RGB = (255, 255, 255)
BLACK: RGB = (16, 14, 18)


def shade(rgb: RGB, factor: float) -> RGB:
    """Darken (factor < 1) or lighten (factor > 1, towards white) a colour."""
    red, green, blue = rgb
    return _shaded(red, factor), _shaded(green, factor), _shaded(blue, factor)


def _shaded(value: int, factor: float) -> int:
    return int(value * factor if factor <= 1 else value + (255 - value) * (factor - 1))


def background_rgb(name: str) -> RGB:
    """Colour of a named background."""
    return BACKGROUNDS[name][0]


def background_family(name: str) -> str:
    """One-word family of a named background, such as "green" for "neon green"."""
    return BACKGROUNDS[name][1]
