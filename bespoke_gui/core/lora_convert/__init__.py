"""LoRA files from one format into another: read into layers, written from layers."""
