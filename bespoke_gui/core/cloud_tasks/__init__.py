"""Cloud tasks: a package as a task for other launchers, one file a tool."""
