"""Qt models: QObjects between the core and the widgets."""
