"""Runs the engine of a run folder: `python -m bespoke_gui.engines RUN_DIR`."""

from __future__ import annotations

import sys
from pathlib import Path

from bespoke_gui.engines.harness import main

if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.stderr.write("usage: python -m bespoke_gui.engines RUN_DIR\n")
        sys.exit(2)
    sys.exit(main(Path(sys.argv[1])))
