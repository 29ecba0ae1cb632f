"""Tests of `regendata.publish`."""
