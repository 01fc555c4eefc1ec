"""Other trainers that a config can be exported to; each file registers itself."""
