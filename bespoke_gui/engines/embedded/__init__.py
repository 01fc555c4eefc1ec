"""The embedded base model: a tiny Stable Diffusion, made from generated portraits."""
