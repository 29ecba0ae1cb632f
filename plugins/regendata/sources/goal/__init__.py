"""The daily post about a goal: what is said, what it looks like, and whether it may go out."""
