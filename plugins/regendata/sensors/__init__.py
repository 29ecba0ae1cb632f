"""Tasks that wait for the world outside."""
