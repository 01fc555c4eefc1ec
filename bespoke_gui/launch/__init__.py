"""Launch: starts engines on a machine, follows their run folder, stops them."""
