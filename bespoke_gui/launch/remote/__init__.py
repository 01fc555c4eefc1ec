"""Remote: what keeps a local run folder equal to the one on another machine."""
