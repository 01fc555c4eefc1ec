"""RunPod: a client of its REST v2, and what rents, watches, pays for and gives back pods."""
