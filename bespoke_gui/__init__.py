"""Bespoke: teach Stable Diffusion a pixel-art style and see every epoch at its true size."""

__version__ = "0.1.0"
