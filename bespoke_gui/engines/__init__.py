"""Engines: own processes that train and generate; the only place that imports torch."""

import os

# Threads that spin while they wait for one that lost its core made a step 16 times slower on a
# busy machine (6.7 s against 0.41 s); sleeping costs nothing. Read when torch is first loaded.
os.environ.setdefault("GOMP_SPINCOUNT", "0")
os.environ.setdefault("KMP_BLOCKTIME", "0")
