"""Prepared sets: how one image is resized and judged, and the manifest that records it."""
