"""Asynchronous waiting; runs in the triggerer."""
