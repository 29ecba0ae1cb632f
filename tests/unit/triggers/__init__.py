"""Tests of `regendata.triggers`."""
