"""Tests of `regendata.sensors`."""
