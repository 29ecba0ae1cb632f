"""Alerts for real: what is observed, what was told already, and the ways to tell."""
