"""Captions suggested by a model: asked for image by image, kept, and never written by itself."""
