"""Diffusion: what training and generating share. Needs torch and diffusers."""
