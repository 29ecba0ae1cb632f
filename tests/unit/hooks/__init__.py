"""Tests of `regendata.hooks`."""
