"""Engines: own processes that train and generate; the only place that imports torch."""
