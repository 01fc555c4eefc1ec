"""Training configs: read as the trainer reads them, judged before a GPU is rented."""
