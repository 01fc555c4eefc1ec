"""Views: widgets. No files, no processes, no algorithms."""
