"""Tasks: each stores its arguments, calls one function of a lower layer and returns a small value."""
