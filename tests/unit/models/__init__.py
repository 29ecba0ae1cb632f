"""Tests of `regendata.models`."""
