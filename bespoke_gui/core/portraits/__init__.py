"""Procedural 24x24 portraits with captions: what the embedded base model learned from.

Import from the modules: a package that imports its own modules can be caught half-made when two
threads import it at the same time.
"""
