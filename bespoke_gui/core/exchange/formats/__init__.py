"""One file a format, each registering itself."""
