"""Health of a set of images: what is twice there, what is unlike the rest, what it is made of."""
