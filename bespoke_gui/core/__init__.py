"""Core: everything Bespoke knows about captions, pixels, packages and runs. No Qt, no torch."""
