"""Judgement: what people say about the images of a gallery, and what follows from it."""
