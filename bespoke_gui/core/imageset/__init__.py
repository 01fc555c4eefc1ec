"""Several images at once: found, looked at, brought to native size, put on a sheet."""
