"""Bespoke: teach Stable Diffusion a pixel-art style and see every epoch at its true size."""

import os

# numpy's matrix products here are thin (pixels x 3). OpenBLAS's threads win nothing on them and
# spin for a core that another program, such as a training, is using: 3 to 10 times slower then.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

__version__ = "0.1.0"
