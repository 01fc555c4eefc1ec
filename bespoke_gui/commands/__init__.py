"""Commands: one file a command of the command line; each has HELP, add_arguments and run."""
