"""Tests of `regendata.sources`."""
