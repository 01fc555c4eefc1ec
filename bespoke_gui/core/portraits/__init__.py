"""Procedural 24x24 portraits with captions: what the embedded base model learned from."""

from bespoke_gui.core.portraits.caption import caption
from bespoke_gui.core.portraits.demo_draw import draw_demo
from bespoke_gui.core.portraits.draw import draw
from bespoke_gui.core.portraits.traits import Traits, is_held_out, random_traits

__all__ = ["Traits", "caption", "draw", "draw_demo", "is_held_out", "random_traits"]
