"""Ledger: every run with what it was made of, what it cost, what was expected and what came out."""
