"""Caption rules: ordered, previewed, and safe to run; one file in `actions` an action."""
